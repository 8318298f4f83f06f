"""Asking somebody to leave, hearing from them, losing sight of them, and where they were."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import col

from dispatch.events import (
    TechnicianAnswered,
    TechnicianFellSilent,
    TechnicianHeardFrom,
    TechnicianPrompted,
)
from dispatch.technicians.locating import is_on_shift
from dispatch.technicians.queries import find_prompt, last_position, open_prompts
from dispatch.technicians.tables import (
    Position,
    Prompt,
    Technician,
)
from dispatch.travel.apart import metres_apart
from dispatch.travel.port import OffRoad, Point, TravelError
from dispatch.work import Work

STEPS = ("left", "done", "nobody home", "cannot finish")  # after these nobody is as late as they said before
POSITIONS_KEPT = timedelta(days=60)
FASTEST_METRES_A_SECOND, SLACK_METRES = 70.0, 500.0  # 250 km/h: no van; and phones jump a little


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
    """Any sign of life answers every open prompt and ends a silence; the next step ends being late."""
    since = work.now - timedelta(hours=24)
    if technician.busy_until_at is not None and answer in STEPS:
        technician.busy_until_at = None
        work.session.add(technician)
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
) -> Position | None:
    """Keep where a technician is. That alone is no answer to a prompt: it must move to be one.

    None, and nothing but a count is kept, outside their shift and in a pause. Whatever nobody can have driven to
    since the position before it, or where no road is near, is kept as suspicious.
    """
    at = min(at, work.now)
    if technician.was_paused(at, work.now) or not is_on_shift(work, technician, at):
        drop_position(work, technician)
        return None
    position = Position(
        id=work.new_id(),
        technician_id=technician.id,
        at=at,
        received_at=work.now,
        lat=place.lat,
        lng=place.lng,
        accuracy_metres=accuracy_metres,
        is_suspicious=_is_too_fast(work, technician, place, at) or _is_off_road(work, technician, place),
    )
    work.session.add(position)
    return position


def drop_position(work: Work, technician: Technician) -> None:
    """Counted, so that the technician sees that the phone sends what nobody keeps."""
    count = update(Technician).where(col(Technician.id) == technician.id)
    dropped = col(Technician.positions_dropped) + 1
    work.session.execute(
        count.values(positions_dropped=dropped), execution_options={"synchronize_session": False}
    )


def _is_off_road(work: Work, technician: Technician, place: Point) -> bool:
    """No drive begins there: what is planned from such a place would be planned from nowhere."""
    try:
        work.travel.seconds(Point(technician.home_lat, technician.home_lng), place)
    except OffRoad:
        return True
    except TravelError:  # nobody can say now: that is no reason to doubt the phone
        return False
    return False


def _is_too_fast(work: Work, technician: Technician, place: Point, at: datetime) -> bool:
    before = last_position(work.session, technician.id, at)
    if before is None:
        return False
    metres = metres_apart(Point(before.lat, before.lng), place) - before.accuracy_metres - SLACK_METRES
    return metres / max(1.0, (at - before.at).total_seconds()) > FASTEST_METRES_A_SECOND
