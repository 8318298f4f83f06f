"""The cheapest schedule of a fixed order of visits, breaks included: an exact label search.

A label is one way to have done the visits so far: when work ended, what it has cost, which breaks are
taken. From every label each visit is started as early as allowed, and also at each later second where
starting gets cheaper (waiting for the promise, or for what the customer was told). A label is dropped
when another is no later, no dearer and owes no other break. Dominance of this kind is the usual
resource-constrained shortest path argument (Irnich and Desaulniers 2005).

The drive may pause for breaks: with breaks of d seconds in all taken on the way, the next stop is
reached at max(end of work + drive + d, end of the last break).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import TypeAlias

from optimizer.sheet import Crew, Sheet, Work
from optimizer.starts import FOREVER, Pieces

Taken: TypeAlias = tuple[tuple[int, int], ...]  # (index of the break, its start), in order
# (end of work, price so far, mask of breaks taken, start of work, breaks taken on the way, label before)
Label: TypeAlias = tuple[int, float, int, int, Taken, "Label | None"]
Departure: TypeAlias = tuple[int, int, int, Taken]  # (clock, end of work + break seconds, mask, taken)
Ending: TypeAlias = tuple[float, int, Taken, Label]  # (price, finish, last breaks, last label)

_end_then_price = itemgetter(0, 1)


def first_label(crew: Crew) -> Label:
    """Nothing done yet."""
    return (crew.free_at, 0, 0, crew.free_at, (), None)


def extend(
    labels: Sequence[Label], crew: Crew, drive: int, *, duration: int, pieces: Pieces, limit: int = FOREVER
) -> list[Label]:
    """All labels worth keeping after one more visit, `drive` seconds away, started no later than `limit`."""
    found: list[Label] = []
    all_taken, last_call = crew.all_taken, crew.last_call
    for label in labels:
        if label[2] == all_taken:
            departures: Sequence[Departure] = ((label[0], label[0], all_taken, ()),)
        else:
            departures = departures_from(label, crew)
        for clock, ready, mask, taken in departures:
            arrival = ready + drive
            if arrival < clock:
                arrival = clock
            cheapest = float("inf")
            for begin, until, price, rate in pieces:
                if until < arrival:
                    continue
                start = begin if begin > arrival else arrival
                if start > limit or start + duration > last_call[mask]:
                    break
                if rate:
                    price += rate * (start - begin)
                if price < cheapest:
                    cheapest = price
                    found.append((start + duration, label[1] + price, mask, start, taken, label))
    return found if len(found) < 2 else undominated(found)


def departures_from(label: Label, crew: Crew) -> list[Departure]:
    """The ways to leave a stop: with none, one or several of the owed breaks on the way."""
    found: list[Departure] = [(label[0], label[0], label[2], ())]
    for clock, ready, mask, taken in found:  # grows while it is read
        for bit, (earliest, latest, seconds) in enumerate(crew.breaks):
            if not mask >> bit & 1:
                begin = earliest if earliest > clock else clock
                if begin <= latest:
                    rest = (*taken, (bit, begin))
                    found.append((begin + seconds, ready + seconds, mask | 1 << bit, rest))
    return found


def undominated(labels: list[Label]) -> list[Label]:
    """Without those that another label beats or equals in end, price and breaks taken."""
    labels.sort(key=_end_then_price)
    kept: list[Label] = []
    for label in labels:
        price, mask = label[1], label[2]
        for other in kept:
            if other[1] <= price and other[2] & mask == mask:
                break
        else:
            kept.append(label)
    return kept


def best_ending(labels: Sequence[Label], crew: Crew, home: int, overtime_rate: float) -> Ending | None:
    """The cheapest way to finish the day after `labels`, `home` seconds from the end; None if too late.

    Among equals the one that starts each visit in turn the earliest, then the one that finishes first.
    """
    best: Ending | None = None
    for label in labels:
        for clock, ready, mask, taken in departures_from(label, crew):
            finish = ready + home if ready + home > clock else clock
            if mask != crew.all_taken or finish > crew.overtime_until:
                continue
            price = label[1] + overtime_rate * max(0, finish - crew.shift_end)
            if best is None or price < best[0] or (price == best[0] and _sooner(label, finish, best)):
                best = (price, finish, taken, label)
    return best


def _sooner(label: Label, finish: int, best: Ending) -> bool:
    return (starts(label), finish) < (starts(best[3]), best[1])


def ending(sheet: Sheet, crew: Crew, labels: Sequence[Label], location: int) -> Ending | None:
    """best_ending() from the stop at `location`."""
    home = 0 if crew.end_location is None else sheet.row(location)[crew.end_location]
    return best_ending(labels, crew, home, sheet.weights.overtime_minute)


def run(sheet: Sheet, crew: Crew, works: Sequence[Work]) -> Ending | None:
    """The cheapest schedule of `works` in this order, promises broken only where none keeps them all."""
    return _run(sheet, crew, works, late=False) or _run(sheet, crew, works, late=True)


def _run(sheet: Sheet, crew: Crew, works: Sequence[Work], *, late: bool) -> Ending | None:
    labels: Sequence[Label] = (first_label(crew),)
    here = crew.location
    for work in works:
        pieces = work.full if late else work.kept
        drive = sheet.row(here)[work.location]
        labels = extend(labels, crew, drive, duration=work.duration, pieces=pieces)
        if not labels:
            return None
        here = work.location
    return ending(sheet, crew, labels, here)


def legs(last: Label) -> list[Label]:
    """The labels of all visits in order, ending with `last`."""
    found: list[Label] = []
    label: Label | None = last
    while label is not None and label[5] is not None:
        found.append(label)
        label = label[5]
    found.reverse()
    return found


def starts(last: Label) -> list[int]:
    """When each visit's work starts, in order."""
    return [label[3] for label in legs(last)]


def breaks_before(last: Label) -> Iterator[Taken]:
    """The breaks taken on the way to each visit, in order."""
    return (label[4] for label in legs(last))
