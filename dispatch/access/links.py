"""Making and opening capability links. Tokens are derived from a secret, so no row or log holds one."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b32encode, urlsafe_b64encode
from datetime import datetime
from typing import Protocol

from sqlalchemy import update
from sqlmodel import Session, col, select

from dispatch.access.tables import Link, Scope
from dispatch.errors import LinkExpired, NotFound
from dispatch.events import LinkIssued
from dispatch.work import Work


class LinkKey:
    """The secret from which tokens come. 132 bits of HMAC-SHA-256 in 22 characters. `previous` is the one before it."""

    def __init__(self, secret: bytes, previous: LinkKey | None = None) -> None:
        if len(secret) < 32:
            raise ValueError("the link secret must have at least 32 bytes")
        self._secret, self.previous = secret, previous

    def token(self, scope: Scope, subject_id: str, version: int) -> str:
        return urlsafe_b64encode(self._derive(scope.value, subject_id, version))[:22].decode()

    def app_secret(self, dispatcher_id: str, version: int) -> str:
        """What an authenticator app shares with us: 160 bits, as RFC 4226 recommends, in base 32."""
        return b32encode(self._derive("second factor", dispatcher_id, version)[:20]).decode()

    def _derive(self, purpose: str, subject_id: str, version: int) -> bytes:
        message = f"{purpose}|{subject_id}|{version}".encode()
        return hmac.new(self._secret, message, hashlib.sha256).digest()

    def made(self, link: Link) -> bool:
        """Whether the token of that link comes from this secret."""
        return hash_token(self.token(link.scope, link.subject_id, link.version)) == link.token_hash

    def digits(self, code_id: str) -> str:
        """The six digits of a code."""
        digest = hmac.new(self._secret, f"code|{code_id}".encode(), hashlib.sha256).digest()
        return f"{int.from_bytes(digest[:8]) % 1_000_000:06d}"

    def for_phones(self) -> bytes:
        """The key of the marks of erased phones (`words.mark_of`): another secret from the same one."""
        return hmac.new(self._secret, b"phones", hashlib.sha256).digest()

    def derive(self, purpose: str) -> str:
        """A secret of its own for that purpose, 256 bits in 64 hexadecimal signs; never a link's token."""
        return hmac.new(self._secret, f"secret|{purpose}".encode(), hashlib.sha256).hexdigest()


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def hash_as_opened(token: str) -> str:
    """Phones glue punctuation to links, so trailing `.,)>` is forgiven."""
    return hash_token(token.rstrip(".,)>"))


def issue(work: Work, key: LinkKey, scope: Scope, subject_id: str, *, expires_at: datetime) -> str:
    """The token of a link for `subject_id`: the one there is, or a new one once that was used, revoked, or of a
    secret that has been changed since."""
    link = newest(work.session, scope, subject_id)
    if link is None or link.used_at or link.revoked_at or not key.made(link):
        version = link.version + 1 if link else 1
        token = key.token(scope, subject_id, version)
        link = Link(
            id=work.new_id(),
            token_hash=hash_token(token),
            scope=scope,
            subject_id=subject_id,
            version=version,
            created_at=work.now,
            expires_at=expires_at,
        )
        visit_id = subject_id if scope is Scope.TRACK else None
        work.record(LinkIssued(visit_id=visit_id, link_id=link.id, scope=scope.value, expires_at=expires_at))
    link.expires_at = max(link.expires_at, expires_at)
    work.session.add(link)
    work.session.flush()
    return key.token(scope, subject_id, link.version)


def revoke(work: Work, scope: Scope, subject_id: str) -> None:
    """Whatever link of this kind is still about opens nothing any more."""
    live = update(Link).where(
        col(Link.scope) == scope, col(Link.subject_id) == subject_id, col(Link.used_at).is_(None)
    )
    work.session.execute(live.values(revoked_at=work.now))


def open_link(session: Session, token: str, scope: Scope, now: datetime) -> Link:
    """The live link behind `token`.

    Raises NotFound for anything unknown, revoked or of another scope, LinkExpired for a genuine
    token that has run out or was used.
    """
    link = find_link(session, token)
    if link is None or link.scope is not scope:
        raise NotFound()
    require_open(link, now)
    return link


class Capability(Protocol):
    """What says whether a link opens: the row, or what was read of it."""

    @property
    def expires_at(self) -> datetime: ...

    @property
    def used_at(self) -> datetime | None: ...

    @property
    def revoked_at(self) -> datetime | None: ...


def require_open(link: Capability, now: datetime) -> None:
    """Raises NotFound for a revoked link, LinkExpired for one that has run out or was used."""
    if link.revoked_at:
        raise NotFound()
    if now >= link.expires_at or link.used_at:
        raise LinkExpired("This link has expired or was already used. Please ask us for a new one.")


def find_link(session: Session, token: str) -> Link | None:
    return session.exec(select(Link).where(Link.token_hash == hash_as_opened(token))).one_or_none()


def newest(session: Session, scope: Scope, subject_id: str) -> Link | None:
    """The last link that was made for this purpose, whatever became of it."""
    query = select(Link).where(Link.scope == scope, Link.subject_id == subject_id)
    return session.exec(query.order_by(col(Link.version).desc())).first()
