"""The tables of a report: the same ones stand under the pictures and in the files for spreadsheets."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from api.csv.cells import escape
from api.pages.charts import FAULTS
from api.pages.codes import BROKE, OVERRIDE, spell
from api.pages.render import since
from api.pages.tongue import ENGLISH
from api.schemas.reports import DayOut, ReportOut, StepsOut
from dispatch.reports.material import Case

STEP_WORDS = {
    "noticed": "Certain to noticed",
    "told": "Noticed to told",
    "accepted": "Told to accepted",
    "there": "Accepted to there",
}
SINCE_WORDS = {
    "noticed": "Certain to noticed",
    "told": "Certain to told",
    "accepted": "Certain to accepted",
    "there": "Certain to there",
}
SAID = {"contested": "Says: I was at home", "accepted": "Has not said otherwise"}
ENDS = {
    "done_same_day": "Done the same day",
    "done_later": "Done later",
    "failed_again": "Failed again",
    "customer_cancelled": "Cancelled",
    "closed": "Closed by us",
    "open": "Still open",
}
OUTCOMES = {None: "still open", "done_same_day": "the same day", "done_later": "a later day"}

Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A value; `shown` says it for people, `figure` names what it counts, so that it can be looked behind."""

    value: Value
    shown: str = ""
    figure: str = ""

    @property
    def text(self) -> str:
        return self.shown or ("–" if self.value is None else str(self.value))


@dataclass(frozen=True, slots=True)
class Table:
    """`what` is its name in addresses; the first cell of each row is the row's heading."""

    what: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def csv(self) -> str:
        """As RFC 4180, in UTF-8 with the mark that spreadsheets look for; no text of it is a formula."""
        out = StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(self.head)
        for row in self.rows:
            writer.writerow([escape(one.value) if isinstance(one.value, str) else one.value for one in row])
        return "\ufeff" + out.getvalue()


def figures(found: ReportOut, country: str) -> Table:
    """The figures that are one number each."""
    rate, per_hundred = found.same_day_rate, found.broken_per_hundred
    percent = None if rate is None else round(100 * rate, 1)
    slowest = found.slowest_repair_milliseconds
    rows: list[tuple[str, Cell]] = [
        ("Promises with a window in these days", Cell(found.promises, figure="promises")),
        ("Of these kept", Cell(found.kept, figure="kept")),
        ("Of these broken", Cell(found.due_broken, figure="due_broken")),
        (
            "Broken per 100 that came due",
            Cell(None if per_hundred is None else round(per_hundred, 1), figure="due"),
        ),
        ("Noticed in these days to be broken", Cell(found.broken, figure="broken")),
        ("Made good the same day", Cell(found.recovered_same_day, figure="same_day")),
        ("Made good the same day, of 100 broken", Cell(percent, figure="broken")),
        ("Made good later", Cell(found.recovered_later, figure="later")),
        ("Still open", Cell(found.still_open, figure="open")),
        ("Failed a second time, or more often", Cell(found.failed_again, figure="again")),
        ("Silent: unnoticed for five minutes (must be 0)", Cell(found.silent, figure="silent")),
        ("Noticed by the customer before us", Cell(found.customer_first, figure="customer_first")),
        (
            "Hours that customers waited in vain",
            Cell(round(found.lost_seconds / 3600, 1), figure="lost"),
        ),
        *(
            (
                f"Credits {one.state}",
                Cell(
                    one.cents / 100,
                    f"{ENGLISH.money(one.cents, country)} ({one.count})",
                    f"credit:{one.state}",
                ),
            )
            for one in found.credits
        ),
        ("Asked how it went", Cell(found.ratings_asked, figure="asked")),
        ("Of these answered", Cell(found.ratings_answered, figure="answered")),
        ("Slowest search for a new time, in milliseconds", Cell(slowest, figure="broken")),
    ]
    return Table(
        "figures", "In numbers", ("Figure", "Value"), tuple((Cell(name), cell) for name, cell in rows)
    )


def days(shown: Sequence[DayOut]) -> Table:
    rows = tuple(
        (
            Cell(one.day.isoformat(), day_words(one.day)),
            Cell(one.broken, figure=f"broken:{one.day}"),
            Cell(one.recovered_same_day, figure=f"same_day:{one.day}"),
            Cell(one.still_open),
            Cell(_of_hundred(one), figure=f"broken:{one.day}"),
        )
        for one in shown
    )
    head = ("Day", "Broken", "Made good the same day", "Still open", "Of 100")
    return Table("days", "Day by day", head, rows)


def _of_hundred(one: DayOut) -> float | None:
    return round(100 * one.recovered_same_day / one.broken, 1) if one.broken else None


def causes(found: ReportOut) -> Table:
    """What broke by whose fault it was, with sums both ways."""
    rows = [
        (
            Cell(BROKE.get(kind, spell(kind))),
            *(Cell(counts.get(fault, 0), figure=f"cause:{kind}:{fault}") for fault in FAULTS),
            Cell(sum(counts.values()), figure=f"cause:{kind}"),
        )
        for kind, counts in found.by_cause.items()
    ]
    sums = (Cell(found.by_fault.get(fault, 0), figure=f"fault:{fault}") for fault in FAULTS)
    rows.append((Cell("All"), *sums, Cell(found.broken, figure="broken")))
    head = ("What broke", *(look.word.capitalize() for look in FAULTS.values()), "All")
    return Table("causes", "What broke, and whose fault it was", head, tuple(rows))


