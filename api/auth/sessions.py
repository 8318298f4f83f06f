"""Sessions of staff and technicians: begun by a link that works once, ended by time or by hand."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from dispatch.access.links import hash_token, open_link
from dispatch.access.tables import DoorSession, Link, Scope
from dispatch.errors import LinkExpired
from dispatch.work import Work

LIFETIME = {"dispatcher": timedelta(hours=12), "technician": timedelta(days=30)}
DEV_LIFETIME = timedelta(days=365)  # on a clock at sixty times the speed, twelve hours are twelve minutes

ROLE = {Scope.SETUP: "dispatcher", Scope.ENROL: "technician"}


def enter(work: Work, token: str, scope: Scope, *, lifetime: timedelta) -> str:
    """Use up a set-up or enrolment link; returns the new session's secret, of which only the hash is kept.

    Raises NotFound for a link of no or another kind, LinkExpired when it was used: of two who press
    at the same moment one is let in.
    """
    link = open_link(work.session, token, scope, work.now)
    unused = update(Link).where(col(Link.id) == link.id, col(Link.used_at).is_(None))
    if work.session.execute(unused.values(used_at=work.now).returning(col(Link.id))).first() is None:
        raise LinkExpired("This link was already used. Please ask for a new one.")
    secret = secrets.token_urlsafe(24)
    work.session.add(
        DoorSession(
            id=work.new_id(),
            token_hash=hash_token(secret),
            role=ROLE[scope],
            subject_id=link.subject_id,
            created_at=work.now,
            expires_at=work.now + lifetime,
        )
    )
    return secret


def find_session(session: Session, secret: str, now: datetime) -> DoorSession | None:
    found = session.exec(
        select(DoorSession).where(DoorSession.token_hash == hash_token(secret))
    ).one_or_none()
    return found if found and found.ended_at is None and now < found.expires_at else None


def leave(work: Work, secret: str) -> None:
    found = find_session(work.session, secret, work.now)
    if found:
        found.ended_at = work.now
        work.session.add(found)
