"""The office's pages for bad days, on a desk and on a phone: nothing is cut, and machines that read aloud get by."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.browser.people import Person, Street


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_pages_for_bad_days_fit(
    street: Street, person: Callable[..., Person], width: int, scheme: str
) -> None:
    street.offer("heat", "Heating check")
    street.hire("Tom Hale", "+12125550111", 40)
    for number, window in enumerate(("10:00", "10:00", "14:00")):
        street.book(f"Ana Cole {number}", f"+1212555014{number}", window, 300 + 90 * number)
    street.until("09:50")
    board = person(width, scheme)
    board.open(street.house.viewer_link).press("Open the board").reads("No promise is broken").fits()
    board.open("/office/policies")
    board.page.locator("#dial-1-failure").select_option("any")
    board.page.locator("#dial-1-level").select_option("propose")
    board.fits()
    board.press("Save all policies").sees("Saved").fits()

    [late] = street.office.get("/api/v1/visits", q="Ana Cole 2")["visits"]
    board.open(f"/board/visits/{late['visit_id']}").fits().follow("Emergency")
    board.reads("Who comes to Ana Cole 2 at once?").fits()

    board.open("/board/trouble").reads("Several technicians are out at once").fits()
    board.page.get_by_label("Tom Hale").check()
    board.fill(What_happened="Trees on every road.").press("Look")
    board.sees(re.compile("3 people would hear")).fits()
    board.press("Do it: tell 3 people").reads("Done: 3 people were told").fits()
    board.open("/board/wall").reads("3 broken promises to make good").fits()
    board.open("/board").reads("3 broken promises to make good").fits()