def steps(found: ReportOut) -> Table:
    named = [(words, f"step:{name}", step_of(found, name)) for name, words in STEP_WORDS.items()]
    return _spreads("steps", "How long each step took", "Step", named)


def since_certain(found: ReportOut) -> Table:
    """The steps counted from when it was certain that the promise breaks."""
    named = [(words, f"since:{name}", found.since_certain[name]) for name, words in SINCE_WORDS.items()]
    return _spreads("since_certain", "From when it was certain", "Until", named)


def _spreads(what: str, title: str, first: str, named: Sequence[tuple[str, str, StepsOut]]) -> Table:
    rows = tuple(
        (
            Cell(words),
            _seconds(step.median_seconds, figure),
            _seconds(step.nine_in_ten_seconds, figure),
            _seconds(step.slowest_seconds, figure),
            Cell(step.count, figure=figure),
        )
        for words, figure, step in named
    )
    head = (first, "Half within (s)", "Nine in ten within (s)", "Slowest (s)", "Times")
    return Table(what, title, head, rows)


def absences(found: ReportOut) -> Table:
    """Where we say that nobody was at home: what the customer says to it, and how it ended."""
    ends = tuple(ENDS)
    rows = tuple(
        (
            Cell(words),
            *(Cell(found.absences.get(said, {}).get(end, 0), figure=f"absence:{said}:{end}") for end in ends),
            Cell(sum(found.absences.get(said, {}).values()), figure=f"absence:{said}"),
        )
        for said, words in SAID.items()
    )
    return Table(
        "absences", "Nobody at home, and how it ended", ("The customer", *ENDS.values(), "All"), rows
    )


def step_of(found: ReportOut, name: str) -> StepsOut:
    step: StepsOut = getattr(found, name)
    return step


def overrides(found: ReportOut) -> Table:
    """Offers of the house that a dispatcher took back, by the reason: what the house does not know."""
    rows = tuple(
        (Cell(words), Cell(found.overrides.get(why, 0), figure=f"override:{why}"))
        for why, words in OVERRIDE.items()
    )
    return Table("overrides", "What the office took back, and why", ("Reason", "Offers"), rows)


def scores(found: ReportOut) -> Table:
    rows = tuple(
        (Cell(score, f"{score} of 5"), Cell(found.ratings.get(score, 0), figure=f"score:{score}"))
        for score in range(5, 0, -1)
    )
    return Table("scores", "How customers say it went", ("Score", "Answers"), rows)


def cases(found: Iterable[Case], names: Mapping[str, tuple[str, str]]) -> Table:
    """Every broken promise with the seconds of each of its steps."""
    rows = tuple(
        (
            Cell(names[one.visit_id][0]),
            Cell(names[one.visit_id][1]),
            Cell(one.day.isoformat()),
            Cell(BROKE.get(one.kind, spell(one.kind))),
            Cell(FAULTS[one.fault].word),
            *(_seconds(one.took(step)) for step in STEP_WORDS),
            Cell(OUTCOMES.get(one.outcome, spell(one.outcome or ""))),
        )
        for one in found
    )
    head = ("Visit", "Customer", "Day", "What broke", "Whose fault", *STEP_WORDS.values(), "Made good")
    return Table("cases", "Every broken promise", head, rows)


def _seconds(value: float | None, figure: str = "") -> Cell:
    return Cell(None) if value is None else Cell(round(value, 1), since(value), figure)


def day_words(day: dt.date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


TITLES: Mapping[str, str] = {
    "promises": "Promises with a window in these days",
    "kept": "Promises kept",
    "due": "Promises that came due",
    "due_broken": "Promises broken",
    "broken": "Noticed to be broken",
    "same_day": "Made good the same day",
    "later": "Made good later",
    "open": "Still open",
    "again": "Failed a second time, or more often",
    "silent": "Silent: unnoticed for five minutes",
    "customer_first": "Noticed by the customer before us",
    "lost": "Customers who waited in vain",
    "asked": "Asked how it went",
    "answered": "Said how it went",
}
_TITLE_OF: Mapping[str, Callable[[Sequence[str]], str]] = {
    "cause": lambda rest: ", ".join((BROKE.get(rest[0], spell(rest[0])), *_faults(rest[1:]))),
    "fault": lambda rest: f"Fault: {', '.join(_faults(rest))}",
    "step": lambda rest: STEP_WORDS.get(rest[0], spell(rest[0])),
    "since": lambda rest: SINCE_WORDS.get(rest[0], spell(rest[0])),
    "absence": lambda rest: ", ".join(
        ("Nobody at home", *(SAID.get(one, ENDS.get(one, spell(one))) for one in rest if one != "all"))
    ),
    "credit": lambda rest: f"Credits {spell(rest[0])}",
    "override": lambda rest: f"Offers taken back: {OVERRIDE.get(rest[0], spell(rest[0]))}",
    "score": lambda rest: f"Said {rest[0]} of 5",
}


def title_of(figure: str) -> str:
    """What a figure counts, in words."""
    name, *rest = figure.split(":")
    if name in TITLES:
        return ", ".join((TITLES[name], *rest))
    return _TITLE_OF[name](rest)


def _faults(codes: Sequence[str]) -> list[str]:
    return [FAULTS[code].word if code in FAULTS else spell(code) for code in codes]
