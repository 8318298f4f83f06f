"""A proposal's life, from the question to the dispatcher's answer."""

from __future__ import annotations

from enum import StrEnum

from dispatch.errors import StateConflict


class ProposalState(StrEnum):
    SEARCHING = "searching"
    PROPOSED = "proposed"  # waits for a dispatcher
    PUBLISHED = "published"
    DISMISSED = "dismissed"
    OVERTAKEN = "overtaken"  # the day changed: it answers a question that nobody asks any more
    NONE_BETTER = "none_better"
    BROKEN_OFF = "broken_off"  # the search died or gave nothing that may be used


class ProposalSignal(StrEnum):
    PROPOSE = "propose"
    FIND_NOTHING = "find_nothing"
    BREAK_OFF = "break_off"
    PUBLISH = "publish"
    DISMISS = "dismiss"
    OVERTAKE = "overtake"


_S, _G = ProposalState, ProposalSignal

ARROWS: dict[tuple[ProposalState, ProposalSignal], ProposalState] = {
    (_S.SEARCHING, _G.PROPOSE): _S.PROPOSED,
    (_S.SEARCHING, _G.FIND_NOTHING): _S.NONE_BETTER,
    (_S.SEARCHING, _G.BREAK_OFF): _S.BROKEN_OFF,
    (_S.SEARCHING, _G.DISMISS): _S.DISMISSED,  # nobody wants to wait for it
    (_S.PROPOSED, _G.PUBLISH): _S.PUBLISHED,
    (_S.PROPOSED, _G.DISMISS): _S.DISMISSED,
    (_S.PROPOSED, _G.OVERTAKE): _S.OVERTAKEN,
}

OPEN = (_S.SEARCHING, _S.PROPOSED)


def step(state: ProposalState, signal: ProposalSignal) -> ProposalState:
    """The state that `signal` leads to. Raises StateConflict naming both where there is no arrow."""
    after = ARROWS.get((state, signal))
    if after is None:
        words = f"A proposal that is {state.replace('_', ' ')} cannot {signal.replace('_', ' ')}."
        raise StateConflict(words, current_state=state.value, signal=signal.value)
    return after
