"""One cell at a time, there and back."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.csv import cells
from api.csv.cells import Hours, Rest
from dispatch.errors import Invalid


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (cells.weekdays, "Mon-Fri", (0, 1, 2, 3, 4)),
        (cells.weekdays, "Mon,Tue", (0, 1)),
        (cells.weekdays, "monday - wed; SAT", (0, 1, 2, 5)),
        (cells.weekdays, "Sat-Mon", (0, 5, 6)),
        (cells.weekdays, "varies", Hours.VARY),
        (cells.rests, "11:30-13:30/30", (Rest("11:30", "13:30", 30),)),
        (
            cells.rests,
            "9:30-10:00/10 12:00-13:00/45",
            (Rest("09:30", "10:00", 10), Rest("12:00", "13:00", 45)),
        ),
        (cells.clock, "8:00", "08:00"),
        (cells.clock, "08:00:00", "08:00"),
        (cells.levels(1, 10), "fiber:2 hvac:1", {"fiber": 2, "hvac": 1}),
        (cells.levels(1, 10), "fiber: 2, hvac", {"fiber": 2, "hvac": 1}),
        (cells.number(-180, 180), "-77,25", -77.25),
        (cells.minutes(1, 720), "7.5", 450),
    ],
)
def test_what_is_understood(read: cells.Reader, text: str, value: object) -> None:
    assert read(text, "column") == value


@pytest.mark.parametrize(
    ("read", "text", "code"),
    [
        (cells.day, "03/04/2027", "date_ambiguous"),
        (cells.day, "3.4.27", "date_ambiguous"),
        (cells.day, "25/12/2027", "date_invalid"),
        (cells.day, "04/04/2027", "date_invalid"),
        (cells.day, "46480", "date_serial"),
        (cells.day, "2027-02-29", "date_nonexistent"),
        (cells.day, "2027-W10-1", "date_invalid"),
        (cells.day, "20270403", "date_invalid"),
        (cells.day, "٢٠٢٧-٠٤-٠٣", "date_invalid"),
        (cells.phone, "1.5E+11", "phone_shortened"),
        (cells.phone, "2,02E10", "phone_shortened"),
        (cells.number(-90, 90), "nan", "number_invalid"),
        (cells.number(-90, 90), "1e1", "number_invalid"),
        (cells.number(-90, 90), "1,000.5", "number_invalid"),
        (cells.number(-90, 90), "91", "number_out_of_range"),
        (cells.minutes(1, 720), "0", "number_out_of_range"),
        (cells.levels(1, 10), "fiber:2 fiber:3", "list_doubled"),
        (cells.levels(1, 10), "fiber:two", "list_invalid"),
        (cells.levels(1, 10), "fiber:0", "number_out_of_range"),
        (cells.weekdays, "Mo", "weekday_unknown"),
        (cells.weekdays, "Mon-Fry", "weekday_unknown"),
        (cells.weekdays, ",", "weekday_unknown"),
        (cells.clock, "24:00", "time_invalid"),
        (cells.clock, "8 am", "time_invalid"),
        (cells.rests, "noon", "break_invalid"),
        (cells.rests, "13:30-11:30/30", "window_empty"),
        (cells.rests, "11:30-13:30/1", "number_out_of_range"),
        (cells.code, "two words", "code_invalid"),
        (cells.language, "English", "language_unknown"),
    ],
)
def test_what_is_refused_and_under_which_code(read: cells.Reader, text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(text, "column")
    assert [error.code for error in refused.value.errors] == [code]


def test_an_ambiguous_day_is_told_both_ways() -> None:
    with pytest.raises(Invalid, match="2027-04-03 or 2027-03-04"):
        cells.day("03/04/2027", "day")


@given(st.text(max_size=30), st.sampled_from([cells.day, cells.weekdays, cells.rests, cells.clock]))
def test_no_text_is_more_than_refused(text: str, read: cells.Reader) -> None:
    with suppress(Invalid):
        read(text, "column")


@given(st.text(alphabet="'=+-@\tab1＝", max_size=8))
def test_no_formula_leaves_and_every_text_comes_back(text: str) -> None:
    written = cells.escape(text)
    assert not written.startswith(("=", "+", "-", "@", "\t", "＝"))
    assert cells.unescape(written) == text


@given(st.floats(-180, 180))
def test_positions_come_back_to_the_last_digit(value: float) -> None:
    assert float(cells.say_number(value)) == value


@given(st.integers(60, 43_200))
def test_seconds_come_back_from_minutes(seconds: int) -> None:
    assert cells.minutes(1, 720)(cells.say_minutes(seconds), "duration") == seconds


@given(st.sets(st.integers(0, 6), min_size=1))
def test_weekdays_come_back(days: set[int]) -> None:
    assert cells.weekdays(cells.say_weekdays(days), "weekdays") == tuple(sorted(days))
