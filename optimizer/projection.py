"""Where a running day is heading: when each visit would start if the technician simply went on."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.day import Break, Day, Technician, Visit, Window


def project(day: Day, technician: str, visit_ids: Sequence[str]) -> list[int]:
    """The second each visit would start, in this order. Never fails for known ids.

    Window ends, overtime limits and fitness are ignored; nobody starts before a window opens. A break
    is taken where it costs no time, or before the visit that would make it miss its window; one that
    is overdue already is taken at once. KeyError for an unknown technician or visit.
    """
    one = day.technician(technician)
    free_at, here = max(one.ready_at, day.now, one.shift[0]), one.ready_location
    owed = sorted(one.breaks, key=lambda rest: rest.window[1])
    starts: list[int] = []
    for visit in map(day.visit, visit_ids):
        drive = int(day.travel[here, visit.location])
        start, owed = _next_start(visit, free_at, drive, owed=owed)
        starts.append(start)
        free_at, here = start + visit.duration, visit.location
    return starts


def projected_finish(day: Day, technician: str, visit_ids: Sequence[str]) -> int:
    """When that technician would be done, back at the end location where there is one; breaks left aside."""
    one: Technician = day.technician(technician)
    if not visit_ids:
        return max(one.ready_at, day.now, one.shift[0])
    last = day.visit(visit_ids[-1])
    home = 0 if one.end_location is None else int(day.travel[last.location, one.end_location])
    return project(day, technician, visit_ids)[-1] + last.duration + home


def _next_start(visit: Visit, free_at: int, drive: int, *, owed: list[Break]) -> tuple[int, list[Break]]:
    """When work starts, leaving at `free_at`, and the breaks still owed then."""
    clock, ready = free_at, free_at
    left: list[Break] = []
    for rest in owed:
        without = _opening(visit, max(clock, ready + drive))
        begin = max(clock, rest.window[0])
        rested = _opening(visit, max(begin + rest.duration, ready + rest.duration + drive))
        if rested <= without or without + visit.duration > rest.window[1]:
            clock, ready = begin + rest.duration, ready + rest.duration
        else:
            left.append(rest)
    return _opening(visit, max(clock, ready + drive)), left


def _opening(visit: Visit, arrival: int) -> int:
    """The first second from `arrival` on at which a window is open; `arrival` when all are over."""
    if visit.frozen and visit.planned is not None:
        return max(arrival, visit.planned.start)
    windows: tuple[Window, ...] = visit.windows
    if visit.planned is not None and visit.planned.start < visit.windows[0][0]:
        windows = (*windows, *visit.may_move)
    reachable = [max(arrival, begin) for begin, end in windows if end >= arrival]
    return min(reachable, default=arrival)
