// The board's two pictures of one truth: the timeline and the map. Both are drawn from the JSON that stands in the
// page; after every freshening only what is another is drawn again, so that nothing jumps under a hand or an eye.
// Hovering or choosing something in one shows it in the other.

import { colour, drawRoads, pin } from "./map.js";
import { now } from "./live.js";
import { handle, law } from "./drag.js";

const HOUR_MS = 3600 * 1000;
const PIXELS_AN_HOUR = 60;
const NAMES_WIDE = 180; // the column of the technicians

const read = () => JSON.parse(document.getElementById("picture")?.textContent ?? "null");
const visitPath = (id) => `/board/visits/${id}`;

let day;
const items = new vis.DataSet();
const groups = new vis.DataSet();
let timeline, map;
const pins = new Map();
const ways = new Map();

function put(set, rows) {
  const ids = new Set(rows.map((row) => row.id));
  set.remove(set.getIds().filter((id) => !ids.has(id) && id !== "ghost"));
  set.update(rows.filter((row) => JSON.stringify(set.get(row.id)) !== JSON.stringify(row)));
}

let filter;

/** Only a script can filter, so only a script offers it. */
function offerFilter() {
  const box = document.getElementById("lines");
  const can = [...new Set(day.crew.flatMap((one) => one.skills))].sort();
  const choices = [
    ["", "everybody"], ["has:risk,failed", "who has a visit at risk or broken"], ["has:en_route,on_site", "who is on the way or at a door"],
    ["is:free", "who is free just now"], ["is:silent", "who is silent"], ...can.map((skill) => [`can:${skill}`, `who can ${skill}`]),
  ];
  const label = Object.assign(document.createElement("label"), { htmlFor: "filter", textContent: "Lines of" });
  filter = Object.assign(document.createElement("select"), { id: "filter" });
  filter.append(...choices.map(([value, words]) => new Option(words, value)));
  filter.addEventListener("change", fillTimeline);
  box.append(label, filter);
}

/** Whose line the filter leaves: by what they can do, or by what is the matter with their visits. */
function isShown(one) {
  const [kind, wanted] = (filter?.value ?? "").split(":");
  if (kind === "can") return one.skills.includes(wanted);
  if (kind === "has") return day.visits.some((visit) => visit.technician === one.id && wanted.split(",").includes(visit.state));
  if (kind === "is") return one.state === wanted;
  return true;
}

/** The next visit of each technician that nobody drives to yet: the one whose latest leave counts. */
function nextOnes() {
  const next = new Map();
  for (const one of day.visits) {
    if (!["booked", "risk"].includes(one.state)) continue;
    if (!next.has(one.technician) || one.start < next.get(one.technician).start) next.set(one.technician, one);
  }
  return [...next.values()];
}

/** The window that was promised, drawn behind the bar that is looked at. */
function ghost(id) {
  const one = day.visits.find((visit) => visit.id === id);
  items.remove("ghost");
  if (one) items.add({ id: "ghost", group: one.technician, start: one.from, end: one.until, type: "background", className: "promised" });
}

function fillTimeline() {
  put(groups, day.crew.filter(isShown).map((one, order) => ({
    id: one.id, order, content: text(one.name, one.state === "free" ? "" : one.state), className: `line ${one.state.replace(" ", "-")}`,
  })));
  put(items, [
    ...day.visits.flatMap((one) => [
      { id: `${one.id}:drive`, group: one.technician, start: one.leave, end: one.start, type: "range", className: "drive", content: "", title: "Drive", selectable: false },
      { id: one.id, group: one.technician, start: one.start, end: one.end, type: "range", className: `visit ${one.state}`, content: text(`${one.shape} ${one.name}`), title: one.says, editable: handle(one) },
    ]),
    ...nextOnes().map((one) => ({
      id: `latest:${one.id}`, group: one.technician, start: one.latest, end: new Date(Date.parse(one.latest) + 60000), type: "range", className: "latest", content: "", title: `${one.name}: must be left for by ${clock(one.latest)}`, selectable: false, editable: false,
    })),
    ...day.drafts.map((one) => ({
      id: `draft:${one.id}`, group: one.technician, start: one.start, end: one.end, type: "range", className: "visit draft", content: text(`✎ ${one.name}`), title: one.says, selectable: false, editable: false,
    })),
    ...day.rests.map((one) => ({
      id: `rest:${one.technician}:${one.start}`, group: one.technician, start: one.start, end: one.end, type: "range", className: "rest", content: "break", title: "Break", selectable: false,
    })),
  ]);
}

