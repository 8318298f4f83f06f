# ruff: noqa: T201
"""What the demo costs while people watch it: twelve technicians and ninety visits at 60x, and what jumps on the pages.

Run: python -m tests.benchmarks.living_board [seconds, 120 when left out]
The same day is lived twice for so long: unwatched, then with a board, a customer's page, a technician's and the front
page open in Chromium. Half a minute after the clock is let go one technician falls silent. Shares are of one core.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from api.simulation.client import Caller
from tests.browser.chromium import find

FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
DOORS = {
    "board": "Open the board of",
    "customer": "Open the visit of",
    "technician": "Open the day of",
    "front": "",
}
SPENT_ON = {
    "people": "simulated people",
    "loop": "event loop of the server",
    "requests": "requests in the pool",
    "sweep": "job sweep",
    "plan": "job plan",
    "other": "native threads",
    "all": "the whole process",
}
BUSIEST = 16
LOOKS_EVERY_MS = 200
ENDS_WITHIN_SECONDS = 60
WATCHER = """(() => {
  const seen = { news: 0, repaints: 0, shift: 0, jumps: [], longest: 0, long: 0, page: 0, pictures: 0 };
  window.seen = seen;
  const watch = (type, hear) => new PerformanceObserver((list) => list.getEntries().forEach(hear))
    .observe({ type, buffered: true });
  const name = (node) => {
    const at = node?.nodeType === 1 ? node : node?.parentElement;
    return at ? `${at.tagName.toLowerCase()}${at.id ? `#${at.id}` : ""}` : "?";
  };
  watch("layout-shift", (one) => {
    if (one.hadRecentInput) return;
    seen.shift += one.value;
    seen.jumps.push([one.value, one.sources.map(({ node }) => name(node)).join(" ")]);
  });
  watch("longtask", (one) => { seen.long += 1; seen.longest = Math.max(seen.longest, one.duration); });
  document.addEventListener("news", () => { seen.news += 1; });
  document.addEventListener("freshened", () => { seen.repaints += 1; });
  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver((changes) => {
      for (const { target, addedNodes, removedNodes } of changes) {
        const at = target.nodeType === 1 ? target : target.parentElement;
        seen[at?.closest("#timeline, #map") ? "pictures" : "page"] += addedNodes.length + removedNodes.length;
      }
    }).observe(document.getElementById("main"), { childList: true, subtree: true });
  });
})()"""

LOOK = "() => { const seen = { ...window.seen }; window.seen.longest = 0; return seen; }"


class Child:
    """The house in its own process, from when its clock runs by itself."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.url = (process.stdout.readline() if process.stdout else "").strip()

    def ask(self) -> dict[str, Any]:
        """What it has cost so far, and the requests since it was asked last."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told


@contextmanager
def house() -> Iterator[Child]:
    command = [sys.executable, "-m", "tests.benchmarks.watched_house"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Child(process)
        finally:
            assert process.stdin
            process.stdin.close()
            try:
                process.wait(ENDS_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def main(arguments: Sequence[str]) -> None:
    """Print the tables; the arguments are those of the module's docstring."""
    seconds = float(arguments[0]) if arguments else 120.0
    path = find()
    if path is None:
        print("no Chromium on this machine: `make browser` says how to get one")
        return
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=path, args=FLAGS)
        costs = {}
        for name, doors in (("unwatched", {}), ("watched", DOORS)):
            with house() as child, ExitStack() as until_the_end:
                pages = {}
                for door, button in doors.items():
                    context = browser.new_context(viewport={"width": 1440, "height": 900})
                    until_the_end.callback(context.close)
                    pages[door] = walk_in(context, child.url, button)
                let_the_morning_pass(browser.new_page(), child.url)
                costs[name] = live(child, pages, browser.new_page(), seconds)
        browser.close()
    print_costs(costs, seconds)


def walk_in(context: BrowserContext, url: str, button: str) -> Page:
    """Through one of the demo's doors, as whoever watches would."""
    context.add_init_script(WATCHER)
    page = context.new_page()
    page.goto(url)
    if button:
        page.get_by_role("button", name=button).first.click()
        page.wait_for_function("() => location.pathname !== '/'")
    page.wait_for_load_state("load")
    return page


def let_the_morning_pass(waiting: Page, url: str) -> None:
    """Until the clock runs by itself."""
    with Caller(url, "watch") as caller:
        while not caller.get("/dev/clock")["rate"]:
            waiting.wait_for_timeout(LOOKS_EVERY_MS)


