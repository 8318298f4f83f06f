// Roads and water of our own data on a canvas, under whatever pins a page puts on it. No tiles, no other host.

const WEIGHT = { motorway: 4, trunk: 4, primary: 3.5, secondary: 3, tertiary: 2.2 };
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Draw the roads that `url` answers under everything else; where there are none the map stays plain. */
export async function drawRoads(map, url, headers = {}) {
  const answer = await fetch(url, { headers });
  if (!answer.ok) return;
  const found = await answer.json();
  const renderer = L.canvas({ pane: "tilePane" });
  const kind = ({ properties }) => (properties.layer === "water" ? "water" : properties.kind);
  L.geoJSON(found, {
    pane: "tilePane", renderer, interactive: false,
    style: (feature) => kind(feature) === "water"
      ? { color: colour("--water"), fillColor: colour("--water"), fillOpacity: 1, weight: feature.geometry.type.includes("Polygon") ? 1 : 3 }
      : { color: colour("--road"), weight: WEIGHT[kind(feature)] ?? 1.4, opacity: 1 },
  }).addTo(map);
  if (found.attribution) map.attributionControl.addAttribution(found.attribution);
}

/** A pin with a shape or letters in it; `tone` is a class of makegood.css. */
export function pin(tone, letters) {
  const drawn = document.createElement("span");
  drawn.className = `pin ${tone}`;
  const inner = document.createElement("span");
  inner.textContent = letters;
  drawn.append(inner);
  return L.divIcon({ className: "", html: drawn, iconSize: [30, 30], iconAnchor: tone.includes("van") ? [15, 15] : [15, 30], popupAnchor: [0, -26] });
}
