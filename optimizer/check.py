"""An independent judge: the hard rules, counts and cost of any plan, as the day file's format defines them.

It shares no code with the search: it reads only the day and the plan.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from optimizer.day import Day, Technician, Visit, Window
from optimizer.plan import Plan, Route, Stop

REASONS = frozenset({"no_skill", "no_parts", "no_technician", "no_time"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a plan is worth. `soft_cost` leaves out the broken and unserved weights; minutes are fractions.

    `disturbed`: the promises that `limits.disturbed` caps. `not_preferred`: visits not done by who was liked.
    """

    legal: bool
    errors: tuple[str, ...]
    cost: float
    soft_cost: float
    broken: int
    unserved: int
    recovered: int
    changed: int
    moved: int
    late_minutes: float
    overtime_minutes: float
    travel_minutes: float
    disturbed: int = 0
    not_preferred: int = 0


@dataclass(slots=True)
class _Tally:
    """What the walk along the routes has found so far; travel and overtime in seconds."""

    errors: list[str] = field(default_factory=list)
    starts: dict[str, int] = field(default_factory=dict)
    takers: dict[str, str] = field(default_factory=dict)
    assists: list[tuple[str, Stop]] = field(default_factory=list)  # technician id, stop
    travel: int = 0
    overtime: int = 0


def check(day: Day, plan: Plan) -> Verdict:
    """The verdict on `plan` for `day`. Raises ValueError for a plan of another day."""
    if plan.day != day.name:
        raise ValueError(f"a plan for {plan.day!r}, not for {day.name!r}")
    tally = _Tally()
    walked: set[str] = set()
    for route in plan.routes:
        if not day.has_technician(route.technician) or route.technician in walked:
            tally.errors.append(f"{route.technician} is unknown or has two routes")
            continue
        walked.add(route.technician)
        _walk(day, day.technician(route.technician), route, tally)
    _count_visits(day, plan, tally)
    _pair_up(day, tally)
    _keep_sequence(day, tally)
    return _verdict(day, tally)


@dataclass(slots=True)
class _Van:
    """A technician on the road: where, free since when, seconds since then that were free to drive in."""

    here: int
    free_at: int
    idle: int
    stock: dict[str, int]
    owed: dict[str, tuple[Window, int]]


def _walk(day: Day, technician: Technician, route: Route, tally: _Tally) -> None:
    if all(stop.kind == "break" for stop in route.stops):
        return
    tid = technician.id
    if technician.absent:
        tally.errors.append(f"{tid} is absent but has stops")
    begins = max(technician.ready_at, day.now, technician.shift[0])
    owed = {rest.id: (rest.window, rest.duration) for rest in technician.breaks}
    van = _Van(technician.ready_location, begins, 0, dict(technician.parts), owed)
    worked = False
    for stop in route.stops:
        if stop.kind == "break":
            _walk_break(tid, stop, van, tally)
        elif stop.kind == "assist" and day.has_visit(stop.id):
            _walk_assist(day, technician, stop, van, tally=tally)
            worked = True
        elif not day.has_visit(stop.id) or stop.id in tally.starts:
            tally.errors.append(f"{stop.id} is unknown or served twice")
            worked = True
        else:
            _walk_visit(day, technician, stop, van, tally=tally, first=not worked)
            worked = True
    _walk_home(day, technician, route, van, tally=tally)


def _walk_break(tid: str, stop: Stop, van: _Van, tally: _Tally) -> None:
    rule = van.owed.pop(stop.id, None)
    if rule is None:
        tally.errors.append(f"{tid}: break {stop.id} is unknown or taken twice")
        return
    window, duration = rule
    if stop.end - stop.start != duration:
        tally.errors.append(f"{tid}: break {stop.id} has a wrong length")
    if not _inside(stop.start, (window,)):
        tally.errors.append(f"{tid}: break {stop.id} starts outside its window")
    if stop.start < van.free_at:
        tally.errors.append(f"{tid}: break {stop.id} overlaps what comes before")
    van.idle += stop.start - van.free_at
    van.free_at = stop.end


def _walk_visit(
    day: Day, technician: Technician, stop: Stop, van: _Van, *, tally: _Tally, first: bool
) -> None:
    visit, tid = day.visit(stop.id), technician.id
    _drive(day, tid, stop, van, tally=tally)
    if stop.end - stop.start != visit.duration:
        tally.errors.append(f"{visit.id} has a wrong duration")
    if visit.locked and not first:
        tally.errors.append(f"{tid}: locked visit {visit.id} is not first")
    tally.errors += _unfit(visit, technician, van.stock)
    tally.errors += _untimely(visit, stop.start)
    tally.starts[visit.id], tally.takers[visit.id] = stop.start, tid


