// What is asked before a step: the evidence that nobody is home, what is missing, what is wrong with the day.

import { here, metresApart } from "./locate.js";
import { now } from "../live.js";

const REFRESH_MS = 1_000;
let ticking;

const desk = () => document.getElementById("desk");
export const opened = () => document.querySelector("dialog[open]");

export function close() {
  clearInterval(ticking);
  opened()?.close();
}

function put(box, check, isDone, words) {
  const line = box.querySelector(`[data-check=${check}]`);
  line.classList.toggle("good", isDone);
  line.classList.toggle("warn", !isDone);
  const says = line.querySelector("[data-says]");
  if (says.textContent !== words) says.textContent = words;
}

/** The walk through the evidence: where the phone is, how long it has been there, whether they were tried. */
function walk(box, link, saidAt) {
  const { lat, lng, arrived } = link.dataset;
  const { metres, minutes } = desk().dataset;
  const state = { away: null };
  const look = async () => {
    const fix = await here();
    state.away = fix && Math.round(metresApart(fix, { lat: Number(lat), lng: Number(lng) }));
  };
  const gaps = () => {
    const dwell = Math.floor(Math.max(saidAt ? Date.now() - saidAt : 0, arrived ? now() - Date.parse(arrived) : 0) / 60_000);
    const isNear = state.away !== null && state.away <= Number(metres);
    const isLong = dwell >= Number(minutes);
    const isTried = box.querySelector("[name=contacted]").checked;
    put(box, "place", isNear, state.away === null ? "This phone does not say where it is yet." : `${state.away} m from the address; within ${metres} m it counts.`);
    put(box, "dwell", isLong, `${Math.max(0, dwell)} of ${minutes} minutes at the door.`);
    put(box, "contacted", isTried, isTried ? "Tried." : "Ring the bell, then ring their phone.");
    return [!isNear && `a position within ${metres} m`, !isLong && `${Number(minutes) - dwell} more minutes at the door`, !isTried && "an attempt to reach them"].filter(Boolean);
  };
  look().then(gaps);
  gaps();
  clearInterval(ticking);
  ticking = setInterval(gaps, REFRESH_MS);
  box.querySelector("form").onsubmit = (event) => {
    const missing = gaps();
    const alert = box.querySelector("[data-missing]");
    alert.textContent = missing.length ? `Still missing: ${missing.join(", ")}.` : "";
    if (!missing.length) return;
    event.preventDefault();
    event.stopPropagation();
    look();
  };
}

const BEFORE = { nobody_home: walk };

/** `saidAt` is when this phone said that it was at the door, by its own clock. */
export function ask(link, saidAt) {
  const { dialog, visit, version, customer, phone } = link.dataset;
  const box = document.getElementById(`ask-${dialog}`);
  for (const form of box.querySelectorAll("form[data-say]")) {
    form.reset();
    Object.assign(form.dataset, { visit: visit ?? "", version: version ?? "" });
    if (customer) form.dataset.label = `${form.dataset.words} at ${customer}’s`;
  }
  for (const one of box.querySelectorAll("span[data-customer]")) one.textContent = customer;
  for (const one of box.querySelectorAll("[data-photo]")) Object.assign(one.dataset, { visit, customer });
  for (const one of box.querySelectorAll("[data-ring]")) {
    one.hidden = !phone;
    one.href = `tel:${phone}`;
  }
  BEFORE[dialog]?.(box, link, saidAt);
  box.showModal();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) close();
});
