// Keeps an open page true: news arrives by server-sent events, the page asks the server for itself and is morphed,
// so that nothing jumps and nothing typed is lost. Countdowns tick by the house's own clock.

const MOST_OFTEN_MS = 1000;
const LOST_AFTER_MS = 5000;

const page = () => document.getElementById("main");
let source, lostTimer, waiting, askedAt = 0, loadedAt = performance.now();

function isTyping() {
  const at = document.activeElement;
  return Boolean(at && at.closest("#main") && at.matches("input:not([type=radio], [type=checkbox]), textarea, select"));
}

/** Ask for the page again, at most once a second, never while somebody types, looks elsewhere, or has a dialog open. */
function freshen() {
  if (waiting) return;
  const pause = Math.max(0, askedAt + MOST_OFTEN_MS - performance.now());
  waiting = setTimeout(() => {
    waiting = undefined;
    if (document.hidden || !navigator.onLine || isTyping() || document.querySelector("dialog[open]")) return remember();
    askedAt = performance.now();
    page().dispatchEvent(new CustomEvent("fresh"));
  }, pause);
}

let owed = false;
const remember = () => { owed = true; };
const catchUp = () => { if (owed && navigator.onLine && !document.hidden && !isTyping()) { owed = false; freshen(); } };
document.addEventListener("visibilitychange", catchUp);
document.addEventListener("focusout", () => setTimeout(catchUp, 200));

function connect() {
  const { live, seen } = page().dataset;
  if (!live || source?.readyState < EventSource.CLOSED) return;
  source = new EventSource(`${live}${seen ? `?after=${seen}` : ""}`);
  source.onmessage = (event) => {
    page().dispatchEvent(new CustomEvent("news", { bubbles: true, detail: JSON.parse(event.data) }));
    freshen();
  };
  source.onopen = () => { clearTimeout(lostTimer); lostTimer = undefined; sayLost(false); };
  source.onerror = () => {
    lostTimer ??= setTimeout(() => sayLost(true), LOST_AFTER_MS);
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, LOST_AFTER_MS);
  };
}

function sayLost(lost) {
  const bar = document.getElementById("lost");
  if (!lost) return bar?.remove();
  if (bar) return undefined;
  const made = document.createElement("p");
  made.id = "lost";
  made.className = "notice warn lost";
  made.setAttribute("role", "status");
  made.textContent = page().dataset.lost;
  page().before(made);
  return made;
}

/** The instant that the house's clock shows now. */
export function now() {
  const { now: then, rate } = page().dataset;
  return Date.parse(then) + (performance.now() - loadedAt) * Number(rate);
}

function spell(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 120) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")}`;
}

function tick() {
  if (!page()?.dataset.now) return;
  for (const one of document.querySelectorAll("[data-until], [data-since]")) {
    const { until, since } = one.dataset;
    const text = spell((until ? Date.parse(until) - now() : now() - Date.parse(since)) / 1000);
    if (one.textContent !== text) one.textContent = text;
  }
}

document.addEventListener("htmx:after:swap", () => {
  loadedAt = performance.now();
  tick();
  page().dispatchEvent(new CustomEvent("freshened", { bubbles: true }));
});

connect();
window.addEventListener("online", () => { connect(); freshen(); });
tick();
setInterval(tick, 1000);
const refresh = Number(page().dataset.refresh);
if (refresh) setInterval(freshen, Math.max(2, refresh / Math.max(1, Number(page().dataset.rate) / 4)) * 1000);
