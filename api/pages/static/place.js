// A place without typing: "use where I am", and a map to tap. Both only fill the two number fields,
// which stay the way for keyboards, for pages read aloud and for browsers without JavaScript. The page has a place for
// both, so that nothing jumps.

import { loadLeaflet, onceRead } from "./load.js";

const DIGITS = 5; // about a metre

const fields = (box) => ["lat", "lng"].map((name) => box.querySelector(`[name=${name}]`));

function fill(box, lat, lng) {
  const [first, second] = fields(box);
  first.value = lat.toFixed(DIGITS);
  second.value = lng.toFixed(DIGITS);
  for (const pasted of box.querySelectorAll("[name=place]")) pasted.value = "";
  for (const one of [first, second]) one.dispatchEvent(new Event("input", { bubbles: true }));
}

const alive = (one) => { one.classList.remove("scripted"); return one; };

function offerHere(box) {
  const button = alive(box.querySelector("[data-here]"));
  const said = alive(box.querySelector("[data-here-says]"));
  button.hidden = !navigator.geolocation || !window.isSecureContext;
  button.addEventListener("click", () => {
    said.textContent = box.dataset.looking ?? "Looking where this phone is …";
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        fill(box, coords.latitude, coords.longitude);
        said.textContent = (box.dataset.found ?? "Found, to within # metres.").replace("#", Math.max(1, Math.round(coords.accuracy)));
      },
      () => { said.textContent = box.dataset.silent ?? "This phone does not say where it is. Allow it in the browser, or type the two numbers."; },
      { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 },
    );
  });
}

async function offerMap(box) {
  const frame = alive(box.querySelector(".map"));
  alive(frame.previousElementSibling);
  await loadLeaflet();
  const { drawRoads, pin } = await import("./map.js");
  const map = L.map(frame, { preferCanvas: true, scrollWheelZoom: false });
  map.attributionControl.setPrefix(false);
  const put = L.marker([0, 0], { icon: pin("good", "⌂"), interactive: false });
  const show = (andGo) => {
    const typed = fields(box).map((one) => (one.value.trim() === "" ? NaN : Number(one.value)));
    if (typed.some(Number.isNaN)) return put.remove();
    put.setLatLng(typed).addTo(map);
    if (andGo && !map.getBounds().contains(typed)) map.panTo(typed);
    return put;
  };
  map.setView([Number(box.dataset.lat), Number(box.dataset.lng)], 14);
  show(true);
  map.on("click", ({ latlng }) => fill(box, latlng.lat, latlng.lng));
  for (const one of fields(box)) one.addEventListener("input", () => show(document.activeElement === one));
  box.addEventListener("placed", ({ detail: { lat, lng } }) => map.setView([lat, lng], 17));
  // A customer's own link opens the streets around; the office is known by its cookie.
  const token = location.pathname.match(/^\/(?:book|v)\/([^/]+)/)?.[1];
  const drawn = new Set(); // a customer is shown the streets around one place at a time
  const drawAround = async () => {
    const typed = fields(box).map((one) => one.value.trim());
    const around = token && typed.every(Boolean) ? `?${new URLSearchParams({ lat: (+typed[0]).toFixed(2), lng: (+typed[1]).toFixed(2) })}` : "";
    if (drawn.has(around)) return;
    drawn.add(around);
    await drawRoads(map, box.dataset.roads + around, token ? { Authorization: `Bearer ${token}` } : {});
  };
  box.addEventListener("placed", drawAround);
  await drawAround();
}

for (const box of document.querySelectorAll("[data-place]")) {
  box.addEventListener("placed", ({ detail: { lat, lng } }) => fill(box, lat, lng)); // found by its address
  if (box.querySelector("[data-here]")) offerHere(box);
  if (box.dataset.roads) onceRead(() => offerMap(box));
}
