"""What came free, and whose turn it is: for any windows and any people."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.errors import StateConflict
from dispatch.wishes.rules import Standing, came_free, keep_until, still_known, turn
from dispatch.wishes.states import ARROWS, SoonerSignal, SoonerState, step
from tests.conftest import MONDAY_AT_SEVEN

STARTS = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8)
AHEAD = st.integers(0, 14 * 86_400).map(lambda seconds: MONDAY_AT_SEVEN + dt.timedelta(seconds=seconds))
STANDINGS = st.builds(
    Standing,
    start_at=AHEAD,
    promised_at=AHEAD,
    failures=st.integers(0, 2),
    asked_at=AHEAD,
    wish_id=st.text("0123456789", min_size=1, max_size=3),
)


@given(st.lists(STARTS, min_size=1, max_size=6), STARTS)
def test_nothing_is_news_twice_unless_it_was_gone_in_between(
    looks: list[list[str]], asked: list[str]
) -> None:
    """Looking again and again: what comes free could not be had at some look before, and was not asked about."""
    known: list[str] | None = None
    for number, now in enumerate(looks):
        fresh = came_free(now, known, asked)
        assert set(fresh) <= set(now) - set(asked)
        assert all(any(one not in before for before in looks[:number]) for one in fresh)
        known = still_known(now, known)
        assert set(known) <= set(now)
    assert came_free(looks[0], still_known(looks[0], None), []) == []


@given(st.lists(STANDINGS, min_size=2, max_size=8, unique_by=lambda one: one.wish_id))
def test_the_turns_are_one_order_in_which_whoever_we_let_down_comes_first(people: list[Standing]) -> None:
    first, *others = sorted(people, key=turn)
    for other in others:
        assert turn(first) < turn(other)
        if other.failures:
            assert first.failures
        elif not first.failures:
            assert first.start_at <= other.start_at


@given(AHEAD, AHEAD, st.integers(0, 7200), st.integers(0, 7200))
def test_a_time_is_kept_no_longer_than_somebody_can_still_set_out(
    now: dt.datetime, start_at: dt.datetime, answer: int, notice: int
) -> None:
    until = keep_until(now, start_at, answer_seconds=answer, notice_seconds=notice)
    latest = start_at - dt.timedelta(seconds=notice)
    if until is None:
        assert latest <= now or not answer
    else:
        assert now < until <= min(latest, now + dt.timedelta(seconds=answer))


@given(st.lists(st.sampled_from(SoonerSignal), max_size=12))
def test_an_earlier_time_follows_its_arrows_and_is_taken_at_most_once(signals: list[SoonerSignal]) -> None:
    state, taken = SoonerState.OPEN, 0
    for signal in signals:
        if (state, signal) in ARROWS:
            state = step(state, signal)
            taken += state is SoonerState.TAKEN
        else:
            with pytest.raises(StateConflict):
                step(state, signal)
    assert taken <= 1
