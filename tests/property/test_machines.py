"""Any order of signals keeps the machines legal: each step is an arrow of the table or a refusal that says so."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.errors import StateConflict
from dispatch.promises.states import ARROWS as PROMISE_ARROWS
from dispatch.promises.states import PromiseState, settle
from dispatch.recoveries.states import ARROWS as RECOVERY_ARROWS
from dispatch.recoveries.states import RecoverySignal, RecoveryState
from dispatch.recoveries.states import step as step_recovery
from dispatch.visits.states import ARROWS as VISIT_ARROWS
from dispatch.visits.states import LIVE, Signal, VisitState, allowed
from dispatch.visits.states import step as step_visit
from notifications.outbox.states import AFTER_ATTEMPT, FINAL, RANK, MessageState, Outcome, after_callback

TOLD = (MessageState.SENT, MessageState.UNDELIVERED, MessageState.DELIVERED)


@given(st.lists(st.sampled_from(Signal), max_size=30))
def test_a_visit_follows_its_arrows_whatever_is_signalled(signals: list[Signal]) -> None:
    state = VisitState.BOOKED
    for signal in signals:
        if signal in allowed(state):
            assert (state, signal) in VISIT_ARROWS
            state = step_visit(state, signal)
        else:
            with pytest.raises(StateConflict) as refused:
                step_visit(state, signal)
            assert refused.value.details == {"current_state": state.value, "signal": signal.value}


def test_what_is_over_stays_over_but_for_a_cancellation_that_is_undone() -> None:
    ways_out = {state: allowed(state) for state in VisitState if state not in LIVE}
    assert ways_out == {
        VisitState.DONE: [],
        VisitState.CLOSED: [],
        VisitState.CANCELLED: [Signal.UNDO_CANCEL],
    }


def test_every_live_visit_can_still_end_and_every_state_can_be_reached() -> None:
    reached, edge = {VisitState.BOOKED}, {VisitState.BOOKED}
    while edge:
        edge = {step_visit(state, signal) for state in edge for signal in allowed(state)} - reached
        reached |= edge
    assert reached == set(VisitState)
    for state in LIVE:
        assert Signal.FAIL in allowed(state) or Signal.CLOSE in allowed(state)


@given(st.lists(st.sampled_from(PromiseState), max_size=20))
def test_a_promise_is_settled_along_its_arrows_only(outcomes: list[PromiseState]) -> None:
    state = PromiseState.OPEN
    for outcome in outcomes:
        if (state, outcome) in PROMISE_ARROWS:
            state = settle(state, outcome)
            assert state is outcome
        else:
            with pytest.raises(StateConflict) as refused:
                settle(state, outcome)
            assert refused.value.details == {"current_state": state.value}


def test_a_broken_promise_is_never_called_kept_afterwards() -> None:
    ways_out = {
        state: {after for before, after in PROMISE_ARROWS if before is state} for state in PromiseState
    }
    assert ways_out[PromiseState.BROKEN] == ways_out[PromiseState.MOVED] == set()
    assert ways_out[PromiseState.KEPT] == {PromiseState.BROKEN}
    assert ways_out[PromiseState.RELEASED] == {PromiseState.OPEN}


@given(st.lists(st.sampled_from(RecoverySignal), max_size=30))
def test_a_recovery_follows_its_arrows_whatever_is_signalled(signals: list[RecoverySignal]) -> None:
    state = RecoveryState.OPEN
    for signal in signals:
        if (state, signal) in RECOVERY_ARROWS:
            state = step_recovery(state, signal)
        else:
            with pytest.raises(StateConflict) as refused:
                step_recovery(state, signal)
            assert refused.value.details == {"current_state": state.value, "signal": signal.value}


def test_a_recovery_can_be_closed_from_everywhere_and_nothing_opens_it_again() -> None:
    for state, signal in product(RecoveryState, RecoverySignal):
        known = (state, signal) in RECOVERY_ARROWS
        if state is RecoveryState.CLOSED:
            assert not known
        elif signal is RecoverySignal.CLOSE:
            assert RECOVERY_ARROWS[state, signal] is RecoveryState.CLOSED


@given(st.sampled_from(MessageState), st.lists(st.sampled_from(TOLD), max_size=12))
def test_what_is_known_about_a_text_only_grows(state: MessageState, told: list[MessageState]) -> None:
    for word in told:
        after = after_callback(state, word)
        if state in FINAL:
            assert after is state
        else:
            assert RANK[after] == max(RANK[state], RANK[word])
        state = after


@given(st.lists(st.sampled_from(TOLD), max_size=8), st.randoms(use_true_random=False))
def test_callbacks_lead_to_the_same_end_in_any_order(told: list[MessageState], random: Random) -> None:
    def end(words: list[MessageState]) -> MessageState:
        state = MessageState.SENT
        for word in words:
            state = after_callback(state, word)
        return state

    mixed = list(told)
    random.shuffle(mixed)
    assert end(mixed) is end(told)
    assert (end(told) is MessageState.DELIVERED) == (MessageState.DELIVERED in told)


def test_every_outcome_of_an_attempt_leads_somewhere() -> None:
    assert set(AFTER_ATTEMPT) == set(Outcome)
    assert AFTER_ATTEMPT[Outcome.UNKNOWN] is MessageState.UNKNOWN, "what may have arrived is not sent again"