function text(main, small = "") {
  const safe = document.createElement("span");
  safe.textContent = main;
  if (small) {
    const word = document.createElement("small");
    word.textContent = ` ${small}`;
    safe.append(word);
  }
  return safe.innerHTML;
}

function drawTimeline() {
  const box = document.getElementById("timeline");
  fillTimeline();
  timeline = new vis.Timeline(box, items, groups, {
    ...shown(), ...law(() => day), min: shift(day.begin, -3), max: shift(day.end, 3),
    zoomMin: 30 * 60 * 1000, stack: false, orientation: { axis: "top" }, groupOrder: "order", margin: { item: { horizontal: 0, vertical: 4 }, axis: 4 },
    moment: (date) => vis.moment(date).utcOffset(day.offset_minutes), tooltip: { followMouse: true }, zoomKey: "ctrlKey", horizontalScroll: true,
    showTooltips: true, format: { minorLabels: { minute: "HH:mm", hour: "HH:mm" } }, showMajorLabels: false, verticalScroll: true, maxHeight: "34rem",
  });
  timeline.setCurrentTime(now());
  setInterval(() => timeline.setCurrentTime(now()), 1000);
  timeline.on("itemover", ({ item }) => { highlight(item); ghost(item); });
  timeline.on("itemout", () => { highlight(undefined); ghost(timeline.getSelection()[0]); });
  timeline.on("doubleClick", ({ item }) => { if (pins.has(item)) location.assign(visitPath(item)); });
  timeline.on("select", ({ items: chosen }) => { ghost(chosen[0]); if (chosen.length) show(chosen[0]); });
}

/** The whole day where there is room for it; on a narrow screen the hours around now, so that a bar can be read. */
function shown() {
  const hours = (document.getElementById("timeline").clientWidth - NAMES_WIDE) / PIXELS_AN_HOUR;
  const whole = { start: day.begin, end: day.end };
  if ((Date.parse(day.end) - Date.parse(day.begin)) / HOUR_MS <= hours) return whole;
  const at = Math.min(Math.max(now() - HOUR_MS, Date.parse(day.begin)), Date.parse(day.end));
  return { start: new Date(at), end: new Date(at + Math.max(2, hours) * HOUR_MS) };
}

/** An instant by the clock of the territory, whatever the browser's is. */
const clock = (iso) => new Date(Date.parse(iso) + day.offset_minutes * 60000).toISOString().slice(11, 16);
const shift = (iso, hours) => new Date(Date.parse(iso) + hours * 3600 * 1000).toISOString();

function highlight(id) {
  for (const [key, { marker }] of pins) marker.getElement()?.classList.toggle("lit", key === id);
}

function show(id) {
  const marker = pins.get(id)?.marker;
  if (marker) { map.panInside(marker.getLatLng(), { padding: [60, 60] }); marker.openPopup(); }
}

function drawMap() {
  map = L.map("map", { zoomControl: true, zoomSnap: 0.25, preferCanvas: true, attributionControl: true });
  map.attributionControl.setPrefix(false);
  const places = [...day.visits, ...vans()].map((one) => [one.lat, one.lng]);
  if (places.length) map.fitBounds(places, { padding: [24, 24] });
  else map.setView(day.centre, 13);
  fillMap();
  drawRoads(map, "/api/v1/map/roads");
}

