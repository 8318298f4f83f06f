"""The routes while they are being repaired: who has which order, what is still open, what it all costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from optimizer.day import Day, Visit
from optimizer.plan import Plan
from optimizer.sheet import Sheet, Work, sheet_of
from optimizer.standing import Standing, Trial, lateness, stand, tries
from optimizer.timetable import route_of
from optimizer.unserved import why_unserved


class Board:
    """Legal orders of all present technicians, changed one accepted step at a time.

    `late`: the promises that the orders it began with break, or that were given up since, each with
    its latest start. No step may break another one or make one of these later.
    """

    def __init__(self, day: Day, orders: Mapping[str, tuple[str, ...]]) -> None:
        """`orders`: technician id to a legal order; ValueError where one is not legal."""
        self.day = day
        self.sheet: Sheet = sheet_of(day)
        self.late: dict[str, int] = {}
        self.standings: dict[str, Standing] = {}
        for technician in day.technicians:
            if not technician.absent:
                ids = orders.get(technician.id, ())
                self.late |= lateness(day, technician.id, ids) or {}
                self.put(technician.id, ids)

    def stand(self, technician_id: str, visit_ids: tuple[str, ...]) -> Standing | None:
        """How that order would stand under the board's rule on promises; None when it is not allowed."""
        return stand(self.day, technician_id, visit_ids, late=self.late)

    @property
    def open_visits(self) -> list[Visit]:
        """The visits in no order, in the day's order."""
        placed = {visit_id for standing in self.standings.values() for visit_id in standing.visit_ids}
        return [visit for visit in self.day.visits if visit.id not in placed]

    @property
    def broken(self) -> list[tuple[str, Visit]]:
        """(technician id, visit) of each promise that is served too late."""
        return [
            (tid, self.day.visit(visit_id))
            for tid, standing in self.standings.items()
            for visit_id in standing.broken
        ]

    def price(self) -> float:
        """What the plan as it stands costs, in sixtieths."""
        open_price = sum(self.penalty(visit) for visit in self.open_visits)
        return open_price + sum(standing.price for standing in self.standings.values())

    def penalty(self, visit: Visit) -> float:
        """What it costs, in sixtieths, to leave `visit` undone."""
        weights = self.day.weights
        return 60 * visit.priority * (weights.unserved + (weights.broken if visit.promised else 0))

    def put(self, technician_id: str, visit_ids: tuple[str, ...]) -> None:
        """Give the technician that order; ValueError when it is not legal."""
        standing = self.stand(technician_id, visit_ids)
        if standing is None:
            raise ValueError(f"technician {technician_id}: the order {visit_ids} is not legal")
        self.standings[technician_id] = standing

    def without(self, technician_id: str, visit_id: str) -> Standing | None:
        """That technician's standing if `visit_id` were gone."""
        ids = self.standings[technician_id].visit_ids
        return self.stand(technician_id, tuple(one for one in ids if one != visit_id))

    def take_out(self, technician_id: str, visit_id: str) -> bool:
        """Open a placed visit, to find a place for it in time; False (and no change) when that is impossible."""
        freed = self.without(technician_id, visit_id)
        if freed is None:
            return False
        self.standings[technician_id] = freed
        self.late.pop(visit_id, None)
        return True

    def accept(self, trial: Trial, visit_id: str) -> None:
        """Put `visit_id` where `trial` says; if that is too late for its promise, this is now given up."""
        visit, standing = self.day.visit(visit_id), self.standings[trial.technician]
        self.late.pop(visit_id, None)
        if visit.promised and not self.sheet.work(visit, trial.technician).keeps(trial.start):
            self.late[visit_id] = trial.start
        ids = standing.visit_ids
        self.put(trial.technician, (*ids[: trial.position], visit_id, *ids[trial.position :]))

    def best_in(self, standing: Standing, visit: Visit, *, late: bool = False) -> Trial | None:
        """The cheapest way to take `visit` into `standing`; with `late` its own promise may break."""
        work = self.sheet.work(visit, standing.technician.id)
        if late:
            work = Work(work.id, work.location, work.duration, work.full, work.full)
        return min(tries(self.sheet, standing, visit, work), key=_rank, default=None)

    def best_anywhere(
        self, visit: Visit, *, late: bool = False, instead: Mapping[str, Standing] | None = None
    ) -> Trial | None:
        """The cheapest place for `visit` in all orders; those in `instead` stand in for the present ones."""
        found = (self.best_in(standing, visit, late=late) for standing in self._all(instead))
        return min((trial for trial in found if trial is not None), key=_rank, default=None)

    def plan(self) -> Plan:
        """The board as a plan, with a reason for every visit still open."""
        routes = tuple(
            route_of(standing.technician, standing.works, standing.done)
            for standing in self.standings.values()
            if standing.done is not None
        )
        unserved = tuple(why_unserved(self.day, visit) for visit in self.open_visits)
        return Plan(self.day.name, routes, unserved)

    def _all(self, instead: Mapping[str, Standing] | None) -> Iterator[Standing]:
        for tid, standing in self.standings.items():
            yield standing if instead is None else instead.get(tid, standing)


def _rank(trial: Trial) -> tuple[float, int, str, int]:
    return trial.price, trial.start, trial.technician, trial.position
