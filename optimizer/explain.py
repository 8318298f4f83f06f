"""Why a visit is where it is, or nowhere: the rule that stops each technician, and what would help."""

from __future__ import annotations

from dataclasses import dataclass, replace

from optimizer.day import Day, Technician, Visit
from optimizer.entries import Orders, Room, earliest_finish, earliest_start, late_start, tireless
from optimizer.fits import Blocked, clock_text, misfit, stock_after
from optimizer.limits import bound_to, disturbed_in, moved_in
from optimizer.linked import is_linked
from optimizer.linked.anchored import anchored, followers
from optimizer.linked.rules import in_sequence, skilled_text, why_no_second, why_not_in_sequence
from optimizer.plan import Plan, Route, Stop
from optimizer.relaxations import Relaxation, relaxations
from optimizer.schedule import starts
from optimizer.standing import Trial
from optimizer.starts import in_one
from optimizer.trials import DAY_SECONDS, trial_in, window_missed, with_visit


@dataclass(frozen=True, slots=True)
class Explanation:
    """`blocks`: one per technician who cannot take the visit into the plan as it stands, in the day's order.

    `relaxations`: single changes that would truly let it in, cheapest first; none when it is served.
    """

    visit: str
    blocks: tuple[Blocked, ...]
    relaxations: tuple[Relaxation, ...]

    @property
    def smallest(self) -> Relaxation | None:
        """The cheapest relaxation, among equals the smallest amount; None where nothing single would help."""
        return self.relaxations[0] if self.relaxations else None


def explain(day: Day, plan: Plan, visit_id: str) -> Explanation:
    """Who is kept by which rule from taking the visit, all other stops of `plan` staying in order.

    For a served visit: why not each of the others. KeyError for an unknown visit.
    """
    visit, taker = day.visit(visit_id), plan.technician_of(visit_id)
    case = _case(day, plan, visit)
    others = [one for one in day.technicians if one.id != taker]
    blocks = [block(case, technician) for technician in others]
    helps: tuple[Relaxation, ...] = ()
    if taker is None and case.visit is not None:
        whole = _with_second(case, case.visit)
        helps = relaxations(whole, case.orders, whole.visit(visit_id))
    return Explanation(visit_id, tuple(one for one in blocks if one is not None), helps)


@dataclass(frozen=True, slots=True)
class Case:
    """One visit asked about. `asked` as the day has it; `visit` without links, as far as the plan lets it.

    `free`: the day as one technician's order sees it (linked/anchored.py); `bound`: the same under the day's caps.
    """

    day: Day
    plan: Plan
    asked: Visit
    visit: Visit | None
    free: Day
    bound: Day
    orders: Orders


def _case(day: Day, plan: Plan, asked: Visit) -> Case:
    seen = anchored(day, plan, without=asked.id)
    visit = in_sequence(day, plan, asked) if is_linked(asked) or any(followers(day, asked.id)) else asked
    free = seen.day if visit in (None, asked) else with_visit(seen.day, visit)
    caps = bound_to(day, plan, asked.id)
    bound = free if caps is day else replace(free, held=caps.held, unmoved=caps.unmoved)
    return Case(day, plan, asked, visit, free, bound, seen.orders)


def block(case: Case, technician: Technician) -> Blocked | None:
    """The first rule that keeps the visit out of `technician`'s order; None when it fits somewhere."""
    order, visit = case.orders[technician.id], case.visit
    found = misfit(technician, case.asked, stock_after(technician, map(case.free.visit, order)))
    if found is not None:
        return _frozen_elsewhere(case.day, case.asked, found) if found.code == "frozen" else found
    if visit is None:
        return why_not_in_sequence(case.day, case.plan, case.asked, technician)
    if case.asked.assistant is not None:
        found = why_no_second(case.day, case.asked, technician) or _second_block(case, visit, technician)
    if found is not None or trial_in(case.bound, technician.id, order, visit.id) is not None:
        return found
    day = case.bound
    if case.free is not day and (trial := trial_in(case.free, technician.id, order, visit.id)) is not None:
        return _limit_block(case, visit, order, trial)
    return (
        _frozen_block(day, technician, visit, order)
        or _overtime_block(day, technician, visit, order)
        or _window_block(day, technician, visit, order)
        or _promise_block(day, technician, visit, order)
    )


def _with_second(case: Case, visit: Visit) -> Day:
    """The bound day in which `visit` takes two again, if it does."""
    if case.asked.assistant is None:
        return case.bound
    return with_visit(case.bound, replace(visit, assistant=case.asked.assistant))


def _second_block(case: Case, visit: Visit, technician: Technician) -> Blocked | None:
    """Nobody can be there at the same time as that lead; None where somebody can, or the lead cannot."""
    tid, asked, day = technician.id, case.asked, case.bound
    earliest = earliest_start(Room(day, case.orders, visit.id), (tid,))
    together = Room(_with_second(case, visit), case.orders, visit.id)
    others = (one.id for one in day.technicians if one.id != tid)
    if earliest is None or any(together.entries((tid, other)) for other in others):
        return None
    sentence = (
        f"{tid} could start {asked.id} at {clock_text(earliest)} at the earliest; "
        f"nobody else{skilled_text(asked)} can be there at the same time."
    )
    return Blocked("no_assistant", tid, asked.id, sentence, have=earliest)


