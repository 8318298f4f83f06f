"""One more visit tried in one technician's order, on the day as it is or on one changed for the question."""

from __future__ import annotations

from dataclasses import replace

from optimizer.day import Day, Technician, Visit, Window
from optimizer.schedule import starts
from optimizer.sheet import sheet_of
from optimizer.standing import Lateness, Trial, lateness, stand, tries

DAY_SECONDS = 86_400


def trials_in(
    day: Day, technician_id: str, order: tuple[str, ...], visit_id: str, *, late: Lateness | None = None
) -> list[Trial]:
    """Every place for the day's visit in that order; no promise but those in `late` is made worse."""
    known = lateness(day, technician_id, order)
    standing = None if known is None else stand(day, technician_id, order, late={**known, **(late or {})})
    if standing is None:
        return []
    visit, sheet = day.visit(visit_id), sheet_of(day)
    return tries(sheet, standing, visit, sheet.work(visit, technician_id))


def trial_in(
    day: Day, technician_id: str, order: tuple[str, ...], visit_id: str, *, late: Lateness | None = None
) -> Trial | None:
    """The cheapest of trials_in()."""
    found = trials_in(day, technician_id, order, visit_id, late=late)
    return min(found, key=lambda trial: (trial.price, trial.start), default=None)


def openings(day: Day, technician_id: str, order: tuple[str, ...], visit: Visit) -> list[Window]:
    """For each place of the day's visit in that order: its start there, and a bound on how late it could be.

    The bound leaves breaks out, so a start between the two has to be tried.
    """
    known = lateness(day, technician_id, order)
    standing = None if known is None else stand(day, technician_id, order, late=known)
    if standing is None:
        return []
    sheet, found = sheet_of(day), []
    for trial in tries(sheet, standing, visit, sheet.work(visit, technician_id)):
        after, home = standing.works[trial.position : trial.position + 1], standing.crew.end_location
        onward = after[0].location if after else home
        drive = 0 if onward is None else sheet.row(visit.location)[onward]
        found.append((trial.start, standing.latest[trial.position] - drive - visit.duration))
    return found


def earliest_finish(day: Day, technician: Technician, visit: Visit, order: tuple[str, ...]) -> int | None:
    """When the technician would be done with `visit` too if no overtime limit stood; None: not even then."""
    free = replace(technician, overtime_until=technician.overtime_until + DAY_SECONDS)
    found = trials_in(with_technician(day, free), technician.id, order, visit.id)
    return min((trial.ending[1] for trial in found), default=None)


def earliest_start(day: Day, technician: Technician, visit: Visit, order: tuple[str, ...]) -> int | None:
    """When the technician could start `visit` if its windows never closed; None: not even then."""
    opens = min(begin for begin, _ in visit.windows)
    patient = replace(visit, windows=((opens, technician.overtime_until + DAY_SECONDS),))
    found = trials_in(with_visit(day, patient), technician.id, order, visit.id)
    return min((trial.start for trial in found), default=None)


def late_start(
    day: Day, technician: Technician, visit: Visit, other: Visit, *, order: tuple[str, ...]
) -> int | None:
    """When `other` of the order would start if it alone might come late for `visit`'s sake; None: no help."""
    closes = other.windows[0][1]
    trial = trial_in(day, technician.id, order, visit.id, late={other.id: closes + DAY_SECONDS})
    start = None if trial is None else start_in(trial, order, other.id)
    return start if start is not None and start > closes else None


def window_missed(visit: Visit, start: int) -> Window:
    """The last of the visit's windows that has opened by `start`."""
    return max(window for window in visit.windows if window[0] <= start)


def with_technician(day: Day, technician: Technician) -> Day:
    """The day with that technician in the place of the one with the same id."""
    crew = tuple(technician if one.id == technician.id else one for one in day.technicians)
    return replace(day, technicians=crew)


def with_visit(day: Day, visit: Visit) -> Day:
    """The day with that visit in the place of the one with the same id."""
    return replace(day, visits=tuple(visit if one.id == visit.id else one for one in day.visits))


def start_in(trial: Trial, order: tuple[str, ...], visit_id: str) -> int:
    """When `visit_id` of the order starts once the trial's visit is in."""
    position = order.index(visit_id)
    return starts(trial.ending[3])[position + (position >= trial.position)]
