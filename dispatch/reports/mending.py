"""What to mend: the few things without which most of the broken promises would have been kept.

A promise stands under every thing that would have saved it. What the customer or somebody else caused stands nowhere.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from sqlalchemy import select as pick
from sqlmodel import Session, col

from dispatch.errors import NotFound
from dispatch.failures.tables import Failure
from dispatch.plans.tables import Assignment
from dispatch.promises.states import PromiseState
from dispatch.promises.tables import Promise
from dispatch.reports.crew import was_last
from dispatch.reports.making_good import nine_in_ten
from dispatch.reports.material import Promised, gather_promises
from dispatch.reports.spells import Spell, Trails, gather_spells
from dispatch.technicians.queries import list_technicians
from dispatch.territories.tables import Territory
from dispatch.visits.tables import Visit

KINDS = ("duration", "area", "skill", "part")
UNLISTED = "unlisted"  # a part was missing, and the service says of none that it needs it
SLOWER = 1.2  # times the planned drive: from then on a part of town is slow
ENOUGH_DRIVES = 5
MENDED_BY_SKILL = ("technician_absent", "late", "plan", "not_finished")


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A broken promise that was not the customer's doing: what its visit needed, and what hindered the work."""

    promise: Promised
    skills: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, int] = field(default_factory=dict)
    hindrance: str = ""

    @property
    def visit_id(self) -> str:
        return self.promise.visit_id


@dataclass(frozen=True, slots=True)
class Drive:
    """One drive, as planned and as it was."""

    visit_id: str
    area: str
    planned_seconds: float
    took_seconds: float


@dataclass(frozen=True, slots=True)
class Mend:
    """One thing to mend, by its kind and its name, and the visits whose promises it would have saved."""

    kind: str
    key: str
    visit_ids: tuple[str, ...]

    @property
    def count(self) -> int:
        return len(self.visit_ids)


@dataclass(frozen=True, slots=True)
class Duration:
    """How long the work of one service was planned to take, and took."""

    service_id: str
    visits: int
    planned_seconds: float
    half_seconds: float
    nine_in_ten_seconds: float

    @property
    def lies(self) -> bool:
        """Whether half of the visits take longer than planned."""
        return self.half_seconds > self.planned_seconds


@dataclass(frozen=True, slots=True)
class Roads:
    """The drives to one part of town."""

    area: str
    drives: int
    planned_seconds: float
    took_seconds: float

    @property
    def times(self) -> float | None:
        """How many times as long as planned they took; None where none was planned to take any time."""
        return self.took_seconds / self.planned_seconds if self.planned_seconds else None

    @property
    def is_slow(self) -> bool:
        return self.drives >= ENOUGH_DRIVES and (self.times or 0.0) >= SLOWER


@dataclass(frozen=True, slots=True)
class Mending:
    """What the things to mend are found in. `crew` has the skills of everybody who works here, by id."""

    broken: Sequence[Broken] = ()
    spells: Sequence[Spell] = ()
    drives: Sequence[Drive] = ()
    crew: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    zone: dt.tzinfo = dt.UTC


def durations(spells: Sequence[Spell]) -> list[Duration]:
    """Of every service with work that was done."""
    took: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for one in spells:
        if one.work_seconds is not None:
            took[one.service_id].append((one.planned_seconds, one.work_seconds))
    return [
        Duration(
            id,
            len(pairs),
            median(planned for planned, _ in pairs),
            median(seconds for _, seconds in pairs),
            nine_in_ten([seconds for _, seconds in pairs]) or 0.0,
        )
        for id, pairs in sorted(took.items())
    ]


def roads(drives: Sequence[Drive]) -> list[Roads]:
    """Every part of town that somebody drove to."""
    return [
        Roads(
            area,
            len(mine),
            sum(one.planned_seconds for one in mine),
            sum(one.took_seconds for one in mine),
        )
        for area in sorted({one.area for one in drives})
        for mine in [[one for one in drives if one.area == area]]
    ]


def things_to_mend(found: Mending) -> list[Mend]:
    """What would have saved most promises first."""
    saved: dict[tuple[str, str], list[str]] = defaultdict(list)
    slow, trails = {road.area for road in roads(found.drives) if road.is_slow}, Trails(found.spells)
    for one in found.broken:
        for kind, key in _saved_by(one, found, trails, slow):
            saved[kind, key].append(one.visit_id)
    mends = [Mend(kind, key, tuple(ids)) for (kind, key), ids in saved.items()]
    return sorted(mends, key=lambda one: (-one.count, KINDS.index(one.kind), one.key))


