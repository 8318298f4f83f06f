"""Facts as a feed."""

from __future__ import annotations

from typing import Any

from api.schemas.base import Instant, Out
from dispatch.ledger import LedgerEntry


class EventOut(Out):
    seq: int
    at: Instant
    kind: str
    visit_id: str | None
    actor: str
    cause: str
    data: dict[str, Any]
    hash: str

    @classmethod
    def of(cls, entry: LedgerEntry) -> EventOut:
        return cls(**entry.model_dump(exclude={"visit_seq", "prev_hash"}))


class EventsOut(Out):
    """`next` is the cursor for the next question; asking again with it never skips or repeats a fact."""

    events: list[EventOut]
    next: int
