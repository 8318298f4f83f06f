// What only some pages need, fetched when it is needed: a sheet or a script of our own.

export function load(tag, attributes) {
  return new Promise((done, failed) => {
    const one = Object.assign(document.createElement(tag), attributes);
    one.onload = done;
    one.onerror = failed;
    document.head.append(one);
  });
}

/** After the words are there to be read: a map takes more of a slow line than all the rest. */
export function onceRead(act) {
  const rest = () => requestAnimationFrame(() => (window.requestIdleCallback ?? setTimeout)(act));
  if (document.readyState === "complete") rest();
  else addEventListener("load", rest, { once: true });
}

export const loadLeaflet = () => Promise.all([
  load("link", { rel: "stylesheet", href: "/static/vendor/leaflet.css" }),
  window.L ? undefined : load("script", { src: "/static/vendor/leaflet.js" }),
]);
