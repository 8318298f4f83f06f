"""How well broken promises were made good: counts, rates and seconds per step, by cause, fault and day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

from dispatch.promises.states import PromiseState
from dispatch.reports.behind import silent_ones, word_of
from dispatch.reports.material import STEPS, Case, Material


@dataclass(frozen=True, slots=True)
class Steps:
    """Seconds of one step over all recoveries that got there: how many, the median, the slowest, and the
    time within which nine in ten were done."""

    count: int
    median_seconds: float | None
    slowest_seconds: float | None
    nine_in_ten_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """One local day on which promises were noticed to be broken, how many of them it made good itself, and how
    many are not at their end yet."""

    day: dt.date
    broken: int
    recovered_same_day: int
    still_open: int


@dataclass(frozen=True, slots=True)
class Credits:
    """Credits of one state (`given`, `waiting`, `refused`): how many and how much."""

    state: str
    count: int
    cents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`recovered_same_day` counts failures whose work was done on the day they were noticed.

    `by_cause` counts by kind of failure, then by fault. `came_due` are the promises of these days that ended
    kept or broken, `due_broken` the latter. `since_certain` has the steps as seconds from when the break was certain.
    `failed_again` counts failures of visits that had failed before, `silent` those that nobody noticed for minutes,
    `customer_first` those that we heard of from the customer. `absences` counts those where nobody was at home, by
    whether the customer says otherwise, then by how they ended.
    """

    promises: int
    kept: int
    came_due: int
    due_broken: int
    broken: int
    recovered_same_day: int
    recovered_later: int
    still_open: int
    by_kind: dict[str, int]
    by_fault: dict[str, int]
    by_cause: dict[str, dict[str, int]]
    days: tuple[Day, ...]
    noticed: Steps
    told: Steps
    accepted: Steps
    there: Steps
    slowest_repair_milliseconds: int | None
    since_certain: dict[str, Steps]
    failed_again: int
    silent: int
    customer_first: int
    lost_seconds: float
    absences: dict[str, dict[str, int]]
    credit_cents: int
    credits: tuple[Credits, ...]
    overrides: dict[str, int]
    ratings: dict[int, int]
    ratings_asked: int
    ratings_answered: int

    @property
    def same_day_rate(self) -> float | None:
        """Recovered the same day per broken promise; None when none broke."""
        return self.recovered_same_day / self.broken if self.broken else None

    @property
    def broken_per_hundred(self) -> float | None:
        """Broken promises per hundred that came due; None when none did."""
        return 100 * self.due_broken / self.came_due if self.came_due else None


def sum_up(material: Material) -> Report:
    """The figures, from plain values alone."""
    cases = material.cases
    outcomes = Counter(one.outcome for one in cases)
    states = Counter(one.state for one in material.promises)
    repairs = [one.repair_milliseconds for one in cases if one.repair_milliseconds is not None]
    return Report(
        promises=len(material.promises),
        kept=states[PromiseState.KEPT],
        came_due=states[PromiseState.KEPT] + states[PromiseState.BROKEN],
        due_broken=states[PromiseState.BROKEN],
        broken=len(cases),
        recovered_same_day=outcomes["done_same_day"],
        recovered_later=outcomes["done_later"],
        still_open=outcomes[None],
        by_kind=dict(Counter(one.kind for one in cases)),
        by_fault=dict(Counter(one.fault for one in cases)),
        by_cause=_by_cause(cases),
        days=_days(cases),
        noticed=_steps(cases, "noticed"),
        told=_steps(cases, "told"),
        accepted=_steps(cases, "accepted"),
        there=_steps(cases, "there"),
        slowest_repair_milliseconds=max(repairs, default=None),
        since_certain={step: _since_certain(cases, step) for step in STEPS},
        failed_again=len(material.again),
        silent=len(silent_ones(material)),
        customer_first=sum(one.noticed_by == "customer" for one in cases),
        lost_seconds=sum(one.lost_seconds for one in cases),
        absences=_absences(cases),
        credit_cents=sum(one.credit_cents for one in cases if one.credit_state == "given"),
        credits=_credits(cases),
        overrides=dict(Counter(why for _, why in material.overrides)),
        ratings=dict(sorted(Counter(score for _, score in material.scores).items())),
        ratings_asked=len(material.asked),
        ratings_answered=len(material.answered),
    )


def nine_in_ten(values: Sequence[float]) -> float | None:
    """The smallest of `values` that at least nine in ten do not exceed; None of none."""
    return sorted(values)[ceil(0.9 * len(values)) - 1] if values else None


def _steps(cases: Sequence[Case], step: str) -> Steps:
    return _spread([took for one in cases if (took := one.took(step)) is not None])


def _since_certain(cases: Sequence[Case], step: str) -> Steps:
    return _spread([took for one in cases if (took := one.since_certain(step)) is not None])


def _spread(seconds: Sequence[float]) -> Steps:
    if not seconds:
        return Steps(0, None, None)
    return Steps(len(seconds), median(seconds), max(seconds), nine_in_ten(seconds))


def _absences(cases: Sequence[Case]) -> dict[str, dict[str, int]]:
    counts = Counter((word_of(one), one.outcome or "open") for one in cases if one.kind == "customer_absent")
    words = sorted({word for word, _ in counts})
    return {word: {outcome: n for (of, outcome), n in counts.items() if of == word} for word in words}


def _by_cause(cases: Sequence[Case]) -> dict[str, dict[str, int]]:
    """The most frequent kind first."""
    counts = Counter((one.kind, one.fault) for one in cases)
    kinds = [kind for kind, _ in Counter(one.kind for one in cases).most_common()]
    return {kind: {fault: n for (of, fault), n in counts.items() if of == kind} for kind in kinds}


def _days(cases: Sequence[Case]) -> tuple[Day, ...]:
    broken = Counter(one.day for one in cases)
    good = Counter(one.day for one in cases if one.outcome == "done_same_day")
    still_open = Counter(one.day for one in cases if one.outcome is None)
    return tuple(Day(day, broken[day], good[day], still_open[day]) for day in sorted(broken))


def _credits(cases: Sequence[Case]) -> tuple[Credits, ...]:
    states = sorted({one.credit_state for one in cases if one.credit_cents and one.credit_state != "none"})
    mine = {state: [one.credit_cents for one in cases if one.credit_state == state] for state in states}
    return tuple(Credits(state, len(cents), sum(cents)) for state, cents in mine.items())
