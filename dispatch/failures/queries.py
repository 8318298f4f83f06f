"""Finding failures."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from dispatch.errors import NotFound
from dispatch.failures.tables import Failure
from dispatch.store import by_id


def get_failure(session: Session, failure_id: str) -> Failure:
    failure = session.get(Failure, failure_id)
    if failure is None:
        raise NotFound("There is no such failure.")
    return failure


def failures_of(session: Session, failure_ids: Collection[str]) -> dict[str, Failure]:
    return by_id(session, Failure, failure_ids)


def find_failure(session: Session, visit_id: str, promise_version: int) -> Failure | None:
    query = select(Failure).where(Failure.visit_id == visit_id, Failure.promise_version == promise_version)
    return session.exec(query).one_or_none()


def list_for_visit(session: Session, visit_id: str) -> Sequence[Failure]:
    query = select(Failure).where(Failure.visit_id == visit_id)
    return session.exec(query.order_by(col(Failure.noticed_at))).all()
