"""A recovery step by step, from its row and the visit's moves."""

from __future__ import annotations

import datetime as dt

import pytest

from dispatch.board.story import Move, Story, steps_of
from dispatch.recoveries.states import RecoveryState
from dispatch.recoveries.tables import Recovery

TEN = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)


def at(minutes: float) -> dt.datetime:
    return TEN + dt.timedelta(minutes=minutes)


def a_recovery(**changed: object) -> Recovery:
    """Certain at ten, noticed a minute later, a place held at once, told after two minutes, chosen after five."""
    values = {
        "id": "r",
        "visit_id": "v",
        "failure_id": "f",
        "territory_id": "t",
        "day": TEN.date(),
        "state": RecoveryState.ARRANGED,
        "certain_at": at(0),
        "noticed_at": at(1),
        "repaired_at": at(1),
        "told_at": at(2),
        "arranged_at": at(5),
    }
    return Recovery(**{**values, **changed})


def test_each_step_has_its_seconds_since_it_was_certain() -> None:
    closed = {"state": RecoveryState.CLOSED, "closed_at": at(90), "outcome": "done_same_day"}
    steps = steps_of(a_recovery(**closed), [Move("leave", at(30)), Move("arrive", at(40))])
    assert [(step.name, step.seconds) for step in steps] == [
        ("broken", 0),
        ("noticed", 60),
        ("repaired", 60),
        ("told", 120),
        ("chosen", 300),
        ("on_the_way", 1800),
        ("done", 5400),
    ]


@pytest.mark.parametrize(
    ("moves", "minutes"),
    [
        ([], None),
        ([("leave", -20)], None),  # before it was noticed: that was for the old promise
        ([("leave", 10)], 10),
        ([("leave", 10), ("stand_down", 12)], None),
        ([("leave", 10), ("stand_down", 12), ("leave", 15)], 15),
        ([("leave", 10), ("arrive", 20)], 10),
        ([("arrive", 20)], 20),
        ([("leave", 10), ("fail", 20)], None),
    ],
)
def test_who_is_on_the_way(moves: list[tuple[str, float]], minutes: float | None) -> None:
    steps = {
        step.name: step for step in steps_of(a_recovery(), [Move(signal, at(when)) for signal, when in moves])
    }
    assert steps["on_the_way"].at == (None if minutes is None else at(minutes))


def test_closed_without_the_work_is_not_done() -> None:
    closed = a_recovery(state=RecoveryState.CLOSED, closed_at=at(9), outcome="customer_cancelled")
    assert steps_of(closed, [])[-1].at is None


@pytest.mark.parametrize(
    ("changed", "waits_for"),
    [
        ({"repaired_at": None, "told_at": None, "arranged_at": None}, "repaired"),
        ({"told_at": None, "arranged_at": None}, "told"),
        ({"arranged_at": None}, "chosen"),
        ({}, "on_the_way"),
        ({"told_at": None}, "on_the_way"),  # chosen on the phone before any text went out
        ({"state": RecoveryState.CLOSED}, None),
    ],
)
def test_what_it_waits_for(changed: dict[str, object], waits_for: str | None) -> None:
    recovery = a_recovery(**changed)
    story = Story(
        recovery_id="r",
        visit_id="v",
        kind="late",
        fault="company",
        technician_id=None,
        owner=None,
        state=recovery.state,
        outcome=None,
        answer_by_at=None,
        was_held=True,
        is_withheld=False,
        steps=steps_of(recovery, []),
    )
    assert story.waits_for == waits_for
