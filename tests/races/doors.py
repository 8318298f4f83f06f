"""Many people who knock in the same moment: over real connections, each with a link of their own."""

from __future__ import annotations

import datetime as dt
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Any, TypeVar
from zlib import crc32

import httpx2
import uvicorn
from sqlmodel import col, func, select

from api.main import KEEP_ALIVE_SECONDS, create_app
from api.runtime.runtime import Runtime
from dispatch.access.invitations import invite
from dispatch.access.links import issue
from dispatch.access.sessions import DEV_LASTS, begin_session
from dispatch.access.tables import Scope
from dispatch.clock import SetClock
from dispatch.services.queries import find_by_code
from dispatch.territories.tables import Dispatcher, Territory
from dispatch.visits.tables import Visit
from notifications.audit import ALL, run_audit
from tests.builders import a_dispatcher, a_service, a_technician, a_territory, near
from tests.worlds import OFFICE

STORM = os.environ.get("MAKEGOOD_STORM") == "1"
AT_ONCE = 40
WEEK = dt.timedelta(days=7)
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}

Result = TypeVar("Result")


@contextmanager
def serving(runtime: Runtime) -> Iterator[str]:
    """The application on a free port of this machine, without its jobs: a test says when those run."""
    door = socket.create_server(("127.0.0.1", 0), backlog=256)
    config = uvicorn.Config(
        create_app(runtime),
        log_config=None,
        access_log=False,
        ws="none",
        lifespan="off",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([door],), name="server")
    thread.start()
    try:
        yield f"http://127.0.0.1:{door.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        door.close()


def at_once(*calls: Callable[[], Result]) -> list[Result]:
    """Every call in a thread of its own, as many as may be in the same moment; answers in the calls' order."""
    together = threading.Barrier(min(len(calls), AT_ONCE))

    def go(number: int) -> Result:
        if number < together.parties:
            together.wait()
        return calls[number]()

    with ThreadPoolExecutor(together.parties) as pool:
        return list(pool.map(go, range(len(calls))))


@dataclass(frozen=True)
class Person:
    """Somebody who came by a link."""

    client: httpx2.Client
    token: str
    name: str = "Ana Cole"

    @property
    def _number(self) -> int:
        return crc32(self.token.encode())

    @property
    def phone(self) -> str:
        """To which their link was sent."""
        return f"+1202{5570000 + self._number % 9999}"

    @property
    def _address(self) -> str:
        """Everybody comes from a network of their own: many bookings from one are refused."""
        return str(IPv4Address(0x0A000000 | self._number & 0xFFFFFF))

    def post(self, path: str, body: Any = None, *, key: str = "") -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.token}", "X-Forwarded-For": self._address}
        headers |= {"Idempotency-Key": key} if key else {}
        return self.client.post(f"/api/v1{path}", json=body, headers=headers)

    def hold(self, start_at: dt.datetime, *, key: str = "hold") -> httpx2.Response:
        place = near(km_north=1)
        wish = {"service": "repair", "place": {"lat": place.lat, "lng": place.lng}}
        return self.post("/holds", {**wish, "start_at": start_at.isoformat()}, key=key)

    def book(self, hold_id: str, *, key: str = "book") -> httpx2.Response:
        who = {
            "name": self.name,
            "phone": self.phone,
            "address": "1 Main Street",
        }
        return self.post("/visits", {"hold_id": hold_id, **who, "consent": True}, key=key)

    def choose(self, recovery_id: str, choice: str) -> httpx2.Response:
        return self.post(f"/recoveries/{recovery_id}/choice", {"choice": choice})


@dataclass
class House:
    """A running application with one service; each round has a town of its own in it."""

    runtime: Runtime
    clock: SetClock
    client: httpx2.Client
    towns: int = field(default=0)

    def open_town(self, *names: str, ladder: int = 1, **shift: Any) -> Territory:
        """Technicians of those names in the middle of a new territory, and an office."""
        self.towns += 1
        with self.runtime.work(OFFICE, "set up") as work:
            territory = a_territory(work, name=f"Town {self.towns}")
            for step in range(1, ladder + 1):
                a_dispatcher(work, territory, name=f"Dana {step} of {self.towns}", ladder=step)
            if find_by_code(work.session, "repair") is None:
                a_service(work)
            for number, name in enumerate(names):
                phone = f"+1202555{self.towns * 10 + number:04}"
                a_technician(work, territory, name=f"{name} of {self.towns}", phone=phone, **shift)
        return territory

    def visitors(self, territory: Territory, count: int) -> list[Person]:
        """People with a link to book in that territory, sent to their phones."""
        with self.runtime.work(OFFICE, "invite") as work:
            invited = [invite(work, work.session.get_one(Territory, territory.id)) for _ in range(count)]
            until, key = work.now + WEEK, self.runtime.key
            tokens = [issue(work, key, Scope.BOOK, one.id, expires_at=until) for one in invited]
            people = [Person(self.client, token, f"Ana {number}") for number, token in enumerate(tokens)]
            for one, person in zip(invited, people, strict=True):
                one.phone = person.phone
        return people

    def customer_of(self, visit: Visit) -> Person:
        with self.runtime.work(OFFICE, "link") as work:
            until = work.now + WEEK
            return Person(self.client, issue(work, self.runtime.key, Scope.TRACK, visit.id, expires_at=until))

    @contextmanager
    def office(self, dispatcher: Dispatcher) -> Iterator[httpx2.Client]:
        """A dispatcher signed in."""
        with self.runtime.work(OFFICE, "sign in") as work:
            secret = begin_session(work, "dispatcher", dispatcher.id, lasts=DEV_LASTS)
        with httpx2.Client(base_url=self.client.base_url, headers=SAME_SITE, timeout=120) as client:
            client.cookies.set("mg", secret)
            yield client

    def dispatchers(self, territory: Territory) -> Sequence[Dispatcher]:
        with self.runtime.read() as work:
            query = select(Dispatcher).where(Dispatcher.territory_id == territory.id)
            return work.session.exec(query.order_by(col(Dispatcher.ladder))).all()

    def count_visits(self, territory: Territory) -> int:
        with self.runtime.read() as work:
            query = select(func.count()).select_from(Visit).where(Visit.territory_id == territory.id)
            return work.session.exec(query).one()

    def audit(self) -> list[str]:
        with self.runtime.read() as work:
            return [f"{one.invariant} {one.sentence}" for one in run_audit(work, ALL)]
