"""The picture's sentences: the headline, what is not served and why, and what the plan costs."""

from __future__ import annotations

from optimizer.check import Verdict
from optimizer.day import Day
from optimizer.fits import clock_text
from optimizer.picture.looks import UNSERVED, Fate, window_text
from optimizer.picture.svg import BAD, GROUND, LINE, SOFT, TEXT, Element, add, mark, shortened, wrapped, write

LISTED_ERRORS = 12
ID_ROOM, REASON_ROOM, TIME_ROOM = 150.0, 130.0, 150.0


def headline(day: Day, verdict: Verdict, fates: dict[str, Fate]) -> str:
    """The whole plan in two sentences."""
    served = sum(fate.stop is not None for fate in fates.values())
    working = len({fate.technician for fate in fates.values() if fate.technician is not None})
    crew = _many(working, "technician")
    first = f"At {clock_text(day.now)}: {served} of {_many(len(fates), 'visit')} served by {crew}."
    broken = f"{_many(verdict.broken, 'promise')} broken" if verdict.broken else "No promise is broken"
    left = "every visit is served" if not verdict.unserved else f"{_many(verdict.unserved, 'visit')} unserved"
    told = (
        f"{verdict.changed} changed from what customers were told"
        if verdict.changed
        else "nothing is changed"
    )
    illegal = "" if verdict.legal else " It breaks hard rules: nobody could carry it out as it stands."
    return f"{first} {broken}, {left}, {told}.{illegal}"


def draw_unserved(parent: Element, fates: dict[str, Fate], *, width: float) -> float:
    """One line or more for each visit that nobody does; how high they are together."""
    left = [fate for fate in fates.values() if fate.look is UNSERVED]
    if not left:
        return 0.0
    write(parent, f"Not served ({len(left)})", 0, 0, size=16, fill=TEXT, font_weight="bold")
    y = 28.0
    for fate in left:
        visit = fate.visit
        group = add(parent, "g", class_="left")
        mark(group, "square", 8, y - 4, r=6, fill=GROUND, stroke=BAD, stroke_width=2.2)
        write(group, shortened(visit.id, 13, ID_ROOM - 8), 26, y, size=13, fill=TEXT, font_weight="bold")
        x = 26 + ID_ROOM
        write(group, shortened(fate.note, 13, REASON_ROOM - 8), x, y, size=13, fill=BAD, font_weight="bold")
        x += REASON_ROOM
        kind = {"promised": "promised", "failed": "failed; could be", "new": "new; could be"}[visit.state]
        lines = [f"{kind} {' or '.join(map(window_text, visit.windows))}."]
        lines = wrapped(f"{lines[0][0].upper()}{lines[0][1:]} {fate.detail}", 13, width - x)
        for line in lines:
            write(group, line, x, y, size=13, fill=TEXT)
            y += 19
        y += 5
    return y + 20


def draw_bill(parent: Element, day: Day, verdict: Verdict, *, width: float) -> float:
    """The verdict: each number over its words; how high it is."""
    write(parent, "What the plan costs", 0, 0, size=16, fill=TEXT, font_weight="bold")
    figures = (
        (f"{verdict.cost:,.0f}", "cost in all", False),
        (str(verdict.broken), "promises broken", verdict.broken > 0),
        (f"{verdict.late_minutes:,.0f}", "minutes late", verdict.late_minutes > 0),
        (str(verdict.unserved), "visits unserved", verdict.unserved > 0),
        (str(verdict.changed), "changed from what was told", False),
        (str(verdict.moved), "moved as agreed", False),
        (str(verdict.recovered), "failed or new, served", False),
        (f"{verdict.overtime_minutes:,.0f}", "minutes of overtime", False),
        (f"{verdict.travel_minutes:,.0f}", "minutes of travel", False),
    )
    step = width / len(figures)
    for index, (number, words, bad) in enumerate(figures):
        x = index * step
        add(parent, "line", x1=x, x2=x + step - 14, y1=18, y2=18, stroke=LINE)
        write(parent, number, x, 46, size=22, fill=BAD if bad else TEXT, font_weight="bold")
        for line, text in enumerate(wrapped(words, 12, step - 14)):
            write(parent, text, x, 66 + 16 * line, size=12, fill=SOFT)
    return 90 + _draw_errors(parent, verdict, 112, width=width)


def _draw_errors(parent: Element, verdict: Verdict, y: float, *, width: float) -> float:
    if verdict.legal:
        return 0.0
    errors = list(verdict.errors[:LISTED_ERRORS])
    if len(verdict.errors) > LISTED_ERRORS:
        errors.append(f"and {len(verdict.errors) - LISTED_ERRORS} more")
    write(parent, "Hard rules broken", 0, y, size=16, fill=BAD, font_weight="bold")
    for line, error in enumerate(errors, 1):
        write(parent, shortened(error, 13, width), 0, y + 8 + 19 * line, size=13, fill=TEXT)
    return 40 + 19.0 * len(errors)


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
