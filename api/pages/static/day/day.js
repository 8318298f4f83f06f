// The technician's day with or without a network: each step is kept on the phone first and shown at once, then handed in.
// Without this file the page is plain forms that ask the office directly.

import { ask as askDialog, close as closeDialog } from "./dialogs.js";
import { changed, handIn, line, onChange } from "./hand_in.js";
import { here, locate } from "./locate.js";
import { KEPT, take, taken } from "./photos.js";
import { everything, isAble, isFull, keep } from "./queue.js";
import { show } from "./said.js";

const AFTER = { leave: "en_route", arrive: "on_site", finish: "over", nobody_home: "over", cannot_finish: "over", decline: "over" };
const ORDER = ["booked", "en_route", "on_site", "over"];
const AT_THE_DOOR = ["arrive", "nobody_home"];
const CLOCK = "makegood-day-clock";
const NO_ROOM = "What you pressed was not kept: this phone has no room left. Free some and press again, or ring the office.";

const page = () => document.getElementById("main");
const desk = () => document.getElementById("desk");
const me = () => desk().dataset.technician;

/** A page that the phone kept shows the time at which it was kept: put its clock on by how long that is ago. */
function setClock() {
  const shown = page().dataset;
  const before = JSON.parse(localStorage.getItem(CLOCK) ?? "null");
  if (before?.shown !== shown.now) return noteClock();
  const passed = (Date.now() - before.at) * Number(shown.rate);
  shown.now = new Date(Date.parse(shown.now) + passed).toISOString();
}

const noteClock = () => localStorage.setItem(CLOCK, JSON.stringify({ shown: page().dataset.now, at: Date.now() }));

/** How far this visit is, by the page and by what was said on this phone since; what was not taken does not count. */
function phaseOf(stop, said) {
  const { stop: visit, version, phase } = stop.dataset;
  const mine = said.filter(({ event, outcome }) => (
    event.kind === "step" && event.visit_id === visit && String(event.promise_version) === version
    && (!outcome || outcome === "applied")
  ));
  return mine.map(({ event }) => AFTER[event.step]).reduce(
    (far, one) => (ORDER.indexOf(one) > ORDER.indexOf(far) ? one : far), phase,
  );
}

function build(stop, phase) {
  const made = stop.cloneNode(true);
  for (const part of made.querySelectorAll("[data-phase]")) if (part.dataset.phase !== phase) part.remove();
  return [...made.childNodes];
}

function drawNext(said) {
  const slot = document.querySelector("[data-next]");
  if (!slot) return;
  const stops = [...document.querySelectorAll("[data-stop]")];
  const open = stops.map((stop) => [stop, phaseOf(stop, said)]).find(([, phase]) => phase !== "over");
  const [stop, phase] = open ?? [document.querySelector("[data-nothing]"), ""];
  const shows = `${stop.dataset.stop ?? ""} ${phase}`;
  if (slot.dataset.next === shows || !stops.length) return;
  slot.dataset.next = shows;
  slot.replaceChildren(...build(stop, phase));
}

async function draw() {
  const said = [...(await everything(me())), ...(await taken(me()))];
  drawNext(said);
  for (const one of document.querySelectorAll("input[data-photo]")) one.onchange = photographed;
  show(said, line);
}

const READ = {
  step: async ({ step, visit, version }, fields) => {
    const fix = AT_THE_DOOR.includes(step) ? await here() : null;
    return {
      visit_id: visit,
      promise_version: Number(version),
      step,
      ...(fix && { place: { lat: fix.lat, lng: fix.lng } }),
      ...(fields.get("contacted") && { contacted: true }),
      ...(fields.get("hindrance") && { hindrance: fields.get("hindrance") }),
      ...(fields.get("note") && { note: fields.get("note") }),
    };
  },
  answer: (_, fields) => ({ answer: fields.get("answer") }),
  late: (_, fields) => ({ minutes: Number(fields.get("minutes")) }),
  absence: (_, fields) => ({ absence: fields.get("kind") }),
  seen: (_, fields) => ({ until: fields.get("until") }),
};

async function say(form, button) {
  const fields = new FormData(form, button);
  const kind = button?.dataset.say ?? form.dataset.say;
  const label = button?.dataset.label ?? form.dataset.label;
  button?.setAttribute("aria-busy", "true");
  const at = new Date().toISOString();
  const event = { kind, at, ...(await READ[kind](form.dataset, fields)) };
  line.refused = await keep(me(), event, label).then(() => "", (error) => {
    if (!isFull(error)) throw error;
    return NO_ROOM;
  });
  closeDialog();
  await changed();
  button?.removeAttribute("aria-busy");
  await handIn(me());
}

function isDouble(button) {
  return button?.getAttribute("aria-busy") === "true";
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-say]");
  if (!form || !desk().dataset.able) return;
  event.preventDefault();
  if (!isDouble(event.submitter)) say(form, event.submitter);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (!link || !desk().dataset.able) return;
  event.preventDefault();
  everything(me()).then((said) => askDialog(link, arrivedAt(link.dataset.visit, said)));
});

/** Each input has it of its own: while the camera is open news may draw the page anew, and what happens on a part that
 * is no longer in it never reaches the document. */
async function photographed({ target }) {
  if (!target.files.length) return;
  line.refused = await take(target.files[0], me(), target.dataset);
  target.closest("label").nextElementSibling.textContent = line.refused || KEPT;
  target.value = "";
  await changed();
  await handIn(me());
}

/** When this phone said, by its own clock, that it was at that door. */
function arrivedAt(visit, said) {
  const mine = said.filter(({ event, outcome }) => event.visit_id === visit && event.step === "arrive" && (!outcome || outcome === "applied"));
  return mine.length ? Date.parse(mine.at(-1).event.at) : undefined;
}

/** Whatever arrived changes the page: it asks the office for itself, as on any news. */
let arrived = 0;
async function refresh() {
  await draw();
  const settled = (await everything(me())).filter((one) => one.outcome).length;
  if (settled !== arrived && navigator.onLine) page().dispatchEvent(new CustomEvent("fresh"));
  arrived = settled;
}

async function begin() {
  setClock();
  locate();
  new MutationObserver(locate).observe(document.body, { childList: true, subtree: true });
  if (!(await isAble())) return;
  desk().dataset.able = "true";
  arrived = (await everything(me())).filter((one) => one.outcome).length;
  onChange(refresh);
  document.addEventListener("freshened", () => { noteClock(); draw(); });
  window.addEventListener("online", () => handIn(me()));
  document.addEventListener("visibilitychange", () => document.hidden || handIn(me()));
  await draw();
  await handIn(me());
  navigator.storage?.persist?.();
  await install();
}

/** From the first look on the phone can show the day without a network; after a new release the page is loaded anew. */
async function install() {
  const workers = navigator.serviceWorker;
  if (!workers) return;
  const isNew = !workers.controller;
  workers.addEventListener("controllerchange", () => {
    if (isNew) page().dispatchEvent(new CustomEvent("fresh"));
    else if (!document.querySelector("dialog[open]")) location.reload();
  }, { once: true });
  await workers.register("/day/worker.js", { scope: "/day" });
}

begin();
