"""Where one more visit fits into routes that are already promised, cheapest place first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from optimizer.day import Day, Visit, Window
from optimizer.fits import Blocked, clock_text
from optimizer.linked import is_linked, tied_visits, why_linked
from optimizer.schedule import starts
from optimizer.sheet import Sheet, Work, is_liked, sheet_of
from optimizer.standing import Standing, Trial, lateness, stand, tries
from optimizer.starts import window_pieces
from optimizer.timetable import timetable


@dataclass(frozen=True, slots=True)
class Place:
    """A place for one visit: before the visit now at `position` of `technician`'s route, work at `start`.

    `price`: by how much the plan's cost rises, the visit's own broken/unserved price left out.
    `touched`: the promised visits whose start would then differ by more than the tolerance from what the
    customer was told (the present schedule where nothing was), and does not yet.
    """

    technician: str
    position: int
    start: int
    price: float
    touched: tuple[str, ...]


def places(
    day: Day, routes: Mapping[str, tuple[str, ...]], visit: Visit, windows: Iterable[Window] | None = None
) -> list[Place]:
    """Every place where `visit` fits and no promise in `routes` breaks or gets worse, cheapest first.

    `routes` maps technician id to visit ids in order; technicians it leaves out have no stops. `windows`
    replaces the visit's own. A technician whose route is not legal as it stands is not considered, and
    `visit` itself is taken out of `routes`. Ties: earlier start, then technician id.
    Raises ValueError when the visit's location is not in the day's travel.
    """
    require_location(day, visit)
    sheet = sheet_of(day)
    found: list[Place] = []
    for standing in standings(day, routes, without=visit.id):
        work = work_for(day, sheet, visit, standing, windows)
        found += [_place(day, standing, trial) for trial in tries(sheet, standing, visit, work)]
    found.sort(key=_rank)
    return found


def best_place_per_window(
    day: Day, routes: Mapping[str, tuple[str, ...]], visit: Visit, windows: Iterable[Window]
) -> dict[Window, Place]:
    """For each of `windows` that some technician can still promise, its cheapest place; see places()."""
    require_location(day, visit)
    sheet = sheet_of(day)
    wanted = tuple(dict.fromkeys(windows))
    best: dict[Window, tuple[Standing, Trial]] = {}
    for standing in standings(day, routes, without=visit.id):
        for window in wanted:
            work = work_for(day, sheet, visit, standing, (window,))
            for trial in tries(sheet, standing, visit, work):
                if window not in best or _cheaper(trial, best[window][1]):
                    best[window] = (standing, trial)
    return {window: _place(day, *best[window]) for window in wanted if window in best}


def price_at(
    day: Day, routes: Mapping[str, tuple[str, ...]], visit: Visit, *, technician: str, position: int
) -> float | Blocked:
    """By how much the plan's cost rises if `visit` goes to that place, or the rule that it would break.

    A visit of `routes` leaves its place for it: to put it where it is costs nothing, and a better place less
    than nothing. `position` counts in the technician's route without it. For a visit that has no place, its
    own unserved price is left out. Raises ValueError as places() does, KeyError for an unknown technician.
    """
    require_location(day, visit)
    if not day.has_visit(visit.id) or day.visit(visit.id) is not visit:
        day = replace(day, visits=(*(one for one in day.visits if one.id != visit.id), visit))
    home = next((tid for tid, ids in routes.items() if visit.id in ids), None)
    order = tuple(one for one in routes.get(technician, ()) if one != visit.id)
    found = _blocked_by_ties(day, technician, visit, order) or _at(day, technician, visit, order, position)
    if isinstance(found, Blocked) or home is None:
        return found
    before, after = (
        _whole(day, home, tuple(one for one in routes[home] if one not in gone)) for gone in ((), (visit.id,))
    )
    return found + after - before


def _at(day: Day, technician: str, visit: Visit, order: tuple[str, ...], position: int) -> float | Blocked:
    """The rise of the technician's own order, or the rule."""
    late = lateness(day, technician, order)
    standing = None if late is None else stand(day, technician, order, late=late)
    wanted = (*order[:position], visit.id, *order[position:])
    for ids in (wanted, order):
        legal = timetable(day, technician, ids)
        if isinstance(legal, Blocked):
            return legal
    if standing is not None:
        sheet = sheet_of(day)
        for trial in tries(sheet, standing, visit, sheet.work(visit, technician)):
            if trial.position == position:
                return trial.price / 60
    return _broken_promise(day, technician, visit, wanted, late or {})


