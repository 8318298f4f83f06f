"""Finding territories and the people of their offices."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from dispatch.errors import NotFound
from dispatch.store import by_id
from dispatch.territories.tables import Dispatcher, Territory


def get_territory(session: Session, territory_id: str) -> Territory:
    territory = session.get(Territory, territory_id)
    if territory is None:
        raise NotFound()
    return territory


def territories_of(session: Session, territory_ids: Collection[str]) -> dict[str, Territory]:
    return by_id(session, Territory, territory_ids)


def lock_territory(session: Session, territory_id: str) -> Territory:
    """The territory, fresh, and nobody else's to change until the work is committed."""
    query = select(Territory).where(Territory.id == territory_id).with_for_update(key_share=True)
    territory = session.exec(query.execution_options(populate_existing=True)).one_or_none()
    if territory is None:
        raise NotFound()
    return territory


def list_territories(session: Session) -> Sequence[Territory]:
    return session.exec(select(Territory).order_by(col(Territory.name))).all()


def find_dispatcher(session: Session, dispatcher_id: str | None) -> Dispatcher | None:
    return session.get(Dispatcher, dispatcher_id) if dispatcher_id else None


def get_dispatcher(session: Session, dispatcher_id: str) -> Dispatcher:
    found = session.get(Dispatcher, dispatcher_id)
    if found is None:
        raise NotFound()
    return found


def dispatchers_of(session: Session, dispatcher_ids: Collection[str]) -> dict[str, Dispatcher]:
    return by_id(session, Dispatcher, dispatcher_ids)


def list_ladder(session: Session, territory_id: str) -> Sequence[Dispatcher]:
    """The office's people, first asked first."""
    query = select(Dispatcher).where(Dispatcher.territory_id == territory_id, col(Dispatcher.active))
    return session.exec(query.order_by(col(Dispatcher.ladder), col(Dispatcher.id))).all()


def list_office(session: Session, territory_id: str) -> Sequence[Dispatcher]:
    """Everybody who works or worked in the office; whoever is switched off comes last."""
    query = select(Dispatcher).where(Dispatcher.territory_id == territory_id)
    order = (col(Dispatcher.active).desc(), col(Dispatcher.ladder), col(Dispatcher.id))
    return session.exec(query.order_by(*order)).all()
