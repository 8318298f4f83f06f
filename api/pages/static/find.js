// Addresses while they are typed: the server's own page of what it found, shown below the line without a reload.
// Where nobody may be asked while somebody types, the button asks, as it does without scripts.

const PAUSE_MS = 400;
const LEAST_SIGNS = 3;

for (const line of document.querySelectorAll("[data-find]")) {
  const form = line.form;
  const found = form.querySelector("#found");
  const place = form.querySelector("[data-place]");
  let pause = 0, asking = null;

  const stop = () => { clearTimeout(pause); asking?.abort(); };

  async function ask() {
    stop();
    asking = new AbortController();
    const { signal } = asking;
    found.setAttribute("aria-busy", "true");
    try {
      const typed = new URLSearchParams({ address: line.value.trim() });
      const answer = await fetch(`${line.dataset.find}?${typed}`, { signal, headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const part = page.getElementById("found");
      if (!part) throw new Error(`no answer: ${answer.status}`);
      found.replaceChildren(...part.childNodes);
    } catch (error) {
      if (!signal.aborted) say(found.dataset.silent);
    } finally {
      if (!signal.aborted) found.removeAttribute("aria-busy");
    }
  }

  function say(words) {
    found.replaceChildren(Object.assign(document.createElement("p"), { className: "notice calm", textContent: words }));
  }

  function choose(link) {
    const asked = new URL(link.href).searchParams;
    line.value = asked.get("address");
    const [lat, lng] = ["lat", "lng"].map((name) => Number(asked.get(name)));
    place.dispatchEvent(new CustomEvent("placed", { detail: { lat, lng } }));
    say(found.dataset.door);
    found.focus();
  }

  line.addEventListener("input", () => {
    stop();
    if (!("typing" in line.dataset)) return;
    if (line.value.trim().length < LEAST_SIGNS) found.replaceChildren();
    else pause = setTimeout(ask, PAUSE_MS);
  });
  form.querySelector("#find-house").addEventListener("click", (event) => {
    event.preventDefault();
    ask();
  });
  found.addEventListener("click", (event) => {
    const link = event.target.closest("a.choice");
    if (!link) return;
    event.preventDefault();
    choose(link);
  });
  // Arrows go from the line into what was found and back; Escape closes it.
  form.addEventListener("keydown", (event) => {
    const links = [...found.querySelectorAll("a.choice")];
    const at = links.indexOf(document.activeElement);
    if ((at < 0 && document.activeElement !== line) || links.length === 0) return;
    if (event.key === "ArrowDown") links[Math.min(at + 1, links.length - 1)].focus();
    else if (event.key === "ArrowUp" && at >= 0) (at === 0 ? line : links[at - 1]).focus();
    else if (event.key === "Escape") { found.replaceChildren(); line.focus(); }
    else return;
    event.preventDefault();
  });
}
