"""Finding services."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from dispatch.errors import NotFound
from dispatch.services.tables import Service
from dispatch.store import by_id


def get_service(session: Session, service_id: str) -> Service:
    service = session.get(Service, service_id)
    if service is None:
        raise NotFound("There is no such service.")
    return service


def services_of(session: Session, service_ids: Collection[str]) -> dict[str, Service]:
    return by_id(session, Service, service_ids)


def find_by_code(session: Session, code: str) -> Service | None:
    return session.exec(select(Service).where(Service.code == code)).one_or_none()


def list_services(session: Session) -> Sequence[Service]:
    return session.exec(select(Service).where(col(Service.active)).order_by(col(Service.name))).all()
