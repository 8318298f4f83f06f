// The day without a network: the pages' files are kept by their version, the last day that was seen as it was. What needs
// the office (news, steps, positions) is never answered from here.

const { version, files } = self.makegood;
const SHELL = `shell-${version}`;
const DAY = "day";
const PATIENCE_MS = 6_000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((shell) => shell.addAll(files)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const clean = async () => {
    for (const name of await caches.keys()) if (name.startsWith("shell-") && name !== SHELL) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(clean());
});

async function fromShell(request) {
  const kept = await caches.match(request, { cacheName: SHELL });
  return kept ?? fetch(request);
}

/** The day as it is now, and kept; whoever may not see it any more takes it off the phone, too. */
async function freshDay(request) {
  const answer = await fetch(request);
  if (answer.status === 401 || answer.status === 403) await caches.delete(DAY);
  else if (answer.ok && !answer.redirected) await (await caches.open(DAY)).put("/day", answer.clone());
  return answer;
}

const keptDay = () => caches.match("/day", { cacheName: DAY });

/** A page: from the office if it answers soon, else the day as this phone knows it. */
async function page(request, isDay) {
  const kept = await keptDay();
  const asked = isDay ? freshDay(request) : fetch(request);
  if (!kept) return asked;
  const late = new Promise((done) => setTimeout(done, PATIENCE_MS, kept));
  return Promise.race([asked.catch(() => kept), late]);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (pathname.startsWith("/static/")) event.respondWith(fromShell(request));
  else if (request.mode === "navigate") event.respondWith(page(request, pathname === "/day"));
  else if (pathname === "/day") event.respondWith(freshDay(request));
});
