"""Sessions: begun by a link that works once or by signing in, ended by time, by idleness or by hand."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from dispatch.access.links import hash_token, open_link
from dispatch.access.tables import DoorSession, Link, Scope
from dispatch.errors import LinkExpired, NotFound
from dispatch.events import SessionEnded
from dispatch.work import Work

ENTERING = "entering"  # knows the password; the second factor is still missing
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Lasts:
    """How long a session lasts at most, and how long while nothing is asked for."""

    at_most: timedelta
    idle: timedelta | None = None


LASTS = {
    ENTERING: Lasts(timedelta(minutes=15)),
    "dispatcher": Lasts(timedelta(hours=12), timedelta(minutes=30)),
    "technician": Lasts(timedelta(days=30)),
}
DEV_LASTS = Lasts(timedelta(days=365))  # on a clock at sixty times the speed, twelve hours are twelve minutes


def use_up(work: Work, token: str, scope: Scope) -> Link:
    """The link behind `token`, which from now on opens nothing any more.

    Raises NotFound for a link of no or another kind, LinkExpired when it was used: of two who press
    at the same moment one is let in.
    """
    link = open_link(work.session, token, scope, work.now)
    unused = update(Link).where(col(Link.id) == link.id, col(Link.used_at).is_(None))
    if work.session.execute(unused.values(used_at=work.now).returning(col(Link.id))).first() is None:
        raise LinkExpired("This link was already used. Please ask for a new one.")
    return link


def begin_session(work: Work, role: str, subject_id: str, *, lasts: Lasts, device: str = "") -> str:
    """The new session's secret, of which only the hash is kept."""
    secret = secrets.token_urlsafe(24)
    work.session.add(
        DoorSession(
            id=work.new_id(),
            token_hash=hash_token(secret),
            role=role,
            subject_id=subject_id,
            created_at=work.now,
            expires_at=work.now + lasts.at_most,
            seen_at=work.now,
            idle_seconds=int(lasts.idle.total_seconds()) if lasts.idle else None,
            device=device[:60],
        )
    )
    return secret


def find_session(session: Session, secret: str, now: datetime) -> DoorSession | None:
    found = session.exec(
        select(DoorSession).where(DoorSession.token_hash == hash_token(secret))
    ).one_or_none()
    return found if found and is_live(found, now) else None


def is_live(found: DoorSession, now: datetime) -> bool:
    """Not ended, not over, and not forgotten on a desk."""
    if found.ended_at is not None or now >= found.expires_at:
        return False
    idle_seconds = (now - (found.seen_at or found.created_at)).total_seconds()
    return found.idle_seconds is None or idle_seconds < found.idle_seconds


def is_stale(found: DoorSession, now: datetime) -> bool:
    """Whether it should be written down that somebody is here: once a minute, where idleness counts."""
    return found.idle_seconds is not None and now - (found.seen_at or found.created_at) >= SEEN_EVERY


def note_seen(work: Work, session_id: str) -> None:
    """Somebody is here. Of several who say so in the same minute one writes."""
    stale = update(DoorSession).where(
        col(DoorSession.id) == session_id, col(DoorSession.seen_at) <= work.now - SEEN_EVERY
    )
    work.session.execute(stale.values(seen_at=work.now))


def list_sessions(session: Session, subject_ids: Sequence[str], now: datetime) -> list[DoorSession]:
    """The live ones of those people, newest first."""
    query = select(DoorSession).where(
        col(DoorSession.subject_id).in_(subject_ids),
        col(DoorSession.ended_at).is_(None),
        col(DoorSession.expires_at) > now,
        col(DoorSession.role) != ENTERING,
    )
    rows = session.exec(query.order_by(col(DoorSession.created_at).desc())).all()
    return [row for row in rows if is_live(row, now)]


def leave(work: Work, secret: str) -> None:
    """Sign out."""
    found = find_session(work.session, secret, work.now)
    if found:
        found.ended_at = work.now
        work.session.add(found)


def end_session(work: Work, session_id: str, *, subject_ids: Sequence[str]) -> None:
    """One session of one of those people. Raises NotFound for anybody else's; one that is over stays over."""
    found = work.session.get(DoorSession, session_id)
    if found is None or found.subject_id not in subject_ids:
        raise NotFound("There is no such session.")
    if found.ended_at is None:
        found.ended_at = work.now
        work.session.add(found)
        work.record(SessionEnded(session_id=found.id, subject_id=found.subject_id))


def end_sessions(work: Work, subject_id: str, *, but: str = "") -> None:
    """Every session of that person, at once; `but` is the id of one that stays."""
    live = update(DoorSession).where(
        col(DoorSession.subject_id) == subject_id,
        col(DoorSession.ended_at).is_(None),
        col(DoorSession.id) != but,
    )
    work.session.execute(live.values(ended_at=work.now))
