"""A dispatcher drags a visit to somebody else: told what it would do while it hangs there, a draft until published."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, expect

from tests.browser.people import Person, Street


def over(board: Person, bar: Locator, row: str) -> None:
    """Pick the bar up and hold it over that technician's row, at its own hour."""
    page = board.page
    page.locator("#timeline").scroll_into_view_if_needed()
    box = bar.bounding_box()
    line = page.locator("#timeline .vis-label").filter(has_text=row).bounding_box()
    assert box
    assert line
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 12, y + 3, steps=4)
    page.mouse.move(x + 2, line["y"] + line["height"] / 2, steps=6)


def test_a_visit_is_dragged_to_somebody_else_and_published(
    street: Street, person: Callable[..., Person]
) -> None:
    street.offer("heat", "Heating check")
    street.hire("Tom Hale", "+12125550111", 40)
    street.hire("Uma Lund", "+12125550112", 80)
    street.book("Ana Cole", "+12125550143", "10:00", 300)
    board = person(1440)
    board.open(street.house.viewer_link).press("Open the board").sees("No promise is broken")
    page, law = board.page, board.page.locator("#law")
    bar = page.locator("#timeline .vis-item.visit").filter(has_text="Ana")
    bar.wait_for()
    bar.hover()
    page.locator("#timeline .vis-background .promised").wait_for(state="attached")  # 10:00 to 12:00
    expect(page.locator("#timeline .vis-item.latest")).to_have_count(1)
    page.get_by_label("Lines of").select_option("has:risk,failed")
    expect(page.locator("#timeline .vis-label")).to_have_count(0)
    page.get_by_label("Lines of").select_option("")
    expect(page.locator("#timeline .vis-label")).to_have_count(2)
    other = "Uma Lund" if comes(street) == "Tom" else "Tom Hale"

    over(board, bar, other)
    expect(law).to_contain_text("1 person gets another technician")
    expect(law).to_contain_text("Starts at")
    page.mouse.up()
    board.reads(re.compile("plan for Monday 2 March waits for you"))
    board.sees("Another technician")
    board.fits()
    assert comes(street) != other.split()[0], "nothing counts before it is published"

    board.open("/board")
    page.locator("#timeline .vis-item.draft").wait_for()
    board.sees("A draft waits")
    board.follow("Read it, publish it").press("Publish this plan").sees("Published by")
    assert comes(street) == other.split()[0]


def test_what_a_rule_forbids_is_said_and_goes_back(street: Street, person: Callable[..., Person]) -> None:
    street.offer("heat", "Boiler", skills={"gas": 2})
    street.hire("Tom Hale", "+12125550111", 40, skills={"gas": 2})
    street.hire("Uma Lund", "+12125550112", 80)
    street.book("Ana Cole", "+12125550143", "10:00", 300)
    board = person(1440)
    board.open(street.house.viewer_link).press("Open the board").sees("No promise is broken")
    bar = board.page.locator("#timeline .vis-item.visit").filter(has_text="Ana")
    bar.wait_for()
    over(board, bar, "Uma Lund")
    law = board.page.locator("#law")
    expect(law).to_contain_text("The visit of Ana Cole needs gas 2, Uma Lund has 0.")
    board.page.mouse.up()
    expect(law).to_contain_text("needs gas 2")
    assert comes(street) == "Tom"
    board.open("/board")
    expect(board.page.locator("#timeline .vis-item.draft")).to_have_count(0)
    expect(board.page.locator("#draft")).to_have_count(0)


def comes(street: Street) -> str:
    [visit] = street.office.get("/api/v1/visits", q="Ana Cole")["visits"]
    return str(visit["technician"])
