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


class PocketLandline(Row, table=True):
    """A phone that takes calls and no texts."""

    __tablename__ = "pocket_landlines"

    phone: str = Field(primary_key=True, max_length=20)


class PocketCall(Row, table=True):
    """A call as a phone has it; `status` in a provider's words."""

    __tablename__ = "pocket_calls"

    id: str = Field(primary_key=True, max_length=40)
    call_id: str = Field(max_length=26)
    phone: str = Field(max_length=20, index=True)
    at: datetime = Field(sa_type=UtcDateTime)
    status: str = Field(max_length=20)
