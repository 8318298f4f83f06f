"""What would let one more visit in: a single rule given up a little, each tried on the day so changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from typing import Literal, NamedTuple, TypeAlias

from optimizer.board import Board
from optimizer.day import Day, Planned, Technician, Visit
from optimizer.ejection import best_ejection
from optimizer.entries import (
    Entry,
    Orders,
    Party,
    Room,
    earliest_finish,
    earliest_start,
    late_start,
    parties,
    start_of,
    tireless,
)
from optimizer.fits import clock_text, stock_after
from optimizer.standing import lateness
from optimizer.starts import in_one
from optimizer.trials import window_missed, with_visit

Kind: TypeAlias = Literal["overtime", "skill", "part", "window", "volunteer", "move"]

OF_EACH_KIND = 3


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One way to serve the visit after all: `technician` starts it at `start`, with `assistant` if it takes two.

    `amount`: minutes of extra overtime, levels of skill waived, pieces of the part that are missing, minutes
    the window is widened, minutes the volunteer's visit starts after its promise, or minutes the moved
    visit's start shifts. `subject`: the skill (if `technician` has it, it is `assistant` who lacks it), the
    part, the other visit, or `assistant` where it is they who work longer; `then`: who does the moved one
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
    assistant: str | None = None


class Hope(NamedTuple):
    """What may let the visit in, at `price` (in sixtieths) or more; `tried` says whether and how."""

    price: float
    tried: Callable[[], Iterator[Relaxation]]


def relaxations(day: Day, orders: Orders, visit: Visit) -> tuple[Relaxation, ...]:
    """The cheapest few of each kind, cheapest first, each re-checked to serve `visit` in `orders`.

    `visit` is the day's; it may need an assistant, and comes after nothing. None where there is room as it is.
    """
    room = Room(day, orders, visit.id)
    if any(map(room.entries, room.able())):
        return ()
    found = list(_moves(room))
    for kind in (_overtimes, _skills, _parts, _windows, _volunteers):
        found += _cheapest_few(kind(room))
    return tuple(sorted(found, key=_rank))


def _cheapest_few(hopes: Iterable[Hope]) -> list[Relaxation]:
    found: list[Relaxation] = []
    for hope in sorted(hopes, key=lambda hope: hope.price):
        if len(found) == OF_EACH_KIND and hope.price > 60 * found[-1].price:
            break
        found = sorted([*found, *hope.tried()], key=_rank)[:OF_EACH_KIND]
    return found


def _overtimes(room: Room) -> Iterator[Hope]:
    """One of the party works longer."""
    able = room.able()
    for giver in room.day.technicians:
        free = room.with_technician(tireless(giver))
        for party in able:
            entry = free.cheapest(party) if giver.id in party else None
            finish = None if entry is None else earliest_finish(free, party, giver.id)
            if entry is not None and finish is not None and finish > giver.overtime_until:
                yield Hope(entry.price, partial(_overtime, room, party, giver, finish))


def _overtime(room: Room, party: Party, giver: Technician, finish: int) -> Iterator[Relaxation]:
    minutes = _minutes_up(finish - giver.overtime_until)
    limit = giver.overtime_until + 60 * minutes
    entry = room.with_technician(replace(giver, overtime_until=limit)).cheapest(party)
    if entry is not None:
        sentence = f"{giver.id} works {minutes} min beyond the limit, until {clock_text(limit)}."
        subject = None if giver.id == party[0] else giver.id
        yield _relaxation("overtime", entry, minutes, sentence, subject=subject)


def _skills(room: Room) -> Iterator[Hope]:
    """The one skill waived that one of the party lacks."""
    needs = (room.visit.skills, room.visit.assistant or {})
    skilled: dict[tuple[str, str, int], Room] = {}
    for party in parties(room.visit, room.orders):
        lacking = [
            (tid, name, need)
            for tid, wanted in zip(party, needs, strict=False)
            for name, need in wanted.items()
            if room.day.technician(tid).skills.get(name, 0) < need
        ]
        if len(lacking) == 1:
            tid, name, need = lacking[0]
            if lacking[0] not in skilled:
                one = room.day.technician(tid)
                skilled[lacking[0]] = room.with_technician(replace(one, skills={**one.skills, name: need}))
            levels = need - room.day.technician(tid).skills.get(name, 0)
            yield Hope(-inf, partial(_skill, skilled[lacking[0]], party, tid, name, levels))


def _skill(skilled: Room, party: Party, lacking: str, name: str, levels: int) -> Iterator[Relaxation]:
    entry = skilled.cheapest(party)
    if entry is not None:
        does = "takes it" if lacking == party[0] else "helps"
        sentence = f"{lacking} {does} at {clock_text(entry.start)} with {name} waived by {levels}."
        yield _relaxation("skill", entry, levels, sentence, subject=name)


def _parts(room: Room) -> Iterator[Hope]:
    """More of the one part that the lead's van lacks."""
    for lead in map(room.day.technician, room.orders):
        left = stock_after(lead, map(room.day.visit, room.orders[lead.id]))
        lacking = [
            (name, quantity - left.get(name, 0))
            for name, quantity in room.visit.parts.items()
            if left.get(name, 0) < quantity
        ]
        if len(lacking) == 1:
            name, missing = lacking[0]
            stocked = {**lead.parts, name: lead.parts.get(name, 0) + missing}
            supplied = room.with_technician(replace(lead, parts=stocked))
            for party in supplied.able():
                if party[0] == lead.id:
                    yield Hope(-inf, partial(_part, supplied, party, name, missing))


