"""A promise's life: open until it is kept, broken, moved with consent, or released."""

from __future__ import annotations

from enum import StrEnum

from dispatch.errors import StateConflict


class PromiseState(StrEnum):
    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    MOVED = "moved"
    RELEASED = "released"


class Agreed(StrEnum):
    """Who agreed to a promise; the policy's own act is never called consent."""

    CUSTOMER = "customer"
    OFFICE = "office"
    POLICY = "policy"


ARROWS: dict[tuple[PromiseState, PromiseState], str] = {
    (PromiseState.OPEN, PromiseState.KEPT): "somebody arrived inside the window",
    (PromiseState.OPEN, PromiseState.BROKEN): "a failure was noticed",
    (PromiseState.OPEN, PromiseState.MOVED): "the customer agreed to another window",
    (PromiseState.OPEN, PromiseState.RELEASED): "the customer cancelled",
    (PromiseState.RELEASED, PromiseState.OPEN): "the cancellation was undone",
    (PromiseState.KEPT, PromiseState.BROKEN): "the work was not finished, or the arrival was contested",
}


def settle(state: PromiseState, outcome: PromiseState) -> PromiseState:
    """`outcome`, where the table has that arrow; raises StateConflict elsewhere."""
    if (state, outcome) not in ARROWS:
        raise StateConflict(f"A promise that is {state} cannot become {outcome}.", current_state=state.value)
    return outcome
