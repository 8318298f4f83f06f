"""Finding services."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from dispatch.errors import NotFound
from dispatch.services.tables import Service


def get_service(session: Session, service_id: str) -> Service:
    service = session.get(Service, service_id)
    if service is None:
        raise NotFound("There is no such service.")
    return service


def find_by_code(session: Session, code: str) -> Service | None:
    return session.exec(select(Service).where(Service.code == code)).one_or_none()


def list_services(session: Session) -> Sequence[Service]:
    return session.exec(select(Service).where(col(Service.active)).order_by(col(Service.name))).all()
