// Photos of the door or the work: made small on the phone, kept there until the office has them.

import { everyPhoto, isFull, keepPhoto } from "./queue.js";

const LONGEST_SIDE = 1600;
const QUALITY = 0.8;
const TRY_AGAIN = [401, 403, 408, 429];
const MOST_WAITING = 40;
const MOST_WAITING_BYTES = 60_000_000;
export const KEPT = "Kept on this phone. It goes to the office by itself.";
const NO_ROOM = "The photo was not kept: this phone has no room left. Free some, or find a network; then take it again.";
const MANY = (count) => `The photo was not kept: ${count} photos wait on this phone already. Find a network; then take it again.`;

/** A small JPEG; whatever cannot be drawn here goes as it is, and the office's machine says what it thinks of it. */
async function shrunk(file) {
  try {
    const seen = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_SIDE / Math.max(seen.width, seen.height));
    const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(seen.width * scale), height: Math.round(seen.height * scale) });
    canvas.getContext("2d").drawImage(seen, 0, 0, canvas.width, canvas.height);
    return await new Promise((done) => canvas.toBlob((made) => done(made ?? file), "image/jpeg", QUALITY));
  } catch {
    return file;
  }
}

/** Keeps it on the phone. What is wrong, in a sentence, where there was no room for it; else nothing. */
export async function take(file, who, { visit, customer }) {
  const at = new Date().toISOString();
  const blob = await shrunk(file);
  const waiting = (await everyPhoto()).map((one) => one.blob?.size).filter(Boolean);
  const bytes = waiting.reduce((sum, size) => sum + size, blob.size);
  if (waiting.length >= MOST_WAITING || bytes > MOST_WAITING_BYTES) return MANY(waiting.length);
  try {
    await keepPhoto({ id: crypto.randomUUID(), who, visit, at, label: `Photo at ${customer}’s`, blob });
  } catch (error) {
    if (!isFull(error)) throw error;
    return NO_ROOM;
  }
  return "";
}

/** As the page shows them among what was said. */
export async function taken(who) {
  const all = (await everyPhoto()).filter((one) => one.who === who);
  return all.map((photo) => ({ label: photo.label, outcome: photo.outcome, detail: photo.detail, isRead: photo.isRead, event: { kind: "photo", at: photo.at }, photo }));
}

async function send(photo) {
  const asked = new URLSearchParams({ client_photo_id: photo.id, at: photo.at, sent_at: new Date().toISOString() });
  const answer = await fetch(`/api/v1/visits/${photo.visit}/photos?${asked}`, { method: "POST", headers: { "Content-Type": "image/jpeg" }, body: photo.blob });
  if (answer.status >= 500 || TRY_AGAIN.includes(answer.status)) return false;
  const { blob, ...rest } = photo;
  const fate = answer.ok ? { outcome: "applied" } : { outcome: "rejected", detail: (await answer.json()).detail };
  await keepPhoto({ ...rest, ...fate });
  return true;
}

/** True when all are with the office. */
export async function sendPhotos(who) {
  for (const one of await everyPhoto()) {
    if (one.who === who && one.blob && !(await send(one))) return false;
  }
  return true;
}
