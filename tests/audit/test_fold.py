"""The fold alone: entries in, a visit's history out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from dispatch.audit import History, fold
from dispatch.audit.ledger_fold import Told, Window
from dispatch.promises.states import PromiseState
from dispatch.visits.states import VisitState

EIGHT, TEN = "2026-03-02T08:00:00+00:00", "2026-03-02T10:00:00+00:00"
NOON = "2026-03-02T13:00:00+01:00"


def entry(kind: str, **data: Any) -> Told:
    return Told(seq=1, visit_id="v", kind=kind, data=data)


def made(version: int, start_at: str, end_at: str) -> Told:
    return entry("promise_made", version=version, start_at=start_at, end_at=end_at, zone="Europe/Berlin")


def test_nothing_folds_to_nothing() -> None:
    assert fold([]) == History()


def test_booked_broken_and_promised_again() -> None:
    told = fold(
        [
            entry("visit_booked", reference="K7M4QXA"),
            made(1, EIGHT, TEN),
            entry("note_kept", note_id="n"),
            entry("promise_settled", version=1, outcome="broken"),
            entry("visit_stepped", signal="fail", from_state="booked", to_state="failed"),
            entry("visit_stepped", signal="rebook", from_state="failed", to_state="booked"),
            made(2, TEN, NOON),
        ]
    )
    assert (told.reference, told.state, told.promise_version) == ("K7M4QXA", VisitState.BOOKED, 2)
    assert told.promises == {1: PromiseState.BROKEN, 2: PromiseState.OPEN}
    ten, noon = (dt.datetime(2026, 3, 2, hour, tzinfo=dt.UTC) for hour in (10, 12))
    assert told.windows[2] == Window(ten, noon, "Europe/Berlin")
