// A bar that is picked up: over each place the server says at once what putting it down there would do, or which rule
// forbids it. Put down, it is part of the day's draft, and nothing else: publishing is another page's button.

const FREE = ["booked", "risk"]; // nobody is on the way yet
const MARKS = { bad: "✕", warn: "▲", good: "✓" };
const KEEPS = { updateTime: true, updateGroup: true, remove: false };

/** Which bars may be picked up. */
export const handle = (one) => (FREE.includes(one.state) ? KEEPS : false);

/** What the timeline asks while a bar is dragged; `day` gives the picture as it is now. */
export function law(day) {
  const box = document.getElementById("law");
  let answers = new Map();
  let over = "";
  document.addEventListener("freshened", () => { answers = new Map(); });

  function placeOf({ id, group, start }) {
    const after = day().visits
      .filter((one) => one.technician === group && one.id !== id && one.start >= Number(start) && one.state !== "done")
      .sort((one, other) => one.start - other.start);
    return { visit_id: id, technician_id: group, ...(after.length ? { before_id: after[0].id } : {}) };
  }

  function asked(place) {
    const key = new URLSearchParams(place).toString();
    if (!answers.has(key)) answers.set(key, told(fetch(`/api/v1/plans/${day().date}/place?${key}`)));
    return answers.get(key);
  }

  function show({ is_allowed: allowed, says, worse }) {
    const tone = allowed ? (worse.length ? "warn" : "good") : "bad";
    box.className = `law notice ${tone}`;
    box.textContent = [MARKS[tone], says, ...worse].join(" ");
  }

  async function moving(item, keepOn) {
    keepOn(item);
    const place = placeOf(item);
    const key = JSON.stringify(place);
    if (key === over) return;
    over = key;
    const answer = await asked(place);
    if (over === key) show(answer);
  }

  async function moved(item, settle) {
    over = "";
    const place = placeOf(item);
    const answer = await asked(place);
    settle(null); // the plan is as it was; what waits is drawn beside it
    show(answer);
    if (!answer.is_allowed) return;
    const put = await told(fetch(`/api/v1/plans/${day().date}/place`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(place),
    }));
    if (put.state) location.assign(`/board/proposals?day=${day().date}`);
    else show(put);
  }

  return { onMoving: moving, onMove: moved, itemsAlwaysDraggable: { item: true, range: true } };
}

/** The answer, or what stands in the way as a sentence. */
async function told(sent) {
  try {
    const answer = await sent;
    const body = await answer.json();
    return answer.ok ? body : { is_allowed: false, says: body.detail ?? body.title, worse: [] };
  } catch {
    return { is_allowed: false, says: "The office's system does not answer just now. Nothing was changed.", worse: [] };
  }
}
