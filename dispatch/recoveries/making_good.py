"""What the house does about a day's broken promises, and how far it goes by itself: the dial of the territory."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from dispatch.callbacks.actions import promise_callback
from dispatch.events import OfferWithheld
from dispatch.plans.diff import diff
from dispatch.plans.standing import standing
from dispatch.policies import Level
from dispatch.recoveries.actions import advance
from dispatch.recoveries.causes import cause_of
from dispatch.recoveries.queries import list_without_option
from dispatch.recoveries.repair import Search, carry_out, place_all, prove, search
from dispatch.recoveries.rules import level_at
from dispatch.recoveries.states import RecoverySignal
from dispatch.recoveries.tables import Recovery
from dispatch.territories.tables import Territory
from dispatch.visits.queries import list_visits
from dispatch.work import Work

WITHHELD = "withheld"  # what the call is about while a person decides what is offered


def make_good(
    work: Work,
    territory: Territory,
    date: dt.date,
    *,
    extra: Sequence[Recovery] = (),
    until: dt.datetime | None = None,
) -> None:
    """Do for each broken promise of `date` that has no option yet what the dial says for its kind and this hour.

    Promises that can still be kept by somebody else are kept in any case: the dial is about those that broke.
    A person has already decided about `extra`, or the customer has chosen: they are acted on; see `place_all`.
    """
    at = _by_level(work, territory, date)
    place_all(work, territory, date, [*at[Level.ACT], *extra], until=until)
    for recovery in at[Level.ACT_ALONE]:
        _act_alone(work, territory, date, recovery)
    for recovery in at[Level.PROPOSE]:
        _propose(work, territory, date, recovery, Level.PROPOSE)
    for recovery in at[Level.SHOW]:
        _leave_to_person(work, territory, date, recovery, Level.SHOW, None)


def _by_level(work: Work, territory: Territory, date: dt.date) -> Mapping[Level, list[Recovery]]:
    found: defaultdict[Level, list[Recovery]] = defaultdict(list)
    local = work.now.astimezone(territory.zone).time()
    for recovery in list_without_option(work.session, territory.id, date):
        rules = territory.policies.dial
        level = level_at(rules, cause_of(work.session, recovery).kind, local) if rules else Level.ACT
        found[level].append(recovery)
    return found


def _act_alone(work: Work, territory: Territory, date: dt.date, recovery: Recovery) -> None:
    """Act where nobody else gets another technician or a noticeably other time; else ask first."""
    found = search(work, territory, date, [recovery], eject=False)
    if found.placed and not _touched(found):
        carry_out(work, found)
    else:
        _propose(work, territory, date, recovery, Level.ACT_ALONE)


def _touched(found: Search) -> list[str]:
    """Whose visits or held places would move by more than the tolerance, by id."""
    lines = diff(found.problem.day, standing(found.problem), found.plan).lines
    return [line.visit_id for line in lines if line.disturbed and line.visit_id not in found.problem.guests]


def _propose(work: Work, territory: Territory, date: dt.date, recovery: Recovery, level: Level) -> None:
    """Find a time, tell the office what it would be and whom it would touch; the customer, who decides by when.

    Nothing is held: what is offered in the end is found anew at that moment. Where there is none, that is proved.
    """
    found = search(work, territory, date, [recovery])
    problem, plan, [victim] = found.problem, found.plan, found.victims
    start, technician_id = plan.start_of(victim.guest.id), plan.technician_of(victim.guest.id)
    if start is None or technician_id is None:
        prove(work, problem, plan, victim)
        return
    touched = list_visits(work.session, _touched(found))
    option = {
        "technician": problem.crew[technician_id].name,
        "start_at": problem.at(start).isoformat(),
        "touches": [{"visit_id": one.id, "reference": one.reference} for one in touched],
    }
    _leave_to_person(work, territory, date, recovery, level, option)


def _leave_to_person(
    work: Work,
    territory: Territory,
    date: dt.date,
    recovery: Recovery,
    level: Level,
    option: dict[str, Any] | None,
) -> None:
    recovery.proof = {"day": date.isoformat(), "blocks": [], "relaxations": [], "option": option}
    recovery.repaired_at = work.now if option else None
    advance(work, recovery, RecoverySignal.WITHHOLD)
    work.session.flush()
    work.record(
        OfferWithheld(
            visit_id=recovery.visit_id, recovery_id=recovery.id, level=level.value, found=option is not None
        )
    )
    promise_callback(
        work,
        territory_id=territory.id,
        about=WITHHELD,
        visit_id=recovery.visit_id,
        recovery_id=recovery.id,
    )
