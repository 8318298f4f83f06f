# ruff: noqa: T201
"""Lighthouse's mobile scores of the customer's pages and the technician's day, on a small day of the invented town.

Run: python -m tests.benchmarks.lighthouse [runs of each page, 3 when left out; the median is shown] [--why]
With `--why` every audit that cost something is named. Lighthouse is a Node.js package of its own, pinned in
`requirements/lighthouse`; it drives the Chromium of the browser tests.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from api.simulation.client import Caller
from api.simulation.house import House, Plot
from tests.browser.chromium import FLAGS, find
from tests.browser.people import Street

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "requirements" / "lighthouse"
PROGRAM = PACKAGE / "node_modules" / ".bin" / "lighthouse"
MISSING = f"Lighthouse is not there. Install what is pinned: npm ci --prefix {PACKAGE.relative_to(ROOT)}"
MONDAY = dt.date(2026, 3, 2)
ANA, TOM = "+12125550143", "+12125550111"
TARGET = 95
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FIGURES = (
    "first-contentful-paint",
    "largest-contentful-paint",
    "total-blocking-time",
    "cumulative-layout-shift",
)
PUBLIC = ("/book",)  # only these are for search engines
MINUTES_EACH = 5


@dataclass(frozen=True)
class Page:
    """`shown` is its path without anybody's token."""

    shown: str
    url: str
    cookies: Mapping[str, str] = field(default_factory=dict)


def a_small_day() -> Iterator[Page]:
    """Ana has a visit with Tom, who leaves for her at the end; somebody else has a link to book."""
    with tempfile.TemporaryDirectory() as data:
        plot = Plot(data=Path(data), day=MONDAY, port=0, roads=None, seed=1, by_hand=True)
        with House(plot) as house, Caller(house.url, "office") as office, Caller(house.url, "Tom") as tom:
            office.walk_in(house.office_link)
            street = Street(house, office, MONDAY)
            street.offer("heat", "Heating check")
            hired = street.hire("Tom Hale", TOM, 40)
            visit = street.book("Ana Cole", ANA, "08:00", 300)
            street.until("07:40")
            tom.walk_in(street.enrolment(hired))
            tracking, booking = street.link(ANA), str(office.post("/api/v1/invitations")["url"])
            yield Page("/book", f"{house.url}/book")
            yield Page("/book/{token}", booking)
            yield Page("/v/{token}, booked", tracking)
            yield Page("/day, before the first", f"{house.url}/day", tom.cookies)
            tom.post(f"/api/v1/visits/{visit['visit_id']}/status", {"step": "leave"})
            yield Page("/v/{token}, on the way", tracking)
            yield Page("/day, on the way", f"{house.url}/day", tom.cookies)


def look_at(page: Page, browser: str) -> dict[str, Any]:
    """What Lighthouse says of it, on its phone with its slow line. Raises CalledProcessError when it cannot say."""
    cookie = "; ".join(f"{name}={value}" for name, value in page.cookies.items())
    command = [
        str(PROGRAM),
        page.url,
        "--quiet",
        "--output=json",
        "--output-path=stdout",
        f"--only-categories={','.join(CATEGORIES)}",
        f"--chrome-flags=--headless=new {FLAGS}",
        f"--extra-headers={json.dumps({'Cookie': cookie} if cookie else {})}",
    ]
    environment = {**os.environ, "CHROME_PATH": browser}
    told = subprocess.run(
        command, env=environment, check=True, capture_output=True, timeout=MINUTES_EACH * 60
    )
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def scores(report: Mapping[str, Any]) -> dict[str, int]:
    return {name: round(100 * (report["categories"][name]["score"] or 0)) for name in CATEGORIES}


def why(report: Mapping[str, Any]) -> Iterator[str]:
    """The audits that cost something, the dearest first of each category."""
    for name in CATEGORIES:
        parts = sorted(report["categories"][name]["auditRefs"], key=lambda part: -part["weight"])
        for part in parts:
            audit = report["audits"][part["id"]]
            if part["weight"] and audit["score"] is not None and audit["score"] < 1:
                items = audit.get("details", {}).get("items", [])[:3]
                shown = [item.get("node", {}).get("snippet") or item.get("url") or "" for item in items]
                yield f"{name}: {audit['title']} {audit.get('displayValue', '')} {[one for one in shown if one]}"


def line(page: Page, reports: list[dict[str, Any]]) -> tuple[str, bool]:
    found = {name: round(median(scores(one)[name] for one in reports)) for name in CATEGORIES}
    counted = {name: found[name] for name in CATEGORIES if name != "seo" or page.shown in PUBLIC}
    audits = reports[0]["audits"]
    figures = [audits[name].get("displayValue", "") for name in FIGURES]
    marks = [f"{counted[name]:>13}" if name in counted else f"{'-':>13}" for name in CATEGORIES]
    shown = f"{page.shown:<24}{''.join(marks)}   " + "".join(f"{one:>10}" for one in figures)
    return shown, min(counted.values()) >= TARGET


def main() -> int:
    asked = [one for one in sys.argv[1:] if one.isdecimal()]
    runs, browser = int(asked[0]) if asked else 3, find()
    if not PROGRAM.exists() or browser is None:
        print(MISSING if browser else "No Chromium on this machine: `make browser` says how to get one.")
        return 2
    print(f"{'mobile, median of ' + str(runs):<24}{''.join(f'{name:>13}' for name in CATEGORIES)}   ", end="")
    print("".join(f"{name:>10}" for name in ("FCP", "LCP", "TBT", "CLS")))
    is_well = True
    for page in a_small_day():
        reports = [look_at(page, browser) for _ in range(runs)]
        shown, reached = line(page, reports)
        is_well &= reached
        print(shown + ("" if reached else f"   below {TARGET}"), flush=True)
        if "--why" in sys.argv:
            print("".join(f"    {one}\n" for one in why(reports[0])), end="")
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
