"""The secret behind all links was changed: links of the one before go on, or end; new texts carry new ones."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import col, select

from dispatch.access.links import LinkKey, issue
from dispatch.access.tables import Link, Scope
from dispatch.work import Work


def list_foreign(work: Work, key: LinkKey) -> Sequence[Link]:
    """Links that still open something and whose tokens do not come from `key`."""
    query = select(Link).where(
        col(Link.used_at).is_(None), col(Link.revoked_at).is_(None), Link.expires_at > work.now
    )
    return [link for link in work.session.exec(query.order_by(col(Link.version))) if not key.made(link)]


def renew(work: Work, key: LinkKey, previous: LinkKey | None) -> None:
    """Each visit with a link of another secret gets one of `key`, which stands in every text from now on.

    Those of `previous` open until they expire. All others are revoked: whoever knows that secret can make them.
    """
    for link in list_foreign(work, key):
        if previous is None or not previous.made(link):
            link.revoked_at = work.now
            work.session.add(link)
        if link.scope is Scope.TRACK:
            issue(work, key, link.scope, link.subject_id, expires_at=link.expires_at)
