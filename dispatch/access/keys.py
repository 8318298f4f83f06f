"""Keys of programs: made once, shown once, kept as a hash, good until they run out or are taken back."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from dispatch.access.links import hash_token
from dispatch.access.tables import ApiKey
from dispatch.errors import NotFound
from dispatch.events import ApiKeyMade, ApiKeyRevoked
from dispatch.words import clean
from dispatch.work import Work

PREFIX = "mgk_"  # so that whoever finds one, or searches a log for one, knows what it is
NOTED_EVERY = timedelta(minutes=5)


def make_key(
    work: Work, name: str, scopes: Collection[str], *, territory_id: str | None, expires_at: datetime
) -> tuple[ApiKey, str]:
    """A new key and its secret, which nobody can be shown again. Raises Invalid for an unfit name."""
    secret = PREFIX + secrets.token_urlsafe(24)
    key = ApiKey(
        id=work.new_id(),
        token_hash=hash_token(secret),
        name=clean(name, "name"),
        scopes=sorted(scopes),
        territory_id=territory_id,
        created_by=str(work.actor),
        created_at=work.now,
        expires_at=expires_at,
    )
    work.session.add(key)
    work.session.flush()
    work.record(ApiKeyMade(key_id=key.id, scopes=tuple(key.scopes), expires_at=expires_at))
    return key, secret


def find_key(session: Session, secret: str, now: datetime) -> ApiKey | None:
    """The live key of that secret."""
    key = session.exec(select(ApiKey).where(ApiKey.token_hash == hash_token(secret))).one_or_none()
    return key if key and key.revoked_at is None and now < key.expires_at else None


def list_keys(session: Session, territory_id: str) -> Sequence[ApiKey]:
    """The keys that reach into that territory, the newest first."""
    query = select(ApiKey).where(
        or_(col(ApiKey.territory_id) == territory_id, col(ApiKey.territory_id).is_(None))
    )
    return session.exec(query.order_by(col(ApiKey.created_at).desc(), col(ApiKey.id))).all()


def revoke_key(work: Work, territory_id: str, key_id: str) -> None:
    """Taken back from the next request on; twice is once. Raises NotFound for another territory's."""
    key = work.session.get(ApiKey, key_id)
    if key is None or key.territory_id not in (territory_id, None):
        raise NotFound("There is no such key.")
    if key.revoked_at is None:
        key.revoked_at = work.now
        work.session.add(key)
        work.record(ApiKeyRevoked(key_id=key.id))


def is_use_unknown(key: ApiKey, now: datetime) -> bool:
    return key.last_used_at is None or now - key.last_used_at >= NOTED_EVERY


def note_use(work: Work, key_id: str) -> None:
    """When a key was last used, to five minutes: what only reads must not write each time."""
    mine = update(ApiKey).where(col(ApiKey.id) == key_id)
    work.session.execute(mine.values(last_used_at=work.now))
