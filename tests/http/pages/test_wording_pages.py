"""The office reads every text in every language for sample visits, and says it otherwise, without losing a word."""

from __future__ import annotations

from decimal import Decimal
from itertools import cycle
from pathlib import Path

import pytest

from api.runtime.settings import Settings
from dispatch.ledger import LedgerHead
from notifications.languages import SHIPPED
from notifications.messages import CATALOGUE, PARTS
from notifications.wordings.queries import list_versions, own_wording
from tests.http.pages.reading import Reader
from tests.worlds import World

PAGE = "/office/texts/de/booking_confirmed"
NAME = "booking_confirmed.txt"
OURS = "{{ company }}: fest gebucht, {{ full_window }}. {{ link }}"
BETTER = "{{ company }}: gebucht.\n{{ technician|begin }} kommt am {{ full_window }}. {{ link }}"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"MAKEGOOD_DATA": tmp_path, "MAKEGOOD_SEGMENT_PRICE": Decimal("0.0083")})


def own(world: World, language: str = "de") -> dict[str, str]:
    with world.look() as work:
        return dict(own_wording(work.session, language))


def versions(world: World) -> list[str | None]:
    with world.look() as work:
        return [row.text for row in list_versions(work.session, "de", NAME)]


def bubbles(reader: Reader) -> list[str]:
    return [node.text for node in reader.page.every("p") if node.attributes.get("class") == "bubble"]


def in_the_field(reader: Reader) -> str:
    (box,) = reader.page.every("textarea")
    return box.text


# --- reading ---------------------------------------------------------------------------------------------


def test_every_text_is_listed_in_every_language_with_what_it_costs(office: Reader) -> None:
    office.open("/board").follow("Set-up").follow("Texts")
    assert office.h1 == "Texts in English"
    assert len(bubbles(office)) == len(CATALOGUE)
    assert bubbles(office)[0].startswith("Makegood: booked. Konstantin comes Tue 24 Mar, 14:00-16:00.")
    office.follow("German")
    assert office.h1 == "Texts in German"
    assert bubbles(office)[0].startswith("Makegood: Gebucht. Konstantin kommt am Di., 24. März zwischen ")
    assert "2 to 3 segments, 0.0166 to 0.0249 USD" in office.text
    for purpose in CATALOGUE:
        assert f"/office/texts/de/{purpose}" in [a.attributes["href"] for a in office.page.every("a")]


def test_every_text_and_part_opens_with_nothing_to_mend(office: Reader) -> None:
    """Each in one of the languages in turn; what is shipped is proofread in all of them elsewhere."""
    names = [*CATALOGUE, *(part.removesuffix(".txt") for part in PARTS)]
    for name, language in zip(names, cycle(SHIPPED), strict=False):
        office.open(f"/office/texts/{language}/{name}")
        assert office.status == 200
        assert bubbles(office), name
        assert "Must not go out" not in office.text
        assert "Better otherwise" not in office.text
        spoken = [node.attributes.get("lang") for node in office.page.every("p") if "lang" in node.attributes]
        assert set(spoken) == {language}


def test_one_text_is_shown_once_for_each_way_in_which_it_reads(office: Reader) -> None:
    office.open("/office/texts/en/visit_cancelled")
    assert len(bubbles(office)) == len(set(bubbles(office))) == 4
    assert "a visit today" in office.text
    assert "the time to take it back is over" in office.text
    assert "GSM-7" in office.text
    assert "{{ undo_until }}13:10" in office.text


# --- looking before saving ---------------------------------------------------------------------------------


def test_a_look_shows_how_it_would_read_and_saves_nothing(world: World, office: Reader) -> None:
    with world.look() as work:
        before = work.session.get_one(LedgerHead, 1).seq
    office.open(PAGE).press("Look at it", text=OURS + " ✓")
    assert office.status == 200
    assert "Nothing is saved yet." in office.text
    assert "Better otherwise ✓ makes every segment hold 70 signs" in office.text
    assert bubbles(office)[0].startswith("Makegood: fest gebucht, Di., 24. März")
    assert in_the_field(office) == OURS + " ✓"
    assert own(world) == {}
    with world.look() as work:
        assert work.session.get_one(LedgerHead, 1).seq == before
    office.press("Save this wording")
    assert (office.path, office.status) == (f"{PAGE}?saved=1", 200)
    assert own(world) == {NAME: OURS + " ✓"}
    assert office.open(f"{PAGE}/look").path == PAGE


