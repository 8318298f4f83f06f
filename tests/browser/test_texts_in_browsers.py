"""A dispatcher says a text otherwise, on a phone without JavaScript and at a desk with the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.people import Person, Street

TEXT = "/office/texts/de/booking_confirmed"
OURS = "{{ company }}: fest gebucht, {{ full_window }}. {{ link }}"


def test_a_wording_is_tried_and_saved_on_a_phone(street: Street, person: Callable[..., Person]) -> None:
    office = person(390, scripts=False)
    office.open(street.house.viewer_link).press("Open the board")
    office.open("/office/texts?language=de").follow("Booking confirmed").reads("Booking confirmed, German")
    office.page.get_by_label("Text", exact=True).fill(OURS)
    office.press("Look at it").sees("Nothing is saved yet")
    office.press("Save this wording").sees("Saved.")
    office.sees("Version 1")


def test_the_pages_of_texts_fit_every_screen_and_reader(
    street: Street, person: Callable[..., Person]
) -> None:
    office = person(390)
    office.open(street.house.viewer_link).press("Open the board")
    for width, height in ((390, 844), (1440, 900)):
        office.page.set_viewport_size({"width": width, "height": height})
        for path in ("/office/texts?language=fr", TEXT, "/office/texts/en/_happened"):
            office.open(path).fits()


def test_a_wording_is_saved_with_the_keyboard_alone(street: Street, person: Callable[..., Person]) -> None:
    office = person(1440)
    office.open(street.house.viewer_link).press("Open the board")
    office.open(TEXT)
    office.page.get_by_label("Text", exact=True).focus()
    keys = office.page.keyboard
    keys.press("Control+A")
    keys.type(OURS)
    for _ in range(3):  # what can be filled in, the look, the saving
        keys.press("Tab")
    keys.press("Enter")
    office.sees("Saved.")
