"""Forms of the office: read field by field, so that all that needs a correction is said at once, beside its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ConfigDict

from api.csv import cells
from api.pages.again import Sent
from api.refusals import VersionConflict
from dispatch.customers.actions import place_at
from dispatch.errors import DispatchError, FieldError, Invalid, StateConflict
from dispatch.local_time import instant
from dispatch.travel.port import Point
from dispatch.words import clean

SPARE_LINES = 3
MOST_LINES = 50


class Typed(Sent):
    """A form whose fields are not known beforehand, like one line for each skill; `Reading` refuses strangers."""

    model_config = ConfigDict(extra="allow")

    @property
    def values(self) -> dict[str, str]:
        """Name to text. A name that was sent twice, or a file, counts as nothing typed."""
        sent = {name: value for name, value in (self.model_extra or {}).items() if name}
        return {name: value if isinstance(value, str) else "" for name, value in sent.items()}


@dataclass(frozen=True, slots=True)
class Form:
    """What a form shows: `values` in its fields, `problems` beside them; `stored` is what the rows say."""

    values: Mapping[str, str] = field(default_factory=dict)
    stored: Mapping[str, str] = field(default_factory=dict)
    version: int = 0
    error: DispatchError | None = None
    problems: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, stored: Mapping[str, str], version: int = 0) -> Form:
        return cls(stored, stored, version)

    def again(self, typed: Typed, error: DispatchError, *, conflict_at: str = "") -> Form:
        """The same after a refusal, with what was typed. `conflict_at` is the field that a conflict is about."""
        problems: dict[str, str] = {}
        if isinstance(error, Invalid):
            for one in error.errors:
                problems.setdefault(one.pointer.strip("/").replace("/", "-"), one.detail)
        elif isinstance(error, StateConflict) and conflict_at:
            problems[conflict_at] = error.message
        return Form(typed.values, self.stored, self.version, error, problems)

    def value(self, name: str) -> str:
        return self.values.get(name, "")

    def stored_otherwise(self, name: str) -> str | None:
        """What somebody else saved meanwhile; None where that is what stands in the field."""
        if not isinstance(self.error, VersionConflict):
            return None
        stored = self.stored.get(name, "")
        return None if stored == self.value(name) else stored or "nothing"

    def lines(self, name: str) -> list[str]:
        """The numbers of a list's fields: those filled, and some to fill."""
        filled = [int(key.rpartition("-")[2]) for key in self.values if _is_line(key, name)]
        return [str(number) for number in range(1, min(max(filled, default=0) + SPARE_LINES, MOST_LINES) + 1)]


def lines_of(name: str, found: Mapping[str, int]) -> dict[str, str]:
    """`{"fiber": 2}` as the fields `skill-1`: `fiber 2`, and so on."""
    pairs = sorted((key, number) for key, number in found.items() if number)
    return {f"{name}-{place}": f"{key} {number}" for place, (key, number) in enumerate(pairs, start=1)}


def say_lines(found: Mapping[str, int]) -> str:
    """The same in one line, for lists: `fiber 2, gas 1`."""
    return ", ".join(lines_of("", found).values())


def _is_line(key: str, name: str) -> bool:
    return re.fullmatch(rf"{name}-[0-9]{{1,2}}", key) is not None


