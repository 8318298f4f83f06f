"""Making and opening capability links. Tokens are derived from a secret, so no row or log holds one."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import datetime

from sqlmodel import Session, col, select

from dispatch.access.tables import Link, Scope
from dispatch.errors import LinkExpired, NotFound
from dispatch.events import LinkIssued
from dispatch.work import Work


class LinkKey:
    """The secret from which tokens come. 132 bits of HMAC-SHA-256 in 22 characters."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise ValueError("the link secret must have at least 32 bytes")
        self._secret = secret

    def token(self, scope: Scope, subject_id: str, version: int) -> str:
        message = f"{scope.value}|{subject_id}|{version}".encode()
        digest = hmac.new(self._secret, message, hashlib.sha256).digest()
        return urlsafe_b64encode(digest)[:22].decode()

    def derive(self, purpose: str) -> str:
        """A secret of its own for that purpose, 256 bits in 64 hexadecimal signs; never a link's token."""
        return hmac.new(self._secret, f"secret|{purpose}".encode(), hashlib.sha256).hexdigest()


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def issue(work: Work, key: LinkKey, scope: Scope, subject_id: str, *, expires_at: datetime) -> str:
    """The token of a link for `subject_id`: the one there is, or a new one once that was used."""
    link = _newest(work.session, scope, subject_id)
    if link is None or link.used_at or link.revoked_at:
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


def open_link(session: Session, token: str, scope: Scope, now: datetime) -> Link:
    """The live link behind `token`. Phones glue punctuation to links, so trailing `.,)>` is forgiven.

    Raises NotFound for anything unknown, revoked or of another scope, LinkExpired for a genuine
    token that has run out or was used.
    """
    link = find_link(session, token.rstrip(".,)>"))
    if link is None or link.scope is not scope or link.revoked_at:
        raise NotFound()
    if now >= link.expires_at or link.used_at:
        raise LinkExpired("This link has expired or was already used. Please ask us for a new one.")
    return link


def find_link(session: Session, token: str) -> Link | None:
    return session.exec(select(Link).where(Link.token_hash == hash_token(token))).one_or_none()


def _newest(session: Session, scope: Scope, subject_id: str) -> Link | None:
    query = select(Link).where(Link.scope == scope, Link.subject_id == subject_id)
    return session.exec(query.order_by(col(Link.version).desc())).first()
