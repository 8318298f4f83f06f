"""A pin on the map instead of two numbers."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from api.simulation.town import build_town
from tests.browser.people import Person, Street

ANA = "+12125550143"


def test_a_press_on_the_map_says_where_the_house_is(street: Street, person: Callable[..., Person]) -> None:
    street.offer("heat", "Heating check")
    street.hire("Tom Hale", "+12125550111", 40)
    board = person(390)
    board.open(street.house.viewer_link).press("Open the board").open("/board/book")
    board.page.get_by_label("Heating check").check()
    board.page.get_by_label("Address: house number").fill("12 Weirside Avenue")
    board.page.locator("fieldset .map canvas").wait_for()
    board.fits().page.locator("fieldset .map").click(position={"x": 120, "y": 90})
    lat, lng = (float(board.page.locator(f"#{field}").input_value()) for field in ("lat", "lng"))
    assert abs(lat - 41.15) < 0.05
    assert abs(lng + 77.95) < 0.05
    board.press("Show me the times").reads("When")


def test_a_typed_address_puts_the_pin_there(street: Street, person: Callable[..., Person]) -> None:
    street.offer("heat", "Heating check")
    street.hire("Tom Hale", "+12125550111", 40)
    house = build_town(1).houses()[7]
    ana = person(390)
    ana.open("/book").page.get_by_label("Mobile phone").fill(ANA)
    ana.press("Text me the link").reads("Look at your phone.")
    street.until("06:31")
    ana.open(street.link(ANA))
    page = ana.page
    page.get_by_label("Heating check").check()
    page.locator("fieldset .map canvas").wait_for()
    page.get_by_label("Address: house number").press_sequentially(house.line[:-2])
    choice = page.get_by_role("link", name=house.line, exact=True)
    choice.wait_for()
    ana.fits()
    page.get_by_label("Address: house number").press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Is this the door?")).to_be_visible()
    assert (
        page.get_by_label("Address: house number").input_value().endswith(" " + house.line.split(" ", 1)[1])
    )
    expect(page.locator("fieldset .map .pin")).to_be_visible()
    ana.fits()
    ana.press("Show me the times").reads("When shall we come?")


def test_the_pin_remains_when_nobody_answers(street: Street, person: Callable[..., Person]) -> None:
    street.offer("heat", "Heating check")
    board = person(1440)
    board.open(street.house.viewer_link).press("Open the board").open("/board/book")
    board.cut("**/board/book/find*")
    board.page.get_by_label("Address: house number").fill("12 Weirside Avenue")
    board.press("Find it on the map").sees("Nobody can look up addresses just now.")
    board.page.locator("fieldset .map canvas").wait_for()
    board.fits()
