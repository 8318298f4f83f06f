"""From the first release to this one, step by step and with a day in it; and the release before beside this one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import OperationalError
from sqlmodel import col, select

from api.migrations.schema import alembic_config, migrate, seen_revision
from dispatch.clock import SetClock
from dispatch.customers.tables import Customer
from dispatch.services.tables import Service
from dispatch.technicians.tables import Technician
from dispatch.territories.tables import Dispatcher, Territory
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import is_lost
from notifications.audit import ALL, run_audit
from notifications.channels.memory import Memory, Text
from tests.audit.town import THURSDAY, TUESDAY, Town, the_workshop
from tests.migrations.first_release import FIRST, NOW, Rows, read, the_day, write
from tests.worlds import World

SCRIPTS = ScriptDirectory.from_config(alembic_config())
STEPS = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]
HEAD, BEFORE = STEPS[-1], STEPS[-2]
LAST_FREE_STEP = "0011"
# Steps that take something away, one release after nobody reads it: why that is so.
CONTRACTS: dict[str, str] = {}
TAKES_AWAY = re.compile(
    r"^\s*(TRUNCATE|DELETE FROM|VACUUM|LOCK TABLE)\b|\b(DROP (TABLE|COLUMN)|ALTER COLUMN|RENAME|SET NOT NULL)\b",
    re.IGNORECASE,
)
FORBIDDEN = {"drop_table", "drop_column", "rename_table", "alter_column", "drop_constraint"}


def keys(rows: Rows) -> dict[str, list[str]]:
    """What names each row, table by table."""
    return {
        table: sorted(
            str(row.get("id") or row.get("seq") or row.get("visit_id") or row.get("day") or row)
            for row in found
        )
        for table, found in rows.items()
    }


def test_a_day_from_the_first_release_lives_on(engine: Engine) -> None:
    migrate(engine, FIRST)
    write(engine, the_day())
    first = read(engine)
    for step in STEPS[STEPS.index(FIRST) + 1 :]:
        migrate(engine, step)
        now = read(engine)
        assert {table: keys(now)[table] for table in keys(first) if table != "alembic_version"} == {
            table: found for table, found in keys(first).items() if table != "alembic_version"
        }, step
    assert lost_values(first, now) == []

    town = the_town(engine)
    with town.workshop.read() as work:
        assert run_audit(work, ALL) == []
    town.book("Lee", THURSDAY, "08:00")
    town.step("Hal", "finish")
    town.run_until(TUESDAY, "09:50")
    town.step("Ida", "leave")
    town.run_until(TUESDAY, "10:10")
    town.step("Ida", "arrive")
    town.run_until(TUESDAY, "11:00")
    town.step("Ida", "finish")
    town.run_until(TUESDAY, "11:30")
    with town.workshop.read() as work:
        for name in ("Hal", "Ida"):
            assert work.session.get_one(Visit, town.visits[name]).state is VisitState.DONE
        assert run_audit(work, ALL) == []


def lost_values(first: Rows, now: Rows) -> list[str]:
    """Every value of then that reads otherwise now, where its column is still there."""
    return [
        f"{table}.{name}: {value!r} is {new[name]!r}"
        for table, rows in first.items()
        if table != "alembic_version"
        for old, new in zip(rows, now[table], strict=True)
        for name, value in old.items()
        if name in new and new[name] != value
    ]


def the_town(engine: Engine) -> Town:
    """The people of that day, for the code of today."""
    clock = SetClock(NOW)
    workshop = the_workshop(engine, clock, seed=11)
    with workshop.read() as work:
        session = work.session
        ladder = list(session.exec(select(Dispatcher).order_by(col(Dispatcher.ladder))))
        crew = {one.name: one for one in session.exec(select(Technician))}
        territory, service = session.exec(select(Territory)).one(), session.exec(select(Service)).one()
        channel = Memory()
        channel.texts += [Text("", "", "", "of then")] * 100  # it counts, and these numbers are given
        town = Town(World(workshop, clock, territory, ladder, service, crew), channel)
        for visit in session.exec(select(Visit)):
            town.visits[session.get_one(Customer, visit.customer_id).name.split()[0]] = visit.id
    return town


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_no_table_that_grows_is_written_anew(engine: Engine) -> None:
    """Postgres gives a table that it rewrites another file; what the steps did before 0011 is done."""
    migrate(engine, FIRST)
    write(engine, the_day())
    migrate(engine, LAST_FREE_STEP)
    before = files(engine)
    migrate(engine)
    after = files(engine)
    assert {name: after[name] for name in before} == before


def files(engine: Engine) -> dict[str, int]:
    query = "SELECT relname, relfilenode FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    with engine.connect() as connection:
        return {row.relname: row.relfilenode for row in connection.execute(text(query))}


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_step_that_waits_for_a_table_lets_the_house_go_on(engine: Engine) -> None:
    """It gives up after `lock_timeout`, nothing is changed, and it may be run again. The newest step may need no
    table that is there, so all of them are taken."""
    migrate(engine, FIRST)
    with engine.connect() as somebody:
        for name in inspect(somebody).get_table_names():
            somebody.execute(text(f'LOCK TABLE "{name}" IN ROW EXCLUSIVE MODE'))
        with pytest.raises(OperationalError) as gave_up:
            migrate(engine)
        assert is_lost(gave_up.value)
    assert seen_revision(engine) == FIRST
    migrate(engine)
    assert seen_revision(engine) == HEAD


def test_what_the_version_before_writes_is_still_taken(engine: Engine) -> None:
    """The day as the version before would hold it, row by row, into the schema of this one."""
    migrate(engine, FIRST)
    write(engine, the_day())
    migrate(engine, BEFORE)
    its_rows, its_columns = read(engine), columns(engine)
    forget_everything(engine)
    migrate(engine)
    its_rows.pop("alembic_version")
    its_rows.pop("row_counts")
    write(engine, its_rows)

    ours = columns(engine)
    for table, names in its_columns.items():
        assert names.keys() <= ours[table].keys(), f"{table} lost a column that the version before reads"
        for name in ours[table].keys() - names.keys():
            assert ours[table][name], f"{table}.{name} must be empty or have a default of the server"
        for name, is_free in names.items():
            assert ours[table][name] or not is_free, f"the version before may leave {table}.{name} empty"
    with the_town(engine).workshop.read() as work:
        assert run_audit(work, ALL) == []


def columns(engine: Engine) -> dict[str, dict[str, bool]]:
    """Each table's columns, and whether an insert may leave them out."""
    look = inspect(engine)
    return {
        table: {
            one["name"]: bool(one["nullable"]) or one["default"] is not None
            for one in look.get_columns(table)
        }
        for table in look.get_table_names()
    }


