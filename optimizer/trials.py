"""One more visit tried in one technician's order, on the day as it is or on one changed for the question."""

from __future__ import annotations

from dataclasses import replace

from optimizer.day import Day, Technician, Visit, Window
from optimizer.schedule import starts
from optimizer.sheet import sheet_of
from optimizer.standing import Lateness, Standing, Trial, lateness, stand, tries

DAY_SECONDS = 86_400


def standing_in(
    day: Day, technician_id: str, order: tuple[str, ...], *, late: Lateness | None = None
) -> Standing | None:
    """That order as it stands, if it is legal; no promise but those in `late` may be made worse in it."""
    known = lateness(day, technician_id, order)
    return None if known is None else stand(day, technician_id, order, late={**known, **(late or {})})


def trial_in(day: Day, technician_id: str, order: tuple[str, ...], visit_id: str) -> Trial | None:
    """The cheapest place for the day's visit in that order; no promise is made worse."""
    standing = standing_in(day, technician_id, order)
    if standing is None:
        return None
    visit, sheet = day.visit(visit_id), sheet_of(day)
    found = tries(sheet, standing, visit, sheet.work(visit, technician_id))
    return min(found, key=lambda trial: (trial.price, trial.start), default=None)


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
