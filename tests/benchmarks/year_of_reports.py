# ruff: noqa: T201
"""How long each report takes over a month and over a year of a busy territory, beside the bare reading of its promises.

Run: python -m tests.benchmarks.year_of_reports [days, 365 when left out] [copies a day, 8 when left out]
A small town lives through three days with everything that can happen (tests/audit/town.py); its rows are then copied
into each day before, as often as asked. SQLite, one process.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Connection, Date, DateTime, Engine, Table, insert, select
from sqlalchemy import func as sql
from sqlmodel import select as pick

from api.auth.cookies import cookie_name
from api.main import create_app
from api.migrations.schema import migrate
from api.runtime.settings import Settings
from api.runtime.wiring import build
from dispatch.access.sessions import LASTS, begin_session
from dispatch.reports.material import gather_promises
from dispatch.store import Row
from dispatch.territories.tables import Dispatcher, StaffRole, Territory
from dispatch.work import SYSTEM
from tests.audit.town import a_busy_town
from tests.engines import an_engine

COPIED = ("visits", "promises", "failures", "recoveries", "ratings", "told_ranges", "ledger")
PAGES = ("", "/where", "/technicians", "/punctuality", "/mending", "/regulator")
SECRET = "a secret for the benchmark, forty bytes"


def fill(engine: Engine, days: int, copies: int) -> int:
    """Copies of the town's rows on each day before; how many visits there are then."""
    with engine.begin() as connection:
        tables = {name: Row.metadata.tables[name] for name in COPIED}
        over = select(tables["visits"].c.id).where(tables["visits"].c.state.not_in(("en_route", "on_site")))
        rows = {name: _rows(connection, table, over) for name, table in tables.items()}
        seq = int(connection.execute(select(sql.max(tables["ledger"].c.seq))).scalar_one())
        for number in range(1, days * copies + 1):
            for name, table in tables.items():
                made = [
                    _copy(table, row, number, back=dt.timedelta(days=number // copies)) for row in rows[name]
                ]
                if name == "ledger":
                    for row in made:
                        seq += 1
                        row["seq"], row["hash"] = seq, f"{seq:064}"
                if made:
                    connection.execute(insert(table), made)
        return int(connection.execute(select(sql.count()).select_from(tables["visits"])).scalar_one())


def _rows(connection: Connection, table: Table, over: Any) -> list[dict[str, Any]]:
    of_visit = table.c.id if table.name == "visits" else table.c.visit_id
    query = select(table).where(of_visit.in_(over))
    return [dict(row) for row in connection.execute(query).mappings()]


def _copy(table: Table, row: dict[str, Any], number: int, back: dt.timedelta) -> dict[str, Any]:
    """With ids of its own, `back` in time."""
    made = dict(row)
    for column in table.columns:
        value = made[column.name]
        refers = {key.column.table.name for key in column.foreign_keys} & set(COPIED)
        if value is None:
            continue
        if isinstance(value, str) and (refers or (column.name == "id" and column.primary_key)):
            made[column.name] = f"{number:06}{value[6:]}"
        elif isinstance(value, dt.datetime | dt.date) and isinstance(_kind(column), DateTime | Date):
            made[column.name] = value - back
    if table.name == "visits":
        made["reference"] = f"{number:05}{row['reference']}"[:12]
    return made


def _kind(column: Any) -> Any:
    return getattr(column.type, "impl", column.type)


def measure(client: TestClient, last: dt.date, days: int) -> Iterator[tuple[str, int, float, int]]:
    for span in (30, days):
        asked = f"from={last - dt.timedelta(days=span - 1)}&to={last}"
        for page in PAGES:
            began = time.perf_counter()
            answer = client.get(f"/reports{page}?{asked}", headers={"Accept": "text/html"})
            took = time.perf_counter() - began
            assert answer.status_code == 200, (page, answer.status_code, answer.text[:300])
            yield page, span, took, len(answer.content) // 1024


def main() -> None:
    days, copies = (int(one) for one in [*sys.argv[1:], "365", "8"][:2])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "makegood.db"
        engine = an_engine(f"sqlite:///{file}")
        migrate(engine)
        town = a_busy_town(engine)
        last = town.world.clock.at.date()
        visits = fill(engine, days, copies)
        engine.dispose()
        settings = {"MAKEGOOD_DATA": folder, "MAKEGOOD_DEV": "1", "MAKEGOOD_LINK_SECRET": SECRET}
        runtime = build(Settings.model_validate(settings))
        with runtime.work(SYSTEM, "sign in") as work:
            person = work.session.exec(pick(Dispatcher)).first()
            assert person
            person.role = StaffRole.ADMIN
            secret = begin_session(work, "dispatcher", person.id, lasts=LASTS["technician"])
        client = TestClient(create_app(runtime), base_url=runtime.settings.base_url)
        client.cookies.set(cookie_name(runtime.settings.base_url), secret)
        print(f"{visits:,} visits on {days} days; {file.stat().st_size >> 20} MB")
        print("| report | days | seconds | kB |\n| --- | ---: | ---: | ---: |")
        for page, span, took, size in measure(client, last, days):
            print(f"| /reports{page} | {span} | {took:.2f} | {size} |", flush=True)
        with runtime.read() as work:
            territory = work.session.get_one(Territory, town.world.territory.id)
            until = dt.datetime.combine(last, dt.time(), dt.UTC) + dt.timedelta(days=1)
            began = time.perf_counter()
            found = gather_promises(work.session, territory, until - dt.timedelta(days=days), until)
            print(f"| the promises read, {len(found):,} | {days} | {time.perf_counter() - began:.2f} | |")


if __name__ == "__main__":
    main()
