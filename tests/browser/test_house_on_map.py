"""A pin on the map instead of two numbers."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.people import Person, Street


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
