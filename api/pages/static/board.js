// The board's two pictures of one truth: the timeline and the map. Both are drawn from the JSON that stands in the
// page; after every freshening only what is another is drawn again, so that nothing jumps under a hand or an eye.
// Hovering or choosing something in one shows it in the other.

import { colour, drawRoads, pin } from "./map.js";
import { now } from "./live.js";
import { handle, law } from "./drag.js";

const HOUR_MS = 3600 * 1000;
const PIXELS_AN_HOUR = 60;
const NAMES_WIDE = 180; // the column of the technicians

const AT_ONCE = 50; // pins in one go: no hand or eye waits for the whole map

const read = () => JSON.parse(document.getElementById("picture")?.textContent ?? "null");
const breath = () => new Promise((done) => { setTimeout(done); });
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
    ...nextOnes().map((one) => ({ ...one, latest: one.until - (one.start - one.leave) })).map((one) => ({
      id: `latest:${one.id}`, group: one.technician, start: one.latest, end: one.latest + 60000, type: "range", className: "latest", content: "", title: `${one.name}: must be left for by ${clock(one.latest)}`, selectable: false, editable: false,
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

/** Bars that are put where they are seen are measured one by one; where none is, all at once when they come into view. */
const NOWHERE = { start: 0, end: HOUR_MS };

function drawTimeline() {
  const box = document.getElementById("timeline");
  fillTimeline();
  timeline = new vis.Timeline(box, items, groups, {
    ...NOWHERE, ...law(() => day),
    zoomMin: 30 * 60 * 1000, stack: false, orientation: { axis: "top", item: "top" }, groupOrder: "order", margin: { item: { horizontal: 0, vertical: 4 }, axis: 4 },
    moment: (date) => vis.moment(date).utcOffset(day.offset_minutes), tooltip: { followMouse: true }, zoomKey: "ctrlKey", horizontalScroll: true,
    showTooltips: true, format: { minorLabels: { minute: "HH:mm", hour: "HH:mm" } }, showMajorLabels: false, verticalScroll: true, maxHeight: "34rem",
  });
  timeline.emit("rangechanged"); // it hides until its window has come to rest, and waits long for that
  timeline.setOptions({ ...shown(), min: day.begin - 3 * HOUR_MS, max: day.end + 3 * HOUR_MS });
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
  if ((day.end - day.begin) / HOUR_MS <= hours) return whole;
  const at = Math.min(Math.max(now() - HOUR_MS, day.begin), day.end);
  return { start: at, end: at + Math.max(2, hours) * HOUR_MS };
}

/** An instant by the clock of the territory, whatever the browser's is. */
const clock = (at) => new Date(at + day.offset_minutes * 60000).toISOString().slice(11, 16);

let lit;

function highlight(id) {
  pins.get(lit)?.marker.getElement().classList.remove("lit");
  pins.get(id)?.marker.getElement().classList.add("lit");
  lit = id;
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
  drawRoads(map, "/api/v1/map/roads");
}

/** Whoever is somewhere that day; on another day nobody is anywhere yet, or any more. */
const vans = () => day.crew.filter((one) => one.lat !== null);

const TONES = { done: "good", failed: "bad", risk: "warn", cancelled: "gone", closed: "gone" };
const TO_COME = ["booked", "risk", "en_route", "on_site"];

async function fillMap() {
  const popups = [...pins.values()].map(({ marker }) => marker.getPopup()).filter((one) => one.isOpen());
  for (const one of popups) one.options.autoPan = false; // a popup that is redrawn does not take the map along
  await keep(ways, vans().map((van) => ({ key: van.id, places: wayOf(van) })), drawWay);
  await keep(pins, [
    ...vans().map((van) => ({
      key: `van:${van.id}`, lat: van.lat, lng: van.lng, tone: `van ${{ absent: "gone", silent: "warn" }[van.state] ?? "van"}`, letters: initials(van.name),
      says: `${van.name}: ${van.state}${van.seen ? `, seen ${van.seen}` : ""}`,
    })),
    ...day.visits.map((one) => ({ key: one.id, lat: one.lat, lng: one.lng, tone: TONES[one.state] ?? "", letters: one.shape, says: one.says, path: visitPath(one.id) })),
  ], drawPin);
  for (const one of popups) one.options.autoPan = true;
}

/** What is drawn under `key` stays as it is while nothing about it has changed; what is gone is taken away. A newer day
 * that comes meanwhile draws the rest. */
async function keep(drawn, rows, draw) {
  const keys = new Set(rows.map((row) => row.key)), mine = day;
  let left = AT_ONCE;
  for (const [key, one] of drawn) {
    if (keys.has(key)) continue;
    one.marker.remove();
    drawn.delete(key);
  }
  for (const row of rows) {
    const told = JSON.stringify(row), before = drawn.get(row.key);
    if (before?.told === told) continue;
    drawn.set(row.key, { marker: draw(row, before?.marker, before?.row), row, told });
    left -= 1;
    if (left) continue;
    await breath();
    if (day !== mine) return;
    left = AT_ONCE;
  }
}

const wayOf = (van) => [van, ...day.visits.filter((one) => one.technician === van.id && TO_COME.includes(one.state))].map((one) => [one.lat, one.lng]);

function drawWay({ places }, line) {
  if (line) return line.setLatLngs(places);
  return L.polyline(places, { color: colour("--soft"), weight: 1.5, opacity: 0.55, dashArray: "4 5", interactive: false }).addTo(map);
}

function drawPin(row, known, before) {
  const { lat, lng, tone, letters, says } = row;
  const marker = known?.setLatLng([lat, lng]) ?? newPin(row).addTo(map);
  if (known && (before.tone !== tone || before.letters !== letters)) dress(marker, pin(tone, letters));
  const drawn = marker.getElement();
  drawn.title = says;
  drawn.setAttribute("aria-label", says);
  marker.says = says;
  if (marker.isPopupOpen()) marker.getPopup().update();
  return marker;
}

function newPin({ key, lat, lng, tone, letters, path }) {
  const marker = L.marker([lat, lng], { icon: pin(tone, letters), zIndexOffset: path ? 0 : 1000 });
  marker.bindPopup(() => Object.assign(document.createElement(path ? "a" : "span"), path ? { href: path } : {}, { textContent: marker.says }));
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
async function draw() {
  day = read();
  if (!day) return;
  if (timeline) {
    fillTimeline();
  } else {
    offerFilter();
    drawTimeline();
  }
  await breath();
  if (!map) drawMap();
  await fillMap();
}

draw();
document.addEventListener("freshened", draw);
