"""What a phone reports in a heap, often hours later: each thing once, and what does not fit is kept as contested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.errors import DispatchError, KeyReused, StateConflict
from dispatch.events import StepContested
from dispatch.technicians.queries import find_device_event
from dispatch.technicians.tables import DeviceEvent, Technician
from dispatch.work import Work

APPLIED, DUPLICATE, CONTESTED, REJECTED = "applied", "duplicate", "contested", "rejected"
OLDEST, AHEAD = timedelta(hours=24), timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One thing that the phone names `client_event_id`; `act` does it, and answers False for what nobody keeps."""

    client_event_id: str
    fingerprint: str
    kind: str
    occurred_at: datetime
    act: Callable[[Work], bool]
    visit_id: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What became of it. `code` says why it was rejected or contested; `detail` in a sentence."""

    client_event_id: str
    result: str
    code: str = ""
    detail: str = ""


def take_report(work: Work, technician: Technician, report: Report) -> Told:
    """Do it, once. Raises KeyReused when that name came with something else before.

    A step that the record does not allow, from whoever the visit is with, is kept as contested: it was said, with
    its own time, and people decide.
    """
    known = find_device_event(work.session, technician.id, report.client_event_id)
    if known is not None:
        if known.fingerprint != report.fingerprint:
            raise KeyReused(
                f"{report.client_event_id} came with something else before. Please use a new name."
            )
        return Told(report.client_event_id, DUPLICATE, known.code)
    told = _too_old_or_early(report, work.now) or _try(work, technician, report)
    work.session.add(
        DeviceEvent(
            technician_id=technician.id,
            client_event_id=report.client_event_id,
            fingerprint=report.fingerprint,
            kind=report.kind,
            visit_id=report.visit_id if told.result in (APPLIED, CONTESTED) else None,
            result=told.result,
            code=told.code[:40],
            occurred_at=report.occurred_at,
            received_at=work.now,
        )
    )
    work.session.flush()
    return told


def _too_old_or_early(report: Report, now: datetime) -> Told | None:
    if report.occurred_at > now + AHEAD:
        words = "That is in the future: is the phone's clock right?"
        return Told(report.client_event_id, REJECTED, "time_in_future", words)
    if report.occurred_at < now - OLDEST:
        return Told(report.client_event_id, REJECTED, "time_too_old", "That is more than a day ago.")
    return None


def _try(work: Work, technician: Technician, report: Report) -> Told:
    before = len(work.facts)
    try:
        with work.session.begin_nested():
            kept = report.act(work)
    except StateConflict as refused:
        del work.facts[before:]
        return _contest(work, technician, report, refused)
    except DispatchError as refused:
        del work.facts[before:]
        return Told(report.client_event_id, REJECTED, refused.code, refused.message)
    if not kept:
        return Told(report.client_event_id, REJECTED, "not_located", "Off shift or in a pause: not kept.")
    return Told(report.client_event_id, APPLIED)


def _contest(work: Work, technician: Technician, report: Report, refused: StateConflict) -> Told:
    work.record(
        StepContested(
            visit_id=report.visit_id,
            technician_id=technician.id,
            step=report.kind,
            occurred_at=report.occurred_at,
        )
    )
    return Told(report.client_event_id, CONTESTED, refused.code, refused.message)
