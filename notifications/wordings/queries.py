"""Which wording counts now, and which counted before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, func, select

from notifications.languages import SHIPPED, Wording
from notifications.wordings.tables import WordingVersion


def own_wording(session: Session, language: str, *, at: datetime | None = None) -> Wording:
    """What the office says otherwise than we ship it, in one of our languages, by the template's name; or said then."""
    versions = select(WordingVersion.name, func.max(WordingVersion.version).label("version"))
    versions = versions.where(WordingVersion.language == language)
    if at is not None:
        versions = versions.where(WordingVersion.at <= at)
    newest = versions.group_by(col(WordingVersion.name)).subquery()
    query = select(WordingVersion.name, WordingVersion.text).join(
        newest,
        (col(WordingVersion.name) == newest.c.name) & (col(WordingVersion.version) == newest.c.version),
    )
    rows = session.exec(query.where(WordingVersion.language == language))
    return {name: text for name, text in rows if text is not None}


def wording_of(session: Session, language: str) -> Wording:
    """Every text of one of our languages as it goes out now."""
    return {**SHIPPED[language], **own_wording(session, language)}


def list_versions(session: Session, language: str, name: str) -> Sequence[WordingVersion]:
    """Newest first; nothing for a text that nobody ever changed."""
    query = select(WordingVersion).where(WordingVersion.language == language, WordingVersion.name == name)
    return session.exec(query.order_by(col(WordingVersion.version).desc())).all()
