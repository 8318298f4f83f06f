"""One technician's order as it stands, laid out to be asked where one more visit fits.

Whatever is put in, no promise of the order may get worse: a kept one stays kept (inside its window or
its `may_move`), one that is late already starts no later than it would anyway. Which ones are late, and
until when, is a Lateness; it is read off the order before anything is changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

from optimizer.day import Day, Technician, Visit
from optimizer.fits import fits, misfit_order, stock_after
from optimizer.linked import is_linked
from optimizer.schedule import Ending, Label, best_ending, ending, extend, first_label, run, starts
from optimizer.sheet import Crew, Sheet, Work, sheet_of
from optimizer.starts import FOREVER, Pieces

Lateness: TypeAlias = Mapping[str, int]  # promised visit that may break its promise -> latest start

UNKNOWN: Any = object()
REMEMBERED = 5_000  # standings per day; beyond that all are forgotten and worked out anew


@dataclass(frozen=True, slots=True)
class Standing:
    """`labels[i]`: after i visits. `latest[i]`: no breaks counted, when visit i must have begun for the rest
    to stay in time; the last entry is the overtime limit. `drives[i]`: seconds to visit i, the last one home.
    `price`: of the whole order, in sixtieths, travel included."""

    technician: Technician
    crew: Crew
    visits: tuple[Visit, ...]
    works: tuple[Work, ...]
    pieces: tuple[Pieces, ...]
    limits: tuple[int, ...]
    labels: tuple[Sequence[Label], ...]
    latest: tuple[int, ...]
    drives: tuple[int, ...]
    done: Ending | None  # None where there are no visits
    price: float
    stock: dict[str, int]

    @property
    def visit_ids(self) -> tuple[str, ...]:
        return tuple(visit.id for visit in self.visits)

    @property
    def starts(self) -> list[int]:
        """When each visit starts."""
        return [] if self.done is None else starts(self.done[3])

    @property
    def broken(self) -> list[str]:
        """The promises that this order does not keep."""
        begun = zip(self.works, self.starts, strict=True)
        return [work.id for work, start in begun if not work.keeps(start)]


@dataclass(frozen=True, slots=True)
class Trial:
    """One more visit at `position`: its start, and by how many sixtieths the order gets dearer."""

    technician: str
    position: int
    start: int
    price: float
    ending: Ending


def lateness(day: Day, technician_id: str, visit_ids: Sequence[str]) -> dict[str, int] | None:
    """The promises this order breaks at best, each with its start; None when the order is not legal.

    Remembered with the day.
    """
    known = sheet_of(day).latenesses
    key = (technician_id, tuple(visit_ids))
    found: dict[str, int] | None = known.get(key, UNKNOWN)
    if found is UNKNOWN:
        if len(known) > REMEMBERED:
            known.clear()
        found = known[key] = _lateness(day, technician_id, visit_ids)
    return found


def stand(
    day: Day, technician_id: str, visit_ids: tuple[str, ...], *, late: Lateness | None = None
) -> Standing | None:
    """The order as it stands; None when it is not legal, or breaks a promise that is not in `late`.

    Remembered with the day.
    """
    sheet = sheet_of(day)
    known = sheet.standings
    allowed = tuple((one, late[one]) for one in visit_ids if one in late) if late else ()
    key = (technician_id, visit_ids, allowed)
    found: Standing | None = known.get(key, UNKNOWN)
    if found is UNKNOWN:
        if len(known) > REMEMBERED:
            known.clear()
        found = known[key] = _stand(day, sheet, technician_id, visit_ids, late=dict(allowed))
    return found


def tries(sheet: Sheet, standing: Standing, visit: Visit, work: Work) -> list[Trial]:
    """Every position of `standing` where `visit`, done as `work`, makes no promise worse."""
    if not work.kept or is_linked(visit) or not fits(standing.technician, visit, standing.stock):
        return []
    found: list[Trial] = []
    for position in _positions(standing, visit):
        if _may_fit(sheet, standing, work, position):
            trial = try_at(sheet, standing, work, position)
            if trial is not None:
                found.append(trial)
    return found


def try_at(sheet: Sheet, standing: Standing, work: Work, position: int) -> Trial | None:
    """`work` put in at `position`, exactly scheduled; None when that is not possible."""
    crew = standing.crew
    here = standing.works[position - 1].location if position else crew.location
    drive = sheet.row(here)[work.location]
    labels: Sequence[Label] = extend(
        standing.labels[position], crew, drive, duration=work.duration, pieces=work.kept
    )
    travel = drive - standing.drives[position]
    here = work.location
    for index in range(position, len(standing.works)):
        if not labels:
            return None
        after = standing.works[index]
        drive = sheet.row(here)[after.location] if index == position else standing.drives[index]
        if index == position:
            travel += drive
        labels = extend(
            labels,
            crew,
            drive,
            duration=after.duration,
            pieces=standing.pieces[index],
            limit=standing.limits[index],
        )
        here = after.location
    done = ending(sheet, crew, labels, here)
    if done is None:
        return None
    if position == len(standing.works) and crew.end_location is not None:
        travel += sheet.row(work.location)[crew.end_location]
    price = done[0] + sheet.weights.travel_minute * (travel + sum(standing.drives)) - standing.price
    return Trial(crew.id, position, starts(done[3])[position], price, done)


def _lateness(day: Day, technician_id: str, visit_ids: Sequence[str]) -> dict[str, int] | None:
    if misfit_order(day, day.technician(technician_id), visit_ids) is not None:
        return None
    sheet = sheet_of(day)
    works = [sheet.work(day.visit(visit_id), technician_id) for visit_id in visit_ids]
    done = run(sheet, sheet.crews[technician_id], works)
    if done is None:
        return None if works else {}
    begun = zip(works, starts(done[3]), strict=True)
    return {work.id: start for work, start in begun if not work.keeps(start)}


def _stand(
    day: Day, sheet: Sheet, technician_id: str, visit_ids: tuple[str, ...], *, late: Lateness
) -> Standing | None:
    technician, crew = day.technician(technician_id), sheet.crews[technician_id]
    if technician.absent or misfit_order(day, technician, visit_ids) is not None:
        return None
    visits = tuple(day.visit(visit_id) for visit_id in visit_ids)
    works = tuple(sheet.work(visit, technician_id) for visit in visits)
    pieces = tuple(work.full if work.id in late else work.kept for work in works)
    limits = tuple(late.get(work.id, FOREVER) for work in works)
    drives = _drives(sheet, crew, works)
    labels = _labels(crew, works, drives=drives, pieces=pieces, limits=limits)
    done = best_ending(labels[-1], crew, drives[-1], sheet.weights.overtime_minute)
    if done is None and works:
        return None
    return Standing(
        technician=technician,
        crew=crew,
        visits=visits,
        works=works,
        pieces=pieces,
        limits=limits,
        labels=labels,
        latest=_latest(crew, works, drives=drives, pieces=pieces, limits=limits),
        drives=drives,
        done=done if works else None,
        price=done[0] + sheet.weights.travel_minute * sum(drives) if works and done is not None else 0,
        stock=stock_after(technician, visits),
    )


def _drives(sheet: Sheet, crew: Crew, works: Sequence[Work]) -> tuple[int, ...]:
    stops = [crew.location, *(work.location for work in works)]
    drives = [sheet.row(a)[b] for a, b in pairwise(stops)]
    home = sheet.row(stops[-1])[crew.end_location] if works and crew.end_location is not None else 0
    return (*drives, home)


def _labels(
    crew: Crew,
    works: Sequence[Work],
    *,
    drives: Sequence[int],
    pieces: Sequence[Pieces],
    limits: Sequence[int],
) -> tuple[Sequence[Label], ...]:
    found: list[Sequence[Label]] = [(first_label(crew),)]
    for work, drive, allowed, limit in zip(works, drives, pieces, limits, strict=False):
        found.append(extend(found[-1], crew, drive, duration=work.duration, pieces=allowed, limit=limit))
    return tuple(found)


def _latest(
    crew: Crew,
    works: Sequence[Work],
    *,
    drives: Sequence[int],
    pieces: Sequence[Pieces],
    limits: Sequence[int],
) -> tuple[int, ...]:
    bounds = [crew.overtime_until]
    for index in range(len(works) - 1, -1, -1):
        last_start = min(limits[index], pieces[index][-1][1])
        bounds.append(min(last_start, bounds[-1] - drives[index + 1] - works[index].duration))
    bounds.reverse()
    return tuple(bounds)


def _positions(standing: Standing, visit: Visit) -> range:
    """Where the locked visit leaves room: it is first."""
    if visit.locked:
        return range(1)
    locked_first = bool(standing.visits) and standing.visits[0].locked
    return range(1 if locked_first else 0, len(standing.visits) + 1)


def _may_fit(sheet: Sheet, standing: Standing, work: Work, position: int) -> bool:
    """A quick bound, breaks left out: False only where try_at() would find nothing."""
    labels = standing.labels[position]
    if not labels:
        return False
    crew, works = standing.crew, standing.works
    here = works[position - 1].location if position else crew.location
    arrival = labels[0][0] + sheet.row(here)[work.location]  # labels are sorted by end of work
    for begin, until, _, _ in work.kept:
        if arrival <= until:
            start = begin if begin > arrival else arrival
            break
    else:
        return False
    row = sheet.row(work.location)
    if position < len(works):
        onward = row[works[position].location]
    else:
        onward = 0 if crew.end_location is None else row[crew.end_location]
    return start + work.duration + onward <= standing.latest[position]
