"""The customer's record: only what concerns them, each fact as one sentence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from api.pages.words import record
from dispatch.ledger import LedgerEntry
from tests.builders import a_territory
from tests.conftest import OpenWork

AT = datetime(2026, 3, 2, 11, 45, tzinfo=UTC)


def entry(kind: str, **data: Any) -> LedgerEntry:
    return LedgerEntry(
        seq=1, at=AT, kind=kind, actor="clock", cause="sweep", data=data, prev_hash="", hash=""
    )


def test_a_text_to_the_technician_is_no_text_to_the_customer(work: OpenWork) -> None:
    told = [
        entry("message_queued", message_id="a", purpose="technician_prompt"),
        entry("message_queued", message_id="b", purpose="recovery_offer"),
        entry("message_settled", message_id="a", outcome="accepted"),
        entry("visit_at_risk"),
        entry("message_settled", message_id="b", outcome="delivered"),
    ]
    with work() as w:
        lines = [line.text for line in record(w.session, told, a_territory(w))]
    assert lines == ["We saw that the time could be missed.", "The text arrived on the phone."]
