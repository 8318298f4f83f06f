"""The house itself, served in this process on loopback: the only part of a demo that knows our code from inside."""

from __future__ import annotations

import datetime as dt
import logging
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from types import TracebackType

import uvicorn

import optimizer
from api.addresses.port import ListedAddresses
from api.main import KEEP_ALIVE_SECONDS, create_app
from api.runtime.embedded import Embedded
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from api.runtime.starting import prepare, setup_link
from api.runtime.wiring import build
from api.simulation.town import MIDDLE, NAME, ZONE, Address, build_town
from api.simulation.town_osm import write_town
from dispatch.chance import Chance
from dispatch.local_time import instant, zone
from dispatch.territories.actions import add_dispatcher, open_territory
from dispatch.territories.tables import StaffRole
from dispatch.travel.port import Point, TravelError
from dispatch.travel.roads import RoadGraph
from dispatch.work import SYSTEM
from notifications.audit import ALL, run_audit

OPENS_AT = dt.time(6, 30)
OFFICE = (("Ottoline Deskworth", 1), ("Barnaby Upstairs", 2))
VIEWER = ("Wren Lookerson", 3)
PORTS_TRIED = 50
STARTS_WITHIN_SECONDS = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What a house stands on: the streets of the extract `roads`, or without one those of the invented town.

    With `by_hand` its clock only moves when it is told to, and `seed` decides every id.
    """

    data: Path
    day: dt.date
    port: int
    roads: Path | None
    seed: int
    by_hand: bool


class House:
    """`with House(plot) as house:` serves until the block ends."""

    def __init__(self, plot: Plot) -> None:
        self.plot = plot
        self._until_the_end = ExitStack()
        self._until_the_end.enter_context(_quietly())
        self._socket, self.port = _listen(plot.port)
        self.url = f"http://127.0.0.1:{self.port}"
        self.runtime = _furnish(plot, self.port)
        self.office_link, self.viewer_link = _open(self.runtime, _middle(plot, self.runtime))
        self.app = create_app(self.runtime)
        self.app.state.pace.is_lived = (
            not plot.by_hand
        )  # then whoever steps the clock asks the people to live on
        config = uvicorn.Config(
            self.app,
            log_config=None,
            access_log=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=1,
            lifespan="off",  # the clock does the jobs while it is moved by hand; see run_by_itself
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, name="house", daemon=True)

    def __enter__(self) -> House:
        self._thread.start()
        waiting = threading.Event()
        for _ in range(int(STARTS_WITHIN_SECONDS / 0.05)):
            if self._server.started:
                break
            waiting.wait(0.05)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._until_the_end.close()
        self._server.should_exit = True
        self._thread.join(timeout=20)
        self._socket.close()
        self.runtime.workshop.engine.dispose()

    def run_by_itself(self) -> None:
        """From now on nobody moves the clock: the jobs run in threads, as in `makegood serve`."""
        self._until_the_end.enter_context(Embedded(self.runtime))

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])


@contextmanager
def _quietly() -> Iterator[None]:
    """A demo tells its day, not its requests; whoever shares the process hears theirs again afterwards."""
    noisy = [logging.getLogger(name) for name in ("makegood.access", "alembic", "uvicorn", "httpx2")]
    before = [one.level for one in noisy]
    for one in noisy:
        one.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for one, level in zip(noisy, before, strict=True):
            one.setLevel(level)


def doors(plot: Plot, runtime: Runtime, count: int) -> Sequence[Address]:
    """Front doors of the invented town, or positions on the streets of a real one, with no house number."""
    travel = runtime.workshop.travel
    if plot.roads is None or not isinstance(travel, RoadGraph):
        return build_town(plot.seed).addresses(plot.seed, count)
    places = travel.street_points(plot.seed, count)
    return [Address(f"Street position {i}", at.lat, at.lng) for i, at in enumerate(places, start=1)]


def audit(runtime: Runtime) -> Iterator[str]:
    """What breaks an invariant in this house's database, one sentence each."""
    with runtime.read() as work:
        for finding in run_audit(work, ALL):
            yield f"{finding.invariant} {finding.subject}: {finding.sentence}"


def _listen(port: int) -> tuple[socket.socket, int]:
    """The wished port of this machine, or the next one that is free; 0 takes any."""
    for wished in range(port, port + PORTS_TRIED) if port else (0,):
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", wished))
        except OSError:
            listening.close()
            continue
        return listening, int(listening.getsockname()[1])
    raise TravelError(f"No free port between {port} and {port + PORTS_TRIED - 1}.")


def _furnish(plot: Plot, port: int) -> Runtime:
    """Everything embedded, whatever the environment says; the data of a real house is never touched."""
    begin = instant(plot.day, OPENS_AT, zone(ZONE))
    settings = Settings.model_validate(
        {
            "MAKEGOOD_DATA": plot.data,
            "MAKEGOOD_PORT": port,
            "MAKEGOOD_HOST": "127.0.0.1",
            "MAKEGOOD_PUBLIC_URL": "",
            "MAKEGOOD_TRUSTED_PROXY": "",
            "MAKEGOOD_COMPANY": "Alder Crossing Fibre",
            "MAKEGOOD_DEV": True,
            "MAKEGOOD_CLOCK": f"{begin.isoformat()}*0",
            "MAKEGOOD_ROADS": plot.roads or _write_streets(plot),
            "MAKEGOOD_LINK_SECRET": f"{plot.seed:032d}-only-for-a-demo" if plot.by_hand else "",
            "OSRM_URL": "",
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "TWILIO_ACCOUNT_SID": "",
            "TWILIO_BASE_URL": "",
        }
    )
    runtime = build(settings)
    if plot.by_hand:
        workshop = replace(runtime.workshop, chance=Chance(Random(plot.seed)))
        runtime = replace(
            runtime, workshop=workshop, solver=lambda day, seconds, start: optimizer.repair(day)
        )
    if plot.roads is None:
        known = {house.line: Point(house.lat, house.lng) for house in build_town(plot.seed).houses()}
        runtime = replace(runtime, addresses=ListedAddresses(known))
    prepare(runtime)
    return runtime


def _write_streets(plot: Plot) -> Path:
    """The invented town as a road extract, beside the data: read like that of a real city."""
    plot.data.mkdir(parents=True, exist_ok=True)
    return write_town(build_town(plot.seed), plot.data / "town.osm.pbf")


def _middle(plot: Plot, runtime: Runtime) -> tuple[float, float]:
    travel = runtime.workshop.travel
    if plot.roads is None or not isinstance(travel, RoadGraph):
        return MIDDLE
    south_west, north_east = travel.bounds
    return (south_west.lat + north_east.lat) / 2, (south_west.lng + north_east.lng) / 2


def _open(runtime: Runtime, centre: tuple[float, float]) -> tuple[str, str]:
    """The territory and its office; links for the simulated dispatcher and for whoever watches."""
    with runtime.work(SYSTEM, "demo") as work:
        territory = open_territory(work, NAME, ZONE, centre=centre)
        work.session.flush()
        people = [
            add_dispatcher(work, territory, name, ladder=rung, role=StaffRole.ADMIN)
            for name, rung in (*OFFICE, VIEWER)
        ]
        work.session.flush()
        return setup_link(work, runtime, people[0]), setup_link(work, runtime, people[-1])
