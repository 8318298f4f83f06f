"""What a phone reports in a heap, often hours later: each thing once, and what does not fit is kept as contested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import select

from dispatch.errors import DispatchError, KeyReused, NotFound, StateConflict
from dispatch.events import StepContested, VisitAssigned
from dispatch.ledger import LedgerEntry
from dispatch.plans.queries import find_assignment
from dispatch.technicians.queries import find_device_event
from dispatch.technicians.tables import DeviceEvent, Technician
from dispatch.work import Work

APPLIED, DUPLICATE, CONTESTED, REJECTED = "applied", "duplicate", "contested", "rejected"
OLDEST, AHEAD = timedelta(hours=24), timedelta(minutes=5)
NOT_THEIRS = "reassigned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One thing that the phone names `client_event_id`; `act` does it, and answers False for what nobody keeps.

    `occurred_at` is by our clock: the phone's own, and how far behind ours that was found to be.
    """

    client_event_id: str
    fingerprint: str
    kind: str
    occurred_at: datetime
    act: Callable[[Work], bool]
    visit_id: str | None = None
    said_at: datetime | None = None
    skew: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Told:
    """What became of it. `code` says why it was rejected or contested; `detail` in a sentence.

    `outcome` is what became of it the first time, also where it came again and is a duplicate.
    """

    client_event_id: str
    result: str
    code: str = ""
    detail: str = ""
    first: str = ""

    @property
    def outcome(self) -> str:
        return self.first or self.result


def true_time(said_at: datetime, skew: timedelta) -> datetime:
    """When it was by our clock, if the phone's was `skew` behind; by the phone's where that is no time at all."""
    try:
        return said_at + skew
    except OverflowError:
        return said_at


def take_report(work: Work, technician: Technician, report: Report) -> Told:
    """Do it, once. Raises KeyReused when that name came with something else before.

    A step that the record does not allow, from whoever the visit is or was with, is kept as contested: it was said,
    with its own time, and people decide.
    """
    known = find_device_event(work.session, technician.id, report.client_event_id)
    if known is not None:
        if known.fingerprint != report.fingerprint:
            raise KeyReused(
                f"{report.client_event_id} came with something else before. Please use a new name."
            )
        return Told(report.client_event_id, DUPLICATE, known.code, known.detail, known.result)
    told = _untimely(work, technician, report) or _try(work, technician, report)
    work.session.add(
        DeviceEvent(
            technician_id=technician.id,
            client_event_id=report.client_event_id,
            fingerprint=report.fingerprint,
            kind=report.kind,
            visit_id=report.visit_id if told.result in (APPLIED, CONTESTED) else None,
            result=told.result,
            code=told.code[:40],
            detail=told.detail[:300],
            said_at=report.said_at,
            skew_seconds=_seconds(report.skew),
            occurred_at=report.occurred_at,
            received_at=work.now,
        )
    )
    work.session.flush()
    return told


def _seconds(skew: timedelta) -> int:
    """Whole seconds that fit the column: a clock that is wrong by more than a lifetime is simply wrong."""
    return max(-(2**31) + 1, min(2**31 - 1, round(skew.total_seconds())))


def _untimely(work: Work, technician: Technician, report: Report) -> Told | None:
    """From the future, or more than a day old: nobody can say when that was, so a step of theirs is contested."""
    if report.occurred_at > work.now + AHEAD:
        code, words = "time_in_future", "That is in the future: is the phone's clock right?"
    elif report.occurred_at < work.now - OLDEST:
        code, words = "time_too_old", "That is more than a day ago."
    else:
        return None
    if report.visit_id and was_theirs(work, technician, report.visit_id):
        return _contest(work, technician, report, code, words)
    return Told(report.client_event_id, REJECTED, code, words)


def _try(work: Work, technician: Technician, report: Report) -> Told:
    try:
        with work.whole_or_nothing():
            kept = report.act(work)
    except StateConflict as refused:
        if report.visit_id is None:
            return Told(report.client_event_id, REJECTED, refused.code, refused.message)
        return _contest(work, technician, report, refused.code, refused.message)
    except NotFound as refused:
        if report.visit_id and was_theirs(work, technician, report.visit_id):
            return _contest(work, technician, report, NOT_THEIRS, "Somebody else has this visit now.")
        return Told(report.client_event_id, REJECTED, refused.code, refused.message)
    except DispatchError as refused:
        return Told(report.client_event_id, REJECTED, refused.code, refused.message)
    if not kept:
        return Told(report.client_event_id, REJECTED, "not_located", "Off shift or in a pause: not kept.")
    return Told(report.client_event_id, APPLIED)


def was_theirs(work: Work, technician: Technician, visit_id: str) -> bool:
    """Whether the visit stands with them, or once did."""
    placed = find_assignment(work.session, visit_id)
    if placed is not None and placed.technician_id == technician.id:
        return True
    query = select(LedgerEntry).where(
        LedgerEntry.visit_id == visit_id, LedgerEntry.kind == VisitAssigned.kind()
    )
    return any(entry.data["technician_id"] == technician.id for entry in work.session.exec(query))


def _contest(work: Work, technician: Technician, report: Report, code: str, words: str) -> Told:
    work.record(
        StepContested(
            visit_id=report.visit_id,
            technician_id=technician.id,
            step=report.kind,
            occurred_at=report.occurred_at,
        )
    )
    return Told(report.client_event_id, CONTESTED, code, words)
