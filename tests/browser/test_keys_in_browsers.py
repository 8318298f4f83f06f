"""A dispatcher without a mouse: from a silent technician to a visit made good, with the keyboard only."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.people import Person, Street

FOCUSED = """() => document.activeElement.matches("a, button")
    ? document.activeElement.textContent.trim().replace(/\\s+/g, " ") : ''"""


def tab_to(page: Page, words: str) -> None:
    for _ in range(80):
        if words in page.evaluate(FOCUSED):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{words!r} is not reached with the tabulator")


def test_a_silent_technician_from_alert_to_done(street: Street, person: Callable[..., Person]) -> None:
    """Uma says nothing and is not seen. What the house arranged by itself does not suit Ana, who rings: she takes
    another hour that is read to her."""
    street.offer("heat", "Heating check")
    street.hire("Tom Hale", "+12125550111", 40)
    street.hire("Uma Lund", "+12125550112", 80)
    street.book("Ana Cole", "+12125550143", "10:00", 300)
    board = person(1440)
    board.open(street.house.viewer_link).press("Open the board").sees("No promise is broken")
    street.until("12:05")
    board.reads("1 broken promise to make good")
    page, keys = board.page, board.page.keyboard
    keys.press("j")
    assert page.evaluate(FOCUSED) == "Ana Cole"
    keys.press("t")
    board.sees("Wren Lookerson is responsible now.")
    expect(page.get_by_role("button", name="Take over")).to_have_count(0)
    page.wait_for_load_state()
    keys.press("j")
    keys.press("Enter")
    board.sees("Making it good")
    page.wait_for_load_state()
    tab_to(page, "2: Mon 2 Mar, 14:00")
    keys.press("Enter")
    board.reads("Ana Cole: Heating check, Mon 2 Mar, 14:00–16:00")
    page.wait_for_load_state()
    keys.press("b")
    board.reads("broken promise")
    board.sees("New promise")
    tab_to(page, "Ana Cole")
    board.fits()


def test_the_keys_are_told_and_can_be_turned_off(street: Street, person: Callable[..., Person]) -> None:
    board = person(1440)
    board.open(street.house.viewer_link).press("Open the board").sees("No promise is broken")
    page, keys = board.page, board.page.keyboard
    expect(page.get_by_role("button", name="Keys")).to_be_visible()  # the script is there
    keys.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet).to_be_visible()
    board.fits()
    sheet.get_by_role("button", name="Turn these keys off").press("Enter")
    keys.press("Escape")
    expect(sheet).to_be_hidden()
    keys.press("p")
    board.reads("No promise is broken")
    board.press("Keys", exact=True)
    sheet.get_by_role("button", name="Turn these keys on").press("Enter")
    keys.press("Escape")
    keys.press("/")
    assert page.evaluate("() => document.activeElement.id") == "find"
    keys.type("p")
    assert page.locator("#find").input_value() == "p", "what is typed is typed"
    keys.press("Tab")
    keys.press("p")
    board.reads("Proposals for")