def _walk_assist(day: Day, technician: Technician, stop: Stop, van: _Van, *, tally: _Tally) -> None:
    visit, tid = day.visit(stop.id), technician.id
    _drive(day, tid, stop, van, tally=tally)
    if tid in visit.exclude:
        tally.errors.append(f"{visit.id}: {tid} is excluded")
    for name, level in (visit.assistant or {}).items():
        if technician.skills.get(name, 0) < level:
            tally.errors.append(f"{visit.id}: the assistant {tid} lacks skill {name} {level}")
    tally.assists.append((tid, stop))


def _drive(day: Day, tid: str, stop: Stop, van: _Van, *, tally: _Tally) -> None:
    """To a stop that takes place at a visit, and through it."""
    there = day.visit(stop.id).location
    drive = int(day.travel[van.here, there])
    if stop.start < van.free_at or van.idle + stop.start - van.free_at < drive:
        tally.errors.append(f"{tid} cannot reach {stop.id} by {stop.start}")
    tally.travel += drive
    van.here, van.free_at, van.idle = there, stop.end, 0


def _pair_up(day: Day, tally: _Tally) -> None:
    """Who needs an assistant has exactly one, all the time, and nobody else has any."""
    for tid, stop in tally.assists:
        visit, start = day.visit(stop.id), tally.starts.get(stop.id)
        if visit.assistant is None:
            tally.errors.append(f"{visit.id} needs no assistant, {tid} assists")
        elif start is None:
            tally.errors.append(f"{tid} assists {visit.id}, which nobody does")
        elif tid == tally.takers[visit.id]:
            tally.errors.append(f"{tid} cannot assist {visit.id}, which they do themselves")
        elif (stop.start, stop.end) != (start, start + visit.duration):
            tally.errors.append(f"{tid} assists {visit.id} at other times than it takes")
    counts = Counter(stop.id for _, stop in tally.assists)
    for visit in day.visits:
        if visit.assistant is not None and visit.id in tally.starts and counts[visit.id] != 1:
            tally.errors.append(f"{visit.id} needs one assistant, has {counts[visit.id]}")


def _keep_sequence(day: Day, tally: _Tally) -> None:
    """A visit starts when all it comes after have ended; what nobody does never ends."""
    for visit in day.visits:
        for other in map(day.visit, visit.after if visit.id in tally.starts else ()):
            if other.id not in tally.starts:
                tally.errors.append(f"{visit.id} comes after {other.id}, which nobody does")
            elif tally.starts[visit.id] < tally.starts[other.id] + other.duration:
                tally.errors.append(f"{visit.id} starts before {other.id} has ended")


def _walk_home(day: Day, technician: Technician, route: Route, van: _Van, *, tally: _Tally) -> None:
    finish, tid = van.free_at, technician.id
    if technician.end_location is not None:
        drive = int(day.travel[van.here, technician.end_location])
        tally.travel += drive
        finish += max(0, drive - van.idle)
    if route.finish < finish:
        tally.errors.append(f"{tid}: finish {route.finish} is before {finish}")
    if route.finish > technician.overtime_until:
        tally.errors.append(f"{tid}: finishes {route.finish}, after {technician.overtime_until}")
    if van.owed:
        tally.errors.append(f"{tid}: break {', '.join(van.owed)} is not taken")
    tally.overtime += max(0, route.finish - technician.shift[1])


def _unfit(visit: Visit, technician: Technician, stock: dict[str, int]) -> list[str]:
    """The rules on persons, skills and parts that are broken; takes the parts out of `stock`."""
    vid, tid = visit.id, technician.id
    found = [
        f"{vid}: {tid} lacks skill {name} {level}"
        for name, level in visit.skills.items()
        if technician.skills.get(name, 0) < level
    ]
    for name, quantity in visit.parts.items():
        stock[name] = stock.get(name, 0) - quantity
        if stock[name] < 0:
            found.append(f"{vid}: {tid} is out of {name}")
    if visit.technician not in (None, tid):
        found.append(f"{vid}: requires {visit.technician}, not {tid}")
    if tid in visit.exclude:
        found.append(f"{vid}: {tid} is excluded")
    if visit.locked and visit.planned is not None and visit.planned.technician != tid:
        found.append(f"{vid}: locked to {visit.planned.technician}")
    if visit.frozen and visit.planned is not None and visit.planned.technician != tid:
        found.append(f"{vid}: frozen to {visit.planned.technician}")
    return found


def _untimely(visit: Visit, start: int) -> list[str]:
    if visit.frozen and visit.planned is not None and visit.planned.start != start:
        return [f"{visit.id} starts at another second than it is frozen to", *_too_early(visit, start)]
    return _too_early(visit, start)


def _too_early(visit: Visit, start: int) -> list[str]:
    if not visit.promised:
        return [] if _inside(start, visit.windows) else [f"{visit.id} starts outside its windows"]
    early = start < visit.windows[0][0] and not _inside(start, visit.may_move)
    return [f"{visit.id} starts before its promise"] if early else []


