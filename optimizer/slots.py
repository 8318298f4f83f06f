"""When could somebody come: for each window the cheapest way to promise it, by compiled kernels.

Slots are made once from a day and its routes and asked many times. insertion.py answers the same questions
about one route after another in plain Python; the two agree (tests/unit/optimizer/test_slots.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from optimizer.day import Day, Technician, Visit, Window
from optimizer.fits import fits, misfit_order, stock_after
from optimizer.insertion import is_touched, require_location
from optimizer.kernels.arrays import DURATION, LONG_AGO, NEVER, Arrays, Floats, arrays_of, tasks_of
from optimizer.kernels.place import set_order
from optimizer.kernels.routes import LATEST, STRICT, WHOLE, Routes, empty_routes
from optimizer.kernels.slots import COLUMNS, PRICE, allow, find_elsewhere, offer_windows, offer_with_a_move
from optimizer.kernels.timing import read_schedule
from optimizer.linked import is_linked, tied_visits
from optimizer.relaxations import Relaxation, relaxations
from optimizer.sheet import is_liked
from optimizer.standing import lateness

GUEST = "\0"  # the id of the row that whoever asks is written into
ANYWHERE = 1 << 40  # later than the last position of any route

NEARLY_MINUTES = 60  # what is missing by more than that is not nearly possible
Order = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """A placed visit that goes elsewhere: before the visit at `position` of `technician`'s route."""

    visit: str
    technician: str
    position: int


@dataclass(frozen=True, slots=True)
class Offer:
    """The cheapest way to promise `window`: before the visit at `position` of `technician`'s route, at `start`.

    `price`: by how much the plan's cost rises, the visit's own broken/unserved price left out. `moving`: the
    visit that makes room, if one must: it is taken out first, then the new one put in, then it is put back
    where its Move says; each position counts in the route as it is by then.
    """

    window: Window
    technician: str
    position: int
    start: int
    price: float
    moving: Move | None = None


@dataclass(frozen=True, slots=True)
class Nearly:
    """A window that cannot be promised as things stand, and the cheapest single thing that would change that."""

    window: Window
    relaxation: Relaxation


