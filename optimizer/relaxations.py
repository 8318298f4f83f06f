"""What would let one more visit in: a single rule given up a little, each tried on the day so changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from optimizer.board import Board
from optimizer.day import Day, Planned, Technician, Visit
from optimizer.ejection import best_ejection
from optimizer.fits import clock_text, fits, stock_after
from optimizer.standing import Trial, lateness
from optimizer.starts import in_one
from optimizer.trials import (
    earliest_finish,
    earliest_start,
    late_start,
    start_in,
    trial_in,
    window_missed,
    with_technician,
    with_visit,
)

Kind: TypeAlias = Literal["overtime", "skill", "part", "window", "volunteer", "move"]
Orders: TypeAlias = Mapping[str, tuple[str, ...]]

OF_EACH_KIND = 3


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One way to serve the visit after all: `technician` starts it at `start`.

    `amount`: minutes of extra overtime, levels of skill waived, pieces of the part that are missing, minutes
    the window is widened, minutes the volunteer's visit starts after its promise, or minutes the moved
    visit's start shifts. `subject`: the skill, the part, or the other visit; `then`: who does the moved one
    instead and when. `price`: what the plan's cost rises by, the visit's own unserved price left out.
    """

    kind: Kind
    technician: str
    amount: int
    subject: str | None
    start: int
    price: float
    sentence: str
    then: Planned | None = None


def relaxations(day: Day, orders: Orders, visit: Visit) -> tuple[Relaxation, ...]:
    """The cheapest few of each kind, cheapest first, each re-checked to serve `visit` in `orders`.

    None where there is room as it is.
    """
    if any(trial_in(day, one.id, orders[one.id], visit.id) for one in day.technicians):
        return ()
    found: list[Relaxation] = []
    for kind in (_overtimes, _skills, _parts, _windows, _volunteers, _moves):
        found += sorted(kind(day, orders, visit), key=_rank)[:OF_EACH_KIND]
    return tuple(sorted(found, key=_rank))


def _overtimes(day: Day, orders: Orders, visit: Visit) -> Iterator[Relaxation]:
    for technician in _able(day, orders, visit):
        order = orders[technician.id]
        finish = earliest_finish(day, technician, visit, order)
        if finish is None or finish <= technician.overtime_until:
            continue
        minutes = _minutes_up(finish - technician.overtime_until)
        limit = technician.overtime_until + 60 * minutes
        trial = trial_in(
            with_technician(day, replace(technician, overtime_until=limit)), technician.id, order, visit.id
        )
        if trial is not None:
            sentence = f"{technician.id} works {minutes} min beyond the limit, until {clock_text(limit)}."
            yield _relaxation("overtime", trial, minutes, sentence)


def _skills(day: Day, orders: Orders, visit: Visit) -> Iterator[Relaxation]:
    for technician in day.technicians:
        lacking = [name for name, level in visit.skills.items() if technician.skills.get(name, 0) < level]
        if technician.absent or len(lacking) != 1:
            continue
        name, need = lacking[0], visit.skills[lacking[0]]
        skilled = replace(technician, skills={**technician.skills, name: need})
        trial = trial_in(with_technician(day, skilled), technician.id, orders[technician.id], visit.id)
        if trial is not None:
            levels = need - technician.skills.get(name, 0)
            sentence = (
                f"{technician.id} takes it at {clock_text(trial.start)} with {name} waived by {levels}."
            )
            yield _relaxation("skill", trial, levels, sentence, subject=name)


def _parts(day: Day, orders: Orders, visit: Visit) -> Iterator[Relaxation]:
    """More of the one part that a van lacks."""
    for technician in day.technicians:
        left = stock_after(technician, map(day.visit, orders[technician.id]))
        lacking = [name for name, quantity in visit.parts.items() if left.get(name, 0) < quantity]
        if technician.absent or len(lacking) != 1:
            continue
        name, missing = lacking[0], visit.parts[lacking[0]] - left.get(lacking[0], 0)
        stocked = {**technician.parts, name: technician.parts.get(name, 0) + missing}
        supplied = with_technician(day, replace(technician, parts=stocked))
        trial = trial_in(supplied, technician.id, orders[technician.id], visit.id)
        if trial is not None:
            sentence = (
                f"{technician.id} takes it at {clock_text(trial.start)} with {missing} more x {name}; "
                f"{_spare(day, orders, name, missing)}."
            )
            yield _relaxation("part", trial, missing, sentence, subject=name)