class Reading:
    """Reads what was typed. `require` raises Invalid with everything that did not fit."""

    def __init__(self, typed: Typed) -> None:
        self._values = typed.values
        self._left = set(self._values)
        self.errors: list[FieldError] = []

    def text(self, name: str, limit: int = 120) -> str:
        """What stands in the field, perhaps nothing."""
        self._left.discard(name)
        text = self._values.get(name, "").strip()
        if len(text) > limit:
            self._note(name, "text_too_long", f"At most {limit} signs have room here.")
            return ""
        return text

    def words(self, name: str, label: str, limit: int = 120) -> str:
        return str(self._try(lambda: clean(self.text(name, limit), label, limit=limit), "", name))

    def code(self, name: str) -> str:
        """A code, or nothing."""
        text = self.text(name, 80)
        return str(self._try(lambda: cells.code(text, name), "", name)) if text else ""

    def ticked(self, name: str) -> bool:
        return self.text(name) != ""

    def number(self, name: str, least: float, most: float) -> float:
        return float(self._try(lambda: cells.number(least, most)(self._given(name), name), least, name))

    def whole(self, name: str, least: int, most: int) -> int:
        value = self.number(name, least, most)
        if value != int(value):
            self._note(name, "number_invalid", "This is a whole number.")
        return int(value)

    def minutes(self, name: str, least: int, most: int) -> int:
        """Minutes as typed, in seconds."""
        return int(self._try(lambda: cells.minutes(least, most)(self._given(name), name), least * 60, name))

    def clock(self, name: str) -> str:
        return str(self._try(lambda: cells.clock(self._given(name), name), "00:00", name))

    def rests(self, name: str) -> tuple[cells.Rest, ...]:
        text = self.text(name, 200)
        found = self._try(lambda: cells.rests(text, name), (), name) if text else ()
        return found if isinstance(found, tuple) else ()

    def day(self, name: str) -> date | None:
        text = self.text(name, 40)
        found = self._try(lambda: cells.day(text, name), None, name) if text else None
        return found if isinstance(found, date) else None

    def moment(self, name: str, day: date, zone: ZoneInfo) -> datetime | None:
        """The time in that field on `day`; None for an empty field. An hour that the clocks skip is noted."""
        if not self.text(name):
            return None
        before, text = len(self.errors), self.clock(name)
        if len(self.errors) > before:
            return None
        found = self._try(lambda: instant(day, time.fromisoformat(text), zone), None, name)
        return found if isinstance(found, datetime) else None

    def one_of(self, name: str, known: Mapping[str, str]) -> str:
        text = self.text(name)
        if text not in known:
            self._note(name, "choice_unknown", "Please choose one of these.")
        return text

    def levels(self, name: str, least: int, most: int) -> dict[str, int]:
        """One line each, like `fiber 2`; a name alone counts as 1."""
        found: dict[str, int] = {}
        for key in [key for key in self._values if _is_line(key, name)]:
            text = re.sub(r"\s+([0-9]+)$", r":\1", self.text(key, 60))
            entry = self._try(lambda text=text, key=key: cells.levels(least, most)(text, key), {}, key)  # type: ignore[misc]
            if len(entry) > 1:
                self._note(key, "list_invalid", "One name and one number have room on a line, like fiber 2.")
            for one, number in entry.items():
                if one in found:
                    self._note(key, "list_doubled", f"{one} stands there twice.")
                found[one] = number
        return found

    def place(self) -> Point:
        """Two numbers pasted into `place`, like 41.15, -77.95; else `lat` and `lng`."""
        pasted = self.text("place")
        pair = re.fullmatch(r"\(?\s*(-?\d+(?:\.\d+)?)\s*[,; ]\s*(-?\d+(?:\.\d+)?)\s*\)?", pasted)
        if pasted and not pair:
            self._note("place", "position_invalid", "Two numbers belong here, like 41.15, -77.95.")
        if pasted:
            self._left -= {"lat", "lng"}
            lat, lng = (float(pair[1]), float(pair[2])) if pair else (1.0, 1.0)
            return self._position(lat, lng, "place")
        before = len(self.errors)
        lat, lng = self.number("lat", -90, 90), self.number("lng", -180, 180)
        return self._position(lat, lng, "lat") if len(self.errors) == before else Point(1.0, 1.0)

    def version(self) -> int:
        """Which version of the row the form was filled in from."""
        return self.whole("version", 0, 999_999_999)

    def note(self, name: str, code: str, sentence: str) -> None:
        self._note(name, code, sentence)

    def require(self) -> None:
        """Raises Invalid with every problem so far, also for a field that this form does not have."""
        strangers = [name for name in sorted(self._left) if self._values[name] != ""]
        for name in strangers:
            self._note(name[:40], "extra_forbidden", f"This form has no field {name[:40]!r}.")
        if self.errors:
            raise Invalid(self.errors)

    def _given(self, name: str) -> str:
        text = self.text(name, 40)
        if not text:
            raise Invalid.field(name, "cell_missing", "Please fill this in.")
        return text

    def _position(self, lat: float, lng: float, name: str) -> Point:
        found = self._try(lambda: place_at(lat, lng), Point(1.0, 1.0), name)
        assert isinstance(found, Point)
        return found

    def _try(self, read: Callable[[], Any], otherwise: Any, name: str) -> Any:
        """What `read` gives; its refusal is noted at `name`."""
        try:
            return read()
        except Invalid as unfit:
            for one in unfit.errors:
                self._note(name, one.code, one.detail)
            return otherwise

    def _note(self, name: str, code: str, sentence: str) -> None:
        self.errors.append(FieldError(f"/{name}", code, sentence))


def known_names(*found: Mapping[str, int]) -> Iterator[str]:
    """Every name that somebody used already, in order, for the list that a field offers."""
    yield from sorted({name for one in found for name in one})
