"""The knobs that are tables of rules: what stands in each column, how it is read and how it is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from api.pages.codes import BROKE
from api.pages.office.knobs import MONTHS_OF_PAY_CENTS
from api.pages.office.typed import Reading, Typed
from dispatch.failures.tables import FailureKind
from dispatch.policies import CreditRule, DialRule, Level

A_DAY_IN_MINUTES = 1440
FAILURES = {kind.value: BROKE[kind.value] for kind in FailureKind}
ANY = "any"
LEVELS = {
    Level.SHOW.value: "Only show it: a person decides",
    Level.PROPOSE.value: "Find a time and ask us first",
    Level.ACT_ALONE.value: "Act, if nobody else’s visit is touched",
    Level.ACT.value: "Act",
}


@dataclass(frozen=True, slots=True)
class Column:
    """`choices` makes it a list to choose from; `of` is the field of the rule."""

    part: str
    of: str
    heading: str
    read: Callable[[Reading, str], Any]
    show: Callable[[Any], str] = str
    choices: Mapping[str, str] = field(default_factory=dict)
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """`stem` begins the names of its fields, `says` is told above it."""

    stem: str
    rule: type[CreditRule] | type[DialRule]
    says: str
    columns: tuple[Column, ...]

    def read(self, reading: Reading, typed: Typed) -> tuple[Any, ...]:
        """Its rows, without those that are ticked to be removed, and those left empty."""
        rules = []
        for number in self.rows(typed.values):
            row = f"{self.stem}-{number}"
            gone = reading.ticked(f"{row}-remove")
            texts = [reading.text(f"{row}-{column.part}") for column in self.columns]
            if not gone and any(texts):
                read = {one.of: one.read(reading, f"{row}-{one.part}") for one in self.columns}
                rules.append(self.rule(**read))
        return tuple(rules)

    def stored(self, rules: Iterable[Any]) -> dict[str, str]:
        return {
            f"{self.stem}-{number}-{one.part}": one.show(getattr(rule, one.of))
            for number, rule in enumerate(rules, start=1)
            for one in self.columns
        }

    def rows(self, values: Mapping[str, str]) -> list[int]:
        found = (re.fullmatch(rf"{self.stem}-([0-9]{{1,2}})-[a-z]+", name) for name in values)
        return sorted({int(match[1]) for match in found if match})


def _one_of(choices: Mapping[str, str]) -> Callable[[Reading, str], str]:
    return lambda reading, name: reading.one_of(name, choices)


def _any_or_one(reading: Reading, name: str) -> str:
    found = reading.one_of(name, {ANY: "", **FAILURES}) if reading.text(name) else ANY
    return "" if found == ANY else found


def _clock_or_midnight(reading: Reading, name: str) -> str:
    return reading.clock(name) if reading.text(name) else "00:00"


TABLES = {
    "credits": Table(
        "credit",
        CreditRule,
        "Of several rules that fit, the highest amount counts.",
        (
            Column("failure", "failure", "Broken promise", _one_of(FAILURES), choices=FAILURES),
            Column(
                "late",
                "late_minutes",
                "At least so many minutes late",
                lambda reading, name: reading.whole(name, 0, A_DAY_IN_MINUTES),
            ),
            Column(
                "amount",
                "amount_cents",
                "Amount",
                lambda reading, name: round(reading.number(name, 0, MONTHS_OF_PAY_CENTS / 100) * 100),
                lambda cents: f"{cents / 100:.2f}",
            ),
        ),
    ),
    "dial": Table(
        "dial",
        DialRule,
        "The first line that fits counts; where none does, the house acts. Without hours a line counts all day.",
        (
            Column(
                "failure",
                "failure",
                "Broken promise",
                _any_or_one,
                lambda failure: failure or ANY,
                {ANY: "Any", **FAILURES},
            ),
            Column("from", "from_at", "From", _clock_or_midnight, kind="time"),
            Column("until", "until_at", "Until", _clock_or_midnight, kind="time"),
            Column("level", "level", "The house may", _one_of(LEVELS), choices=LEVELS),
        ),
    ),
}