def live(child: Child, pages: dict[str, Page], waiting: Page, seconds: float) -> dict[str, Any]:
    """Let so many seconds pass: what the house spent in them, and what each page saw."""
    watched = {door: Watched(page) for door, page in pages.items()}
    before, seen = child.ask(), {door: one.look() for door, one in watched.items()}
    waiting.wait_for_timeout(seconds * 1000)
    after = child.ask()
    return {
        "cpu": {
            kind: (spent - before["cpu"].get(kind, 0.0)) / seconds for kind, spent in after["cpu"].items()
        },
        "megabytes": after["megabytes"],
        "requests": after["requests"],
        "pages": {door: between(seen[door], one.look()) for door, one in watched.items()},
    }


class Watched:
    """An open page and what it has seen since it was loaded."""

    def __init__(self, page: Page) -> None:
        self._page, self._probe = page, page.context.new_cdp_session(page)
        self._probe.send("Performance.enable")

    def look(self) -> dict[str, Any]:
        """Also the seconds that its main thread was busy; the longest task is counted from now on."""
        seen: dict[str, Any] = self._page.evaluate(LOOK)
        metrics = {one["name"]: one["value"] for one in self._probe.send("Performance.getMetrics")["metrics"]}
        return seen | {"busy": metrics["TaskDuration"]}


def between(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What happened on a page from one look to the next."""
    counted = {
        key: after[key] - before[key]
        for key in ("news", "repaints", "shift", "long", "page", "pictures", "busy")
    }
    jumps = after["jumps"][len(before["jumps"]) :]
    return counted | {
        "longest": after["longest"],
        "jumps": len(jumps),
        "worst": max(jumps, default=[0.0, ""]),
    }


def print_costs(costs: dict[str, dict[str, Any]], seconds: float) -> None:
    """First the house, then the requests, then the pages."""
    print(f"\n{seconds:.0f} s at 60x; share of one core")
    print(f"{'':28}" + "".join(f"{name:>11}" for name in costs))
    for kind, words in SPENT_ON.items():
        shares = "".join(f"{100 * cost['cpu'].get(kind, 0.0):>10.1f}%" for cost in costs.values())
        print(f"{words:28}{shares}")
    print(f"{'memory, MB':28}" + "".join(f"{cost['megabytes']:>11.0f}" for cost in costs.values()))
    for name, cost in costs.items():
        print_requests(name, cost["requests"], seconds)
    print_pages(costs["watched"]["pages"], seconds)


def print_requests(name: str, requests: Sequence[tuple[str, float]], seconds: float) -> None:
    """The kinds that took the most time together."""
    kinds: dict[str, list[float]] = defaultdict(list)
    for kind, milliseconds in requests:
        kinds[kind].append(milliseconds)
    print(f"\n{name}: {len(requests)} requests, {len(requests) / seconds:.1f} a second")
    print(f"{'':46}{'number':>7}{'p50 ms':>8}{'p95 ms':>8}{'sum ms':>8}")
    for kind, found in sorted(kinds.items(), key=lambda pair: -sum(pair[1]))[:BUSIEST]:
        found.sort()
        middle, high = statistics.median(found), found[int(0.95 * (len(found) - 1))]
        print(f"{kind:46}{len(found):>7}{middle:>8.0f}{high:>8.0f}{sum(found):>8.0f}")


def print_pages(pages: dict[str, dict[str, Any]], seconds: float) -> None:
    """News and repaints, what jumped, how long the browser was busy, and nodes put in or taken out by a repaint."""
    print(f"\n{'':12}  news repaints   shift jumps  long longest    busy    nodes  nodes in  worst jump")
    print(f"{'':12}        /minute               tasks      ms          /repaint  pictures")
    for door, seen in pages.items():
        each = max(1, seen["repaints"])
        print(
            f"{door:12}{seen['news']:6}{60 * seen['repaints'] / seconds:9.1f}{seen['shift']:8.3f}{seen['jumps']:6}"
            f"{seen['long']:6}{seen['longest']:8.0f}{100 * seen['busy'] / seconds:7.1f}%{seen['page'] / each:9.1f}"
            f"{seen['pictures'] / each:10.1f}  {seen['worst'][0]:.3f} {seen['worst'][1]}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
