// A place without typing: "use where I am", and a map to tap. Both only fill the two number fields,
// which stay the way for keyboards, for pages read aloud and for browsers without JavaScript.

import { loadLeaflet } from "./load.js";

const DIGITS = 5; // about a metre

const fields = (box) => ["lat", "lng"].map((name) => box.querySelector(`[name=${name}]`));

function fill(box, lat, lng) {
  const [first, second] = fields(box);
  first.value = lat.toFixed(DIGITS);
  second.value = lng.toFixed(DIGITS);
  for (const pasted of box.querySelectorAll("[name=place]")) pasted.value = "";
  for (const one of [first, second]) one.dispatchEvent(new Event("input", { bubbles: true }));
}

function offerHere(box) {
  if (!navigator.geolocation || !window.isSecureContext) return;
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: box.dataset.here });
  const said = document.createElement("p");
  said.className = "small";
  said.setAttribute("role", "status");
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
  box.querySelector(".row").before(button, said);
}

async function offerMap(box) {
  await loadLeaflet();
  const { drawRoads, pin } = await import("./map.js");
  const hint = Object.assign(document.createElement("p"), { className: "small", textContent: box.dataset.tap ?? "Tap the place on the map; the two numbers follow." });
  const frame = Object.assign(document.createElement("div"), { className: "map" });
  frame.setAttribute("role", "region");
  frame.setAttribute("aria-label", box.dataset.region ?? "Map to tap the place on; the two numbers below say the same");
  box.querySelector("legend").after(hint, frame);
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
  if (box.dataset.here) offerHere(box);
  if (box.dataset.roads) offerMap(box);
}
