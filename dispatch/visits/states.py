"""A visit's life: one table of arrows. Buttons, refusals and the drawn diagram come from it."""

from __future__ import annotations

from enum import StrEnum

from dispatch.errors import StateConflict


class VisitState(StrEnum):
    BOOKED = "booked"
    EN_ROUTE = "en_route"
    ON_SITE = "on_site"
    DONE = "done"
    FAILED = "failed"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Signal(StrEnum):
    LEAVE = "leave"
    STAND_DOWN = "stand_down"
    ARRIVE = "arrive"
    FINISH = "finish"
    FAIL = "fail"
    REBOOK = "rebook"
    CLOSE = "close"
    CANCEL = "cancel"
    UNDO_CANCEL = "undo_cancel"


_S, _G = VisitState, Signal

ARROWS: dict[tuple[VisitState, Signal], VisitState] = {
    (_S.BOOKED, _G.LEAVE): _S.EN_ROUTE,
    (_S.EN_ROUTE, _G.STAND_DOWN): _S.BOOKED,  # somebody else goes, or the customer chose another time
    (_S.BOOKED, _G.ARRIVE): _S.ON_SITE,  # a technician who forgot to say that they had left
    (_S.EN_ROUTE, _G.ARRIVE): _S.ON_SITE,
    (_S.ON_SITE, _G.FINISH): _S.DONE,
    (_S.BOOKED, _G.FAIL): _S.FAILED,
    (_S.EN_ROUTE, _G.FAIL): _S.FAILED,
    (_S.ON_SITE, _G.FAIL): _S.FAILED,
    (_S.FAILED, _G.REBOOK): _S.BOOKED,
    (_S.FAILED, _G.ARRIVE): _S.ON_SITE,  # somebody came after all, while the recovery was still open
    (_S.FAILED, _G.FINISH): _S.DONE,  # who was there says only after the day that it was done
    (_S.FAILED, _G.CLOSE): _S.CLOSED,
    (_S.BOOKED, _G.CANCEL): _S.CANCELLED,
    (_S.EN_ROUTE, _G.CANCEL): _S.CANCELLED,
    (_S.FAILED, _G.CANCEL): _S.CANCELLED,
    (_S.CANCELLED, _G.UNDO_CANCEL): _S.BOOKED,  # for ten minutes, while a hold keeps the capacity
}

LIVE = frozenset({_S.BOOKED, _S.EN_ROUTE, _S.ON_SITE, _S.FAILED})
UNSTARTED = frozenset({_S.BOOKED, _S.EN_ROUTE})


def step(state: VisitState, signal: Signal) -> VisitState:
    """The state that `signal` leads to. Raises StateConflict naming both where there is no arrow."""
    after = ARROWS.get((state, signal))
    if after is None:
        words = f"A visit that is {state.replace('_', ' ')} cannot {signal.replace('_', ' ')}."
        raise StateConflict(words, current_state=state.value, signal=signal.value)
    return after


def allowed(state: VisitState) -> list[Signal]:
    """What may happen next; pages draw their buttons from it."""
    return [signal for (source, signal) in ARROWS if source is state]
