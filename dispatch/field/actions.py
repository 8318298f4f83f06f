"""The technician's steps: on the way, arrived, done, nobody home, cannot finish, sick, and where they are."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlmodel import col, select

from dispatch.customers.queries import get_address
from dispatch.errors import NotFound, StateConflict
from dispatch.failures.actions import notice
from dispatch.failures.queries import find_failure
from dispatch.failures.rules import absence_evidence_gaps
from dispatch.failures.tables import Failure, FailureKind, Fault
from dispatch.failures.watch import watch
from dispatch.field.evidence import seconds_at_the_door
from dispatch.field.listed import NOT_LISTED, take_listed
from dispatch.local_time import local_day
from dispatch.plans.actions import ask_for_plan
from dispatch.plans.queries import days_of, find_assignment
from dispatch.plans.turns import take_turn
from dispatch.promises.actions import settle_promise
from dispatch.promises.queries import current_promise
from dispatch.promises.states import Agreed, PromiseState
from dispatch.recoveries.actions import advance, close, withdraw_offers
from dispatch.recoveries.choices import give_for
from dispatch.recoveries.making_good import make_good
from dispatch.recoveries.queries import find_open
from dispatch.recoveries.states import RecoverySignal, RecoveryState
from dispatch.technicians.hours import report_absence
from dispatch.technicians.locating import pause, resume
from dispatch.technicians.queries import positions_since
from dispatch.technicians.rules import is_moving
from dispatch.technicians.signs_of_life import hear_from, note_position
from dispatch.technicians.tables import Absence, AbsenceKind, Technician
from dispatch.technicians.vans import use_parts
from dispatch.territories.queries import get_territory
from dispatch.territories.tables import Territory
from dispatch.travel.apart import metres_apart
from dispatch.travel.port import Point
from dispatch.visits.actions import keep_note, move
from dispatch.visits.states import Signal, VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work

VERIFIED_METRES = 500


class Hindrance(StrEnum):
    """Why work could not be finished."""

    NEEDS_MORE_TIME = "needs_more_time"
    WRONG_PARTS = "wrong_parts"
    NO_ACCESS = "no_access"
    NEEDS_SOMEBODY_ELSE = "needs_somebody_else"


KIND_OF: dict[Hindrance, FailureKind] = {
    Hindrance.NEEDS_MORE_TIME: FailureKind.NOT_FINISHED,
    Hindrance.NEEDS_SOMEBODY_ELSE: FailureKind.NOT_FINISHED,
    Hindrance.WRONG_PARTS: FailureKind.WRONG_PARTS,
    Hindrance.NO_ACCESS: FailureKind.NO_ACCESS,
}


def leave(
    work: Work, technician: Technician, visit_id: str, *, occurred_at: dt.datetime | None = None
) -> Visit:
    """On the way. Raises StateConflict when the visit is not theirs now or they are busy with another."""
    visit = _own(work, technician, visit_id)
    hear_from(work, technician, "left")
    move(work, visit, Signal.LEAVE, technician_id=technician.id, occurred_at=occurred_at)
    return visit


def arrive(
    work: Work,
    technician: Technician,
    visit_id: str,
    *,
    place: Point | None = None,
    occurred_at: dt.datetime | None = None,
) -> Visit:
    """At the door. In time, that keeps the promise; without a position near the address it is unverified."""
    visit = _own(work, technician, visit_id)
    hear_from(work, technician, "arrived")
    if place:
        note_position(work, technician, place, at=work.now)
    _notice_lateness(work, technician, visit)
    was_failed = visit.state is VisitState.FAILED
    move(work, visit, Signal.ARRIVE, technician_id=technician.id, occurred_at=occurred_at)
    visit.at_risk_at = None
    visit.arrival_verified = _is_near(work, visit, place)
    if was_failed:
        _came_after_all(work, visit)
    else:
        settle_promise(work, visit, PromiseState.KEPT)
    return visit


def finish(
    work: Work,
    technician: Technician,
    visit_id: str,
    *,
    note: str = "",
    occurred_at: dt.datetime | None = None,
) -> Visit:
    """Done: the parts leave the van, the place in the plan is over, an open recovery closes.

    Also the day after, by whoever was there and never said so. Raises StateConflict for any other broken promise.
    """
    visit = _own(work, technician, visit_id)
    arrived_at = _require_been_there(work, technician, visit)
    hear_from(work, technician, "done")
    move(work, visit, Signal.FINISH, technician_id=technician.id, occurred_at=occurred_at)
    visit.technician_id, visit.arrived_at = technician.id, arrived_at
    if visit.parts:
        use_parts(work, technician.id, visit.parts)
        _plan_later_days(work, technician)  # what left the van cannot be used again tomorrow
    if note.strip():
        keep_note(work, visit, note)
    _end_place(work, visit)
    recovery = find_open(work.session, visit.id)
    if recovery:
        close(work, recovery, "done_same_day" if _same_day(work, visit, recovery.day) else "done_later")
    return visit


def nobody_home(
    work: Work,
    technician: Technician,
    visit_id: str,
    *,
    contacted: bool,
    place: Point | None,
    occurred_at: dt.datetime | None = None,
) -> Failure:
    """The customer is not there. Needs evidence: a position near the address, time at the door, an attempt
    to reach them. Raises StateConflict saying what is still missing.

    How long they were at the door counts by our clock, or between two words of a phone without a network.
    """
    visit = _own(work, technician, visit_id)
    _require_on_site(visit)
    hear_from(work, technician, "nobody home")
    if place:
        note_position(work, technician, place, at=work.now)
    policies = get_territory(work.session, visit.territory_id).policies
    distance = _distance(work, visit, place)
    dwell = seconds_at_the_door(work, visit, occurred_at)
    gaps = absence_evidence_gaps(
        distance_metres=distance,
        dwell_seconds=dwell,
        contacted=contacted,
        near_metres=policies.absent_near_metres,
        least_seconds=policies.absent_dwell_seconds,
    )
    if gaps:
        raise StateConflict(
            "Still missing: " + ", ".join(gaps) + ".", current_state=visit.state.value, missing=gaps
        )
    evidence = {"distance_metres": round(distance or 0), "dwell_seconds": dwell, "contacted": contacted}
    fault = None if _customer_agreed(work, visit) else Fault.COMPANY
    return _fail(work, technician, visit, FailureKind.CUSTOMER_ABSENT, evidence, fault=fault)


def cannot_finish(
    work: Work, technician: Technician, visit_id: str, *, hindrance: Hindrance, note: str = ""
) -> Failure:
    """The work cannot be finished today by this technician; somebody is looked for at once."""
    visit = _own(work, technician, visit_id)
    _require_on_site(visit)
    hear_from(work, technician, "cannot finish")
    if note.strip():
        keep_note(work, visit, note)
    return _fail(work, technician, visit, KIND_OF[hindrance], {"hindrance": hindrance.value})


def call_out(
    work: Work, technician: Technician, kind: AbsenceKind, *, end_at: dt.datetime | None = None
) -> Absence:
    """Away from now on, for example sick. Everything still to do is looked at in the same breath."""
    take_turn(work, technician.territory_id)
    hear_from(work, technician, kind.value)
    absence, _ = _go_away(work, technician, kind, end_at)
    work.session.flush()
    watch(work, get_territory(work.session, technician.territory_id))
    _plan_later_days(work, technician)
    return absence


def out_from_now(
    work: Work, technician: Technician, kind: AbsenceKind, *, end_at: dt.datetime | None = None
) -> list[Visit]:
    """The same said by the office of one of several: whoever says it has the day looked at once for all of them.

    Returns what this technician was on the way to or at.
    """
    _, left = _go_away(work, technician, kind, end_at)
    _plan_later_days(work, technician)
    return left


def _go_away(
    work: Work, technician: Technician, kind: AbsenceKind, end_at: dt.datetime | None
) -> tuple[Absence, list[Visit]]:
    absence = report_absence(work, technician, kind, start_at=work.now, end_at=end_at)
    left = _under_way(work, technician)
    for visit in left:
        if visit.state is VisitState.EN_ROUTE:
            move(work, visit, Signal.STAND_DOWN, technician_id=technician.id, reason=kind.value)
        else:
            notice(
                work,
                visit,
                FailureKind.NOT_FINISHED,
                noticed_by=work.actor.role,
                certain_at=work.now,
                technician_id=technician.id,
                evidence={"absence": kind.value},
            )
    return absence, left


def answer_prompt(work: Work, technician: Technician, answer: str = "ok") -> None:
    """A sign of life without a step."""
    hear_from(work, technician, answer)


def stop_locating(work: Work, technician: Technician, reason: str = "") -> None:
    """A pause, for whatever reason: a sign of life, too. Raises StateConflict off shift, and in a pause."""
    pause(work, technician, reason)
    hear_from(work, technician, "paused")


def go_on_locating(work: Work, technician: Technician) -> None:
    resume(work, technician)
    hear_from(work, technician, "resumed")


def be_at(
    work: Work, technician: Technician, place: Point, *, at: dt.datetime, accuracy_metres: int = 0
) -> bool:
    """Where a technician on shift is. Moving answers a prompt; standing still does not.

    False off shift and in a pause: then nothing is kept.
    """
    if note_position(work, technician, place, at=at, accuracy_metres=accuracy_metres) is None:
        return False
    territory = get_territory(work.session, technician.territory_id)
    if technician.silent_since_at is not None:
        work.session.flush()
        since = technician.silent_since_at
        trace = positions_since(work.session, [technician.id], since).get(technician.id, [])
        if is_moving(trace, since, territory.policies.moving_metres):
            hear_from(work, technician, "moving")
    return True


def _own(work: Work, technician: Technician, visit_id: str) -> Visit:
    """The visit, when it is this technician's now: placed with them, under way, or held for them.

    Raises NotFound in the same words for somebody else's and for one that never was.
    """
    visit, placed = take_listed(work, visit_id)
    theirs = placed is not None and placed.technician_id == technician.id
    if visit.technician_id != technician.id and not theirs:
        raise NotFound(NOT_LISTED)
    busy = [other for other in _under_way(work, technician) if other.id != visit_id]
    if busy:
        raise StateConflict(
            f"You are still busy with visit {busy[0].reference}.", current_state=busy[0].state.value
        )
    return visit


def _under_way(work: Work, technician: Technician) -> list[Visit]:
    query = select(Visit).where(
        Visit.technician_id == technician.id, col(Visit.state).in_([VisitState.EN_ROUTE, VisitState.ON_SITE])
    )
    return list(work.session.exec(query))


def _fail(
    work: Work,
    technician: Technician,
    visit: Visit,
    kind: FailureKind,
    evidence: dict[str, Any],
    *,
    fault: Fault | None = None,
) -> Failure:
    """Record it and look for the rest of the day at once, the freed technician included."""
    failure = notice(
        work,
        visit,
        kind,
        noticed_by="technician",
        certain_at=work.now,
        technician_id=technician.id,
        fault=fault,
        evidence=evidence,
    )
    address = get_address(work.session, visit.address_id)
    note_position(
        work, technician, Point(address.lat, address.lng), at=work.now
    )  # the next drive starts here
    work.session.flush()
    territory = get_territory(work.session, visit.territory_id)
    make_good(work, territory, local_day(work.now, territory.zone))
    return failure


def _customer_agreed(work: Work, visit: Visit) -> bool:
    """Whether the window was agreed to. Not being at home for what the policy booked is never the customer's fault."""
    if current_promise(work.session, visit).agreed_by is not Agreed.POLICY:
        return True
    recovery = find_open(work.session, visit.id)
    return recovery is not None and recovery.choice in ("1", "2")


