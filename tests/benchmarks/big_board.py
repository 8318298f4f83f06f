# ruff: noqa: T201
"""The board of a large day in Chromium: how soon it can be used, how large it is, and how smooth a drag is.

Run: python -m tests.benchmarks.big_board [technicians, 100 when left out] [visits, 800 when left out]
Beside it, in the same run, the same with a tenth of the technicians and visits. Milliseconds from when the page was
asked for; frames and longest tasks by the browser's own clock: while the page opens, while a visit hangs over other
rows, and while one other visit changes and the open page hears of it.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from playwright.sync_api import Page, sync_playwright
from sqlmodel import col, select

from api.simulation.house import House, Plot
from api.simulation.town import build_town
from dispatch.bookings.actions import book_for, hold_window
from dispatch.bookings.slots import Request
from dispatch.errors import SlotTaken
from dispatch.field.actions import leave
from dispatch.plans.planning import plan_day
from dispatch.plans.tables import Assignment
from dispatch.promises.states import Agreed
from dispatch.technicians.queries import get_technician
from dispatch.territories.actions import set_policies
from dispatch.territories.tables import Territory
from dispatch.travel.port import Point
from dispatch.work import SYSTEM
from notifications.consent import give_consent
from tests.browser.chromium import FLAGS, find
from tests.builders import a_customer, a_service, a_technician, an_address

MONDAY = dt.date(2026, 3, 2)
HOURS = (8, 10, 12, 14, 16)
DRAGGED_OVER = 12
WATCH = """
    window.seen = { frames: [], longest: 0 };
    new PerformanceObserver((list) => list.getEntries().forEach((one) => {
        window.seen.longest = Math.max(window.seen.longest, one.duration); })).observe({ type: "longtask" });
    let last = performance.now();
    const frame = (now) => { window.seen.frames.push(now - last); last = now; requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
"""
ANEW = "() => { window.seen.frames.length = 0; window.seen.longest = 0; }"
AT_REST = "() => new Promise((done) => requestIdleCallback(() => setTimeout(done, 500)))"


def fill(house: House, technicians: int, visits: int) -> int:
    """So many technicians at houses of the town, and as many visits of Monday as they have time for.

    First the visits are only counted, as for a day far ahead, then they are planned all together.
    """
    random, houses, booked = Random(3), build_town(1).houses(), 0
    workshop = house.runtime.workshop
    with workshop.work(SYSTEM, "set up") as work:
        territory = work.session.exec(select(Territory)).one()
        set_policies(work, territory, {"planning_horizon_days": 0})
        service = a_service(
            work, code="heat", name="Heating check", duration_seconds=1800, spread_seconds=300
        )
        for number in range(technicians):
            home = random.choice(houses)
            a_technician(
                work,
                territory,
                name=f"Technician {number:03}",
                phone=f"+1212556{number:04}",
                home=Point(home.lat, home.lng),
            )
    for number in range(visits):
        door = random.choice(houses)
        with workshop.work(SYSTEM, "book") as work:
            here = work.session.get_one(Territory, territory.id)
            place = Point(door.lat, door.lng)
            at = dt.datetime.combine(MONDAY, dt.time(HOURS[number % len(HOURS)]), here.zone)
            try:
                hold = hold_window(work, Request(territory=here, service=service, place=place), at)
            except SlotTaken:
                continue
            customer = a_customer(work, name=f"Customer {number:03}", phone=f"+1212557{number:04}")
            address = an_address(work, customer, here, line=f"{number} {door.line}", place=place)
            give_consent(work, customer.phone, "office")
            book_for(work, hold, customer, address, agreed_by=Agreed.OFFICE, agreed_how="phone")
            booked += 1
    with workshop.work(SYSTEM, "set up") as work:
        set_policies(work, work.session.get_one(Territory, territory.id), {})
    plan_day(workshop, territory.id, MONDAY, house.runtime.solver)
    return booked


def open_board(page: Page, home: str) -> dict[str, Any]:
    """How long until the answer was there, until it could be used, and until the last picture was drawn."""
    began = time.perf_counter()
    answer = page.goto(f"{home}/board", wait_until="commit")
    answered = time.perf_counter() - began
    page.wait_for_load_state("domcontentloaded")
    usable = time.perf_counter() - began
    page.locator("#timeline .vis-item.visit").first.wait_for(state="attached")
    page.evaluate("() => new Promise((done) => requestIdleCallback(done))")
    drawn = time.perf_counter() - began
    size = len(answer.body()) / 1024 if answer else 0.0
    longest = longest_until_rest(page)
    return {"answered": answered, "usable": usable, "drawn": drawn, "kilobytes": size, "longest": longest}


def longest_until_rest(page: Page) -> float:
    page.evaluate(AT_REST)
    return float(page.evaluate("() => window.seen.longest"))


def drag(page: Page) -> dict[str, float]:
    """One visit over other rows, there and back; where it is let go does not count any more."""
    bars = page.locator("#timeline .vis-item.visit")
    page.locator("#timeline").scroll_into_view_if_needed()
    box = bars.nth(bars.count() // 2).bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.evaluate(ANEW)
    page.mouse.down()
    for step in range(DRAGGED_OVER):
        page.mouse.move(
            x + 3 * step, y + (12 * step if step < DRAGGED_OVER / 2 else 12 * (DRAGGED_OVER - step)), steps=8
        )
    page.keyboard.press("Escape")
    page.mouse.up()
    seen = page.evaluate("() => window.seen")
    frames = sorted(seen["frames"])
    return {
        "frame": median(frames),
        "frame95": frames[int(0.95 * (len(frames) - 1))],
        "longest": float(seen["longest"]),
    }


def hear(house: House, page: Page) -> float:
    """The longest task between a technician's setting out and the page that shows it."""
    page.evaluate(AT_REST)
    page.evaluate(ANEW)
    with house.runtime.read() as work:
        first = work.session.exec(
            select(Assignment).where(Assignment.day == MONDAY).order_by(col(Assignment.start_at))
        ).first()
    assert first
    with house.runtime.work(SYSTEM, "benchmark") as work:
        technician = get_technician(work.session, first.technician_id or "")
        leave(work, technician, first.visit_id)
    page.locator("#map .pin").get_by_text("▶").first.wait_for(state="attached")
    return longest_until_rest(page)


def measure(technicians: int, visits: int) -> None:
    path = find()
    if path is None:
        raise SystemExit("no Chromium was found: `make browser` says how to get one")
    with (
        tempfile.TemporaryDirectory() as folder,
        House(
            Plot(data=Path(folder) / "data", day=MONDAY, port=0, roads=None, seed=1, by_hand=True)
        ) as house,
        sync_playwright() as player,
    ):
        began = time.perf_counter()
        booked = fill(house, technicians, visits)
        laid = time.perf_counter() - began
        browser = player.chromium.launch(executable_path=path, args=FLAGS.split())
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(WATCH)
        page.goto(house.viewer_link)
        page.get_by_role("button", name="Open the board").first.click()
        page.wait_for_load_state()
        first, again = open_board(page, house.url), open_board(page, house.url)
        news, moved = hear(house, page), drag(page)
        browser.close()
    best = {name: min(first[name], again[name]) for name in first}
    print(
        f"{technicians:>12}{booked:>8}{laid:>10.0f}{1000 * best['answered']:>11.0f}{1000 * best['usable']:>9.0f}"
        f"{1000 * best['drawn']:>8.0f}{best['longest']:>9.0f}{best['kilobytes']:>6.0f}{moved['frame']:>11.1f}"
        f"{moved['frame95']:>7.1f}{moved['longest']:>9.0f}{news:>14.0f}",
        flush=True,
    )


def main(technicians: int = 100, visits: int = 800) -> None:
    print(
        f"{'technicians':>12}{'visits':>8}{'laid, s':>10}{'answer, ms':>11}{'usable':>9}{'drawn':>8}{'longest':>9}"
        f"{'kB':>6}{'drag frame':>11}{'95 %':>7}{'longest':>9}{'news, longest':>14}"
    )
    for share in (10, 1):
        measure(technicians // share, visits // share)


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:]))