def _count_visits(day: Day, plan: Plan, tally: _Tally) -> None:
    """Every visit once; locked ones served; reasons known."""
    listed: dict[str, int] = {}
    for item in plan.unserved:
        listed[item.visit] = listed.get(item.visit, 0) + 1
        if not day.has_visit(item.visit):
            tally.errors.append(f"{item.visit} in unserved is unknown")
        if item.reason not in REASONS or not item.detail:
            tally.errors.append(f"{item.visit} is unserved without a known reason and a detail")
    for visit in day.visits:
        times = (visit.id in tally.starts) + listed.get(visit.id, 0)
        if times != 1:
            tally.errors.append(f"{visit.id} stands {times} times in the plan")
        if visit.locked and visit.id not in tally.starts:
            tally.errors.append(f"{visit.id} is locked but not served")


def _verdict(day: Day, tally: _Tally) -> Verdict:
    weights = day.weights
    _keep_limits(day, tally)
    promised = [visit for visit in day.visits if visit.promised]
    unserved = [visit for visit in day.visits if visit.id not in tally.starts]
    moved = sum(_is_moved(visit, tally.starts) for visit in promised)
    broken = [visit for visit in promised if _is_broken(visit, tally.starts)]
    changed = sum(_is_changed(day, visit, tally.starts, tally.takers) for visit in promised)
    disturbed = sum(_is_disturbed(day, visit, tally.starts, tally.takers) for visit in promised)
    not_preferred = sum(_is_not_preferred(visit, tally.takers) for visit in day.visits)
    late = sum(tally.starts[one.id] - one.windows[0][1] for one in broken if one.id in tally.starts)
    soft = (
        weights.late_minute * late / 60
        + weights.moved * moved
        + weights.changed * changed
        + weights.not_preferred * not_preferred
        + weights.overtime_minute * tally.overtime / 60
        + weights.travel_minute * tally.travel / 60
    )
    hard = weights.broken * sum(one.priority for one in broken)
    hard += weights.unserved * sum(one.priority for one in unserved)
    return Verdict(
        legal=not tally.errors,
        errors=tuple(tally.errors),
        cost=round(hard + soft, 2),
        soft_cost=round(soft, 2),
        broken=len(broken),
        unserved=len(unserved),
        recovered=sum(not one.promised and one.id in tally.starts for one in day.visits),
        changed=changed,
        moved=moved,
        late_minutes=round(late / 60, 1),
        overtime_minutes=round(tally.overtime / 60, 1),
        travel_minutes=round(tally.travel / 60, 1),
        disturbed=disturbed,
        not_preferred=not_preferred,
    )


def _keep_limits(day: Day, tally: _Tally) -> None:
    """No more promises moved or disturbed than the day allows; what is on its way cannot be helped."""
    free = [visit for visit in day.visits if visit.promised and not visit.locked]
    moved = sum(_is_moved(visit, tally.starts) for visit in free)
    disturbed = sum(_is_disturbed(day, visit, tally.starts, tally.takers) for visit in free)
    for name, count, cap in (
        ("moved", moved, day.limits.moved),
        ("disturbed", disturbed, day.limits.disturbed),
    ):
        if cap is not None and count > cap:
            tally.errors.append(f"{count} promises are {name}, at most {cap} may be")


def _is_moved(visit: Visit, starts: Mapping[str, int]) -> bool:
    start = starts.get(visit.id)
    return start is not None and not _inside(start, visit.windows) and _inside(start, visit.may_move)


def _is_broken(visit: Visit, starts: Mapping[str, int]) -> bool:
    start = starts.get(visit.id)
    return start is None or not (_inside(start, visit.windows) or _inside(start, visit.may_move))


def _is_changed(day: Day, visit: Visit, starts: Mapping[str, int], takers: Mapping[str, str]) -> bool:
    if visit.planned is None or visit.id not in starts:
        return False
    shift = abs(starts[visit.id] - visit.planned.start)
    return takers[visit.id] != visit.planned.technician or shift > day.change_tolerance


def _is_disturbed(day: Day, visit: Visit, starts: Mapping[str, int], takers: Mapping[str, str]) -> bool:
    """Changed without need: whoever was planned is there."""
    told = None if visit.locked or visit.planned is None else visit.planned.technician
    present = told is not None and day.has_technician(told) and not day.technician(told).absent
    return present and _is_changed(day, visit, starts, takers)


def _is_not_preferred(visit: Visit, takers: Mapping[str, str]) -> bool:
    return bool(visit.prefer) and visit.id in takers and takers[visit.id] not in visit.prefer


def _inside(second: int, windows: Sequence[Window]) -> bool:
    return any(a <= second <= b for a, b in windows)
