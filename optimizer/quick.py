"""The first answer by compiled kernels: what repair.py does, in a few milliseconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from optimizer.day import Day
from optimizer.kernels.arrays import PENALTY, Arrays, Floats, Ints, arrays_of, tasks_of
from optimizer.kernels.first import Desk, desk_for, eject_for, in_time, insert_all, rescue
from optimizer.kernels.place import set_order
from optimizer.kernels.routes import LATEST, STRICT, WHOLE, Routes, empty_routes
from optimizer.kernels.timing import read_schedule
from optimizer.linked.placing import Linking
from optimizer.plan import Plan
from optimizer.published import doable, fitting_orders
from optimizer.standing import lateness
from optimizer.written import plan_of


class Quick:
    """The routes of a day while its first answer is made."""

    def __init__(self, day: Day, orders: Mapping[str, Iterable[str]] | None = None) -> None:
        self.day = day
        self.arrays: Arrays = arrays_of(day)
        self.routes: Routes = empty_routes(self.arrays)
        self.desk: Desk = desk_for(self.arrays)
        self.number = {visit.id: v for v, visit in enumerate(day.visits)}
        self.tasks = tasks_of(day)
        self.routes.cut[:, STRICT] = [visit.promised for visit in self.tasks]
        self.linking = Linking(day, self.arrays)
        self.linking.forbid(self.routes)
        for tid, ids in fitting_orders(day, orders).items():
            self._stand(tid, ids)

    def repair(self, *, eject: bool = True) -> None:
        """Put in what can be put in; see repair.repaired()."""
        insert_all(self.arrays, self.routes, self.desk, False)
        while eject and (self._rescue_late() or self._eject_for_open()):
            insert_all(self.arrays, self.routes, self.desk, False)
        insert_all(self.arrays, self.routes, self.desk, True)
        self._link()

    def plan(self) -> Plan:
        """The routes as a plan."""
        return plan_of(self.day, self.arrays, self.routes)

    def _link(self) -> None:
        """Put in the linked visits, one by one, as far as the whole gets cheaper."""
        r = self.routes
        for link in self.linking.links:
            before = self._price()
            saved = r.order.copy(), r.size.copy(), r.cut.copy()
            self.linking.put_in(r, link)
            if not self._price() < before:
                self._restore(*saved)

    def _price(self) -> float:
        """What the day costs as it stands, in sixtieths; infinite where a route has no schedule."""
        visits = slice(len(self.day.visits))
        left = self.arrays.visit[visits, PENALTY][self.routes.taker[visits] < 0]
        return float(self.routes.price[:, WHOLE].sum() + left.sum())

    def _restore(self, order: Ints, size: Ints, cut: Floats) -> None:
        for t in range(len(size)):
            self._set(t, ())
        self.routes.cut[:] = cut
        for t, count in enumerate(size):
            set_order(self.arrays, self.routes, t, order[t], int(count))

    def _stand(self, tid: str, ids: tuple[str, ...]) -> None:
        """Give the technician that order, less what has no legal schedule; note what is late anyhow."""
        t = next(i for i, one in enumerate(self.day.technicians) if one.id == tid)
        self._set(t, ids)
        if np.isinf(self.routes.price[t, WHOLE]):
            ids = doable(self.day, tid, ids)
            for visit_id, start in (lateness(self.day, tid, ids) or {}).items():
                v = self.number[visit_id]
                self.routes.cut[v, STRICT], self.routes.cut[v, LATEST] = 0, start
            self._set(t, ids)

    def _set(self, t: int, ids: tuple[str, ...]) -> None:
        order = np.array([self.number[one] for one in ids], dtype=np.int64)
        set_order(self.arrays, self.routes, t, order, len(order))

    def _rescue_late(self) -> bool:
        """Whether a visit that came too late is in time now, and the whole is cheaper."""
        hopeless: set[int] = set()
        rescued = False
        while True:
            waiting = [v for v in self._late() if v not in hopeless and not self.tasks[v].locked]
            if not waiting:
                return rescued
            v = max(waiting, key=lambda v: self.tasks[v].priority)
            if rescue(self.arrays, self.routes, self.desk, v):
                rescued = True
            else:
                hopeless.add(v)

    def _late(self) -> list[int]:
        """The served promises that are kept too late, by technician and position."""
        found: list[int] = []
        for t in np.unique(self.routes.taker[(self.routes.taker >= 0) & (self.routes.cut[:, STRICT] == 0)]):
            read_schedule(self.arrays, self.routes, t, self.desk.starts, self.desk.ways)
            for i in range(int(self.routes.size[t])):
                v = int(self.routes.order[t, i])
                if self.tasks[v].promised and not in_time(self.arrays, v, self.desk.starts[i]):
                    found.append(v)
        return found

    def _eject_for_open(self) -> bool:
        """Whether an open visit has a place now; the dearest to leave undone were tried first."""
        waiting = np.flatnonzero(self.routes.taker < 0)
        dearest = sorted(waiting.tolist(), key=lambda v: -float(self.arrays.visit[v, PENALTY]))
        ejected = [eject_for(self.arrays, self.routes, self.desk, v) for v in dearest]
        return any(ejected)
