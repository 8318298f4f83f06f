// Tells the office where this phone is, while the day's page is open and says so. What the page does not say is not done:
// after "Pause", or when the shift is over, the part is gone and nothing more is sent. Thinned: nothing new is nothing
// sent; and in heaps: each waking of the radio costs more than the few bytes.

import { handIn } from "./hand_in.js";
import { isFull, keep } from "./queue.js";

const LEAST_MS = 20_000;
const STILL_MS = 300_000;
const LEAST_METRES = 50;
const HEAP_MS = 30_000;
const FRESH_MS = 60_000;
let watching = null;
let last;
let sentAt = 0;
let sending;

const part = () => document.querySelector("[data-locate]");

export function metresApart(one, other) {
  const turn = Math.PI / 180;
  const middle = Math.cos(((one.lat + other.lat) / 2) * turn);
  return 6_371_000 * turn * Math.hypot(one.lat - other.lat, (one.lng - other.lng) * middle);
}

/** Whether a fix says something that the one before did not. */
export function isNews(before, fix) {
  if (!before) return true;
  const passed = fix.at - before.at;
  return passed >= STILL_MS || (passed >= LEAST_MS && metresApart(before, fix) >= Math.max(LEAST_METRES, fix.accuracy));
}

function say(words) {
  const where = part()?.querySelector("[data-located-says]");
  if (where && where.textContent !== words) where.textContent = words;
}

export const event = ({ lat, lng, accuracy, at }) => ({
  kind: "position",
  at: new Date(at).toISOString(),
  place: { lat, lng },
  accuracy_metres: Math.min(100_000, Math.round(accuracy)),
});

const fixOf = ({ coords }) => ({ lat: coords.latitude, lng: coords.longitude, accuracy: coords.accuracy, at: Date.now() });

async function take(found) {
  const who = part()?.dataset.locate;
  if (!who) return stop();
  const fix = fixOf(found);
  if (isNews(last, fix)) {
    last = fix;
    await keep(who, event(fix), "").catch((error) => { if (!isFull(error)) throw error; }); // the room is for steps
  }
  if (last === fix) sending ??= setTimeout(send, Math.max(0, sentAt + HEAP_MS - Date.now()), who);
}

function send(who) {
  sending = undefined;
  sentAt = Date.now();
  return handIn(who);
}

function stop() {
  if (watching !== null) navigator.geolocation.clearWatch(watching);
  watching = null;
}

export function locate() {
  if (!part()) return stop();
  if (!navigator.geolocation || !window.isSecureContext) return say("This phone does not tell us: nothing is sent.");
  if (watching !== null) return;
  watching = navigator.geolocation.watchPosition(take, (error) => {
    if (error.code === error.PERMISSION_DENIED) say("You did not allow it on this phone: nothing is sent.");
  }, { enableHighAccuracy: true, maximumAge: 10_000 });
}

/** Where the phone is now, for a step at a door; null in a pause, and where the phone does not say. */
export function here() {
  if (!part() || !navigator.geolocation) return Promise.resolve(null);
  return new Promise((done) => {
    navigator.geolocation.getCurrentPosition(
      (found) => done(fixOf(found)), () => done(null), { enableHighAccuracy: true, timeout: 5_000, maximumAge: FRESH_MS },
    );
  });
}