def _notice_lateness(work: Work, technician: Technician, visit: Visit) -> None:
    """At the door after the window and its grace: a broken promise, though nobody else has noticed yet."""
    promise = current_promise(work.session, visit)
    policies = get_territory(work.session, visit.territory_id).policies
    over_at = promise.end_at + dt.timedelta(seconds=policies.grace_seconds)
    if promise.state is PromiseState.OPEN and work.now > over_at:
        notice(
            work,
            visit,
            FailureKind.LATE,
            noticed_by="technician",
            certain_at=over_at,
            technician_id=technician.id,
        )


def _came_after_all(work: Work, visit: Visit) -> None:
    """Somebody is there while the recovery was still open: offers end, being there is what was arranged."""
    recovery = find_open(work.session, visit.id)
    if recovery and recovery.state is not RecoveryState.ARRANGED:
        withdraw_offers(work, recovery)
        advance(work, recovery, RecoverySignal.ARRANGE)
        recovery.told_at = recovery.told_at or work.now
        recovery.arranged_at, recovery.arranged_by = work.now, "came after all"
        recovery.owner_due_at = None
        give_for(work, recovery, visit, came_at=work.now)


def _plan_later_days(work: Work, technician: Technician) -> None:
    """What stands with this technician after today is looked at again."""
    territory = get_territory(work.session, technician.territory_id)
    for day in days_of(work.session, technician.id, after=local_day(work.now, territory.zone)):
        ask_for_plan(work, territory, day, after_seconds=territory.policies.replan_quiet_seconds)