def forget_everything(engine: Engine) -> None:
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        return
    engine.dispose()
    for path in Path(engine.url.database or "").parent.glob("makegood.db*"):
        path.unlink()


@pytest.mark.parametrize("step", STEPS[STEPS.index(LAST_FREE_STEP) + 1 :])
def test_a_step_takes_nothing_away(step: str) -> None:
    if step in CONTRACTS:
        return
    script = SCRIPTS.get_revision(step)
    assert script
    found = list(taken_away(ast.parse(Path(script.path).read_text())))
    assert found == [], f"{script.path}: expand, migrate, contract; see docs/database.md"


def taken_away(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            given = {one.arg: one.value for one in node.keywords}
            if node.func.attr in FORBIDDEN:
                yield node.func.attr
            if node.func.attr == "add_column":
                yield from (ast.unparse(one) for one in ast.walk(node) if is_needed_and_empty(one))
            if node.func.attr == "create_index" and "postgresql_concurrently" in given:
                yield "an index made concurrently cannot be in the one transaction of all steps"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and TAKES_AWAY.search(node.value):
            yield node.value


def is_needed_and_empty(node: ast.AST) -> bool:
    """A new column that rows of before cannot have."""
    if not (isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Column")):
        return False
    given = {one.arg: ast.unparse(one.value) for one in node.keywords}
    return given.get("nullable") == "False" and "server_default" not in given


@pytest.mark.parametrize(
    "wrong",
    [
        "op.drop_column('visits', 'left_at')",
        "op.add_column('visits', sa.Column('x', sa.Integer(), nullable=False))",
        "op.execute('ALTER TABLE visits ALTER COLUMN reference TYPE text')",
        "op.alter_column('visits', 'state', nullable=False)",
    ],
)
def test_what_takes_something_away_is_seen(wrong: str) -> None:
    assert list(taken_away(ast.parse(wrong)))
