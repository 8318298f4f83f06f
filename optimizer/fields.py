"""A parsed JSON document, value by value, each with its pointer: what is refused says where it stands.

What belongs together (a window's ends, an id that must be known) is not decided here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from optimizer.day import Contradiction

MOST_SECONDS = 10**7  # sixteen weeks; no number of a day is larger
MOST_LETTERS = 1_000
MOST_ENTRIES = 10_000

T = TypeVar("T")


class FileError(ValueError):
    """A document is not what its format says.

    `pointer` leads to the value (RFC 6901, empty for the whole document), `sentence` says what to do.
    """

    def __init__(self, pointer: str, sentence: str) -> None:
        super().__init__(pointer, sentence)
        self.pointer, self.sentence = pointer, sentence

    def __str__(self) -> str:
        return f"{self.pointer or 'the document'}: {self.sentence}"


class DayFileError(FileError):
    """A day file, or a visit of one, is refused."""


class PlanFileError(FileError):
    """A plan file is refused."""


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a document; `error` is what its kind of document raises."""

    value: Any
    pointer: str = ""
    error: type[FileError] = DayFileError

    def refuse(self, sentence: str) -> NoReturn:
        raise self.error(self.pointer, sentence)

    def at(self, *steps: str | int) -> str:
        """The pointer to what these steps lead to from here."""
        escaped = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
        return self.pointer + "".join(f"/{step}" for step in escaped)

    def need(self, key: str) -> Field:
        """The member `key`, which must be there."""
        found = self.find(key)
        if found is None:
            raise self.error(self.at(key), "is missing; add it")
        return found

    def find(self, key: str) -> Field | None:
        """The member `key`; None where it is absent or null."""
        value = self.members().get(key)
        return None if value is None else Field(value, self.at(key), self.error)

    def get(self, key: str, read: Callable[[Field], T], usual: T) -> T:
        """The member `key` as `read` reads it, or `usual`."""
        found = self.find(key)
        return usual if found is None else read(found)

    def each(self, key: str, read: Callable[[Field], T], *, most: int = MOST_ENTRIES) -> tuple[T, ...]:
        """The entries of the list `key`; none where it is absent or null."""
        found = self.find(key)
        return () if found is None else tuple(read(item) for item in found.items(most))

    def items(self, most: int = MOST_ENTRIES) -> list[Field]:
        if not isinstance(self.value, (list, tuple)):
            self.refuse(f"must be a list, not {shown(self.value)}")
        if len(self.value) > most:
            self.refuse(f"has {len(self.value)} entries; at most {most} are read")
        return [Field(item, self.at(index), self.error) for index, item in enumerate(self.value)]

    def members(self) -> dict[str, Any]:
        if not isinstance(self.value, dict):
            self.refuse(f"must be an object, not {shown(self.value)}")
        members: dict[str, Any] = self.value
        return members

    def text(self) -> str:
        if not isinstance(self.value, str):
            self.refuse(f"must be text, not {shown(self.value)}")
        if len(self.value) > MOST_LETTERS:
            self.refuse(f"has {len(self.value)} letters; at most {MOST_LETTERS} are read")
        return self.value

    def name(self) -> str:
        """An id: text that is not empty."""
        if self.value == "":
            self.refuse("must not be empty; give it a name that no other has")
        return self.text()

    def whole(self, low: int = 0, high: int = MOST_SECONDS) -> int:
        if type(self.value) is not int or not low <= self.value <= high:
            self.refuse(f"must be a whole number from {low} to {high}, not {shown(self.value)}")
        number: int = self.value
        return number

    def number(self, low: float = 0, high: float = MOST_SECONDS) -> float:
        if type(self.value) not in (int, float) or not low <= self.value <= high or math.isnan(self.value):
            self.refuse(f"must be a number from {low} to {high}, not {shown(self.value)}")
        number: float = self.value
        return number

    def flag(self) -> bool:
        if type(self.value) is not bool:
            self.refuse(f"must be true or false, not {shown(self.value)}")
        return self.value

    def pair(self, read: Callable[[Field], T], what: str) -> tuple[T, T]:
        if not isinstance(self.value, (list, tuple)) or len(self.value) != 2:
            self.refuse(f"must be a pair of {what}, not {shown(self.value)}")
        first, second = self.items()
        return read(first), read(second)

    def whole_numbers(self, low: int = 0) -> dict[str, int]:
        """An object of names and whole numbers."""
        return {name: self.need(name).whole(low) for name in self.members()}

    def build(self, make: Callable[[], T]) -> T:
        """What `make` makes of the values read; its contradictions get their pointer."""
        try:
            return make()
        except Contradiction as error:
            raise self.error(self.at(*error.at), error.sentence) from error


def shown(value: Any) -> str:
    """A value as the file has it, cut short."""
    if isinstance(value, (dict, list, tuple)):
        kind = "an object" if isinstance(value, dict) else "a list"
        return f"{kind} of {len(value)}"
    if isinstance(value, int) and abs(value) > 10 * MOST_SECONDS and not isinstance(value, bool):
        return "a much larger number" if value > 0 else "a much smaller number"
    text = json.dumps(value, default=repr)
    return text if len(text) <= 40 else f"{text[:37]}..."
