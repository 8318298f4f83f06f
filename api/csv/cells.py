"""One cell at a time: how each kind of value is written, and how what is written otherwise is refused.

Each reader takes the cell's text and its column's name, and raises Invalid with a stable code and a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from dispatch.errors import Invalid
from dispatch.words import clean, fold

Reader = Callable[[str, str], Any]

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONG_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
_FORMULA = re.compile("'*[=+\\-@\t\r＝＋－＠]")


class Hours(Enum):
    """`varies` stands for hours that differ from day to day: one row cannot tell them, so it leaves them."""

    VARY = "varies"


@dataclass(frozen=True, slots=True)
class Rest:
    """A break that begins between `earliest` and `latest`."""

    earliest: str
    latest: str
    minutes: int

    def __str__(self) -> str:
        return f"{self.earliest}-{self.latest}/{self.minutes}"


def escape(text: str) -> str:
    """`text` so that no spreadsheet takes it for a formula: with a ' before it. `unescape` takes it off again."""
    return "'" + text if _FORMULA.match(text) else text


def unescape(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def words(limit: int, *, lines: bool = False) -> Reader:
    """Text as people write it. It is searched folded, and what grows by a third in folding has no room there."""

    def read(text: str, name: str) -> str:
        kept = clean(text, name.replace("_", " "), limit=limit, lines=lines)
        if len(fold(kept)) > limit * 4 // 3:
            sentence = f"The {name.replace('_', ' ')} is too long once its ligatures are written out."
            raise Invalid.field(name, "text_too_long", sentence)
        return kept

    return read


def code(text: str, name: str) -> str:
    if not _CODE.fullmatch(text):
        sentence = f"{text[:40]!r} is no code: letters, digits, dots and hyphens, at most 40."
        raise Invalid.field(name, "code_invalid", sentence)
    return text


def phone(text: str, name: str) -> str:
    """The number as typed; which country it belongs to is known later."""
    if re.fullmatch(r"\d+([.,]\d+)?[eE]\+?\d+", text):
        sentence = f"A spreadsheet has shortened this number to {text[:20]}: make the column text and fill it in again."
        raise Invalid.field(name, "phone_shortened", sentence)
    return text


def language(text: str, name: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z]{2,4})?", text):
        raise Invalid.field(name, "language_unknown", f"{text[:20]!r} is no language like en or es.")
    return text


def number(least: float, most: float) -> Reader:
    """A decimal number, with a point or a comma before its decimals."""

    def read(text: str, name: str) -> float:
        if not re.fullmatch(r"-?[0-9]{1,9}([.,][0-9]{1,20})?", text):
            raise Invalid.field(name, "number_invalid", f"{text[:30]!r} is not a number like 40.25.")
        value = float(text.replace(",", "."))
        _require_between(value, least, most, name)
        return value

    return read


def minutes(least: int, most: int) -> Reader:
    """Minutes, kept as seconds."""
    read_number = number(least, most)
    return lambda text, name: round(read_number(text, name) * 60)


def levels(least: int, most: int) -> Reader:
    """`fiber:2 hvac:1`; a name alone counts as 1."""

    def read(text: str, name: str) -> dict[str, int]:
        found: dict[str, int] = {}
        for entry in re.split(r"[\s,;]+", re.sub(r"\s*:\s*", ":", text)):
            key, _, level = entry.partition(":")
            if not entry:
                continue
            if not _CODE.fullmatch(key) or not re.fullmatch(r"[0-9]{1,6}", level or "1"):
                sentence = f"{entry[:40]!r} is not like fiber:2, a name and a whole number."
                raise Invalid.field(name, "list_invalid", sentence)
            if key in found:
                raise Invalid.field(name, "list_doubled", f"{key} stands there twice.")
            _require_between(int(level or "1"), least, most, name)
            found[key] = int(level or "1")
        return found

    return read


def weekdays(text: str, name: str) -> tuple[int, ...] | Hours:
    """`Mon-Fri`, `Mon,Tue,Sat`, or both together; Monday is 0."""
    if text.casefold() == Hours.VARY.value:
        return Hours.VARY
    found: set[int] = set()
    for entry in re.split(r"[\s,;]+", re.sub(r"\s*[-–]\s*", "-", text.strip(" ,;"))):
        first, _, last = entry.partition("-")
        start, end = _weekday(first, name), _weekday(last or first, name)
        found |= {(start + step) % 7 for step in range((end - start) % 7 + 1)}
    return tuple(sorted(found))


