// Hands in what the phone kept, as soon as there is a network: one tab at a time, and again until there is an answer for
// each thing. Whoever sends twice does no harm: every thing has its name.

import { sendPhotos } from "./photos.js";
import { everything, settle } from "./queue.js";

const MOST = 500;
const FIRST_PAUSE_MS = 5_000;
const LAST_PAUSE_MS = 120_000;
const tabs = new BroadcastChannel("makegood-day");
const alone = (act) => (navigator.locks ? navigator.locks.request("makegood-day", act) : act());
let pause = FIRST_PAUSE_MS;
let timer;
let told = () => {};

/** `refused` is a sentence about what this phone could not even keep. */
export const line = { isSending: false, isUnlinked: false, refused: "" };

/** `act` is called whenever something changed, also in another tab. */
export function onChange(act) {
  told = act;
  tabs.onmessage = () => act();
}

export function changed() {
  tabs.postMessage("changed");
  return told();
}

async function send(events) {
  const body = JSON.stringify({ sent_at: new Date().toISOString(), events });
  return fetch("/api/v1/day/events", { method: "POST", headers: { "Content-Type": "application/json" }, body });
}

/** One by one, where the whole heap was refused because of one. */
async function sendEach(waiting) {
  for (const one of waiting) {
    const answer = await send([asSent(one)]);
    if (answer.ok) await settle(one, (await answer.json()).results[0]);
    else if (answer.status === 422) await settle(one, { outcome: "rejected", code: "validation", detail: (await answer.json()).detail });
    else return false;
  }
  return true;
}

const asSent = (one) => ({ ...one.event, turn: one.turn });

async function sendHeap(waiting) {
  const answer = await send(waiting.map(asSent));
  line.isUnlinked = answer.status === 401 || answer.status === 403;
  if (answer.status === 422) return sendEach(waiting);
  if (!answer.ok) return false;
  const { results } = await answer.json();
  for (const [place, one] of waiting.entries()) await settle(one, results[place]);
  return true;
}

/** True when all that `who` said is with the office. */
export async function handIn(who) {
  clearTimeout(timer);
  line.isSending = true;
  let isDone = false;
  try {
    isDone = await alone(async () => {
      for (;;) {
        const waiting = (await everything(who)).filter((one) => !one.outcome).slice(0, MOST);
        if (!waiting.length) return sendPhotos(who);
        if (!(await sendHeap(waiting))) return false;
      }
    });
  } catch {
    isDone = false; // no network: it is tried again
  }
  line.isSending = false;
  pause = isDone ? FIRST_PAUSE_MS : Math.min(2 * pause, LAST_PAUSE_MS);
  if (!isDone) timer = setTimeout(() => handIn(who), pause);
  await changed();
  return isDone;
}