def _frozen_elsewhere(day: Day, visit: Visit, found: Blocked) -> Blocked:
    """The same with what is wrong with the technician it is frozen to."""
    told = visit.planned
    if told is None or (day.has_technician(told.technician) and not day.technician(told.technician).absent):
        return found
    why = "is absent" if day.has_technician(told.technician) else "does not work today"
    sentence = f"{visit.id} is frozen to {told.technician} at {clock_text(told.start)}, who {why}."
    return replace(found, sentence=sentence)


def _limit_block(case: Case, visit: Visit, order: tuple[str, ...], trial: Trial) -> Blocked | None:
    """There is a place, but it may ask more of those who were told something than the day allows."""
    ids = (*order[: trial.position], visit.id, *order[trial.position :])
    begun = zip(ids, starts(trial.ending[3]), strict=True)
    stops = tuple(Stop("visit", one, start, start) for one, start in begun)
    tid, caps = trial.technician, case.day.limits
    others = tuple(route for route in case.plan.routes if route.technician != tid)
    after = Plan(case.day.name, (*others, Route(tid, stops, 0)))
    for name, count, cap in (
        ("disturbed", len(disturbed_in(case.day, after)), caps.disturbed),
        ("moved", len(moved_in(case.day, after)), caps.moved),
    ):
        if cap is not None and count > cap:
            promises = "1 promise" if count == 1 else f"{count} promises"
            sentence = f"If {tid} took {visit.id}, {promises} would be {name}; the day allows {cap}."
            return Blocked("limit", tid, visit.id, sentence, name, count, cap)
    return None


def _frozen_block(day: Day, technician: Technician, visit: Visit, order: tuple[str, ...]) -> Blocked | None:
    """Not at the very second it is frozen to."""
    if not visit.frozen or visit.planned is None:
        return None
    told, tid, vid = visit.planned, technician.id, visit.id
    if not in_one(told.start, (*visit.windows, *visit.may_move)):
        sentence = f"{vid} is frozen to {tid} at {clock_text(told.start)}, outside the times agreed for it."
        return Blocked("frozen", tid, vid, sentence, have=told.start, need=visit.windows[-1][1])
    loose = replace(visit, frozen=False, windows=((told.start, told.start + DAY_SECONDS),))
    start = earliest_start(Room(with_visit(day, loose), {tid: order}, vid), (tid,))
    if start is None or start == told.start:
        return None
    sentence = (
        f"{vid} is frozen to {tid} at {clock_text(told.start)}; "
        f"{tid} could start it at {clock_text(start)} at the earliest."
    )
    return Blocked("frozen", tid, vid, sentence, have=start, need=told.start)


def _overtime_block(day: Day, technician: Technician, visit: Visit, order: tuple[str, ...]) -> Blocked | None:
    tid, limit = technician.id, technician.overtime_until
    finish = earliest_finish(
        Room(day, {tid: order}, visit.id).with_technician(tireless(technician)), (tid,), tid
    )
    if finish is None:
        return None
    sentence = (
        f"With {visit.id}, {tid} would finish at {clock_text(finish)}; the limit is {clock_text(limit)}."
    )
    return Blocked("overtime_limit", tid, visit.id, sentence, have=finish, need=limit)


def _window_block(day: Day, technician: Technician, visit: Visit, order: tuple[str, ...]) -> Blocked | None:
    """Too late for the visit's window, and perhaps for the overtime limit as well."""
    tid = technician.id
    patient = Room(day, {tid: order}, visit.id).patient()
    start = earliest_start(patient, (tid,))
    if start is None:
        start = earliest_start(patient.with_technician(tireless(technician)), (tid,))
    if start is None:
        return None
    closes = window_missed(visit, start)[1]
    sentence = (
        f"{tid} could start {visit.id} at {clock_text(start)} at the earliest, "
        f"its window ends at {clock_text(closes)}."
    )
    return Blocked("no_time", tid, visit.id, sentence, have=start, need=closes)


def _promise_block(day: Day, technician: Technician, visit: Visit, order: tuple[str, ...]) -> Blocked:
    """Another promise would break: the one that would be least late, if one alone is enough."""
    tid = technician.id
    room = Room(day, {tid: order}, visit.id)
    begun = (
        (other, late_start(room.with_late(tid, other), (tid,), other))
        for other in map(day.visit, order)
        if other.promised
    )
    found = [(late - other.windows[0][1], other.id, late) for other, late in begun if late is not None]
    if not found:
        sentence = f"Wherever {tid} took {visit.id}, several promises or breaks of the day would be missed."
        return Blocked("promise", tid, visit.id, sentence)
    _, other_id, start = min(found)
    closes = day.visit(other_id).windows[0][1]
    sentence = (
        f"{tid} could take {visit.id} only by starting {other_id} at {clock_text(start)}, "
        f"its promise ends at {clock_text(closes)}."
    )
    return Blocked("promise", tid, visit.id, sentence, other_id, start, closes)
