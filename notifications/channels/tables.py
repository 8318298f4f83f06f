"""The pocket: phones that exist only here, so that a text can be read and answered without a provider."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from dispatch.store import Row, UtcDateTime


class PocketText(Row, table=True):
    """A text as it lies on a phone: `out` came from us, `in` was written by the phone's owner."""

    __tablename__ = "pocket_texts"

    id: str = Field(primary_key=True, max_length=40)
    phone: str = Field(max_length=20, index=True)
    direction: str = Field(max_length=3)
    body: str = Field(max_length=1600)
    at: datetime = Field(sa_type=UtcDateTime)
    status: str = Field(max_length=20)


class PocketSwitch(Row, table=True):
    """Whether the pretended provider is down, for the demo and for tests."""

    __tablename__ = "pocket_switch"

    id: int = Field(default=1, primary_key=True)
    down: bool = False
