// The customer's map: only while somebody is on the way. Leaflet is loaded when it is needed and not before.

import { loadLeaflet, onceRead } from "./load.js";

const ASK_EVERY_MS = 5000;
const AREA_METRES = 400; // around a crossing of the net that `area_of` rounds to
let map, van, asking;

async function draw(box) {
  const { lat, lng, base, who, shows, home: address } = box.dataset;
  const home = [Number(lat), Number(lng)];
  await loadLeaflet();
  const { colour, drawRoads, pin } = await import("./map.js");
  if (!box.isConnected) return;
  map = L.map(box, { preferCanvas: true, zoomControl: false, scrollWheelZoom: false });
  map.attributionControl.setPrefix(false);
  map.setView(home, 14);
  if (shows === "house") {
    L.marker(home, { icon: pin("good", "⌂"), title: address, alt: address, interactive: false }).addTo(map);
  } else {
    L.circle(home, { radius: AREA_METRES, color: colour("--good"), weight: 2, interactive: false }).addTo(map);
  }
  drawRoads(map, `${base}/roads.json`);
  const ask = async () => {
    const answer = await fetch(`${base}/position`);
    if (answer.status !== 200 || !map) return;
    const seen = await answer.json();
    const place = [seen.lat, seen.lng];
    if (van) van.setLatLng(place);
    else van = L.marker(place, { icon: pin("van", who[0]), title: who, alt: who, interactive: false }).addTo(map);
    map.fitBounds([home, place], { padding: [40, 40], maxZoom: 15 });
  };
  await ask();
  asking = setInterval(() => document.hidden || ask(), ASK_EVERY_MS);
}

function look() {
  const box = document.getElementById("map");
  if (box && !box.dataset.drawn) {
    box.dataset.drawn = "true";
    draw(box);
  } else if (!box && map) {
    clearInterval(asking);
    map.remove();
    map = van = undefined;
  }
}

onceRead(look);
document.addEventListener("freshened", look);
