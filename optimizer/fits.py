"""May this technician take this visit at all? The rules that time has nothing to do with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from optimizer.day import Day, Technician, Visit

Code: TypeAlias = Literal[
    "absent",
    "excluded",
    "required_other",
    "locked",
    "frozen",
    "no_skill",
    "no_parts",
    "no_time",
    "no_break",
    "promise",
    "overtime_limit",
    "after",
    "no_assistant",
    "limit",
]


@dataclass(frozen=True, slots=True)
class Blocked:
    """Why a technician cannot take a visit, or do an order.

    `code` is the rule; `visit` the visit it stops (None: the whole order); `subject` the skill, part,
    break, other visit, other technician or cap in question; `have` and `need` the two numbers that do not
    meet (levels, quantities, counts, or seconds since midnight); `sentence` says it to a dispatcher.
    """

    code: Code
    technician: str
    visit: str | None
    sentence: str
    subject: str | None = None
    have: int | None = None
    need: int | None = None


def clock_text(second: int) -> str:
    """Seconds since midnight as HH:MM, rounded down; later than 23:59 counts on."""
    return f"{second // 3600:02d}:{second // 60 % 60:02d}"


def misfit(technician: Technician, visit: Visit, stock: Mapping[str, int]) -> Blocked | None:
    """The first rule that keeps `technician`, with `stock` left in the van, from taking `visit`."""
    return (
        _misfit_person(technician, visit)
        or _misfit_skill(technician, visit)
        or _misfit_parts(technician, visit, stock)
    )


def fits(technician: Technician, visit: Visit, stock: Mapping[str, int]) -> bool:
    """Whether nothing but time stands in the way; misfit() without the words."""
    tid = technician.id
    if technician.absent or tid in visit.exclude or visit.technician not in (None, tid):
        return False
    if (visit.locked or visit.frozen) and visit.planned is not None and visit.planned.technician != tid:
        return False
    if any(technician.skills.get(name, 0) < level for name, level in visit.skills.items()):
        return False
    return all(stock.get(name, 0) >= quantity for name, quantity in visit.parts.items())


def stock_after(technician: Technician, visits: Iterable[Visit]) -> dict[str, int]:
    """What is left in the van when `visits` have used their parts; negative where there is too little."""
    stock = dict(technician.parts)
    for visit in visits:
        for name, quantity in visit.parts.items():
            stock[name] = stock.get(name, 0) - quantity
    return stock


def misfit_order(day: Day, technician: Technician, visit_ids: Iterable[str]) -> Blocked | None:
    """The first rule that keeps `technician` from doing these visits in this order at any time."""
    stock = dict(technician.parts)
    for position, visit_id in enumerate(visit_ids):
        visit = day.visit(visit_id)
        found = misfit(technician, visit, stock)
        if found is not None:
            return found
        if visit.locked and position:
            sentence = f"{technician.id} is already on the way to {visit.id}: it must be the first stop."
            return Blocked("locked", technician.id, visit.id, sentence)
        for name, quantity in visit.parts.items():
            stock[name] = stock.get(name, 0) - quantity
    return None


def _misfit_person(technician: Technician, visit: Visit) -> Blocked | None:
    tid, vid = technician.id, visit.id
    if technician.absent:
        return Blocked("absent", tid, vid, f"{tid} is absent for the rest of the day.")
    if tid in visit.exclude:
        return Blocked("excluded", tid, vid, f"{tid} is excluded from {vid}.")
    if visit.technician not in (None, tid):
        sentence = f"{vid} requires {visit.technician}."
        return Blocked("required_other", tid, vid, sentence, visit.technician)
    if visit.locked and visit.planned is not None and visit.planned.technician != tid:
        sentence = f"{visit.planned.technician} is already on the way to {vid}."
        return Blocked("locked", tid, vid, sentence, visit.planned.technician)
    if visit.frozen and visit.planned is not None and visit.planned.technician != tid:
        told = visit.planned
        sentence = f"{vid} is frozen to {told.technician} at {clock_text(told.start)}."
        return Blocked("frozen", tid, vid, sentence, told.technician)
    return None


def _misfit_skill(technician: Technician, visit: Visit) -> Blocked | None:
    for name, level in visit.skills.items():
        have = technician.skills.get(name, 0)
        if have < level:
            sentence = f"{visit.id} needs {name} {level}, {technician.id} has {have}."
            return Blocked("no_skill", technician.id, visit.id, sentence, name, have, level)
    return None


def _misfit_parts(technician: Technician, visit: Visit, stock: Mapping[str, int]) -> Blocked | None:
    for name, quantity in visit.parts.items():
        left = stock.get(name, 0)
        if left < quantity:
            sentence = f"{visit.id} needs {quantity} x {name}, {technician.id} has {max(left, 0)} left."
            return Blocked("no_parts", technician.id, visit.id, sentence, name, max(left, 0), quantity)
    return None
