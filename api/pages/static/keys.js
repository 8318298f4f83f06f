// One key a step, for whoever has no hand free for the mouse. An element says its own key in `aria-keyshortcuts`: a
// field is gone to, anything else is pressed; of several, the one in the card that has the focus. "j" and "k" go from
// card to card. Never while somebody types, never together with another key, and "?" turns it off for this browser.

const OFF = "keys off";
const sheet = document.getElementById("keys");
const opener = document.getElementById("keys-open");

const isOn = () => localStorage.getItem(OFF) === null;
const isTyping = (at) => at.matches("input:not([type=radio], [type=checkbox]), textarea, select") || at.isContentEditable;
const cards = () => [...document.querySelectorAll("#main article.card")].filter((one) => one.querySelector("a, button"));
const cardOf = (one) => one?.closest("article.card");

function step(by) {
  const all = cards();
  if (!all.length) return;
  const at = all.indexOf(cardOf(document.activeElement));
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
  next.querySelector("a, button").focus();
  next.scrollIntoView({ block: "nearest" });
}

function press(key) {
  const known = [...document.querySelectorAll("[aria-keyshortcuts]")]
    .filter((one) => one.getAttribute("aria-keyshortcuts") === key && one.checkVisibility());
  const card = cardOf(document.activeElement);
  const one = known.find((it) => card?.contains(it)) ?? known[0];
  if (!one) return false;
  if (isTyping(one)) one.focus();
  else one.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || isTyping(event.target)) return;
  if (event.key === "?") sheet.showModal();
  else if (!isOn() || sheet.open) return;
  else if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
  else if (event.key.length !== 1 || !press(event.key)) return;
  event.preventDefault();
});

const turn = document.getElementById("keys-turn");
const sayTurn = () => { turn.textContent = isOn() ? "Turn these keys off" : "Turn these keys on"; };
turn.addEventListener("click", () => {
  if (isOn()) localStorage.setItem(OFF, "1");
  else localStorage.removeItem(OFF);
  sayTurn();
});
sayTurn();
document.getElementById("keys-close").addEventListener("click", () => sheet.close());
opener.hidden = false;
opener.addEventListener("click", () => sheet.showModal());
