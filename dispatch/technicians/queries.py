"""Finding technicians, their hours, absences, stock, positions and open prompts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlmodel import Session, col, func, or_, select

from dispatch.errors import NotFound
from dispatch.store import by_id
from dispatch.technicians.tables import (
    Absence,
    Decline,
    DeviceEvent,
    OvertimeGrant,
    Position,
    Prompt,
    Shift,
    Stock,
    Technician,
)


def get_technician(session: Session, technician_id: str) -> Technician:
    technician = session.get(Technician, technician_id)
    if technician is None:
        raise NotFound("There is no such technician.")
    return technician


def technicians_of(session: Session, technician_ids: Collection[str]) -> dict[str, Technician]:
    return by_id(session, Technician, technician_ids)


def find_by_phone(session: Session, phone: str) -> Technician | None:
    query = select(Technician).where(Technician.phone == phone, col(Technician.active))
    return session.exec(query.order_by(col(Technician.id))).first()


def list_technicians(session: Session, territory_id: str) -> Sequence[Technician]:
    query = select(Technician).where(Technician.territory_id == territory_id, col(Technician.active))
    return session.exec(query.order_by(col(Technician.name), col(Technician.id))).all()


def list_former(session: Session, territory_id: str) -> Sequence[Technician]:
    """Who is switched off."""
    query = select(Technician).where(Technician.territory_id == territory_id, ~col(Technician.active))
    return session.exec(query.order_by(col(Technician.name), col(Technician.id))).all()


def list_shifts(session: Session, technician_id: str) -> Sequence[Shift]:
    """The weekly hours, Monday first."""
    query = select(Shift).where(Shift.technician_id == technician_id)
    return session.exec(query.order_by(col(Shift.weekday))).all()


def weeks_of(session: Session, technician_ids: Collection[str]) -> dict[str, list[Shift]]:
    found: dict[str, list[Shift]] = defaultdict(list)
    query = select(Shift).where(col(Shift.technician_id).in_(technician_ids))
    for shift in session.exec(query.order_by(col(Shift.weekday))):
        found[shift.technician_id].append(shift)
    return found


def get_absence(session: Session, absence_id: str) -> Absence:
    absence = session.get(Absence, absence_id)
    if absence is None:
        raise NotFound("There is no such absence.")
    return absence


def list_absences(session: Session, technician_id: str, *, after: datetime) -> Sequence[Absence]:
    """Those that are not over at `after`, the next one first."""
    query = select(Absence).where(
        Absence.technician_id == technician_id,
        or_(col(Absence.end_at).is_(None), col(Absence.end_at) > after),
    )
    return session.exec(query.order_by(col(Absence.start_at))).all()


def shifts_on(session: Session, technician_ids: Collection[str], weekday: int) -> dict[str, Shift]:
    query = select(Shift).where(col(Shift.technician_id).in_(technician_ids), Shift.weekday == weekday)
    return {shift.technician_id: shift for shift in session.exec(query)}


def absences_between(
    session: Session, technician_ids: Collection[str], from_at: datetime, until_at: datetime
) -> dict[str, list[Absence]]:
    query = select(Absence).where(
        col(Absence.technician_id).in_(technician_ids),
        Absence.start_at < until_at,
        or_(col(Absence.end_at).is_(None), col(Absence.end_at) > from_at),
    )
    found: dict[str, list[Absence]] = defaultdict(list)
    for absence in session.exec(query):
        found[absence.technician_id].append(absence)
    return found


def overtime_on(session: Session, technician_ids: Collection[str], day: date) -> dict[str, int]:
    """Granted extra seconds of `day`, by technician."""
    found: dict[str, int] = defaultdict(int)
    query = select(OvertimeGrant.technician_id, OvertimeGrant.seconds).where(
        col(OvertimeGrant.technician_id).in_(technician_ids), OvertimeGrant.day == day
    )
    for technician_id, seconds in session.exec(query):
        found[technician_id] += seconds
    return found


def stock_of(session: Session, technician_ids: Collection[str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    query = select(Stock.technician_id, Stock.part, Stock.quantity)
    for technician_id, part, quantity in session.exec(
        query.where(col(Stock.technician_id).in_(technician_ids))
    ):
        found[technician_id][part] = quantity
    return found


def positions_since(
    session: Session, technician_ids: Collection[str], since: datetime
) -> dict[str, list[Position]]:
    """Each technician's positions from `since` on, oldest first."""
    query = select(Position).where(
        col(Position.technician_id).in_(technician_ids),
        Position.at >= since,
        col(Position.is_suspicious).is_(False),
    )
    found: dict[str, list[Position]] = defaultdict(list)
    for position in session.exec(query.order_by(col(Position.at))):
        found[position.technician_id].append(position)
    return found


def newest_positions(
    session: Session, technician_ids: Collection[str], since: datetime
) -> dict[str, Position]:
    """Each technician's last position from `since` on, of those that are believed."""
    last = (
        select(Position.technician_id, func.max(Position.at).label("at"))
        .where(
            col(Position.technician_id).in_(technician_ids),
            Position.at >= since,
            col(Position.is_suspicious).is_(False),
        )
        .group_by(col(Position.technician_id))
        .subquery()
    )
    query = select(Position).join(
        last, (col(Position.technician_id) == last.c.technician_id) & (col(Position.at) == last.c.at)
    )
    return {one.technician_id: one for one in session.exec(query.order_by(col(Position.id)))}


def last_position(session: Session, technician_id: str, before: datetime) -> Position | None:
    """The newest position up to that instant, believed or not."""
    query = select(Position).where(Position.technician_id == technician_id, Position.at <= before)
    return session.exec(query.order_by(col(Position.at).desc(), col(Position.id).desc()).limit(1)).first()


def find_device_event(session: Session, technician_id: str, client_event_id: str) -> DeviceEvent | None:
    return session.get(DeviceEvent, (technician_id, client_event_id))


def list_declines(session: Session, visit_id: str) -> Sequence[Decline]:
    """Who could not take a visit, oldest first."""
    query = select(Decline).where(Decline.visit_id == visit_id)
    return session.exec(query.order_by(col(Decline.declined_at))).all()


def open_prompts(session: Session, technician_ids: Collection[str], since: datetime) -> Sequence[Prompt]:
    """Prompts from `since` on that nobody answered, oldest first."""
    query = select(Prompt).where(
        col(Prompt.technician_id).in_(technician_ids),
        col(Prompt.answered_at).is_(None),
        Prompt.asked_at >= since,
    )
    return session.exec(query.order_by(col(Prompt.asked_at))).all()


def find_prompt(
    session: Session, technician_id: str, *, visit_id: str, promise_version: int
) -> Prompt | None:
    query = select(Prompt).where(
        Prompt.technician_id == technician_id,
        Prompt.visit_id == visit_id,
        Prompt.promise_version == promise_version,
    )
    return session.exec(query).one_or_none()
