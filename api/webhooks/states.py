"""A delivery's life: one fact to one subscriber, tried until it arrives or a day is over."""

from __future__ import annotations

from enum import StrEnum

from dispatch.errors import StateConflict


class DeliveryState(StrEnum):
    PENDING = "pending"  # waits for its next try
    SENDING = "sending"  # a try is in flight
    DELIVERED = "delivered"
    GAVE_UP = "gave_up"


class Signal(StrEnum):
    CLAIM = "claim"
    ARRIVE = "arrive"
    FAIL = "fail"
    GIVE_UP = "give_up"
    SEND_AGAIN = "send_again"


_S, _G = DeliveryState, Signal

ARROWS: dict[tuple[DeliveryState, Signal], DeliveryState] = {
    (_S.PENDING, _G.CLAIM): _S.SENDING,
    (_S.PENDING, _G.GIVE_UP): _S.GAVE_UP,  # the subscription has ended
    (_S.SENDING, _G.ARRIVE): _S.DELIVERED,
    (_S.SENDING, _G.FAIL): _S.PENDING,  # also when whoever tried was lost: it may arrive twice
    (_S.SENDING, _G.GIVE_UP): _S.GAVE_UP,
    (_S.DELIVERED, _G.SEND_AGAIN): _S.PENDING,
    (_S.GAVE_UP, _G.SEND_AGAIN): _S.PENDING,
}


class SubscriptionState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"  # the cursor stands; nothing is lost
    ENDED = "ended"  # by the office, or because the endpoint answered 410


def step(state: DeliveryState, signal: Signal) -> DeliveryState:
    """The state after `signal`. Raises StateConflict where there is no arrow."""
    after = ARROWS.get((state, signal))
    if after is None:
        raise StateConflict(
            f"A delivery that is {state.value} cannot {signal.value}.", current_state=state.value
        )
    return after