def _part(supplied: Room, party: Party, name: str, missing: int) -> Iterator[Relaxation]:
    entry = supplied.cheapest(party)
    if entry is not None:
        sentence = (
            f"{party[0]} takes it at {clock_text(entry.start)} with {missing} more x {name}; "
            f"{_spare(supplied, party[0], name, missing)}."
        )
        yield _relaxation("part", entry, missing, sentence, subject=name)


def _spare(room: Room, lead: str, name: str, quantity: int) -> str:
    for one in room.day.technicians:
        left = stock_after(one, map(room.day.visit, room.orders[one.id])).get(name, 0)
        if left >= quantity and not one.absent and one.id != lead:
            return f"{one.id} has {left} to spare"
    return "no van has as many to spare"


def _windows(room: Room) -> Iterator[Hope]:
    """The visit's window ends later."""
    patient = room.patient()
    for party in patient.able():
        entry, start = patient.cheapest(party), earliest_start(patient, party)
        if entry is not None and start is not None:
            yield Hope(entry.price, partial(_window, room, party, start))


def _window(room: Room, party: Party, start: int) -> Iterator[Relaxation]:
    visit = room.visit
    begin, closes = window_missed(visit, start)
    windows = tuple((begin, start) if one == (begin, closes) else one for one in visit.windows)
    wider = replace(visit, windows=windows)
    entry = None if start <= closes else room.with_visit(wider).cheapest(party)
    if entry is not None:
        minutes = _minutes_up(start - closes)
        sentence = f"{party[0]} comes at {clock_text(entry.start)} if the window is {minutes} min longer."
        yield _relaxation("window", entry, minutes, sentence)


def _volunteers(room: Room) -> Iterator[Hope]:
    """Another promised customer agrees to a later start."""
    able = room.able()
    for tid in room.orders:
        for other in map(room.day.visit, room.orders[tid]):
            if other.promised and not other.locked:
                late = room.with_late(tid, other)
                for party in able:
                    if tid in party and (last := late_start(late, party, other)) is not None:
                        yield Hope(-inf, partial(_volunteer, room, party, other, last))


def _volunteer(room: Room, party: Party, other: Visit, last: int) -> Iterator[Relaxation]:
    closes = other.windows[0][1]
    agreed = with_visit(room.day, replace(other, may_move=(*other.may_move, (closes + 1, last))))
    entry = Room(agreed, room.orders, room.visit.id).cheapest(party)
    start = 0 if entry is None else start_of(entry, room.orders, other.id)
    if entry is not None and start > closes:
        sentence = f"{other.id} agrees to {clock_text(start)} instead of {clock_text(closes)} at the latest."
        yield _relaxation("volunteer", entry, _minutes_up(start - closes), sentence, subject=other.id)


def _moves(room: Room) -> Iterator[Relaxation]:
    """One other visit taken out and put where it fits as well, its promise kept: the cheapest such step."""
    board = _board(room.day, room.orders)
    found = best_ejection(board, room.visit)
    if found is None:
        return
    first, then, moving = found.first, found.then, room.day.visit(found.moving)
    standing = board.standings[found.owner]
    before = standing.starts[standing.visit_ids.index(moving.id)]
    sentence = (
        f"Moving {moving.id} to {then.technician} at {clock_text(then.start)} lets {first.party[0]} "
        f"start {room.visit.id} at {clock_text(first.start)}."
    )
    if in_one(then.start, moving.may_move) and not in_one(then.start, moving.windows):
        sentence += f" {moving.id} agreed to that time beforehand."
    shift = _minutes_up(abs(then.start - before))
    way = _relaxation("move", first, shift, sentence, subject=moving.id)
    yield replace(way, price=found.price / 60, then=Planned(then.technician, then.start))


def _board(day: Day, orders: Orders) -> Board:
    """Those orders as a board; who has none that is legal takes no part."""
    illegal = {one.id for one in day.technicians if lateness(day, one.id, orders[one.id]) is None}
    if illegal:
        crew = tuple(replace(one, absent=one.absent or one.id in illegal) for one in day.technicians)
        day = replace(day, technicians=crew)
    return Board(day, {tid: order for tid, order in orders.items() if tid not in illegal})


def _relaxation(
    kind: Kind, entry: Entry, amount: int, sentence: str, *, subject: str | None = None
) -> Relaxation:
    lead, *second = entry.party
    for other in second:
        sentence += f" {lead} and {other} start together at {clock_text(entry.start)}."
    return Relaxation(
        kind=kind,
        technician=lead,
        amount=amount,
        subject=subject,
        start=entry.start,
        price=entry.price / 60,
        sentence=sentence,
        assistant=second[0] if second else None,
    )


def _minutes_up(seconds: int) -> int:
    return -(-seconds // 60)


def _rank(one: Relaxation) -> tuple[float, int, str, str, str]:
    return one.price, one.amount, one.kind, one.technician, one.assistant or ""
