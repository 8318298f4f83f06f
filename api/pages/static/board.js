// The board's two pictures of one truth: the timeline and the map. Both are drawn from the JSON that stands in the
// page, again after every freshening; hovering or choosing something in one shows it in the other.

import { colour, drawRoads, pin } from "./map.js";
import { now } from "./live.js";

const HOUR_MS = 3600 * 1000;
const PIXELS_AN_HOUR = 60;
const NAMES_WIDE = 180; // the column of the technicians

const read = () => JSON.parse(document.getElementById("picture").textContent);
const visitPath = (id) => `/board/visits/${id}`;

let day = read();
const items = new vis.DataSet();
const groups = new vis.DataSet();
let timeline, map, pins, lines;
const markers = new Map();

function put(set, rows) {
  const ids = new Set(rows.map((row) => row.id));
  set.remove(set.getIds().filter((id) => !ids.has(id)));
  set.update(rows.filter((row) => JSON.stringify(set.get(row.id)) !== JSON.stringify(row)));
}

function fillTimeline() {
  put(groups, day.crew.map((one, order) => ({
    id: one.id, order, content: text(one.name, one.state === "free" ? "" : one.state), className: `line ${one.state.replace(" ", "-")}`,
  })));
  put(items, [
    ...day.visits.flatMap((one) => [
      { id: `${one.id}:drive`, group: one.technician, start: one.leave, end: one.start, type: "range", className: "drive", content: "", title: "Drive", selectable: false },
      { id: one.id, group: one.technician, start: one.start, end: one.end, type: "range", className: `visit ${one.state}`, content: text(`${one.shape} ${one.name}`), title: one.says },
    ]),
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
    ...shown(), min: shift(day.begin, -3), max: shift(day.end, 3),
    zoomMin: 30 * 60 * 1000, stack: false, orientation: { axis: "top" }, groupOrder: "order", margin: { item: { horizontal: 0, vertical: 4 }, axis: 4 },
    moment: (date) => vis.moment(date).utcOffset(day.offset_minutes), tooltip: { followMouse: true }, zoomKey: "ctrlKey", horizontalScroll: true,
    showTooltips: true, format: { minorLabels: { minute: "HH:mm", hour: "HH:mm" } }, showMajorLabels: false, verticalScroll: true, maxHeight: "34rem",
  });
  timeline.setCurrentTime(now());
  setInterval(() => timeline.setCurrentTime(now()), 1000);
  timeline.on("itemover", ({ item }) => highlight(item));
  timeline.on("itemout", () => highlight(undefined));
  timeline.on("doubleClick", ({ item }) => { if (markers.has(item)) location.assign(visitPath(item)); });
  timeline.on("select", ({ items: chosen }) => { if (chosen.length) show(chosen[0]); });
}

/** The whole day where there is room for it; on a narrow screen the hours around now, so that a bar can be read. */
function shown() {
  const hours = (document.getElementById("timeline").clientWidth - NAMES_WIDE) / PIXELS_AN_HOUR;
  const whole = { start: day.begin, end: day.end };
  if ((Date.parse(day.end) - Date.parse(day.begin)) / HOUR_MS <= hours) return whole;
  const at = Math.min(Math.max(now() - HOUR_MS, Date.parse(day.begin)), Date.parse(day.end));
  return { start: new Date(at), end: new Date(at + Math.max(2, hours) * HOUR_MS) };
}

const shift = (iso, hours) => new Date(Date.parse(iso) + hours * 3600 * 1000).toISOString();

function highlight(id) {
  for (const [visit, marker] of markers) marker.getElement()?.classList.toggle("lit", visit === id);
}

function show(id) {
  const marker = markers.get(id);
  if (marker) { map.panInside(marker.getLatLng(), { padding: [60, 60] }); marker.openPopup(); }
}

function drawMap() {
  map = L.map("map", { zoomControl: true, zoomSnap: 0.25, preferCanvas: true, attributionControl: true });
  map.attributionControl.setPrefix(false);
  lines = L.layerGroup().addTo(map);
  pins = L.layerGroup().addTo(map);
  fillMap();
  const places = [...day.visits, ...day.crew].map((one) => [one.lat, one.lng]);
  if (places.length) map.fitBounds(places, { padding: [24, 24] });
  drawRoads(map, "/api/v1/map/roads");
}

const TONES = { done: "good", failed: "bad", risk: "warn", cancelled: "gone", closed: "gone" };

function fillMap() {
  const open = map.getContainer().querySelector(".leaflet-popup") && [...markers].find(([, one]) => one.isPopupOpen())?.[0];
  pins.clearLayers();
  lines.clearLayers();
  markers.clear();
  for (const van of day.crew) {
    const route = day.visits.filter((one) => one.technician === van.id && ["booked", "risk", "en_route", "on_site"].includes(one.state));
    L.polyline([[van.lat, van.lng], ...route.map((one) => [one.lat, one.lng])], { color: colour("--soft"), weight: 1.5, opacity: 0.55, dashArray: "4 5", interactive: false }).addTo(lines);
    const words = `${van.name}: ${van.state}${van.seen ? `, seen ${van.seen}` : ""}`;
    const tone = { absent: "gone", silent: "warn" }[van.state] ?? "van";
    L.marker([van.lat, van.lng], { icon: pin(`van ${tone}`, initials(van.name)), title: words, alt: words, zIndexOffset: 1000 }).bindPopup(text(words)).addTo(pins);
  }
  for (const one of day.visits) {
    const marker = L.marker([one.lat, one.lng], { icon: pin(TONES[one.state] ?? "", one.shape), title: one.says, alt: one.says });
    const link = document.createElement("a");
    link.href = visitPath(one.id);
    link.textContent = one.says;
    marker.bindPopup(link).on("mouseover", () => timeline.setSelection(one.id)).addTo(pins);
    markers.set(one.id, marker);
  }
  if (open) markers.get(open)?.openPopup();
}

const initials = (name) => name.split(/\s+/).map((part) => part[0]).slice(0, 2).join("");

drawTimeline();
drawMap();
document.addEventListener("freshened", () => {
  day = read();
  fillTimeline();
  fillMap();
});
