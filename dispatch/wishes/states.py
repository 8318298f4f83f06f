"""An earlier time that was offered to one customer: kept for them until they answer or its minutes are over."""

from __future__ import annotations

from enum import StrEnum

from dispatch.errors import StateConflict


class SoonerState(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    DECLINED = "declined"
    LAPSED = "lapsed"  # nobody answered in time
    GONE = "gone"  # it could not be kept, or the visit itself changed


class SoonerSignal(StrEnum):
    TAKE = "take"
    DECLINE = "decline"
    LAPSE = "lapse"
    LOSE = "lose"


_S, _G = SoonerState, SoonerSignal

ARROWS: dict[tuple[SoonerState, SoonerSignal], SoonerState] = {
    (_S.OPEN, _G.TAKE): _S.TAKEN,
    (_S.OPEN, _G.DECLINE): _S.DECLINED,
    (_S.OPEN, _G.LAPSE): _S.LAPSED,
    (_S.OPEN, _G.LOSE): _S.GONE,
    (_S.LAPSED, _G.TAKE): _S.TAKEN,  # answered too late, and nobody else had taken it
    (_S.LAPSED, _G.LOSE): _S.GONE,
}


def step(state: SoonerState, signal: SoonerSignal) -> SoonerState:
    """The state that `signal` leads to; raises StateConflict where there is no arrow."""
    after = ARROWS.get((state, signal))
    if after is None:
        words = f"An earlier time that is {state} cannot {signal}."
        raise StateConflict(words, current_state=state.value, signal=signal.value)
    return after