def _spare(day: Day, orders: Orders, name: str, quantity: int) -> str:
    for one in day.technicians:
        left = stock_after(one, map(day.visit, orders[one.id])).get(name, 0)
        if left >= quantity and not one.absent:
            return f"{one.id} has {left} to spare"
    return "no van has as many to spare"


def _windows(day: Day, orders: Orders, visit: Visit) -> Iterator[Relaxation]:
    for technician in _able(day, orders, visit):
        start = earliest_start(day, technician, visit, orders[technician.id])
        if start is None:
            continue
        begin, closes = window_missed(visit, start)
        windows = tuple((begin, start) if one == (begin, closes) else one for one in visit.windows)
        wider = with_visit(day, replace(visit, windows=windows))
        trial = None if start <= closes else trial_in(wider, technician.id, orders[technician.id], visit.id)
        if trial is not None:
            minutes = _minutes_up(start - closes)
            sentence = (
                f"{technician.id} comes at {clock_text(trial.start)} if the window is {minutes} min longer."
            )
            yield _relaxation("window", trial, minutes, sentence)


def _volunteers(day: Day, orders: Orders, visit: Visit) -> Iterator[Relaxation]:
    """Another promised customer agrees to a later start."""
    for technician in _able(day, orders, visit):
        order = orders[technician.id]
        for other in map(day.visit, order):
            if other.promised and not other.locked:
                found = _volunteer(day, technician, visit, other, order=order)
                if found is not None:
                    yield found


def _volunteer(
    day: Day, technician: Technician, visit: Visit, other: Visit, *, order: tuple[str, ...]
) -> Relaxation | None:
    tid, closes = technician.id, other.windows[0][1]
    last = late_start(day, technician, visit, other, order=order)
    if last is None:
        return None
    agreed = replace(other, may_move=(*other.may_move, (closes + 1, last)))
    trial = trial_in(with_visit(day, agreed), tid, order, visit.id)
    start = 0 if trial is None else start_in(trial, order, other.id)
    if trial is None or start <= closes:
        return None
    sentence = f"{other.id} agrees to {clock_text(start)} instead of {clock_text(closes)} at the latest."
    return _relaxation("volunteer", trial, _minutes_up(start - closes), sentence, subject=other.id)


def _moves(day: Day, orders: Orders, visit: Visit) -> Iterator[Relaxation]:
    """One other visit taken out and put where it fits as well, its promise kept: the cheapest such step."""
    board = _board(day, orders)
    found = best_ejection(board, visit)
    if found is None:
        return
    first, then, moving = found.first, found.then, day.visit(found.moving)
    standing = board.standings[first.technician]
    before = standing.starts[standing.visit_ids.index(moving.id)]
    agreed = in_one(then.start, moving.may_move) and not in_one(then.start, moving.windows)
    sentence = (
        f"Moving {moving.id} to {then.technician} at {clock_text(then.start)} lets {first.technician} "
        f"start {visit.id} at {clock_text(first.start)}."
    )
    if agreed:
        sentence += f" {moving.id} agreed to that time beforehand."
    yield Relaxation(
        kind="move",
        technician=first.technician,
        amount=_minutes_up(abs(then.start - before)),
        subject=moving.id,
        start=first.start,
        price=found.price / 60,
        sentence=sentence,
        then=Planned(then.technician, then.start),
    )


def _board(day: Day, orders: Orders) -> Board:
    """Those orders as a board; who has none that is legal takes no part."""
    illegal = {one.id for one in day.technicians if lateness(day, one.id, orders[one.id]) is None}
    if illegal:
        crew = tuple(replace(one, absent=one.absent or one.id in illegal) for one in day.technicians)
        day = replace(day, technicians=crew)
    return Board(day, {tid: order for tid, order in orders.items() if tid not in illegal})


def _able(day: Day, orders: Orders, visit: Visit) -> Iterator[Technician]:
    """Those who could take the visit into their order if only time allowed."""
    for technician in day.technicians:
        if fits(technician, visit, stock_after(technician, map(day.visit, orders[technician.id]))):
            yield technician


def _relaxation(
    kind: Kind, trial: Trial, amount: int, sentence: str, *, subject: str | None = None
) -> Relaxation:
    return Relaxation(kind, trial.technician, amount, subject, trial.start, trial.price / 60, sentence)


def _minutes_up(seconds: int) -> int:
    return -(-seconds // 60)


def _rank(one: Relaxation) -> tuple[float, int, str, str]:
    return one.price, one.amount, one.kind, one.technician
