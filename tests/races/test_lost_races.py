"""Who loses in the database begins again as a whole before anybody is refused."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from api.runtime.jobs import JOBS, run_job
from dispatch.territories.tables import Territory
from dispatch.work import LOST_RACES, Work, is_lost
from tests.conftest import MONDAY_AT_SEVEN
from tests.races.doors import House
from tests.redis_server import soon
from tests.worlds import OFFICE

pytestmark = pytest.mark.postgres
ON_POSTGRES = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
AT_TEN = MONDAY_AT_SEVEN.replace(hour=10)
DAY_OF = "SELECT 1 FROM plan_days WHERE territory_id = %s FOR UPDATE"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND %s = ANY(pg_blocking_pids(pid))"


@contextmanager
def losses(engine: Engine) -> Iterator[list[str]]:
    """What the database refused meanwhile, by its code."""
    found: list[str] = []

    def note(context: ExceptionContext) -> None:
        found.append(str(getattr(context.original_exception, "sqlstate", "")))

    event.listen(engine, "handle_error", note)
    yield found
    event.remove(engine, "handle_error", note)


@ON_POSTGRES
def test_the_victim_of_a_deadlock_is_served_all_the_same(house: House, database_url: str) -> None:
    """A stranger has the ledger's last link and then wants the day; the booking has the day and wants the link."""
    town = house.open_town("Tom")
    person, other = house.visitors(town, 2)
    assert other.hold(AT_TEN).status_code == 201
    with (
        psycopg.connect(database_url) as stranger,
        psycopg.connect(database_url, autocommit=True) as watcher,
        ThreadPoolExecutor(1) as pool,
        losses(house.runtime.workshop.engine) as lost,
    ):
        stranger.execute("SET deadlock_timeout = '1h'")  # the other one looks, and is the victim
        stranger.execute("SELECT 1 FROM ledger_head FOR UPDATE")
        booking = pool.submit(person.hold, AT_TEN.replace(hour=14))
        me = (stranger.info.backend_pid,)
        assert soon(lambda: watcher.execute(WAITING, me).fetchone() == (1,))
        stranger.execute(DAY_OF, (town.id,))
        stranger.rollback()
        assert booking.result().status_code == 201
    assert lost == ["40P01"]
    assert house.audit() == []


@contextmanager
def refused_once(engine: Engine, code: str, statement: str, times: int = 1) -> Iterator[None]:
    """The server itself refuses the next such statement, in the middle of its transaction."""
    left = [times]

    def refuse(
        connection: Connection, cursor: Any, sql: str, values: Any, context: Any, is_many: bool
    ) -> None:
        if sql.startswith(statement) and left[0]:
            left[0] -= 1
            connection.exec_driver_sql(f"DO $$ BEGIN RAISE SQLSTATE '{code}'; END $$")

    event.listen(engine, "before_cursor_execute", refuse)
    yield
    event.remove(engine, "before_cursor_execute", refuse)
    assert left == [0]


@ON_POSTGRES
@pytest.mark.parametrize("code", sorted(LOST_RACES))
def test_whoever_was_slower_is_served_by_the_second_try(house: House, code: str) -> None:
    [person] = house.visitors(house.open_town("Tom"), 1)
    with refused_once(house.runtime.workshop.engine, code, "INSERT INTO holds"):
        assert person.hold(AT_TEN).status_code == 201
    assert house.audit() == []


@ON_POSTGRES
@pytest.mark.parametrize(("code", "status"), [("40001", 503), ("23505", 409)])
def test_whoever_loses_three_times_is_told_when_to_come_again(house: House, code: str, status: int) -> None:
    [person] = house.visitors(house.open_town("Tom"), 1)
    with refused_once(house.runtime.workshop.engine, code, "INSERT INTO holds", times=3):
        answer = person.hold(AT_TEN)
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert (status == 409) or answer.headers["retry-after"]
    assert person.hold(AT_TEN).status_code == 201


@ON_POSTGRES
def test_a_job_that_lost_has_done_its_work_in_the_same_run(house: House) -> None:
    """A customer nobody came to is noticed although the first try was refused."""
    [person] = house.visitors(house.open_town("Tom", "Uma"), 1)
    person.book(person.hold(AT_TEN).json()["id"])
    house.clock.at = MONDAY_AT_SEVEN.replace(hour=12, minute=1)
    with refused_once(house.runtime.workshop.engine, "40001", "INSERT INTO failures"):
        assert run_job(house.runtime, JOBS[0]) > 0
    assert house.runtime.job_runs["sweep"].failures_in_a_row == 0
    assert house.audit() == []


@ON_POSTGRES
def test_a_row_that_somebody_changed_meanwhile_is_read_anew(house: House, database_url: str) -> None:
    town, seen = house.open_town("Tom"), []

    def rename(work: Work) -> None:
        row = work.session.get_one(Territory, town.id)
        seen.append(row.country)
        if len(seen) == 1:
            with psycopg.connect(database_url) as other:
                other.execute("UPDATE territories SET country = 'CA', row_version = row_version + 1")
        row.name = "Renamed"
        work.session.add(row)

    house.runtime.workshop.whole(OFFICE, "rename", rename)
    assert seen == ["US", "CA"]


@ON_POSTGRES
def test_a_read_sees_one_moment_and_changes_nothing(house: House, database_url: str) -> None:
    town = house.open_town("Tom")
    count = text("SELECT count(*) FROM territories WHERE country = 'CA'")
    with house.runtime.read() as work:
        assert work.session.connection().execute(count).scalar_one() == 0
        with psycopg.connect(database_url) as other:
            other.execute("UPDATE territories SET country = 'CA' WHERE id = %s", (town.id,))
        assert work.session.connection().execute(count).scalar_one() == 0
        with pytest.raises(Exception, match="read-only transaction"):
            work.session.connection().execute(text("UPDATE territories SET country = 'MX'"))


def test_what_went_wrong_for_another_reason_is_not_tried_again() -> None:
    assert is_lost(StaleDataError())
    assert not is_lost(OperationalError("insert", {}, Exception("the disk is full")))
    assert not is_lost(ValueError())
