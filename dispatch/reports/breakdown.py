"""Where promises break: those that came due, counted by fault, cause, service, part of town, hour and weekday."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dispatch.promises.states import PromiseState
from dispatch.reports.material import Promised

CAME_DUE = (PromiseState.KEPT, PromiseState.BROKEN)
_OF: Mapping[str, Callable[[Promised], str]] = {
    "fault": lambda one: one.fault,
    "cause": lambda one: one.kind,
    "service": lambda one: one.service_id,
    "area": lambda one: one.area,
    "hour": lambda one: f"{one.hour:02}",
    "weekday": lambda one: str(one.weekday),
}
WAYS = tuple(_OF)
ONLY_BROKEN = ("fault", "cause")  # what is kept has neither


@dataclass(frozen=True, slots=True)
class Group:
    """Promises that came due and have `key` in common: how many were kept, and how many broke.

    Where only a broken promise can have the key, `of` are all that came due.
    """

    key: str
    kept: int
    broken: int
    of: int

    @property
    def per_hundred(self) -> float | None:
        """Broken ones per hundred that came due."""
        return 100 * self.broken / self.of if self.of else None


def break_down(promises: Sequence[Promised], way: str) -> list[Group]:
    """One group for each key of that way, in the order of the keys; hours and weekdays as a clock and a week go."""
    due = [one for one in promises if one.state in CAME_DUE]
    keys = sorted({_OF[way](one) for one in due} - {""})
    return [_group(due, way, key) for key in keys]


def _group(due: Sequence[Promised], way: str, key: str) -> Group:
    mine = members(due, way, key)
    broken = sum(one.state is PromiseState.BROKEN for one in mine)
    return Group(key, len(mine) - broken, broken, len(due) if way in ONLY_BROKEN else len(mine))


def members(promises: Sequence[Promised], way: str, key: str) -> list[Promised]:
    """Those that came due and have that key."""
    return [one for one in promises if one.state in CAME_DUE and _OF[way](one) == key]
