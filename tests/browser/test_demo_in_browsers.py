"""The demo's front page: a stranger breaks something with one press and follows it to the end on one screen."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.people import Person, Street

ANA = "+12125550143"


@pytest.fixture
def day(street: Street) -> Street:
    street.offer("heat", "Heating check")
    street.hire("Tom Hale", "+12125550111", 40)
    street.hire("Uma Lund", "+12125550112", 900)
    street.book("Ana Cole", ANA, "10:00", 300)
    street.until("09:30")
    return street


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1440, "light")])
def test_a_break_is_followed_on_one_screen(
    day: Street, person: Callable[..., Person], width: int, scheme: str
) -> None:
    stranger = person(width, scheme)
    stranger.open("/").reads("When a promise to a customer breaks").fits()
    stranger.press("Falls silent").sees("falls silent").fits()
    broken = stranger.page.locator(".breaks")
    stranger.press("+ 1 hour").sees("10:30").press("+ 1 hour").sees("11:30")
    for time in ("11:40", "11:50", "12:00"):
        stranger.press("+ 10 min").sees(f"It is Mon 2 Mar, {time}")
        if broken.locator(".stepper").count():
            break
    reached = broken.locator(".stepper li:has(time) strong")
    expect(reached).to_contain_text(["Broken", "Noticed", "Option held", "Told"])
    stranger.fits()

    # Answering on the simulated phone in another window shows here by itself.
    phone = person(390, scheme).open(f"/pocket?phone=%2B{ANA[1:]}")
    phone.sees("Reply 1 to keep it").fits().press(re.compile(r"^1 "))
    expect(reached).to_contain_text(["Broken", "Noticed", "Option held", "Told", "Chosen"])
    stranger.press("+ 1 min")
    phone.sees("settled").fits()


def test_the_clock_can_be_stepped_paused_and_sped_up(day: Street, person: Callable[..., Person]) -> None:
    stranger = person(1440).open("/")
    stranger.sees("09:30").press("+ 1 hour").sees("10:30")
    stranger.press("60×").sees("a second of yours is worth 60")
    stranger.press("Pause").sees("the clock stands still")


def test_texts_can_be_cut_off_and_brought_back(day: Street, person: Callable[..., Person]) -> None:
    stranger = person(390).open("/")
    stranger.press("Cut off the texts").sees("No texts go out").fits()
    stranger.press("Bring the texts back").sees("Texts go out")
