"""What whoever knows passwords from break-ins promises, asked of each of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import httpx2
import pytest

from dispatch.access.breach_ranges import BreachRanges
from dispatch.access.breaches import Breaches, BreachesSilent, ListedBreaches
from tests.fakes.breach_ranges import Ranges
from tests.fakes.line import Line

KNOWN = ("correct horse battery staple", "café au lait noir")


@pytest.fixture
def ranges() -> Ranges:
    return Ranges(KNOWN)


@pytest.fixture
def line(ranges: Ranges) -> Iterator[Line]:
    line = Line(ranges)
    yield line
    line.cut()


@pytest.fixture
def asked(line: Line) -> Iterator[BreachRanges]:
    with httpx2.Client() as client:
        yield BreachRanges(client, f"{line.url}/range/")


@pytest.fixture(params=["a list", "a range service"])
def breaches(request: pytest.FixtureRequest) -> Breaches:
    if request.param == "a list":
        return ListedBreaches(KNOWN)
    found: BreachRanges = request.getfixturevalue("asked")
    return found


def test_a_known_password_is_known(breaches: Breaches) -> None:
    assert [breaches.is_known(password) for password in KNOWN] == [True, True]


@pytest.mark.parametrize("password", ["a lantern in the attic", "Correct horse battery staple", ""])
def test_any_other_is_not(breaches: Breaches, password: str) -> None:
    assert not breaches.is_known(password)


def test_two_ways_to_write_one_sign_are_one_password(breaches: Breaches) -> None:
    assert breaches.is_known("cafe\u0301 au lait noir")


# --- over the wire --------------------------------------------------------------------------------------


def test_five_signs_of_a_hash_are_all_that_goes_out(asked: BreachRanges, ranges: Ranges) -> None:
    asked.is_known(KNOWN[0])
    digest = hashlib.sha1(KNOWN[0].encode(), usedforsecurity=False).hexdigest().upper()
    assert ranges.asked == [(f"/range/{digest[:5]}", "true")]


def test_a_row_of_padding_is_nobodys_password(asked: BreachRanges, ranges: Ranges) -> None:
    ranges.pad_with(KNOWN[0])
    assert not asked.is_known(KNOWN[0])


@pytest.mark.parametrize(
    ("status", "body"), [(503, ""), (429, ""), (404, ""), (200, "<html>not today</html>")]
)
def test_whatever_else_it_answers_is_silence(
    asked: BreachRanges, ranges: Ranges, status: int, body: str
) -> None:
    ranges.status, ranges.body = status, body
    with pytest.raises(BreachesSilent):
        asked.is_known(KNOWN[0])


def test_nobody_there_is_silence(asked: BreachRanges, line: Line) -> None:
    line.cut()
    with pytest.raises(BreachesSilent) as caught:
        asked.is_known(KNOWN[0])
    assert KNOWN[0] not in str(caught.value)