def _weekday(text: str, name: str) -> int:
    fits = [
        index for index, day in enumerate(_LONG_DAYS) if day.startswith(text.casefold()) and len(text) >= 3
    ]
    if not fits:
        raise Invalid.field(
            name, "weekday_unknown", f"{text[:20]!r} is no weekday: write Mon-Fri or Mon,Tue."
        )
    return fits[0]


def clock(text: str, name: str) -> str:
    """`08:00`, local time; also as spreadsheets write it, 8:00 and 08:00:00."""
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(:00)?", text)
    if not found:
        raise Invalid.field(name, "time_invalid", f"{text[:20]!r} is not a time like 08:00.")
    return f"{int(found[1]):02}:{found[2]}"


def hours(text: str, name: str) -> str | Hours:
    return Hours.VARY if text.casefold() == Hours.VARY.value else clock(text, name)


def rests(text: str, name: str) -> tuple[Rest, ...] | Hours:
    """`11:30-13:30/30`: begins between 11:30 and 13:30 and takes 30 minutes. More of them with a space between."""
    if text.casefold() == Hours.VARY.value:
        return Hours.VARY
    return tuple(_rest(entry, name) for entry in re.split(r"[\s,;]+", text.strip(" ,;")))


def _rest(text: str, name: str) -> Rest:
    found = re.fullmatch(r"([0-9:]+)[-–]([0-9:]+)/([0-9]{1,3})", text)
    if not found:
        raise Invalid.field(name, "break_invalid", f"{text[:30]!r} is not like 11:30-13:30/30.")
    rest = Rest(clock(found[1], name), clock(found[2], name), int(found[3]))
    _require_between(rest.minutes, 5, 240, name)
    if rest.latest < rest.earliest:
        raise Invalid.field(name, "window_empty", f"{text[:30]!r} ends before it begins.")
    return rest


def day(text: str, name: str) -> date:
    """`2027-04-03` and nothing else: 03/04/2027 is two days, depending on who reads it."""
    slashed = re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{2}|[0-9]{4})", text)
    if slashed and max(int(slashed[1]), int(slashed[2])) <= 12 and slashed[1].zfill(2) != slashed[2].zfill(2):
        one, other, year = (
            slashed[1].zfill(2),
            slashed[2].zfill(2),
            slashed[3].zfill(4).replace("00", "20", 1),
        )
        sentence = f"{text} can be {year}-{other}-{one} or {year}-{one}-{other}: please write it in that way."
        raise Invalid.field(name, "date_ambiguous", sentence)
    if re.fullmatch(r"[0-9]{5}([.,][0-9]+)?", text):
        sentence = f"{text[:20]} is a spreadsheet's number for a day: please write it like 2027-04-03."
        raise Invalid.field(name, "date_serial", sentence)
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        raise Invalid.field(name, "date_nonexistent", f"There is no {text}.") from None
    raise Invalid.field(name, "date_invalid", f"{text[:20]!r} is not a day like 2027-04-03.")


def _require_between(value: float, least: float, most: float, name: str) -> None:
    if not least <= value <= most:
        sentence = f"The {name.replace('_', ' ')} lies between {least:g} and {most:g}."
        raise Invalid.field(name, "number_out_of_range", sentence)


# --- the other way round -----------------------------------------------------------------------------


def say_number(value: float) -> str:
    """The shortest digits that read back to exactly this number."""
    text = format(Decimal(repr(float(value))), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def say_minutes(seconds: int) -> str:
    return say_number(round(seconds / 60, 4))


def say_levels(found: Mapping[str, int]) -> str:
    return " ".join(f"{name}:{level}" for name, level in sorted(found.items()))


def say_weekdays(days: Iterable[int]) -> str:
    """`Mon-Fri Sun`: neighbours are joined from three on."""
    runs: list[list[int]] = []
    for one in sorted(days):
        if runs and runs[-1][-1] == one - 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    return ",".join(
        f"{DAYS[run[0]]}-{DAYS[run[-1]]}" if len(run) > 2 else ",".join(DAYS[one] for one in run)
        for run in runs
    )