@pytest.mark.parametrize(
    "text",
    [
        "{{ company }}: {% for i in range(1000000000) %}x{% endfor %} {{ link }}",
        "{{ company }}: {{ self.__class__ }} {{ link }}",
        "{{ company }}: {{ link",
        "{{ company }}: {{ nonsense }} {{ link }}",
        "",
    ],
)
@pytest.mark.parametrize("button", ["Look at it", "Save this wording"])
def test_what_cannot_be_a_text_is_answered_and_kept_in_the_field(
    world: World, office: Reader, text: str, button: str
) -> None:
    office.open(PAGE).press(button, text=text)
    assert office.status == (200 if button == "Look at it" else 422)
    assert "Must not go out" in office.text
    assert in_the_field(office) == text
    assert own(world) == {}


# --- saving ------------------------------------------------------------------------------------------------


def test_a_wording_is_saved_once_however_often_the_button_is_pressed(world: World, office: Reader) -> None:
    office.open(PAGE)
    for _ in range(2):
        office.press("Save this wording", text=OURS)
        assert "Saved." in office.text
        office.path = PAGE
    assert versions(world) == [OURS]
    assert "Your wording" in office.open("/office/texts?language=de").text


def test_the_lines_of_a_browser_are_ours(world: World, office: Reader) -> None:
    office.open(PAGE).press("Save this wording", text=BETTER.replace("\n", "\r\n"))
    assert versions(world) == [BETTER]


def test_an_error_refuses_with_every_reason_and_loses_nothing(world: World, office: Reader) -> None:
    bad = "Reply YES {{ link }} https://bit.ly/x"
    office.open(PAGE).press("Save this wording", text=bad)
    assert office.status == 422
    assert "Not saved yet." in office.text
    assert "It must begin with the business name" in office.text
    assert "the word YES" in office.text
    assert "https://bit.ly/x is not ours" in office.text
    assert in_the_field(office) == bad
    assert own(world) == {}
    office.press("Save this wording", text=OURS)
    assert own(world) == {NAME: OURS}


def test_two_who_write_at_once(world: World, office: Reader) -> None:
    office.open(PAGE).press("Save this wording", text=OURS)
    late = Reader(office.client).open(PAGE)
    office.press("Save this wording", text=BETTER)
    late.press("Save this wording", text=OURS + " Danke.")
    assert late.status == 412
    assert "Somebody saved another wording" in late.text
    assert "Stored now: {{ company }}: gebucht." in late.text
    assert in_the_field(late) == OURS + " Danke."
    late.press("Save this wording")
    assert versions(world) == [OURS + " Danke.", BETTER, OURS]


# --- versions ----------------------------------------------------------------------------------------------


def test_versions_tell_who_and_when_and_can_be_said_again(world: World, office: Reader) -> None:
    office.open(PAGE)
    assert "Nobody has changed this text" in office.text
    office.press("Save this wording", text=OURS)
    office.press("Save this wording", text=BETTER)
    assert "Version 2, the one that goes out Dana Reed, Mon 2 Mar, 07:00" in office.text
    office.press("Say version 1 again")
    assert "Saved." in office.text
    assert versions(world) == [OURS, BETTER, OURS]
    office.press("Back to the shipped text")
    assert own(world) == {}
    assert versions(world) == [None, OURS, BETTER, OURS]
    assert "Back to the shipped text" not in office.buttons
    office.press("Say version 2 again")
    assert own(world) == {NAME: BETTER}


def test_a_version_that_never_was_is_not_said(world: World, office: Reader) -> None:
    office.open(PAGE).press("Save this wording", text=OURS)
    answer = office.client.post(f"{PAGE}/again", data={"version": "7"})
    assert answer.status_code == 404
    assert versions(world) == [OURS]


@pytest.mark.parametrize("path", ["xx/rate", "de/nothing", "de/hours", "de/..%2Fen", "en/rate.txt"])
def test_what_is_no_text_of_ours_is_not_found(office: Reader, path: str) -> None:
    assert office.open(f"/office/texts/{path}").status == 404


def test_a_language_that_we_lack_is_not_found(office: Reader) -> None:
    assert office.open("/office/texts?language=xx").status == 404
