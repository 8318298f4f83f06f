// What this phone has to say, kept until the office has it: also when the browser is closed or the phone restarted.
// Each thing has a name of its own, so that it counts once however often it is sent, and a turn, so that it counts in
// its order whatever the phone's clock shows.

const SETTLED_KEPT_MS = 24 * 3_600_000;
let opened;

function open() {
  opened ??= new Promise((done, failed) => {
    const asked = indexedDB.open("makegood-day", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("said", { keyPath: "turn", autoIncrement: true });
      asked.result.createObjectStore("photos", { keyPath: "id" });
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  return opened;
}

/** One transaction; its answer comes when it is on the disk. */
async function ask(store, mode, act) {
  const base = await open();
  return new Promise((done, failed) => {
    const all = base.transaction(store, mode, { durability: "strict" });
    const request = act(all.objectStore(store));
    all.oncomplete = () => done(request?.result);
    all.onabort = () => failed(all.error);
  });
}

/** Whether something was not kept because the phone has no room for it. */
export const isFull = (error) => error?.name === "QuotaExceededError";

export const isAble = async () => {
  if (!window.isSecureContext || !window.indexedDB) return false;
  return open().then(() => true, () => false);
};

/** All that this technician said on this phone, in its order; what was settled a day ago is forgotten. */
export async function everything(who) {
  const all = await ask("said", "readonly", (said) => said.getAll());
  const old = all.filter((one) => one.settledAt && Date.now() - one.settledAt > SETTLED_KEPT_MS);
  const past = (await everyPhoto()).filter((one) => !one.blob && Date.now() - Date.parse(one.at) > SETTLED_KEPT_MS);
  if (past.length) await ask("photos", "readwrite", (photos) => past.map((one) => photos.delete(one.id)).at(-1));
  if (old.length) await ask("said", "readwrite", (said) => old.map((one) => said.delete(one.turn)).at(-1));
  return all.filter((one) => one.who === who && !old.includes(one));
}

/** `event` goes to the office as it is; `label` is what the page calls it, nothing for positions. */
export const keep = (who, event, label) => ask("said", "readwrite", (said) => said.add({
  who, label, event: { client_event_id: crypto.randomUUID(), at: new Date().toISOString(), ...event },
}));

export const settle = (one, { outcome, code, detail }) => ask("said", "readwrite", (said) => (
  one.event.kind === "position" ? said.delete(one.turn) : said.put({ ...one, outcome, code, detail, settledAt: Date.now() })
));

export const read = (one) => (
  one.photo ? keepPhoto({ ...one.photo, isRead: true }) : ask("said", "readwrite", (said) => said.put({ ...one, isRead: true }))
);

export const keepPhoto = (photo) => ask("photos", "readwrite", (photos) => photos.put(photo));
export const everyPhoto = () => ask("photos", "readonly", (photos) => photos.getAll());
