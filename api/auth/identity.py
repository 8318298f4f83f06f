"""From a request's credentials to a Principal: the token in the path, else the bearer token, else the cookie."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime

from fastapi import Request
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from api.auth.cookies import read_cookie
from api.auth.guessing import Flood, Guesses
from api.auth.programs import by_key
from api.principal import NOBODY, Principal
from api.runtime.runtime import Runtime
from dispatch.access.keys import PREFIX
from dispatch.access.links import hash_as_opened, require_open
from dispatch.access.sessions import ENTERING, find_session, is_stale, note_seen
from dispatch.access.tables import DoorSession, Invitation, Scope
from dispatch.board.card_rows import CardRow, follow_link
from dispatch.errors import Erased, NotFound, Unauthenticated
from dispatch.technicians.tables import Technician
from dispatch.territories.tables import Dispatcher
from dispatch.visits.references import spoken
from dispatch.work import SYSTEM, Work

log = logging.getLogger("makegood.auth")

KEY_UNKNOWN = "We do not know this key. It may have run out, or been taken back."


@dataclass(frozen=True, slots=True)
class Secret:
    """What somebody shows at the door: one of the three, the token in the path before the others."""

    in_path: str | None = None
    bearer: str | None = None
    cookie: str | None = None


def shown(request: Request, base_url: str) -> Secret | None:
    """What this request shows, if anything."""
    in_path, bearer = request.path_params.get("token"), _bearer(request)
    cookie = read_cookie(request, base_url)
    return Secret(in_path, bearer, cookie) if in_path or bearer or cookie else None


def identify(request: Request, runtime: Runtime, work: Work, secret: Secret | None) -> Principal:
    """Who asks, now, by what `work` reads: a role taken away, a link revoked or a session ended counts from the next
    request on.

    What a link's visit looks like is read in the same question.
    Raises NotFound for an unknown token in the path, Unauthenticated for an unknown bearer token,
    LinkExpired for a genuine one that has run out, RateLimited for somebody who guesses.
    """
    if secret is None:
        return NOBODY
    token = secret.in_path or secret.bearer
    if not token:
        return _by_cookie(runtime, work, secret.cookie or "")
    address = request.client.host if request.client else "unknown"
    guesses: Guesses = request.app.state.guesses
    flood: Flood = request.app.state.flood
    guesses.require_patience(address)
    is_key = token.startswith(PREFIX) and not secret.in_path
    try:
        if is_key:
            return by_key(request, runtime, work, token)
        return _by_link(work.session, token, work.now)
    except NotFound:
        guesses.note(address)
        flood.note()
        if secret.in_path:
            raise
        raise Unauthenticated(KEY_UNKNOWN if is_key else "We do not know this token.") from None


def _by_cookie(runtime: Runtime, work: Work, secret: str) -> Principal:
    found = find_session(work.session, secret, work.now)
    who = _by_session(work.session, found)
    if found is not None and who is not NOBODY and is_stale(found, work.now):
        _note_seen(runtime, who.session_id)
    return who


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _by_link(session: Session, token: str, now: datetime) -> Principal:
    link = follow_link(session, hash_as_opened(token))
    if link is None:
        raise NotFound()
    visit = link.visit
    if visit and not link.revoked_at:
        _require_not_erased(visit)
    require_open(link, now)
    if link.scope in (Scope.SETUP, Scope.ENROL):
        return Principal(subject_id=link.subject_id, scope=link.scope)
    if link.scope is Scope.CALENDAR:
        technician = session.get(Technician, link.subject_id)
        if technician is None or not technician.active:
            raise NotFound()
        return Principal(subject_id=technician.id, scope=link.scope, territory_id=technician.territory_id)
    if link.scope is Scope.BOOK:
        invitation = session.get(Invitation, link.subject_id)
        if invitation is None:
            raise NotFound()
        return Principal("customer", invitation.id, scope=link.scope, territory_id=invitation.territory_id)
    if visit is None:
        raise NotFound()
    return Principal(
        "customer",
        visit.customer_id,
        scope=link.scope,
        visit_id=visit.visit_id,
        territory_id=visit.territory_id,
    )


def _require_not_erased(visit: CardRow) -> None:
    """A link answers for ever that its customer was erased, also when it has run out. Raises Erased."""
    if visit.erased_at is None:
        return
    at = visit.erased_at.astimezone(visit.zone)
    raise Erased(
        f"Whom visit {spoken(visit.reference)} was for was erased at the customer's request on {at.day} {at:%B %Y}. "
        "What was promised and done stands in our record, about nobody."
    )


def _by_session(session: Session, found: DoorSession | None) -> Principal:
    if found is None:
        return NOBODY
    person: Dispatcher | Technician | None
    if found.role == "technician":
        person = session.get(Technician, found.subject_id)
    else:
        person = session.get(Dispatcher, found.subject_id)
    if person is None or not person.active:
        return NOBODY
    known = Principal(found.role, person.id, territory_id=person.territory_id, session_id=found.id)
    if found.role == ENTERING:
        return replace(known, role="none", is_entering=True)
    return replace(known, duties=person.role) if isinstance(person, Dispatcher) else known


def _note_seen(runtime: Runtime, session_id: str) -> None:
    """Bookkeeping, so that the session does not end as idle: at most once a minute, in a short Work of its own.

    A database that cannot be written just now is no reason to refuse what was asked.
    """
    try:
        with runtime.work(SYSTEM, "seen") as work:
            note_seen(work, session_id)
    except OperationalError:
        log.warning("could not note that session %s was seen", session_id)