class Slots:
    """A day and its routes, laid out to be asked for windows. For one thread at a time.

    `routes` maps technician id to visit ids in order; technicians it leaves out have no stops. Those whose
    route is not legal as it stands, or holds a visit that another route hangs on, are offered nothing.
    """

    def __init__(self, day: Day, routes: Mapping[str, Iterable[str]]) -> None:
        self.day = day
        self.orders: dict[str, Order] = {one.id: tuple(routes.get(one.id, ())) for one in day.technicians}
        self._tied = tied_visits(day)
        self._number = {visit.id: v for v, visit in enumerate(day.visits)}
        guest = Visit(id=GUEST, location=0, duration=0, state="new", windows=((0, 0),))
        self._arrays: Arrays = arrays_of(replace(day, visits=(*day.visits, guest)))
        self._routes: Routes = empty_routes(self._arrays)
        self._guest = len(day.visits)
        self._travel, self._places = _travel(day)
        self._from = np.ascontiguousarray(self._travel.T)
        self._fits: dict[object, Floats] = {}
        self._elsewhere = np.full((len(self._arrays.visit), 3), np.inf)
        self._knows_elsewhere = False
        self._carried = {name: k for k, name in enumerate(sorted({p for v in day.visits for p in v.parts}))}
        for t, one in enumerate(day.technicians):
            self._stand(t, self.orders[one.id])

    def offers(self, visit: Visit, windows: Iterable[Window], *, eject: bool = False) -> list[Offer]:
        """An offer for each of `windows` that can still be promised to `visit`, in time order.

        The windows replace the visit's own; `visit` itself is taken out of the routes. No promise breaks or
        gets worse. With `eject` one placed visit may move where that is cheaper, unharmed like the others.
        Raises ValueError when the visit's location is not in the day's travel.
        """
        require_location(self.day, visit)
        wanted = sorted(set(windows))
        asked = np.array(wanted, dtype=np.float64).reshape(-1, 2)
        found = np.full((len(wanted), COLUMNS), np.inf)
        last = 0 if visit.locked else ANYWHERE
        home = self._take_out(visit.id)
        try:
            self._seat(visit)
            arrays, routes, guest = self._arrays, self._routes, self._guest
            offer_windows(arrays, routes, guest, asked, last, found)
            if eject:
                self._look_elsewhere()
                room = np.full_like(found, np.inf)
                offer_with_a_move(arrays, routes, guest, asked, last, found, self._elsewhere, room)
        finally:
            self._put_back(home)
        rows = zip(wanted, found.tolist(), strict=True)
        return [self._offer(window, row) for window, row in rows if row[PRICE] < np.inf]

    def nearly(self, visit: Visit, windows: Iterable[Window]) -> list[Nearly]:
        """For each of `windows` without an offer what would make it possible, in time order, if it is little.

        That is up to an hour more of the window, or beyond somebody's overtime limit, or another customer's
        visit starting so much after its promise. Each is re-checked. Plain Python, a technician at a time.
        """
        wanted = set(windows)
        missing = wanted - {offer.window for offer in self.offers(visit, wanted)}
        found: list[Nearly] = []
        for window in sorted(missing):
            asked = replace(
                visit, state="new", windows=(window,), may_move=(), planned=None, locked=False, frozen=False
            )
            small = [one for one in self._relaxations(asked) if one.amount <= NEARLY_MINUTES]
            if small:
                found.append(Nearly(window, min(small, key=lambda one: (one.price, one.amount))))
        return found

    def _relaxations(self, asked: Visit) -> Iterator[Relaxation]:
        """What would let `asked` in, without waived skills; each technician with nobody else in the day."""
        for one in self.day.technicians:
            order = tuple(visit_id for visit_id in self.orders[one.id] if visit_id != asked.id)
            visits = [self.day.visit(visit_id) for visit_id in order]
            if self._tied.isdisjoint(order) and fits(one, asked, stock_after(one, visits)):
                alone = replace(self.day, technicians=(replace(one, route=()),), visits=(*visits, asked))
                for found in relaxations(alone, {one.id: order}, asked):
                    if found.kind != "skill":
                        yield found

    def orders_with(self, visit: Visit, offer: Offer) -> dict[str, Order]:
        """Everybody's order once that offer of `visit` is taken."""
        moving = offer.moving
        gone = {visit.id} if moving is None else {visit.id, moving.visit}
        found = {tid: tuple(one for one in ids if one not in gone) for tid, ids in self.orders.items()}
        _insert(found, offer.technician, offer.position, visit.id)
        if moving is not None:
            _insert(found, moving.technician, moving.position, moving.visit)
        return found

    def touched(self, visit: Visit, offer: Offer) -> tuple[str, ...]:
        """The promised visits whose start the offer would shift by more than the tolerance from what the
        customer was told (the present schedule where nothing was), and that are not so shifted yet."""
        after = self.orders_with(visit, offer)
        home = self._take_out(visit.id)
        stood = {tid: tuple(one for one in ids if one != visit.id) for tid, ids in self.orders.items()}
        changed = [t for t, one in enumerate(self.day.technicians) if stood[one.id] != after[one.id]]
        earlier = {t: self._order(t) for t in changed}
        before = {one: start for t in changed for one, start in self._begun(t)}
        self._seat(visit)
        allow(self._arrays, self._guest, *map(float, offer.window))
        numbers = {**self._number, visit.id: self._guest}
        try:
            for t in changed:
                self._set(t, ())
            for t in changed:
                self._set(t, [numbers[one] for one in after[self.day.technicians[t].id]])
            now = {one: start for t in changed for one, start in self._begun(t)}
        finally:
            for t in changed:
                self._set(t, ())
            for t in changed:
                self._set(t, [self._number[one] for one in earlier[t]])
            self._put_back(home)
        shifted = [one for one in before if before[one] != now[one] and self.day.visit(one).promised]
        return tuple(
            one for one in shifted if is_touched(self.day, self.day.visit(one), before[one], now[one])
        )

    def _take_out(self, visit_id: str) -> tuple[int, Order] | None:
        """Whose route held the visit, and that route as it was; None where nobody's did."""
        for t, one in enumerate(self.day.technicians) if visit_id in self._number else ():
            order = self.orders[one.id]
            if visit_id in order:
                self._stand(t, tuple(other for other in order if other != visit_id))
                return t, order
        return None

    def _put_back(self, home: tuple[int, Order] | None) -> None:
        if home is not None:
            self._stand(*home)

    def _stand(self, t: int, ids: Order) -> None:
        """Give the technician that order, its late promises at their starts; where it is not legal, none."""
        one, routes = self.day.technicians[t], self._routes
        self._knows_elsewhere = False
        is_legal = not one.absent and self._tied.isdisjoint(ids) and misfit_order(self.day, one, ids) is None
        order = [self._number[visit_id] for visit_id in ids] if is_legal else []
        routes.cut[order] = 1, LONG_AGO, NEVER
        self._set(t, order)
        if np.isinf(routes.price[t, WHOLE]):
            late = lateness(self.day, one.id, ids)
            is_legal = late is not None
            for visit_id, start in (late or {}).items():
                routes.cut[self._number[visit_id], [STRICT, LATEST]] = 0, start
            self._set(t, order if is_legal else [])
        if not is_legal:
            routes.price[t, WHOLE] = np.inf

    def _set(self, t: int, order: Iterable[int]) -> None:
        numbers = np.array(list(order), dtype=np.int64)
        set_order(self._arrays, self._routes, t, numbers, len(numbers))

    def _seat(self, visit: Visit) -> None:
        """Write whoever asks into the spare row."""
        arrays, guest, here = self._arrays, self._guest, visit.location
        arrays.drive[guest] = arrays.drive_to[:, guest] = self._travel[here].take(self._places)
        arrays.drive[:, guest] = arrays.drive_to[guest] = self._from[here].take(self._places)
        arrays.visit[guest, DURATION] = visit.duration
        arrays.fit[guest] = self._fit(visit)
        for name, k in self._carried.items():
            arrays.parts[guest, k] = visit.parts.get(name, 0)
        self._routes.cut[guest] = 1, LONG_AGO, NEVER

    def _fit(self, visit: Visit) -> Floats:
        """What it costs that each technician does the visit at all; remembered by what it asks for."""
        bound = visit.planned.technician if visit.planned and (visit.locked or visit.frozen) else None
        needs = (tuple(visit.skills.items()), tuple(visit.parts.items()), is_linked(visit))
        asks = (needs, visit.technician, visit.exclude, bound, visit.prefer)
        row = self._fits.get(asks)
        if row is None:
            row = self._fits[asks] = np.array([self._fitness(one, visit) for one in self.day.technicians])
        return row

    def _fitness(self, one: Technician, visit: Visit) -> float:
        if is_linked(visit) or not fits(one, visit, one.parts):
            return np.inf
        return 0.0 if is_liked(visit, one.id) else 60 * self.day.weights.not_preferred

    def _look_elsewhere(self) -> None:
        if not self._knows_elsewhere:
            find_elsewhere(self._arrays, self._routes, self._elsewhere)
            self._knows_elsewhere = True

    def _offer(self, window: Window, row: list[float]) -> Offer:
        price, t, position, start, moving, to, at = row
        crew = self.day.technicians
        move = Move(self.day.visits[int(moving)].id, crew[int(to)].id, int(at)) if moving >= 0 else None
        return Offer(window, crew[int(t)].id, int(position), int(start), price / 60, move)

    def _order(self, t: int) -> Order:
        """The technician's order as the arrays have it now."""
        visits = self.day.visits
        return tuple(visits[v].id for v in self._routes.order[t, : self._routes.size[t]].tolist())

    def _begun(self, t: int) -> list[tuple[str, int]]:
        """When each visit of the day that the technician has now starts."""
        size = int(self._routes.size[t])
        starts, ways = np.zeros(size), np.zeros(size + 1, dtype=np.int64)
        if size:
            read_schedule(self._arrays, self._routes, t, starts, ways)
        order = zip(self._routes.order[t, :size].tolist(), starts.tolist(), strict=True)
        return [(self.day.visits[v].id, int(start)) for v, start in order if v != self._guest]


def _travel(day: Day) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Seconds between locations, the last one nowhere; and the location of each node of the arrays."""
    size = len(day.travel)
    padded = np.zeros((size + 1, size + 1), dtype=np.int32)
    padded[:size, :size] = day.travel
    places = [*(visit.location for visit in day.visits), 0]
    places += [visit.location for visit in tasks_of(day)[len(day.visits) :]]
    places += [size if one.end_location is None else one.end_location for one in day.technicians]
    places += [one.ready_location for one in day.technicians]
    return padded, np.array(places, dtype=np.int64)


def _insert(orders: dict[str, Order], technician_id: str, position: int, visit_id: str) -> None:
    ids = orders[technician_id]
    orders[technician_id] = (*ids[:position], visit_id, *ids[position:])
