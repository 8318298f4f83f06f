"""Who works in the office, as what: inviting, changing a role, switching off. Somebody always remains who can do it."""

from __future__ import annotations

import unicodedata

from sqlmodel import col, select

from dispatch.access.links import revoke
from dispatch.access.sessions import end_sessions
from dispatch.access.tables import Scope
from dispatch.errors import Invalid, StateConflict
from dispatch.events import StaffChanged
from dispatch.territories.queries import lock_territory
from dispatch.territories.tables import Dispatcher, StaffRole
from dispatch.work import Work

LAST_ADMIN = "This is the last admin here: make somebody else an admin first, so that the house keeps somebody who can."


def email_key(text: str) -> str:
    """`text` as addresses are compared: two ways to write one are one."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def email_address(text: str) -> str:
    """`text` in small letters. Raises Invalid for what cannot be an address; only a letter to it would prove more."""
    kept = email_key(text)
    name, at, host = kept.rpartition("@")
    fits = name and at and "." in host.strip(".") and not any(sign.isspace() for sign in kept)
    if not fits or len(kept) > 254 or "@" in name:
        raise Invalid.field("email", "email_invalid", "Please give an e-mail address, like dana@example.com.")
    return kept


def find_by_email(work: Work, email: str) -> Dispatcher | None:
    """Whoever signs in with this address, if they work here."""
    query = select(Dispatcher).where(Dispatcher.email == email, col(Dispatcher.active))
    return work.session.exec(query).one_or_none()


def set_email(work: Work, person: Dispatcher, email: str) -> None:
    """Raises Invalid for an address that somebody else signs in with."""
    taken = select(Dispatcher.id).where(Dispatcher.email == email, Dispatcher.id != person.id)
    if work.session.exec(taken).first() is not None:
        raise Invalid.field("email", "email_taken", "Somebody else here signs in with this address.")
    person.email = email
    work.session.add(person)


def change_role(work: Work, person: Dispatcher, role: StaffRole) -> None:
    """Counts from their next request on. Raises StateConflict for the last admin."""
    if role is person.role:
        return
    if person.role is StaffRole.ADMIN:
        _require_another_admin(work, person)
    person.role = role
    _changed(work, person)


def switch_off(work: Work, person: Dispatcher) -> None:
    """They cannot sign in any more, and every session of theirs ends now. Raises StateConflict for the last admin."""
    if not person.active:
        return
    if person.role is StaffRole.ADMIN:
        _require_another_admin(work, person)
    person.active = False
    end_sessions(work, person.id)
    revoke(work, Scope.SETUP, person.id)
    _changed(work, person)


def switch_on(work: Work, person: Dispatcher) -> None:
    """Back again, with the password and the second factor of before."""
    if not person.active:
        person.active = True
        _changed(work, person)


def _require_another_admin(work: Work, person: Dispatcher) -> None:
    """Two admins who demote each other in the same moment queue here, and the second is refused."""
    lock_territory(work.session, person.territory_id)
    others = select(Dispatcher.id).where(
        Dispatcher.territory_id == person.territory_id,
        col(Dispatcher.active),
        Dispatcher.role == StaffRole.ADMIN,
        Dispatcher.id != person.id,
    )
    if work.session.exec(others).first() is None:
        raise StateConflict(LAST_ADMIN, current_state=person.role.value)


def _changed(work: Work, person: Dispatcher) -> None:
    work.session.add(person)
    work.record(
        StaffChanged(
            dispatcher_id=person.id,
            territory_id=person.territory_id,
            role=person.role.value,
            active=person.active,
        )
    )
