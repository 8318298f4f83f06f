"""A recovery's life, from the broken promise to the work done."""

from __future__ import annotations

from enum import StrEnum

from dispatch.errors import StateConflict


class RecoveryState(StrEnum):
    OPEN = "open"  # noticed, no option yet
    OFFERED = "offered"  # the customer was told and can choose
    DECIDING = (
        "deciding"  # nobody can come today, or the dial leaves it to a person: a named dispatcher decides
    )
    TALKING = "talking"  # the customer wants a person
    ARRANGED = "arranged"  # a new promise stands
    CLOSED = "closed"


class RecoverySignal(StrEnum):
    OFFER = "offer"
    PROVE = "prove"
    WITHHOLD = "withhold"
    ASK_PERSON = "ask_person"
    ARRANGE = "arrange"
    FAIL_AGAIN = "fail_again"
    CLOSE = "close"


class OfferState(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    GONE = "gone"
    LAPSED = "lapsed"


_S, _G = RecoveryState, RecoverySignal

ARROWS: dict[tuple[RecoveryState, RecoverySignal], RecoveryState] = {
    (_S.OPEN, _G.OFFER): _S.OFFERED,
    (_S.OPEN, _G.PROVE): _S.DECIDING,
    (_S.OPEN, _G.WITHHOLD): _S.DECIDING,  # the dial: a person says what is offered
    (_S.OPEN, _G.ASK_PERSON): _S.TALKING,
    (_S.OPEN, _G.ARRANGE): _S.ARRANGED,  # somebody came after all
    (_S.OFFERED, _G.OFFER): _S.OFFERED,  # the next best, or another day
    (_S.OFFERED, _G.PROVE): _S.DECIDING,
    (_S.OFFERED, _G.ASK_PERSON): _S.TALKING,
    (_S.OFFERED, _G.ARRANGE): _S.ARRANGED,
    (_S.DECIDING, _G.OFFER): _S.OFFERED,
    (_S.DECIDING, _G.PROVE): _S.DECIDING,  # tried again after a change, still nobody
    (_S.DECIDING, _G.ASK_PERSON): _S.TALKING,
    (_S.DECIDING, _G.ARRANGE): _S.ARRANGED,
    (_S.TALKING, _G.OFFER): _S.OFFERED,
    (_S.TALKING, _G.PROVE): _S.TALKING,
    (_S.TALKING, _G.ASK_PERSON): _S.TALKING,
    (_S.TALKING, _G.ARRANGE): _S.ARRANGED,
    (_S.ARRANGED, _G.OFFER): _S.OFFERED,  # the customer changes what was arranged
    (_S.ARRANGED, _G.ASK_PERSON): _S.ARRANGED,  # a person rings, what is arranged stands
    (_S.ARRANGED, _G.ARRANGE): _S.ARRANGED,  # the customer's own choice after the policy's
    (_S.ARRANGED, _G.FAIL_AGAIN): _S.OPEN,  # somebody came after all, and it was not done then either
    **{(state, _G.CLOSE): _S.CLOSED for state in _S if state is not _S.CLOSED},
}


def step(state: RecoveryState, signal: RecoverySignal) -> RecoveryState:
    """The state that `signal` leads to; raises StateConflict where there is no arrow."""
    after = ARROWS.get((state, signal))
    if after is None:
        words = f"A recovery that is {state} cannot {signal.replace('_', ' ')}."
        raise StateConflict(words, current_state=state.value, signal=signal.value)
    return after
