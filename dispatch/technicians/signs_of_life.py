"""Asking somebody to leave, hearing from them, losing sight of them, and where they were."""

from __future__ import annotations

from datetime import datetime, timedelta

from dispatch.events import (
    TechnicianAnswered,
    TechnicianFellSilent,
    TechnicianHeardFrom,
    TechnicianPrompted,
)
from dispatch.technicians.queries import find_prompt, open_prompts
from dispatch.technicians.tables import (
    Position,
    Prompt,
    Technician,
)
from dispatch.travel.port import Point
from dispatch.work import Work


def prompt(
    work: Work, technician: Technician, *, visit_id: str, promise_version: int, leave_by_at: datetime
) -> Prompt:
    """Ask a technician to leave; once for each promise of a visit."""
    asked = find_prompt(work.session, technician.id, visit_id=visit_id, promise_version=promise_version)
    if asked:
        return asked
    asked = Prompt(
        id=work.new_id(),
        technician_id=technician.id,
        visit_id=visit_id,
        promise_version=promise_version,
        asked_at=work.now,
        leave_by_at=leave_by_at,
    )
    work.session.add(asked)
    work.session.flush()
    work.record(
        TechnicianPrompted(
            visit_id=visit_id, prompt_id=asked.id, technician_id=technician.id, leave_by_at=leave_by_at
        )
    )
    return asked


def hear_from(work: Work, technician: Technician, answer: str) -> None:
    """Any sign of life answers every open prompt and ends a silence."""
    since = work.now - timedelta(hours=24)
    for asked in open_prompts(work.session, [technician.id], since):
        asked.answered_at, asked.answer = work.now, answer
        work.session.add(asked)
        work.record(
            TechnicianAnswered(
                visit_id=asked.visit_id, prompt_id=asked.id, technician_id=technician.id, answer=answer
            )
        )
    if technician.silent_since_at is not None:
        technician.silent_since_at = None
        work.session.add(technician)
        work.record(TechnicianHeardFrom(technician_id=technician.id))


def fall_silent(work: Work, technician: Technician, since: datetime) -> None:
    """Nothing is planned with a silent technician until they are heard of."""
    if technician.silent_since_at is None:
        technician.silent_since_at = since
        work.session.add(technician)
        work.record(TechnicianFellSilent(technician_id=technician.id, since_at=since))


def note_position(
    work: Work, technician: Technician, place: Point, *, at: datetime, accuracy_metres: int = 0
) -> Position:
    """Keep where a technician is. That alone is no answer to a prompt: it must move to be one."""
    position = Position(
        id=work.new_id(),
        technician_id=technician.id,
        at=min(at, work.now),
        received_at=work.now,
        lat=place.lat,
        lng=place.lng,
        accuracy_metres=accuracy_metres,
    )
    work.session.add(position)
    return position
