"""The answers already given to requests that may be repeated."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field

from dispatch.store import Row, UtcDateTime


class IdempotentAnswer(Row, table=True):
    """What a creating request was answered, so that its repetition gets the same; written with its effect."""

    __tablename__ = "idempotent_answers"

    principal: str = Field(primary_key=True, max_length=80)
    route: str = Field(primary_key=True, max_length=80)
    key: str = Field(primary_key=True, max_length=255)
    fingerprint: str = Field(max_length=64)
    status: int
    body: dict[str, Any] = Field(sa_type=JSON)
    visit_id: str | None = Field(default=None, foreign_key="visits.id", max_length=26)
    answered_at: dt.datetime = Field(sa_type=UtcDateTime)
