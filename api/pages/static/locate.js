// Tells the office where this phone is, while the day's page is open and says so. What the page does not say is not done:
// after "Pause", or when the shift is over, the part is gone and nothing more is sent.

const EVERY_MS = 30_000;
let watching = null;
let sentAt = 0;

const part = () => document.querySelector("[data-locate]");

function say(words) {
  const where = part()?.querySelector("[data-located-says]");
  if (where && where.textContent !== words) where.textContent = words;
}

async function send({ coords }) {
  if (!part()) return stop();
  if (Date.now() - sentAt < EVERY_MS) return;
  sentAt = Date.now();
  const place = { lat: coords.latitude, lng: coords.longitude };
  const body = JSON.stringify({ place, accuracy_metres: Math.min(100_000, Math.round(coords.accuracy)) });
  try {
    await fetch("/api/v1/day/position", { method: "POST", headers: { "Content-Type": "application/json" }, body });
  } catch {
    sentAt = 0; // no network: the next position is as good
  }
}

function stop() {
  if (watching !== null) navigator.geolocation.clearWatch(watching);
  watching = null;
}

function look() {
  if (!part()) return stop();
  if (!navigator.geolocation || !window.isSecureContext) return say("This phone does not tell us: nothing is sent.");
  if (watching !== null) return;
  watching = navigator.geolocation.watchPosition(send, (error) => {
    if (error.code === error.PERMISSION_DENIED) say("You did not allow it on this phone: nothing is sent.");
  }, { enableHighAccuracy: true, maximumAge: 10_000 });
}

new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
look();
