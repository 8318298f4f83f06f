"""Two people at one day: a proposal of which some is taken, two publishes in one moment, a line that was cut."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.people import Person, Street

CLICK_AT = """(at) => {
    const publish = [...document.querySelectorAll("button")].find((one) => one.textContent === "Publish this plan");
    setTimeout(() => publish.click(), at - Date.now());
}"""
NAMES = ("Ann", "Bea", "Cis", "Dot", "Eve", "Fay", "Gil", "Hal", "Ian", "Jon", "Kit", "Lou")


@pytest.fixture
def swapped(street: Street) -> dict[str, str]:
    """Twelve customers of two technicians; by hand everybody goes to the other one. Who came before, by name."""
    street.offer("heat", "Heating check")
    for number, name in enumerate(("Tom Hale", "Uma Lund")):
        street.hire(name, f"+1212555011{number}", 40 + number)
    for number, name in enumerate(NAMES):
        window = ("10:00", "12:00", "14:00")[number % 3]
        street.book(f"{name} Cole", f"+121255501{60 + number}", window, 300 + 7 * number)
    visits = {f"{name} Cole": found(street, f"{name} Cole") for name in NAMES}
    by_id = {visit["visit_id"]: visit for visit in visits.values()}
    plan = street.office.get(f"/api/v1/plans/{street.day}")["body"]
    turns = {
        route["technician"]: [one["visit"] for one in route["stops"] if "visit" in one]
        for route in plan["routes"]
    }
    for technician in street.office.get("/api/v1/technicians")["technicians"]:
        turns.setdefault(technician["id"], [])
    before_that = {id: list(order) for id, order in turns.items()}
    for mine, theirs in ((first, second) for first in before_that for second in turns if first != second):
        for visit_id in before_that[mine]:
            later = [id for id in turns[theirs] if by_id[id]["start_at"] > by_id[visit_id]["start_at"]]
            before = later[0] if later else None
            body = {"visit_id": visit_id, "technician_id": theirs, "before_id": before}
            street.office.post(f"/api/v1/plans/{street.day}/place", body)
            turns[mine].remove(visit_id)
            turns[theirs].insert(turns[theirs].index(before) if before else len(turns[theirs]), visit_id)
    return {name: visit["technician"] for name, visit in visits.items()}


def found(street: Street, name: str) -> dict[str, Any]:
    [visit] = street.office.get("/api/v1/visits", q=name)["visits"]
    return dict(visit)


def who_comes(street: Street, names: dict[str, str]) -> dict[str, str]:
    return {name: found(street, name)["technician"] for name in names}


def at_proposals(street: Street, person: Callable[..., Person]) -> Person:
    """Whoever watches the demo; their colleague is who moved everybody by hand."""
    board = person(1440)
    board.open(street.house.viewer_link).press("Open the board")
    return board.open(f"/board/proposals?day={street.day}")


def their_colleague(street: Street, person: Callable[..., Person]) -> Person:
    board = person(1440)
    cookies = street.office.cookies.items()
    board.context.add_cookies([{"name": name, "value": value, "url": board.home} for name, value in cookies])
    return board.open(f"/board/proposals?day={street.day}")


def test_five_lines_of_twelve_are_taken(
    street: Street, person: Callable[..., Person], swapped: dict[str, str]
) -> None:
    board = at_proposals(street, person)
    lines = board.page.locator("ol.changes > li").filter(has_text="Another technician")
    expect(lines).to_have_count(12)
    board.fits()
    left = [f"{first} Cole" for first in ["Ann", "Bea", "Cis", "Dot", "Eve", "Fay", "Gil"]]
    for number, name in enumerate(left, start=1):
        board.press(f"Leave {name} as it is")
        expect(lines).to_have_count(12 - number)
    board.press("Publish this plan").sees("Published by")
    now = who_comes(street, swapped)
    assert {name for name in swapped if now[name] != swapped[name]} == set(swapped) - set(left)


def test_two_publish_in_one_moment(
    street: Street, person: Callable[..., Person], swapped: dict[str, str]
) -> None:
    one, other = at_proposals(street, person), their_colleague(street, person)
    version = street.office.get(f"/api/v1/plans/{street.day}")["version"]
    at = one.page.evaluate("() => Date.now() + 500")
    for who in (one, other):  # well within fifty milliseconds: both at the same instant of the same clock
        who.page.evaluate(CLICK_AT, at)
    for who in (one, other):
        who.sees(re.compile("Published by"))
    assert street.office.get(f"/api/v1/plans/{street.day}")["version"] == version + 1
    refused = [who for who in (one, other) if any(said.startswith("409 ") for said in who.complaints)]
    assert len(refused) == 1, "one is told that the other was quicker"
    refused[0].sees("Somebody was quicker: this proposal is published already.")
    refused[0].complaints.clear()
    now = who_comes(street, swapped)
    assert all(now[name] != before for name, before in swapped.items())


def test_what_happened_while_the_line_was_cut_is_there_without_a_reload(
    street: Street, person: Callable[..., Person]
) -> None:
    street.offer("heat", "Heating check")
    street.hire("Tom Hale", "+12125550111", 40)
    street.book("Ana Cole", "+12125550143", "10:00", 300)
    board = person(1440)
    board.open(street.house.viewer_link).press("Open the board").sees("No promise is broken")
    timeline = board.page.locator("#timeline")
    timeline.locator(".vis-item.visit").filter(has_text="Ana").wait_for(state="attached")
    board.page.evaluate("() => { window.same = true; }")
    board.context.set_offline(True)
    street.book("Cleo Ray", "+12125550145", "14:00", 700)
    street.until("07:02")
    board.context.set_offline(False)
    timeline.locator(".vis-item.visit").filter(has_text="Cleo").wait_for(state="attached")
    assert board.page.evaluate("() => window.same"), "nothing was loaded anew"
