"""Texts that came in, what they were understood as, and who may be texted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field

from dispatch.store import Row, UtcDateTime


class InboundText(Row, table=True):
    """One received text, one effect for ever. The body is personal; the ledger has a commitment.

    Until it was acted on, `effect` is empty; after three tries a person reads it.
    """

    __tablename__ = "inbound_texts"
    __table_args__ = (
        Index(
            "ix_inbound_texts_waiting",
            "received_at",
            sqlite_where=text("effect = ''"),
            postgresql_where=text("effect = ''"),
        ),
    )

    id: str = Field(primary_key=True, max_length=26)
    provider_sid: str = Field(max_length=64, unique=True)
    phone: str = Field(max_length=20, index=True)
    body: str = Field(max_length=1600)
    salt: str = Field(max_length=32)
    received_at: datetime = Field(sa_type=UtcDateTime, index=True)
    intent: str = Field(max_length=30)
    effect: str = Field(max_length=120)
    is_answered: bool = False
    tries: int = 0
    visit_id: str | None = Field(default=None, foreign_key="visits.id", index=True, max_length=26)
    answer_by_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    handled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    handled_by: str | None = Field(default=None, max_length=80)


class Consent(Row, table=True):
    """What a phone's owner last said about our texts; append-only, the newest row counts.

    `words` is the version of what was shown or read out, or what they said; `source` how (web, office, sms, provider);
    `by` who wrote it down; `seen_from` the address and browser it came from.
    """

    __tablename__ = "consents"

    id: str = Field(primary_key=True, max_length=26)
    phone: str = Field(max_length=20, index=True)
    state: str = Field(max_length=8)
    source: str = Field(max_length=40)
    words: str = Field(default="", max_length=40)
    purpose: str = Field(default="service", max_length=12)
    language: str = Field(default="", max_length=12)
    by: str = Field(default="", max_length=80)
    seen_from: str = Field(default="", max_length=160)
    at: datetime = Field(sa_type=UtcDateTime)