/** Whoever is somewhere that day; on another day nobody is anywhere yet, or any more. */
const vans = () => day.crew.filter((one) => one.lat !== null);

const TONES = { done: "good", failed: "bad", risk: "warn", cancelled: "gone", closed: "gone" };
const TO_COME = ["booked", "risk", "en_route", "on_site"];

function fillMap() {
  const popups = [...pins.values()].map(({ marker }) => marker.getPopup()).filter((one) => one.isOpen());
  for (const one of popups) one.options.autoPan = false; // a popup that is redrawn does not take the map along
  keep(ways, vans().map((van) => ({ key: van.id, places: wayOf(van) })), drawWay);
  keep(pins, [
    ...vans().map((van) => ({
      key: `van:${van.id}`, lat: van.lat, lng: van.lng, tone: `van ${{ absent: "gone", silent: "warn" }[van.state] ?? "van"}`, letters: initials(van.name),
      says: `${van.name}: ${van.state}${van.seen ? `, seen ${van.seen}` : ""}`,
    })),
    ...day.visits.map((one) => ({ key: one.id, lat: one.lat, lng: one.lng, tone: TONES[one.state] ?? "", letters: one.shape, says: one.says, path: visitPath(one.id) })),
  ], drawPin);
  for (const one of popups) one.options.autoPan = true;
}

/** What is drawn under `key` stays as it is while nothing about it has changed; what is gone is taken away. */
function keep(drawn, rows, draw) {
  const keys = new Set(rows.map((row) => row.key));
  for (const [key, one] of drawn) {
    if (keys.has(key)) continue;
    one.marker.remove();
    drawn.delete(key);
  }
  for (const row of rows) {
    const told = JSON.stringify(row), before = drawn.get(row.key);
    if (before?.told !== told) drawn.set(row.key, { marker: draw(row, before?.marker, before?.row), row, told });
  }
}

const wayOf = (van) => [van, ...day.visits.filter((one) => one.technician === van.id && TO_COME.includes(one.state))].map((one) => [one.lat, one.lng]);

function drawWay({ places }, line) {
  if (line) return line.setLatLngs(places);
  return L.polyline(places, { color: colour("--soft"), weight: 1.5, opacity: 0.55, dashArray: "4 5", interactive: false }).addTo(map);
}

function drawPin({ key, lat, lng, tone, letters, says, path }, known, before) {
  const marker = known ?? newPin(key, path).addTo(map);
  marker.setLatLng([lat, lng]);
  if (!known || before.tone !== tone || before.letters !== letters) dress(marker, pin(tone, letters));
  const [drawn, popup] = [marker.getElement(), marker.getPopup()];
  drawn.title = says;
  drawn.setAttribute("aria-label", says);
  popup.getContent().textContent = says;
  if (popup.isOpen()) popup.update();
  return marker;
}

function newPin(key, path) {
  const words = document.createElement(path ? "a" : "span");
  if (path) words.href = path;
  const marker = L.marker([0, 0], { icon: pin("", ""), zIndexOffset: path ? 0 : 1000 }).bindPopup(words);
  return path ? marker.on("mouseover", () => timeline.setSelection(key)) : marker;
}

/** Leaflet keeps the element of the icon before, but not that it is lit. */
function dress(marker, icon) {
  const lit = marker.getElement().classList.contains("lit");
  marker.setIcon(icon);
  marker.getElement().classList.toggle("lit", lit);
}

const initials = (name) => name.split(/\s+/).map((part) => part[0]).slice(0, 2).join("");

/** Without a crew there is no picture; the first technician brings one. */
function draw() {
  day = read();
  if (!day) return;
  if (timeline) {
    fillTimeline();
    fillMap();
  } else {
    offerFilter();
    drawTimeline();
    drawMap();
  }
}

draw();
document.addEventListener("freshened", draw);
