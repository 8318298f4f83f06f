"""Decided by a named dispatcher: offer what was found, bend one rule and serve it today, or offer another day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from dispatch.callbacks.actions import finish_callback
from dispatch.callbacks.queries import list_for_visit
from dispatch.errors import Invalid, StateConflict
from dispatch.events import NotTodayDecided, OfferTakenBack
from dispatch.local_time import local_day, midnight
from dispatch.recoveries.actions import close, take_over, withdraw_offers
from dispatch.recoveries.choices import ask_for_person, offer_other_days, take_recovery
from dispatch.recoveries.making_good import WITHHELD, make_good
from dispatch.recoveries.states import RecoveryState
from dispatch.recoveries.tables import Recovery
from dispatch.technicians.hours import grant_overtime
from dispatch.technicians.queries import get_technician
from dispatch.territories.queries import get_territory
from dispatch.visits.actions import move
from dispatch.visits.states import Signal
from dispatch.visits.tables import Visit
from dispatch.words import clean
from dispatch.work import Work

# Why a dispatcher overrides what the house did by itself: counted, to see what the house does not know.
OVERRIDES = ("person_unfit", "time_unfit", "unknown_to_plan", "agreed_otherwise", "other")
DECIDABLE = (RecoveryState.DECIDING, RecoveryState.TALKING, RecoveryState.OPEN)


def go_ahead(work: Work, recovery_id: str) -> Recovery:
    """Offer a time today where the dial left that to a person. It is searched anew: what was found may be gone.

    Raises StateConflict where nothing was left to a person.
    """
    recovery, _ = _decidable(work, recovery_id)
    if not recovery.is_withheld:
        words = "Nothing waits for your word here: today has no place for it."
        raise StateConflict(words, current_state=recovery.state.value)
    territory = get_territory(work.session, recovery.territory_id)
    recovery.decided_by, recovery.decided_reason = str(work.actor), "offered as found"
    if work.actor.role == "dispatcher":
        take_over(work, recovery, work.actor.id)
    for call in list_for_visit(work.session, recovery.visit_id):
        if call.about == WITHHELD and call.done_at is None:  # the text with the offers keeps that promise
            finish_callback(work, call, "offered")
    make_good(work, territory, local_day(work.now, territory.zone), extra=_retried(recovery))
    return recovery


def bend_a_rule(work: Work, recovery_id: str, relaxation: int, *, reason: str) -> Recovery:
    """Carry out relaxation number `relaxation` of the proof and try today again with it.

    Overtime is granted, a skill level waived, or the last hour moved. A volunteer has to be asked, so
    that one raises StateConflict naming whom to ring. Raises Invalid for a number that the proof lacks.
    """
    recovery, visit = _decidable(work, recovery_id)
    found = (recovery.proof or {}).get("relaxations", [])
    if not 0 <= relaxation < len(found):
        raise Invalid.field("relaxation", "unknown_relaxation", "The proof has no such way out.")
    way = found[relaxation]
    territory = get_territory(work.session, recovery.territory_id)
    until = _carry_out(work, recovery, visit, way)
    _note(work, recovery, f"{way['kind']} {way['amount']}", reason)
    make_good(work, territory, local_day(work.now, territory.zone), extra=_retried(recovery), until=until)
    return recovery


def take_back(work: Work, recovery_id: str, *, why: str, reason: str = "") -> Recovery:
    """What was offered is withdrawn before the customer answers, and a named person rings them instead.

    `why` is one of OVERRIDES, `reason` more in own words. Raises StateConflict once there is nothing to take back.
    """
    if why not in OVERRIDES:
        raise Invalid.field("why", "unknown_override", "Please choose one of the reasons.")
    recovery, _ = take_recovery(work, recovery_id)
    if recovery.state is not RecoveryState.OFFERED:
        words = "There is nothing to take back: the customer has answered, or nothing was offered."
        raise StateConflict(words, current_state=recovery.state.value)
    withdraw_offers(work, recovery)
    recovery.decided_by = str(work.actor)
    recovery.decided_reason = clean(reason, "reason", limit=300) if reason.strip() else why
    if work.actor.role == "dispatcher":
        take_over(work, recovery, work.actor.id)
    work.record(OfferTakenBack(visit_id=recovery.visit_id, recovery_id=recovery.id, why=why))
    ask_for_person(work, recovery, about="taken_back")
    return recovery


def not_today(work: Work, recovery_id: str, *, reason: str) -> Recovery:
    """A named dispatcher gives today up: the customer is offered other days."""
    recovery, visit = _decidable(work, recovery_id)
    _note(work, recovery, "not_today", reason)
    offer_other_days(work, recovery, visit)
    return recovery


def close_visit(work: Work, recovery_id: str, *, reason: str) -> Recovery:
    """The customer does not want the visit any more, or a named dispatcher ends it with a reason."""
    recovery, visit = take_recovery(work, recovery_id)
    kept = clean(reason, "reason", limit=300)
    move(work, visit, Signal.CLOSE, reason=kept[:60])
    recovery.decided_by, recovery.decided_reason = str(work.actor), kept
    close(work, recovery, "closed")
    return recovery


def give_up(work: Work, recovery: Recovery, visit: Visit) -> None:
    """The customer cancels a visit whose promise broke; the recovery ends with it."""
    move(work, visit, Signal.CANCEL, reason="customer")
    close(work, recovery, "customer_cancelled")


def _decidable(work: Work, recovery_id: str) -> tuple[Recovery, Visit]:
    recovery, visit = take_recovery(work, recovery_id)
    if recovery.state not in DECIDABLE:
        raise StateConflict("There is nothing to decide here any more.", current_state=recovery.state.value)
    return recovery, visit


def _carry_out(work: Work, recovery: Recovery, visit: Visit, way: dict[str, Any]) -> dt.datetime | None:
    """Change what the relaxation names; for a wider window, returns until when it now runs."""
    territory = get_territory(work.session, recovery.territory_id)
    today = local_day(work.now, territory.zone)
    if way["kind"] == "overtime":
        technician = get_technician(work.session, way["technician_id"])
        grant_overtime(work, technician, today, seconds=way["amount"] * 60)
        return None
    if way["kind"] == "skill":
        visit.waived_skills = {**visit.waived_skills, way["subject"]: way["amount"]}
        work.session.add(visit)
        work.session.flush()
        return None
    if way["kind"] == "window":
        hours = territory.policies.clock_time("recovery_latest_at")
        opened = midnight(today, territory.zone) + dt.timedelta(hours=hours.hour, minutes=hours.minute)
        return opened + dt.timedelta(minutes=way["amount"])
    raise StateConflict(f"Somebody must be asked first: {way['sentence']}", current_state=way["kind"])


def _note(work: Work, recovery: Recovery, decision: str, reason: str) -> None:
    recovery.decided_by = str(work.actor)
    recovery.decided_reason = clean(reason, "reason", limit=300)
    if work.actor.role == "dispatcher":
        take_over(work, recovery, work.actor.id)
    work.session.add(recovery)
    work.record(
        NotTodayDecided(
            visit_id=recovery.visit_id, recovery_id=recovery.id, decision=decision, reason="recorded"
        )
    )


def _retried(recovery: Recovery) -> list[Recovery]:
    return [] if recovery.state is RecoveryState.OPEN else [recovery]