def _require_been_there(work: Work, technician: Technician, visit: Visit) -> dt.datetime | None:
    """When they arrived; of a visit that failed because its day ended without a word, by the failure."""
    if visit.state is not VisitState.FAILED:
        return visit.arrived_at
    failure = find_failure(work.session, visit.id, visit.promise_version)
    if failure and failure.kind is FailureKind.NO_WORD and failure.technician_id == technician.id:
        return dt.datetime.fromisoformat(failure.evidence["arrived_at"])
    raise StateConflict("Say first that you have arrived.", current_state=visit.state.value)


def _require_on_site(visit: Visit) -> None:
    if visit.state is not VisitState.ON_SITE:
        raise StateConflict("Say first that you have arrived.", current_state=visit.state.value)


def _distance(work: Work, visit: Visit, place: Point | None) -> float | None:
    if place is None:
        return None
    address = get_address(work.session, visit.address_id)
    return metres_apart(place, Point(address.lat, address.lng))


def _is_near(work: Work, visit: Visit, place: Point | None) -> bool:
    distance = _distance(work, visit, place)
    return distance is not None and distance <= VERIFIED_METRES


def _end_place(work: Work, visit: Visit) -> None:
    placed = find_assignment(work.session, visit.id)
    if placed:
        placed.active = False
        work.session.add(placed)


def _same_day(work: Work, visit: Visit, day: dt.date) -> bool:
    territory: Territory = get_territory(work.session, visit.territory_id)
    return local_day(work.now, territory.zone) == day
