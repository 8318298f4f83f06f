// What this phone said, in words: what waits for the network, what was kept, and what was not simply taken, with why.

import { changed } from "./hand_in.js";
import { read } from "./queue.js";

const FATES = {
  "": ["gone", "Waits for the network"],
  applied: ["good", "Kept"],
  contested: ["warn", "Contested"],
  rejected: ["bad", "Not taken"],
};
const KEPT_ALL_THE_SAME = "It is kept with its time; the office sees it and decides.";

const make = (tag, values, ...inside) => {
  const one = Object.assign(document.createElement(tag), values);
  one.append(...inside);
  return one;
};

const time = (at) => new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
const isPhoto = (one) => one.event.kind === "photo";
const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

function entry(one) {
  const [tone, word] = FATES[one.outcome ?? ""];
  const line = make("li", {}, make("span", { className: `badge ${tone}`, textContent: word }), ` ${time(one.event.at)} ${one.label}.`);
  if (one.detail) line.append(make("br", {}), make("small", { textContent: one.detail }));
  return line;
}

function problem(one) {
  const [tone, word] = FATES[one.outcome];
  const button = make("button", { type: "button", textContent: "I have read it" });
  button.addEventListener("click", () => read(one).then(changed));
  const end = one.outcome === "contested" ? ` ${KEPT_ALL_THE_SAME}` : "";
  return make("div", { className: `notice ${tone}` },
    make("p", {}, make("strong", { textContent: `${word}: ${time(one.event.at)} ${one.label}.` }), ` ${one.detail ?? ""}${end}`), button);
}

function refusal(line) {
  const button = make("button", { type: "button", textContent: "I have read it" });
  button.addEventListener("click", () => { line.refused = ""; changed(); });
  return make("div", { className: "notice bad" }, make("p", { textContent: line.refused }), button);
}

function headline(waiting, line) {
  const photos = waiting.filter(isPhoto).length;
  const counts = [[waiting.length - photos, "step"], [photos, "photo"]].filter(([count]) => count);
  const what = counts.map(([count, word]) => plural(count, word)).join(" and ");
  if (line.isUnlinked) return `This phone is not linked any more: ask the office for a new link. ${what || "Nothing"} kept here.`;
  if (!what) return "";
  return `${what} ${waiting.length === 1 ? "waits" : "wait"} for the network. Nothing is lost: go on working.`;
}

/** Draws it into the page's desk; while things are on their way for the first time nothing is said of them. */
export function show(said, line) {
  const desk = document.getElementById("desk");
  const told = said.filter((one) => one.label);
  const waiting = told.filter((one) => !one.outcome);
  const words = line.isSending && navigator.onLine && !desk.dataset.waits ? "" : headline(waiting, line);
  desk.toggleAttribute("data-waits", Boolean(words));
  const says = desk.querySelector("[data-says]");
  if (says.textContent !== words) says.textContent = words;
  says.closest("[role=status]").hidden = !words;
  const troubles = told.filter((one) => ["contested", "rejected"].includes(one.outcome) && !one.isRead);
  desk.querySelector("[data-troubles]").replaceChildren(...(line.refused ? [refusal(line)] : []), ...troubles.map(problem));
  const list = desk.querySelector("details");
  list.hidden = !told.length;
  list.querySelector("ol").replaceChildren(...told.toSorted((one, other) => other.event.at.localeCompare(one.event.at)).map(entry));
}
