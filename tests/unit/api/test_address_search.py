"""How often the server of addresses is asked, what is remembered, and which line is kept."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Barrier, Thread

import pytest

from api.addresses.port import AddressesSilent, Area, Found, ListedAddresses
from api.addresses.search import KEPT_SECONDS, MOST_AT_ONCE, AddressSearch
from api.addresses.writing import kept_line, one_line
from dispatch.travel.port import Point

AREA = Area(Point(40.0, -77.0), 10_000)
MILL = Found("12 Old Mill Lane", Point(40.0, -77.0))


class Counted(ListedAddresses):
    def __init__(self) -> None:
        super().__init__({MILL.line: MILL.place})
        self.asked: list[str] = []

    def find(self, words: str, area: Area, language: str) -> Sequence[Found]:
        self.asked.append(words)
        return super().find(words, area, language)


class Watch:
    """Stands still but for the pauses."""

    def __init__(self) -> None:
        self.at, self.pauses = 0.0, list[float]()

    def read(self) -> float:
        return self.at

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)


def test_one_question_a_second_and_none_waits_longer_than_two() -> None:
    watch, known = Watch(), Counted()
    search = AddressSearch(known, timer=watch.read, pause=watch.pause)
    for words in ("1 a", "2 b", "3 c"):
        search.find(words, AREA, "en")
    assert watch.pauses == [1.0, 2.0]
    with pytest.raises(AddressesSilent):
        search.find("4 d", AREA, "en")
    assert len(known.asked) == 3


def test_an_answer_is_remembered_for_an_hour() -> None:
    watch, known = Watch(), Counted()
    search = AddressSearch(known, timer=watch.read, pause=watch.pause)
    assert list(search.find("12 Old Mill", AREA, "en")) == [MILL]
    assert list(search.find("12  OLD mill", AREA, "en")) == [MILL]
    assert len(known.asked) == 1
    search.find("12 Old Mill", AREA, "de")  # another language is another question
    watch.at = KEPT_SECONDS + 1
    search.find("12 Old Mill", AREA, "en")
    assert len(known.asked) == 3


def test_a_slow_server_holds_no_more_than_a_few() -> None:
    inside, over = Barrier(MOST_AT_ONCE + 1), Barrier(MOST_AT_ONCE + 1)

    class Slow(Counted):
        def find(self, words: str, area: Area, language: str) -> Sequence[Found]:
            inside.wait(10)
            over.wait(10)
            return super().find(words, area, language)

    search = AddressSearch(Slow(), per_second=1e9)
    waiting = [Thread(target=search.find, args=(f"{number} a", AREA, "en")) for number in range(MOST_AT_ONCE)]
    for one in waiting:
        one.start()
    inside.wait(10)
    with pytest.raises(AddressesSilent):
        search.find("one too many", AREA, "en")
    over.wait(10)
    for one in waiting:
        one.join()


@pytest.mark.parametrize(
    ("country", "line"),
    [("US", "12 Elm, 17101 Ridge"), ("de", "Elm 12, 17101 Ridge"), ("", "Elm 12, 17101 Ridge")],
)
def test_the_number_stands_where_the_country_writes_it(country: str, line: str) -> None:
    assert one_line(number="12", street="Elm", postcode="17101", town="Ridge", country=country) == line


def test_what_is_missing_leaves_no_gap() -> None:
    assert one_line(number="", street="Elm", postcode="", town="Ridge", country="US") == "Elm, Ridge"
    assert one_line(number="12", street="", postcode="17101", town="Ridge", country="US") == ""


@pytest.mark.parametrize(
    ("typed", "found", "kept"),
    [
        ("old mi", "12 Old Mill Lane, 17101 Ridge", "12 Old Mill Lane, 17101 Ridge"),
        ("12 Old Mill Lane, flat 3", "Old Mill Lane, 17101 Ridge", "12 Old Mill Lane, flat 3"),
        ("Old Mill", "Old Mill Lane, 17101 Ridge", "Old Mill Lane, 17101 Ridge"),
    ],
)
def test_a_typed_house_number_is_never_lost_to_a_street(typed: str, found: str, kept: str) -> None:
    assert kept_line(typed, found) == kept
