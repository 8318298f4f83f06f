"""What the office changes about its crew: the watch sees today at once, the days it touches are planned again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from dispatch.errors import Invalid
from dispatch.failures.watch import watch
from dispatch.field.actions import call_out
from dispatch.local_time import local_day, midnight
from dispatch.plans.actions import ask_for_plan
from dispatch.plans.queries import days_with_work
from dispatch.plans.turns import take_turn
from dispatch.technicians.actions import change_technician, switch
from dispatch.technicians.hours import Hours, end_absence, report_absence, set_week
from dispatch.technicians.queries import list_absences
from dispatch.technicians.tables import Absence, AbsenceKind, Technician
from dispatch.technicians.vans import count_stock
from dispatch.territories.queries import get_territory
from dispatch.travel.port import Point
from dispatch.work import Work

PLANNED_BY = {"home_lat", "home_lng", "skills"}

Touched = Callable[[dt.date], bool]


def rewrite(
    work: Work,
    technician: Technician,
    *,
    name: str,
    phone: str,
    home: Point,
    skills: Mapping[str, int],
    language: str | None = None,
) -> None:
    """Who they are. Where they live and what they can decides who is sent: then every day is touched."""
    take_turn(work, technician.territory_id)
    territory = get_territory(work.session, technician.territory_id)
    changed = change_technician(
        work, technician, territory, name=name, phone=phone, home=home, skills=skills, language=language
    )
    if PLANNED_BY.intersection(changed):
        look_again(work, technician, lambda day: True)


def rewrite_week(work: Work, technician: Technician, week: Mapping[int, Hours]) -> None:
    """Other weekly hours: the days of the weekdays that changed are touched."""
    take_turn(work, technician.territory_id)
    changed = set_week(work, technician, week)
    if changed:
        look_again(work, technician, lambda day: day.weekday() in changed)


def recount(work: Work, technician: Technician, found: Mapping[str, int]) -> None:
    """Other parts in the van: every day may need them."""
    take_turn(work, technician.territory_id)
    if count_stock(work, technician, found):
        look_again(work, technician, lambda day: True)


def send_away(
    work: Work,
    technician: Technician,
    kind: AbsenceKind,
    *,
    start_at: dt.datetime,
    end_at: dt.datetime | None,
) -> Absence:
    """An absence that the office enters. One that begins now, or has begun, is the same as calling out.

    Raises Invalid for an end that does not come after the start and after now, and for what was entered already.
    """
    start_at = max(start_at, work.now)
    _require_news(work, technician, kind, start_at, end_at)
    if start_at == work.now:
        absence = call_out(work, technician, kind, end_at=end_at)
    else:
        take_turn(work, technician.territory_id)
        absence = report_absence(work, technician, kind, start_at=start_at, end_at=end_at)
    look_again(work, technician, _between(work, technician, start_at, end_at))
    return absence


def _require_news(
    work: Work, technician: Technician, kind: AbsenceKind, start_at: dt.datetime, end_at: dt.datetime | None
) -> None:
    """Whoever presses twice enters one absence."""
    for known in list_absences(work.session, technician.id, after=start_at):
        if known.kind is kind and (end_at is None or known.start_at < end_at):
            words = "An absence of this kind is entered for this time already: please end that one first."
            raise Invalid.field("first_day", "absence_doubled", words)


def take_back(work: Work, technician: Technician, absence: Absence) -> None:
    """Back at work, or not away after all: the days that the absence still covered are touched."""
    take_turn(work, technician.territory_id)
    start_at, end_at = absence.start_at, absence.end_at
    end_absence(work, absence)
    look_again(work, technician, _between(work, technician, max(start_at, work.now), end_at))


def let_go(work: Work, technician: Technician) -> None:
    """Does not come any more. What is under way stops as when somebody calls out; sessions and links end at once."""
    if not technician.active:
        return
    if not _away_for_good(work, technician):
        call_out(work, technician, AbsenceKind.LEAVE)
    switch(work, technician, active=False)
    look_again(work, technician, lambda day: True)


def take_on_again(work: Work, technician: Technician) -> None:
    """Back, from now on; the phone needs a new link. Raises StateConflict if somebody else has the phone now."""
    if technician.active:
        return
    take_turn(work, technician.territory_id)
    switch(work, technician, active=True)
    for absence in _away_for_good(work, technician):
        end_absence(work, absence)
    look_again(work, technician, lambda day: True)


def _away_for_good(work: Work, technician: Technician) -> list[Absence]:
    known = list_absences(work.session, technician.id, after=work.now)
    return [one for one in known if one.end_at is None and one.start_at <= work.now]


def look_again(work: Work, technician: Technician, touches: Touched) -> None:
    """Today is watched at once if it is touched; each touched day with visits is planned anew after a quiet while."""
    territory = get_territory(work.session, technician.territory_id)
    today = local_day(work.now, territory.zone)
    work.session.flush()
    if touches(today):
        watch(work, territory)
    for day in days_with_work(work.session, territory.id, from_day=today):
        if touches(day):
            ask_for_plan(work, territory, day, after_seconds=territory.policies.replan_quiet_seconds)


def _between(
    work: Work, technician: Technician, start_at: dt.datetime, end_at: dt.datetime | None
) -> Touched:
    where = get_territory(work.session, technician.territory_id).zone

    def touches(day: dt.date) -> bool:
        ends_before = end_at is not None and end_at <= midnight(day, where)
        return not ends_before and start_at < midnight(day + dt.timedelta(days=1), where)

    return touches
