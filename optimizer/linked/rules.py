"""What a linked visit waits for: the visits before it, and a second person at the same time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from optimizer.day import Day, Technician, Visit, Window
from optimizer.fits import Blocked, clock_text
from optimizer.linked.anchored import followers, helping_hands, unlinked
from optimizer.plan import Plan
from optimizer.starts import in_one
from optimizer.trials import openings, trial_in, with_visit

Orders: TypeAlias = Mapping[str, tuple[str, ...]]

NEVER = (-1, -1)


def in_sequence(day: Day, plan: Plan, visit: Visit) -> Visit | None:
    """The visit without links, allowed to start only where those before and after it in `plan` let it.

    None where they leave it no second.
    """
    span = _span(day, plan, visit)
    if span is None:
        return None
    windows, agreed = (_inside(times, span) for times in (visit.windows, visit.may_move))
    if windows:
        return replace(unlinked(visit), windows=windows, may_move=agreed)
    return replace(unlinked(visit), state="new", windows=agreed, may_move=()) if agreed else None


def why_not_in_sequence(day: Day, plan: Plan, visit: Visit, technician: Technician) -> Blocked:
    """Which visit before or after it leaves it no second."""
    tid, vid = technician.id, visit.id
    opens, closes = min(a for a, _ in visit.windows), max(b for _, b in (*visit.windows, *visit.may_move))
    for other in map(day.visit, visit.after):
        start = plan.start_of(other.id)
        if start is None:
            sentence = f"{vid} comes after {other.id}, which is not served."
            return Blocked("after", tid, vid, sentence, other.id)
        end = start + other.duration
        if end > closes:
            sentence = (
                f"{vid} comes after {other.id}, which ends at {clock_text(end)}; "
                f"its window ends at {clock_text(closes)}."
            )
            return Blocked("after", tid, vid, sentence, other.id, end, closes)
    for other in followers(day, vid):
        start = plan.start_of(other.id)
        if start is not None and start - visit.duration < opens:
            sentence = f"{vid} must end before {other.id}, which starts at {clock_text(start)}."
            return Blocked("after", tid, vid, sentence, other.id, opens + visit.duration, start)
    sentence = f"The visits before and after {vid} leave it no time."
    return Blocked("after", tid, vid, sentence)


def why_no_second(day: Day, visit: Visit, technician: Technician) -> Blocked | None:
    """No second person for that lead, whatever the time; None where somebody could be it."""
    others = [one for one in day.technicians if one.id != technician.id]
    if any(helping_hands(day, visit, one) for one in others):
        return None
    sentence = f"{visit.id} needs a second person{_skilled(visit)}; besides {technician.id} nobody can be it."
    if all(helping_hands(day, visit, one) is None for one in day.technicians):
        sentence = f"{visit.id} needs a second person{_skilled(visit)}; nobody has it."
        if not visit.assistant:
            sentence = f"{visit.id} needs a second person; nobody can be it."
    return Blocked("no_assistant", technician.id, visit.id, sentence)


class Meetings:
    """When a lead and a second person could both be at one visit, each order as it stands.

    `visit` needs an assistant; `day` knows it without links (linked/anchored.py), inside `within`.
    """

    def __init__(self, day: Day, orders: Orders, visit: Visit, *, within: Visit) -> None:
        windows = (*within.windows, *within.may_move)
        if visit.frozen and visit.planned is not None:
            second = visit.planned.start
            windows = ((second, second),) if in_one(second, windows) else (NEVER,)
        self.orders, self.visit = orders, visit
        self.lone = replace(
            within, state="new", windows=windows, may_move=(), planned=None, frozen=False, prefer=()
        )
        able = replace(self.lone, assistant=visit.assistant)
        hands = {one.id: helping_hands(day, able, one) for one in day.technicians}
        self.hands = {tid: one for tid, one in hands.items() if one is not None}
        others = (one for one in day.visits if one.id != visit.id)
        self.day = replace(day, visits=(*others, self.lone, *self.hands.values()))
        self.free = {tid: openings(self.day, tid, orders[tid], one) for tid, one in self.hands.items()}

    def block(self, technician: Technician) -> Blocked | None:
        """Nobody can be there at the same time as that lead; None where somebody can, or the lead cannot."""
        alone = openings(self.day, technician.id, self.orders[technician.id], self.lone)
        if not alone:
            return None
        for tid, free in self.free.items():
            if tid != technician.id and any(
                self._meet(technician.id, tid, second) for second in self._seconds(alone, free)
            ):
                return None
        tid, vid, earliest = technician.id, self.visit.id, min(start for start, _ in alone)
        sentence = (
            f"{tid} could start {vid} at {clock_text(earliest)} at the earliest; "
            f"nobody else{_skilled(self.visit)} can be there at the same time."
        )
        return Blocked("no_assistant", tid, vid, sentence, have=earliest)

    def _seconds(self, alone: Iterable[Window], free: Iterable[Window]) -> list[int]:
        """The first seconds at which the two might meet."""
        found = set()
        for a, b in alone:
            for c, d in free:
                first, last = max(a, c), min(b, d)
                begins = (begin for begin, _ in self.lone.windows if first < begin <= last)
                found |= {first, *begins} if first <= last else set()
        return sorted(found)[:6]

    def _meet(self, lead: str, second: str, start: int) -> bool:
        pinned = ((start, start),)
        if not in_one(start, self.lone.windows):
            return False
        both = with_visit(with_visit(self.day, replace(self.lone, windows=pinned)), self._at(second, pinned))
        return all(
            trial_in(both, tid, self.orders[tid], visit_id) is not None
            for tid, visit_id in ((lead, self.visit.id), (second, self.hands[second].id))
        )

    def _at(self, technician_id: str, windows: tuple[Window, ...]) -> Visit:
        return replace(self.hands[technician_id], windows=windows)


def _span(day: Day, plan: Plan, visit: Visit) -> Window | None:
    """From the end of all it comes after to the latest start that lets those after it start in time."""
    begun = [(other, plan.start_of(other.id)) for other in map(day.visit, visit.after)]
    ends = [start + other.duration for other, start in begun if start is not None]
    if len(ends) < len(begun):
        return None
    starts = (plan.start_of(other.id) for other in followers(day, visit.id))
    return max(ends, default=0), min((s - visit.duration for s in starts if s is not None), default=1 << 40)


def _inside(windows: Iterable[Window], span: Window) -> tuple[Window, ...]:
    return tuple(_cut(windows, span))


def _cut(windows: Iterable[Window], span: Window) -> Iterator[Window]:
    for a, b in windows:
        low, high = max(a, span[0]), min(b, span[1])
        if low <= high:
            yield low, high


def _skilled(visit: Visit) -> str:
    needs = ", ".join(f"{name} {level}" for name, level in (visit.assistant or {}).items())
    return f" with {needs}" if needs else ""