def _broken_promise(
    day: Day, technician: str, visit: Visit, wanted: tuple[str, ...], late: Mapping[str, int]
) -> Blocked:
    """Which promise the order breaks, or breaks by more than `late`, the first of them."""
    begun = lateness(day, technician, wanted) or {}
    for one in wanted:
        if one in begun and begun[one] > late.get(one, -1):
            start, closes = begun[one], day.visit(one).windows[0][1]
            sentence = (
                f"There, {technician} would start {one} at {clock_text(start)}, "
                f"its promise ends at {clock_text(closes)}."
            )
            return Blocked("promise", technician, visit.id, sentence, one, start, closes)
    sentence = f"There, {technician} would miss a promise or start one later still."
    return Blocked("promise", technician, visit.id, sentence)


def _blocked_by_ties(day: Day, technician: str, visit: Visit, order: tuple[str, ...]) -> Blocked | None:
    """What hangs on another route is shifted by a whole new plan only."""
    if is_linked(visit):
        return Blocked("no_time", technician, visit.id, why_linked(visit))
    for one in sorted(tied_visits(day).intersection((*order, visit.id))):
        sentence = f"{one} hangs on another route: only a new plan may shift it."
        return Blocked("no_time", technician, visit.id, sentence, one)
    return None


def _whole(day: Day, technician: str, order: tuple[str, ...]) -> float:
    """What that order costs; 0 where it is not legal."""
    late = lateness(day, technician, order)
    standing = None if late is None else stand(day, technician, order, late=late)
    return 0.0 if standing is None else standing.price / 60


def standings(
    day: Day, routes: Mapping[str, tuple[str, ...]], *, without: str | None = None
) -> Iterable[Standing]:
    """Every technician's standing order under `routes`, those whose order is not legal left out.

    So are those with a visit that another route hangs on: to shift it would take both.
    """
    tied = tied_visits(day)
    for technician in day.technicians:
        ids = tuple(one for one in routes.get(technician.id, ()) if one != without)
        late = None if technician.absent or not tied.isdisjoint(ids) else lateness(day, technician.id, ids)
        standing = None if late is None else stand(day, technician.id, ids, late=late)
        if standing is not None:
            yield standing


def work_for(
    day: Day, sheet: Sheet, visit: Visit, standing: Standing, windows: Iterable[Window] | None
) -> Work:
    """`visit` as that technician would do it, in `windows` instead of its own where given."""
    tid = standing.technician.id
    if windows is not None:
        pieces = window_pieces(windows, 0 if is_liked(visit, tid) else 60 * day.weights.not_preferred)
        return Work(visit.id, visit.location, visit.duration, pieces, pieces)
    if day.has_visit(visit.id) and day.visit(visit.id) is visit:
        return sheet.work(visit, tid)
    return sheet.fresh_work(visit, tid)


def _place(day: Day, standing: Standing, trial: Trial) -> Place:
    after = starts(trial.ending[3])
    del after[trial.position]
    touched = tuple(
        visit.id
        for visit, before, now in zip(standing.visits, standing.starts, after, strict=True)
        if visit.promised and before != now and is_touched(day, visit, before, now)
    )
    return Place(trial.technician, trial.position, trial.start, trial.price / 60, touched)


def is_touched(day: Day, visit: Visit, before: int, now: int) -> bool:
    """Whether the shift of start takes the promised visit out of the tolerance around what was told."""
    told = before if visit.planned is None else visit.planned.start
    return abs(now - told) > day.change_tolerance >= abs(before - told)


def _rank(place: Place) -> tuple[float, int, str, int]:
    return place.price, place.start, place.technician, place.position


def _cheaper(a: Trial, b: Trial) -> bool:
    return (a.price, a.start, a.technician, a.position) < (b.price, b.start, b.technician, b.position)


def require_location(day: Day, visit: Visit) -> None:
    """Raises ValueError when the visit's location is not in the day's travel."""
    if not 0 <= visit.location < len(day.travel):
        raise ValueError(f"visit {visit.id}: location {visit.location} is not in travel")
