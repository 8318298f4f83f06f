"""When things happen, for one technician and a fixed order of visits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from optimizer.day import Day, Technician
from optimizer.fits import Blocked, clock_text, misfit_order
from optimizer.plan import Route, Stop
from optimizer.schedule import Ending, Label, breaks_before, extend, first_label, legs, run
from optimizer.sheet import Crew, Sheet, Work, sheet_of
from optimizer.starts import FOREVER


def timetable(day: Day, technician: str, visit_ids: Sequence[str]) -> Route | Blocked:
    """The cheapest legal schedule of `visit_ids` in this order, the earliest among equals.

    Every owed break is placed (exactly, see schedule.py). A promised visit may start late, at its price,
    where no schedule keeps every promise; nothing else may be broken: then the answer is Blocked. No visits:
    a route without stops. KeyError for an unknown technician or visit.
    """
    one = day.technician(technician)
    sheet = sheet_of(day)
    crew = sheet.crews[technician]
    if not visit_ids:
        return Route(technician, (), crew.free_at)
    found = misfit_order(day, one, visit_ids)
    if found is not None:
        return found
    works = [sheet.work(day.visit(visit_id), technician) for visit_id in visit_ids]
    done = run(sheet, crew, works)
    return _blocked_by_time(sheet, crew, one, works) if done is None else route_of(one, works, done)


def route_of(technician: Technician, works: Sequence[Work], done: Ending) -> Route:
    """The stops of a finished schedule of `works`."""
    _, finish, last_breaks, last = done
    stops: list[Stop] = []
    for work, label, taken in zip(works, legs(last), breaks_before(last), strict=True):
        stops += _pauses(technician, taken)
        stops.append(Stop("visit", work.id, label[3], label[0]))
    stops += _pauses(technician, last_breaks)
    return Route(technician.id, tuple(stops), finish)


def _pauses(technician: Technician, taken: Sequence[tuple[int, int]]) -> list[Stop]:
    rests = [(technician.breaks[bit], begin) for bit, begin in taken]
    return [Stop("break", rest.id, begin, begin + rest.duration) for rest, begin in rests]


def _blocked_by_time(sheet: Sheet, crew: Crew, technician: Technician, works: Sequence[Work]) -> Blocked:
    """Why an order that fits otherwise has no schedule: a window, the overtime limit or a break."""
    free = replace(crew, overtime_until=FOREVER)
    restless = replace(free, breaks=(), all_taken=0, last_call=(FOREVER,))
    missed = _missed_window(sheet, restless, works)
    if missed is not None:
        return missed
    done = run(sheet, free, works)
    if done is None:
        return _blocked_by_break(technician, works)
    finish, limit = done[1], crew.overtime_until
    sentence = f"{crew.id} would finish at {clock_text(finish)}, the limit is {clock_text(limit)}."
    return Blocked("overtime_limit", crew.id, None, sentence, have=finish, need=limit)


def _missed_window(sheet: Sheet, crew: Crew, works: Sequence[Work]) -> Blocked | None:
    labels: Sequence[Label] = (first_label(crew),)
    here = crew.location
    for work in works:
        drive = sheet.row(here)[work.location]
        arrival = min(label[0] for label in labels) + drive
        labels = extend(labels, crew, drive, duration=work.duration, pieces=work.full)
        if not labels:
            if not work.full:
                sentence = f"{work.id} is frozen to a second at which it may not start."
                return Blocked("no_time", crew.id, work.id, sentence)
            closes = work.full[-1][1]
            sentence = (
                f"{crew.id} could start {work.id} at {clock_text(arrival)} at the earliest, "
                f"its last window ends at {clock_text(closes)}."
            )
            return Blocked("no_time", crew.id, work.id, sentence, have=arrival, need=closes)
        here = work.location
    return None


def _blocked_by_break(technician: Technician, works: Sequence[Work]) -> Blocked:
    names = ", ".join(rest.id for rest in technician.breaks)
    sentence = f"{technician.id} could not take every break owed ({names}) inside its window."
    return Blocked("no_break", technician.id, works[-1].id if len(works) == 1 else None, sentence, names)
