// A pin instead of two numbers: pressing on the map fills them in, and what is typed moves the pin.

import { drawRoads, pin } from "./map.js";

const box = document.getElementById("pick");
const [lat, lng] = ["lat", "lng"].map((id) => document.getElementById(id));
const typed = () => [Number.parseFloat(lat.value), Number.parseFloat(lng.value)];

if (box && lat && lng) {
  box.hidden = false;
  const map = L.map(box, { preferCanvas: true, scrollWheelZoom: false });
  map.attributionControl.setPrefix(false);
  map.setView([Number(box.dataset.lat), Number(box.dataset.lng)], 13);
  const house = L.marker(map.getCenter(), { icon: pin("good", "⌂"), draggable: true, title: "The house", alt: "The house", keyboard: false });

  const put = (place, write) => {
    house.setLatLng(place).addTo(map);
    if (!write) return;
    lat.value = place.lat.toFixed(5);
    lng.value = place.lng.toFixed(5);
  };
  map.on("click", ({ latlng }) => put(latlng, true));
  house.on("dragend", () => put(house.getLatLng(), true));
  const follow = () => {
    const place = typed();
    if (place.every(Number.isFinite)) { put(L.latLng(place), false); map.panTo(place); }
  };
  for (const field of [lat, lng]) field.addEventListener("change", follow);
  follow();
  // A customer's own link opens the streets around; the office is known by its cookie.
  const token = location.pathname.match(/^\/(?:book|v)\/([^/]+)/)?.[1];
  drawRoads(map, "/api/v1/map/roads", token ? { Authorization: `Bearer ${token}` } : {});
}
