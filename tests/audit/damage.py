"""A copy of the busy town's database that can be damaged, audited and forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, text
from sqlmodel import Session, col, select

from dispatch.audit import Check, Finding, run_audit
from dispatch.chance import Chance
from dispatch.ledger import GENESIS, LedgerEntry, LedgerHead
from dispatch.travel.straight import StraightLine
from dispatch.work import SYSTEM, Work
from notifications.audit import ALL
from tests.audit.town import Town


class Damaged:
    """One connection whose transaction is never committed: for this test alone, the rows are what it says."""

    def __init__(self, connection: Connection, town: Town) -> None:
        self.connection, self.town = connection, town
        self.is_sqlite = connection.dialect.name == "sqlite"

    def run(self, statement: str, **values: Any) -> int:
        """Raw SQL, past the application. Returns how many rows it touched, of which there must be one."""
        rows = self.connection.execute(text(statement), values).rowcount
        assert rows != 0, f"nothing was damaged by {statement}"
        return rows

    def ask(self, statement: str, **values: Any) -> Any:
        """The first value of the first row."""
        return self.connection.execute(text(statement), values).scalar_one()

    def visit(self, name: str) -> str:
        return self.town.visits[name]

    def at(self, moment: datetime) -> Any:
        """An instant as this database takes it raw."""
        return moment.strftime("%Y-%m-%d %H:%M:%S.%f") if self.is_sqlite else moment

    def drop_guard(self, trigger: str, table: str) -> None:
        self.connection.execute(text(f"DROP TRIGGER {trigger}" + ("" if self.is_sqlite else f" ON {table}")))

    def drop_index(self, name: str) -> None:
        self.connection.execute(text(f"DROP INDEX {name}"))

    def let_holds_end_twice(self) -> None:
        if self.is_sqlite:
            self.drop_guard("holds_end_once_update", "holds")
        else:
            self.connection.execute(text("ALTER TABLE holds DROP CONSTRAINT ck_holds_ends_once"))

    def judge(self) -> None:
        """What the database leaves until the commit, judged now. Raises IntegrityError."""
        self.connection.exec_driver_sql("COMMIT" if self.is_sqlite else "SET CONSTRAINTS ALL IMMEDIATE")

    def drop_unique(self, table: str, name: str) -> None:
        """Take a unique constraint away; SQLite writes the whole table anew for that."""
        operations = Operations(MigrationContext.configure(self.connection))
        with operations.batch_alter_table(table) as batch:
            batch.drop_constraint(name, type_="unique")

    def rewrite(
        self, kind: str, visit: str, data: dict[str, Any], *, of: dict[str, Any], new_kind: str = ""
    ) -> None:
        """A forger's work: change the visit's entry whose data has `of`, and seal the whole chain again."""
        self.drop_guard("ledger_no_update", "ledger")
        with Session(self.connection) as session:
            entries = session.exec(select(LedgerEntry).order_by(col(LedgerEntry.seq))).all()
            fitting = [
                one
                for one in entries
                if (one.visit_id, one.kind) == (visit, kind) and of.items() <= one.data.items()
            ]
            fitting[-1].data = json.loads(json.dumps({**fitting[-1].data, **data}))
            fitting[-1].kind = new_kind or kind
            head = session.get_one(LedgerHead, 1)
            head.hash = GENESIS
            for entry in entries:
                entry.prev_hash = head.hash
                entry.hash = head.hash = entry.sealed()
            session.flush()
            session.commit()

    @contextmanager
    def read(self) -> Iterator[Work]:
        with Session(self.connection, autoflush=False) as session:
            now = self.town.world.clock.at
            chance: Chance = self.town.workshop.chance
            yield Work(session, now=now, chance=chance, travel=StraightLine(), actor=SYSTEM, cause="read")

    def audit(self, checks: tuple[Check, ...] = tuple(ALL)) -> list[Finding]:
        with self.read() as work:
            return run_audit(work, checks)

    def only(self, number: str, subject: str) -> None:
        """The audit finds this invariant broken by this subject, and no other invariant."""
        found = self.audit()
        assert {one.invariant for one in found} == {number}, found
        assert subject in {one.subject for one in found}, found
        assert all(one.sentence.endswith(".") for one in found)