def _saved_by(
    one: Broken, found: Mending, trails: Trails, slow: Collection[str]
) -> Iterable[tuple[str, str]]:
    """*Duration*: the technician's visit before took longer than planned and spread, or this one needs more time.
    *Area*: somebody on the way was late where the roads are slow. *Skill*: one person at most has it.
    *Part*: it was missing.
    """
    promise = one.promise
    if promise.kind in ("late", "technician_absent", "plan") and promise.noticed_by != "absence":
        last = was_last(promise, trails, found.zone)
        if last and promise.certain_at and last.ran_over_by(promise.certain_at):
            yield "duration", last.service_id
    if one.hindrance == "needs_more_time":
        yield "duration", promise.service_id
    if promise.kind == "late" and promise.area in slow:
        yield "area", promise.area
    if promise.kind in MENDED_BY_SKILL:
        for name, level in one.skills.items():
            if is_rare(found.crew, name, level):
                yield "skill", name
    if promise.kind == "wrong_parts":
        for part in one.parts or (UNLISTED,):
            yield "part", part


def is_rare(crew: Mapping[str, Mapping[str, int]], name: str, level: int) -> bool:
    """Whether at most one person has that skill."""
    return sum(skills.get(name, 0) >= level for skills in crew.values()) <= 1


def visits_mended(found: Mending, figure: str) -> list[str]:
    """The visits behind `mend:skill:gas`, `work:SERVICE` or `drive:north`. Raises NotFound for no figure."""
    name, _, rest = figure.partition(":")
    if name == "mend":
        kind, _, key = rest.partition(":")
        mends = {(one.kind, one.key): one.visit_ids for one in things_to_mend(found)}
        if kind in KINDS:
            return list(mends.get((kind, key), ()))
    if name == "work":
        return [
            one.visit_id for one in found.spells if one.service_id == rest and one.work_seconds is not None
        ]
    if name == "drive":
        return [one.visit_id for one in found.drives if one.area == rest]
    raise NotFound("There is no such figure.")


def gather_mending(
    session: Session, territory: Territory, from_at: dt.datetime, until_at: dt.datetime
) -> Mending:
    """Promises of [from_at, until_at) that broke, the work and the drives of these days, and who can do what now."""
    spells = gather_spells(session, territory, from_at, until_at)
    crew = {one.id: one.skills for one in list_technicians(session, territory.id)}
    return Mending(
        _broken(session, territory, from_at, until_at),
        spells,
        _drives(session, territory, from_at, until_at, spells),
        crew,
        territory.zone,
    )


def _broken(
    session: Session, territory: Territory, from_at: dt.datetime, until_at: dt.datetime
) -> list[Broken]:
    promises = gather_promises(session, territory, from_at, until_at)
    ours = [
        one
        for one in promises
        if one.state is PromiseState.BROKEN and one.fault not in ("customer", "third_party")
    ]
    version = (col(Failure.visit_id) == col(Promise.visit_id)) & (
        col(Failure.promise_version) == col(Promise.version)
    )
    columns: list[Any] = [Failure.visit_id, Failure.certain_at, Failure.evidence, Visit.skills, Visit.parts]
    query = (
        pick(*columns)
        .join(Promise, version)
        .join(Visit, col(Failure.visit_id) == col(Visit.id))
        .where(col(Visit.territory_id) == territory.id)
        .where(col(Promise.start_at) >= from_at, col(Promise.start_at) < until_at)
    )
    needs = {(row.visit_id, row.certain_at): row for row in session.execute(query)}
    return [
        Broken(
            promise=one,
            skills=row.skills,
            parts=row.parts,
            hindrance=row.evidence.get("hindrance", ""),
        )
        for one in ours
        if (row := needs.get((one.visit_id, one.certain_at)))
    ]


def _drives(
    session: Session,
    territory: Territory,
    from_at: dt.datetime,
    until_at: dt.datetime,
    spells: Sequence[Spell],
) -> list[Drive]:
    """Drives to work that was done: only there the plan still says how long the drive was to take."""
    done = {one.visit_id: one for one in spells if one.done and one.drive_seconds is not None}
    first, last = (at.astimezone(territory.zone).date() for at in (from_at, until_at))
    columns: list[Any] = [Assignment.visit_id, Assignment.busy_from_at, Assignment.start_at]
    query = pick(*columns).where(
        col(Assignment.territory_id) == territory.id,
        col(Assignment.day) >= first,
        col(Assignment.day) <= last,
    )
    found = []
    for row in session.execute(query.order_by(col(Assignment.visit_id))):
        one = done.get(row.visit_id)
        if one and row.busy_from_at and row.start_at:
            planned = (row.start_at - row.busy_from_at).total_seconds()
            found.append(Drive(one.visit_id, one.area, planned, one.drive_seconds or 0.0))
    return found
