# ruff: noqa: T201
"""What the house takes, beside a bare endpoint on the same database in the same run: bookings, and customers who look.

Run: python -m tests.benchmarks.production [--seconds 5] [--clients 1 8 32] [--only sqlite|postgres] [--page FILE]
Once on SQLite with one web process and the jobs inside, once on Postgres and Redis with two web processes and a worker.
Looks come first, once the processes have loaded their search; then bookings, with all that they set off. Clients ask
again as soon as they were answered. As many bare writes as a booking has say how near it could come at all. The machine
is shared with whatever runs on it: read the ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from itertools import count, cycle, product
from pathlib import Path
from random import Random
from zlib import crc32

from sqlmodel import Session, SQLModel

from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from api.runtime.starting import prepare
from api.runtime.wiring import build
from dispatch.access.invitations import invite
from dispatch.access.links import issue
from dispatch.access.tables import Scope
from dispatch.bookings.actions import book_for, hold_window
from dispatch.bookings.slots import Request as Wish
from dispatch.promises.states import Agreed
from notifications.consent import give_consent
from optimizer import load_kernels
from tests.benchmarks.bare import BareVisit
from tests.benchmarks.closed_loop import Request, Tally, load
from tests.builders import a_customer, a_dispatcher, a_service, a_technician, a_territory, an_address, near
from tests.postgres import find_server, new_database
from tests.production.processes import Process, await_answer
from tests.redis_server import RedisServer, free_port
from tests.worlds import OFFICE

TECHNICIANS, DAYS, HOURS = 20, 12, (8, 10, 12, 14, 16)
VISITS, MOST, WARM_SECONDS, LOADING_SECONDS = 60, 20_000, 1.5, 8
HOLD_WRITES, VISIT_WRITES = 8, 22  # statements that write, of the two requests of a booking by a new customer
BEGIN, END = "<!-- figures: production -->", "<!-- end of figures -->"
SECRET = "a secret for the benchmark, forty bytes"

Make = Callable[[], Request | None]


@dataclass(frozen=True)
class House:
    """What runs, and who knows its doors. `bare` listens on as many ports as the house."""

    name: str
    runtime: Runtime
    ports: Sequence[int]
    bare: Sequence[int]
    tracked: Sequence[str]
    booking: Iterator[tuple[int, str]]
    random: Random


@dataclass(frozen=True)
class Line:
    house: str
    what: str
    clients: int
    ours: Tally
    bare: Tally

    @property
    def ratio(self) -> float:
        return self.ours.per_second / self.bare.per_second


def lay_out(runtime: Runtime, invitations: int, random: Random) -> tuple[list[str], list[str]]:
    """A territory with visits on its coming days; tokens to look at them, and tokens to book with."""
    with runtime.work(OFFICE, "set up") as work:
        territory = a_territory(work)
        a_dispatcher(work, territory)
        service = a_service(work)
        for number in range(TECHNICIANS):
            home = near(km_north=random.uniform(-8, 8), km_east=random.uniform(-8, 8))
            a_technician(work, territory, name=f"Tom {number}", phone=f"+1202555{2000 + number}", home=home)
    tracked = []
    for number in range(VISITS):
        with runtime.work(OFFICE, "book") as work:
            phone = f"+1202556{number:04}"
            give_consent(work, phone, "web")
            place = near(km_north=random.uniform(-8, 8), km_east=random.uniform(-8, 8))
            hold = hold_window(
                work, Wish(territory=territory, service=service, place=place), _window(work.now, random)
            )
            customer = a_customer(work, name=f"Ana {number}", phone=phone)
            address = an_address(work, customer, territory, line=f"{number} Main Street")
            visit = book_for(work, hold, customer, address, agreed_by=Agreed.CUSTOMER, agreed_how="web")
            until = work.now + timedelta(days=30)
            tracked.append(issue(work, runtime.key, Scope.TRACK, visit.id, expires_at=until))
    with runtime.work(OFFICE, "invite") as work:
        invited = [invite(work, territory, phone=f"+1202{5570000 + number}") for number in range(invitations)]
        until = work.now + timedelta(days=7)
        booking = [issue(work, runtime.key, Scope.BOOK, one.id, expires_at=until) for one in invited]
    return tracked, booking


def _window(now: datetime, random: Random) -> datetime:
    day = now.astimezone(UTC) + timedelta(days=random.randint(1, DAYS))
    return day.replace(hour=random.choice(HOURS), minute=0, second=0, microsecond=0)


# --- what is asked -------------------------------------------------------------------------------------------


def looking(house: House, path: str) -> Make:
    tokens = cycle(house.tracked)
    if path == "/v":
        return lambda: Request("GET", f"/v/{next(tokens)}", "Accept: text/html\r\n")
    return lambda: Request("GET", path, f"Authorization: Bearer {next(tokens)}\r\n")


def booking(house: House) -> Make:
    """A hold, then the visit: two requests for each customer, each with a key, by the phone that was invited."""

    def make() -> Request | None:
        number, token = next(house.booking, (0, ""))
        if not token:
            return None
        place = near(km_north=house.random.uniform(-8, 8), km_east=house.random.uniform(-8, 8))
        with house.runtime.read() as work:
            start_at = _window(work.now, house.random).isoformat()
        wish = {"service": "repair", "place": {"lat": place.lat, "lng": place.lng}, "start_at": start_at}
        who = {"name": f"Ana {number}", "phone": f"+1202{5570000 + number}", "consent": True}

        def book(answer: bytes) -> Request:
            body = {**who, "hold_id": json.loads(answer)["id"], "address": f"{number} Main Street"}
            return _post("/api/v1/visits", token, body)

        return _post("/api/v1/holds", token, wish, then=book)

    return make


def _post(
    path: str, token: str, body: dict[str, object], then: Callable[[bytes], Request] | None = None
) -> Request:
    network = IPv4Address(0x0A000000 | crc32(token.encode()) & 0xFFFFFF)  # many bookings from one are refused
    headers = f"Authorization: Bearer {token}\r\nIdempotency-Key: {path[8:]}-{token}\r\nX-Forwarded-For: {network}\r\n"
    return Request("POST", path, headers, json.dumps(body).encode(), then)


def bare_read(house: House) -> Make:
    numbers = cycle(range(VISITS))
    return lambda: Request("GET", f"/visits/seen-{next(numbers)}")


def bare_write(house: House) -> Make:
    numbers = _new_numbers(house)
    return lambda: _insert("/visits", next(numbers))


def as_many_writes(house: House) -> Make:
    """What a booking writes, in its two requests, by an endpoint that reads and decides nothing."""
    numbers = _new_numbers(house)

    def make() -> Request:
        hold, visit = (
            _insert(f"/rows?rows={writes}", next(numbers)) for writes in (HOLD_WRITES, VISIT_WRITES)
        )
        return replace(hold, then=lambda _: visit)

    return make


def _new_numbers(house: House) -> Iterator[int]:
    return count(house.random.randrange(10**9) * 1000)


def _insert(path: str, number: int) -> Request:
    return Request("POST", path, body=json.dumps({"reference": f"new-{number}", "name": "Ana Cole"}).encode())


# --- the run -------------------------------------------------------------------------------------------------


def measure(house: House, clients_each: Sequence[int], seconds: float) -> Iterator[Line]:
    """Ours and the bare one in turn, so that whatever else runs on this machine disturbs both."""
    load(house.ports, looking(house, "/v"), seconds=LOADING_SECONDS, clients=1, most=MOST)
    for (what, ports, ours, bare), clients in product(
        (
            ("tracking, JSON", house.ports, looking(house, "/api/v1/visits/mine"), bare_read(house)),
            ("tracking, page", house.ports, looking(house, "/v"), bare_read(house)),
            ("booking", house.ports, booking(house), bare_write(house)),
            ("as many bare writes", house.bare, as_many_writes(house), bare_write(house)),
        ),
        clients_each,
    ):
        bound = {"clients": clients, "most": MOST}
        load(house.bare, bare, seconds=WARM_SECONDS / 3, **bound)
        before = load(house.bare, bare, seconds=seconds / 2, **bound)
        load(ports, ours, seconds=WARM_SECONDS, **bound)
        mine = load(ports, ours, seconds=seconds, **bound)
        after = load(house.bare, bare, seconds=seconds / 2, **bound)
        both = Tally(before.statuses + after.statuses, before.took + after.took, before.lasted + after.lasted)
        yield Line(house.name, what, clients, mine, both)


def open_house(kind: str, folder: Path, invitations: int, until_the_end: ExitStack) -> House:
    settings = {
        "MAKEGOOD_DATA": str(folder),
        "MAKEGOOD_LINK_SECRET": SECRET,
        "MAKEGOOD_DEV": "0",
        "MAKEGOOD_TRUSTED_PROXY": "127.0.0.1",
    }
    if kind == "postgres":
        server = find_server()
        if server is None:
            raise SystemExit("no Postgres was found")
        redis = RedisServer(folder)
        redis.start()
        until_the_end.callback(redis.kill)
        settings["DATABASE_URL"] = until_the_end.enter_context(
            new_database(server, f"makegood_bench_{os.getpid()}")
        )
        settings["REDIS_URL"] = redis.url
    runtime = build(Settings.model_validate(settings))
    until_the_end.callback(runtime.workshop.engine.dispose)
    prepare(runtime)
    random = Random(7)
    load_kernels()  # as in a house that is up
    tracked, tokens = lay_out(runtime, invitations, random)
    SQLModel.metadata.tables["bare_visits"].create(runtime.workshop.engine)
    with Session(runtime.workshop.engine) as session:
        session.add_all(BareVisit(reference=f"seen-{number}", name="Ana Cole") for number in range(VISITS))
        session.commit()
    web = 2 if kind == "postgres" else 1
    ports, bare = [free_port() for _ in range(web)], [free_port() for _ in range(web)]
    url = runtime.workshop.engine.url.render_as_string(hide_password=False)
    commands = [(f"web {port}", "api.runtime.cli", "serve") for port in ports]
    commands += [(f"bare {port}", "tests.benchmarks.bare", url, str(port)) for port in bare]
    commands += [("worker", "api.runtime.cli", "worker")] if web > 1 else []
    for (name, *words), port in zip(commands, [*ports, *bare, 0], strict=False):
        environment = settings | {"MAKEGOOD_PORT": str(port)}
        process = Process(name, sys.executable, "-m", *words, environment=environment, folder=folder)
        process.start()
        until_the_end.callback(process.stop)
    for port, path in [*((port, "healthz") for port in ports), *((port, "visits/seen-0") for port in bare)]:
        await_answer(f"http://127.0.0.1:{port}/{path}")
    name = "Postgres and Redis, 2 web, 1 worker" if web > 1 else "SQLite, 1 web, jobs inside"
    return House(name, runtime, ports, bare, tracked, iter(enumerate(tokens)), random)


def table(lines: Sequence[Line]) -> str:
    rows = [
        "| house | what | clients | a second | p50 ms | p99 ms | refused | 5xx | bare, a second | p50 | p99 | ratio |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for line in lines:
        ours, bare = line.ours, line.bare
        refused = sum(ours.statuses.values()) - ours.good - ours.broken
        rows.append(
            f"| {line.house} | {line.what} | {line.clients} | {ours.per_second:.0f} | {ours.milliseconds(50):.1f} "
            f"| {ours.milliseconds(99):.1f} | {refused} | {ours.broken} | {bare.per_second:.0f} "
            f"| {bare.milliseconds(50):.1f} | {bare.milliseconds(99):.1f} | {line.ratio:.2f} |"
        )
    return "\n".join(rows)


def write_page(page: Path, figures: str) -> None:
    """Between the two marks of `page`; at its end where there are none yet."""
    text = page.read_text()
    before, mark, rest = text.partition(BEGIN)
    after = rest.partition(END)[2] if mark else "\n"
    page.write_text(f"{before}{BEGIN}\n{figures}\n{END}{after}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="of each load")
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--only", choices=("sqlite", "postgres"))
    parser.add_argument("--page", type=Path, help="write the table into this page too")
    asked = parser.parse_args()
    lines: list[Line] = []
    for kind in [asked.only] if asked.only else ["sqlite", "postgres"]:
        with tempfile.TemporaryDirectory() as folder, ExitStack() as until_the_end:
            house = open_house(kind, Path(folder), 600 * len(asked.clients), until_the_end)
            for line in measure(house, asked.clients, asked.seconds):
                lines.append(line)
                print(f"{line.what}, {line.clients}: ratio {line.ratio:.2f}", file=sys.stderr, flush=True)
    print(table(lines))
    if asked.page:
        write_page(asked.page, table(lines))


if __name__ == "__main__":
    main()
