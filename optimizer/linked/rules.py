"""What a linked visit waits for: the visits before it, and a second person at the same time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from optimizer.day import Day, Technician, Visit, Window
from optimizer.fits import Blocked, clock_text
from optimizer.linked.anchored import followers, helping_hands, unlinked
from optimizer.plan import Plan


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
    sentence = (
        f"{visit.id} needs a second person{skilled_text(visit)}; besides {technician.id} nobody can be it."
    )
    if all(helping_hands(day, visit, one) is None for one in day.technicians):
        sentence = f"{visit.id} needs a second person{skilled_text(visit)}; nobody has it."
        if not visit.assistant:
            sentence = f"{visit.id} needs a second person; nobody can be it."
    return Blocked("no_assistant", technician.id, visit.id, sentence)


def skilled_text(visit: Visit) -> str:
    """' with lifting 1': what the second person must know; '' if nothing."""
    needs = ", ".join(f"{name} {level}" for name, level in (visit.assistant or {}).items())
    return f" with {needs}" if needs else ""


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
