"""A call's life: one try to say by voice what a text could not say; a second try is a call of its own."""

from __future__ import annotations

from enum import StrEnum


class CallState(StrEnum):
    WAITING = "waiting"  # a row, until its time has come
    PLACING = "placing"  # the provider is being asked
    UNKNOWN = "unknown"  # the provider may or may not ring that phone
    RINGING = "ringing"  # accepted
    TALKING = "talking"  # somebody picked up
    TOLD = "told"  # heard to the end, or answered with a key
    MISSED = "missed"  # nobody, busy, or a machine
    HUNG_UP = "hung_up"  # picked up, and not heard to the end
    WITHDRAWN = "withdrawn"  # a newer truth made it idle
    HANDED_OVER = "handed_over"  # a named human has it


class Signal(StrEnum):
    CLAIM = "claim"
    PUT_OFF = "put_off"
    ACCEPT = "accept"
    DOUBT = "doubt"
    PICK_UP = "pick_up"
    MISS = "miss"
    HANG_UP = "hang_up"
    HEAR = "hear"
    GO_ON = "go_on"
    WITHDRAW = "withdraw"
    HAND_OVER = "hand_over"


_S, _G = CallState, Signal

ARROWS: dict[tuple[CallState, Signal], CallState] = {
    (_S.WAITING, _G.CLAIM): _S.PLACING,
    (_S.WAITING, _G.WITHDRAW): _S.WITHDRAWN,
    (_S.WAITING, _G.HAND_OVER): _S.HANDED_OVER,
    (_S.PLACING, _G.PUT_OFF): _S.WAITING,  # certainly not accepted
    (_S.PLACING, _G.ACCEPT): _S.RINGING,
    (_S.PLACING, _G.DOUBT): _S.UNKNOWN,  # no answer, or whoever asked was lost
    (_S.PLACING, _G.HAND_OVER): _S.HANDED_OVER,  # refused for good
    (_S.PLACING, _G.PICK_UP): _S.TALKING,  # quicker than the answer to our own request
    (_S.PLACING, _G.MISS): _S.MISSED,
    (_S.PLACING, _G.HANG_UP): _S.HUNG_UP,
    (_S.UNKNOWN, _G.ACCEPT): _S.RINGING,  # found in the provider's log
    (_S.UNKNOWN, _G.PICK_UP): _S.TALKING,
    (_S.UNKNOWN, _G.MISS): _S.MISSED,  # it rang in vain, or was looked for twice and is nowhere
    (_S.UNKNOWN, _G.HANG_UP): _S.HUNG_UP,
    (_S.UNKNOWN, _G.HAND_OVER): _S.HANDED_OVER,
    (_S.RINGING, _G.PICK_UP): _S.TALKING,
    (_S.RINGING, _G.MISS): _S.MISSED,
    (_S.RINGING, _G.HANG_UP): _S.HUNG_UP,  # before a word was said
    (_S.RINGING, _G.HAND_OVER): _S.HANDED_OVER,
    (_S.TALKING, _G.HEAR): _S.TOLD,
    (_S.TALKING, _G.MISS): _S.MISSED,
    (_S.TALKING, _G.HANG_UP): _S.HUNG_UP,
    (_S.TALKING, _G.WITHDRAW): _S.WITHDRAWN,
    (_S.TALKING, _G.HAND_OVER): _S.HANDED_OVER,
    (_S.TOLD, _G.GO_ON): _S.TALKING,  # the answer brought something new to be said
    (_S.HUNG_UP, _G.HEAR): _S.TOLD,  # the report of the end was quicker than the key
    (_S.HANDED_OVER, _G.HEAR): _S.TOLD,  # after the deadline; the person still has it
    (_S.HANDED_OVER, _G.PICK_UP): _S.TALKING,
    (_S.MISSED, _G.PICK_UP): _S.TALKING,  # it was nowhere to be found and rang all the same
}

LIVE = frozenset({_S.WAITING, _S.PLACING, _S.UNKNOWN, _S.RINGING, _S.TALKING})
ON_THE_LINE = frozenset({_S.UNKNOWN, _S.RINGING, _S.TALKING})  # the provider knows more than we do


def step(state: CallState, signal: Signal) -> CallState:
    """The state after `signal`; what comes late or twice, and has no arrow, changes nothing."""
    return ARROWS.get((state, signal), state)
