"""docs/states.md from the tables of arrows: `python -m tests.architecture.draw_states` writes it anew."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import ModuleType

from api.webhooks import states as webhooks
from dispatch.plans import states as plans
from dispatch.promises import states as promises
from dispatch.recoveries import states as recoveries
from dispatch.visits import states as visits
from dispatch.wishes import states as wishes
from notifications.calls import states as calls
from tests.architecture.source import ROOT

PAGE = ROOT / "docs/states.md"
OPENING = """# States

Drawn from the tables in `dispatch/*/states.py`, `notifications/calls/states.py` and `api/webhooks/states.py`; the
tables also make the buttons and the refusals. Do not edit this page: change a table, then run
`python -m tests.architecture.draw_states`. A test compares the two.
"""
REMARK = re.compile(r"\(_S\.(\w+), _G\.(\w+)\): _S\.\w+,\s*# (.+)")


def page() -> str:
    parts = [
        OPENING,
        *_chapter("A visit", visits, visits.VisitState, _signalled(visits.ARROWS)),
        *_chapter("A promise", promises, promises.PromiseState, _told(promises.ARROWS)),
        *_chapter("A recovery", recoveries, recoveries.RecoveryState, _signalled(recoveries.ARROWS)),
        *_chapter("An earlier time", wishes, wishes.SoonerState, _signalled(wishes.ARROWS)),
        *_chapter("A proposal", plans, plans.ProposalState, _signalled(plans.ARROWS)),
        *_chapter("A delivery", webhooks, webhooks.DeliveryState, _signalled(webhooks.ARROWS)),
        *_chapter("A call", calls, calls.CallState, _signalled(calls.ARROWS)),
    ]
    return "\n".join(parts) + "\n"


Arrow = tuple[StrEnum, str, StrEnum]


def _signalled(arrows: Mapping[tuple[StrEnum, StrEnum], StrEnum]) -> list[Arrow]:
    return [(before, words(signal), after) for (before, signal), after in arrows.items()]


def _told(arrows: Mapping[tuple[StrEnum, StrEnum], str]) -> list[Arrow]:
    return [(before, why, after) for (before, after), why in arrows.items()]


def _chapter(title: str, module: ModuleType, states: type[StrEnum], arrows: list[Arrow]) -> Iterator[str]:
    """The first state of the enum is where a life begins; a state that no arrow leaves is where it ends."""
    yield f"## {title}\n"
    yield f"{(module.__doc__ or '').splitlines()[0]}\n"
    yield "```mermaid\nstateDiagram-v2"
    yield f"    [*] --> {next(iter(states))}"
    yield from (f"    {before} --> {after}: {why}" for before, why, after in arrows)
    left = {before for before, _, _ in arrows}
    yield from (f"    {state} --> [*]" for state in states if state not in left)
    yield "```\n"
    remarks = list(_remarks(module))
    if remarks:
        yield "Why some arrows are there:\n"
        yield from remarks
        yield ""


def _remarks(module: ModuleType) -> Iterator[str]:
    """The comments beside the arrows of a table."""
    for before, signal, remark in REMARK.findall(inspect.getsource(module)):
        yield f"- `{before.lower()}`, {words(signal)}: {remark}"


def words(name: str) -> str:
    return name.lower().replace("_", " ")


if __name__ == "__main__":
    PAGE.write_text(page())
