"""Around the application, in plain SQL: what the database itself refuses, and by which guard."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.architecture.source import ROOT
from tests.audit.damage import Damaged

Wrong = Callable[[Damaged], None]
MOVED_INTO = (
    "UPDATE assignments SET busy_from_at = (SELECT start_at FROM assignments WHERE visit_id = :early) "
    "WHERE visit_id = :late"
)


def in_two_places(copy: Damaged) -> None:
    """Both stand with one technician on Wednesday; the later drive now starts when the earlier work does."""
    at = "SELECT start_at FROM assignments WHERE visit_id = :id"
    early, late = sorted([copy.visit("Joe"), copy.visit("Kim")], key=lambda id: str(copy.ask(at, id=id)))
    copy.run(MOVED_INTO, early=early, late=late)


def sold_twice(copy: Damaged) -> None:
    hold = copy.ask("SELECT id FROM holds WHERE consumed_by_visit_id = :id", id=copy.visit("Fay"))
    copy.run("UPDATE holds SET released_at = consumed_at WHERE id = :id", id=hold)


def used_when_it_was_over(copy: Damaged) -> None:
    hold = copy.ask("SELECT id FROM holds WHERE consumed_by_visit_id = :id", id=copy.visit("Fay"))
    copy.run("UPDATE holds SET expires_at = consumed_at WHERE id = :id", id=hold)


def used_by_nobody(copy: Damaged) -> None:
    hold = copy.ask("SELECT id FROM holds WHERE consumed_by_visit_id = :id", id=copy.visit("Fay"))
    copy.run("UPDATE holds SET consumed_by_visit_id = NULL WHERE id = :id", id=hold)


def at_two_doors(copy: Damaged) -> None:
    who = copy.ask("SELECT technician_id FROM visits WHERE id = :id", id=copy.visit("Hal"))
    copy.run(
        "UPDATE visits SET state = 'on_site', technician_id = :who WHERE id = :id",
        who=who,
        id=copy.visit("Ida"),
    )


def with_nobody_and_no_reason(copy: Damaged) -> None:
    copy.run("UPDATE assignments SET technician_id = NULL WHERE visit_id = :id", id=copy.visit("Joe"))


def one_reference_for_two(copy: Damaged) -> None:
    copy.run(
        "UPDATE visits SET reference = (SELECT reference FROM visits WHERE id = :one) WHERE id = :other",
        one=copy.visit("Joe"),
        other=copy.visit("Kim"),
    )


def two_published_plans(copy: Damaged) -> None:
    day = copy.ask("SELECT day FROM plans WHERE state <> 'published' ORDER BY day LIMIT 1")
    copy.run("UPDATE plans SET state = 'published' WHERE day = :day", day=day)


def a_window_that_ends_before_it_starts(copy: Damaged) -> None:
    copy.run("UPDATE promises SET end_at = start_at WHERE visit_id = :id", id=copy.visit("Joe"))


def a_visit_deleted(copy: Damaged) -> None:
    copy.run("DELETE FROM visits WHERE id = :id", id=copy.visit("Joe"))


def a_text_deleted(copy: Damaged) -> None:
    copy.run("DELETE FROM outbox")


def a_fact_rewritten(copy: Damaged) -> None:
    copy.run("UPDATE ledger SET actor = 'somebody' WHERE seq = 1")


def one_text_twice(copy: Damaged) -> None:
    copy.run("UPDATE outbox SET dedupe_key = (SELECT min(dedupe_key) FROM outbox)")


def one_failure_twice(copy: Damaged) -> None:
    copy.run(
        "INSERT INTO failures SELECT "
        + ", ".join("'another'" if name == "id" else name for name in columns(copy, "failures"))
        + " FROM failures LIMIT 1"
    )


def columns(copy: Damaged, table: str) -> list[str]:
    return list(copy.connection.execute(text(f"SELECT * FROM {table} LIMIT 0")).keys())


WRONGS: tuple[Wrong, ...] = (
    in_two_places,
    sold_twice,
    used_when_it_was_over,
    used_by_nobody,
    at_two_doors,
    with_nobody_and_no_reason,
    one_reference_for_two,
    two_published_plans,
    a_window_that_ends_before_it_starts,
    a_visit_deleted,
    a_text_deleted,
    a_fact_rewritten,
    one_text_twice,
    one_failure_twice,
)


@pytest.mark.parametrize("wrong", WRONGS, ids=lambda wrong: wrong.__name__)
def test_plain_sql_is_refused(copy: Damaged, wrong: Wrong) -> None:
    with pytest.raises(DBAPIError) as refused:
        write_and_commit(copy, wrong)
    assert isinstance(refused.value, IntegrityError) or "never deleted" in str(refused.value)


def write_and_commit(copy: Damaged, wrong: Wrong) -> None:
    wrong(copy)
    copy.judge()


def test_work_on_site_follows_the_clock_and_no_plan(copy: Damaged) -> None:
    """Who arrived early stands in the old plan's hour, and what comes next may begin when the work really ends."""
    joe, kim = copy.visit("Joe"), copy.visit("Kim")
    at = "SELECT start_at FROM assignments WHERE visit_id = :id"
    early, late = sorted([joe, kim], key=lambda id: str(copy.ask(at, id=id)))
    copy.run("UPDATE visits SET state = 'on_site' WHERE id = :id", id=early)
    copy.run(MOVED_INTO, early=early, late=late)
    if not copy.is_sqlite:
        copy.judge()
        copy.connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    else:
        assert copy.ask("SELECT count(*) FROM places_at_once") == 0
    copy.run("UPDATE visits SET state = 'booked' WHERE id = :id", id=early)
    with pytest.raises(IntegrityError):
        copy.judge()


def test_a_swap_may_overlap_until_it_is_whole(copy: Damaged) -> None:
    early, late = copy.visit("Joe"), copy.visit("Kim")
    copy.run(
        "UPDATE assignments SET end_at = (SELECT end_at FROM assignments WHERE visit_id = :late) "
        "WHERE visit_id = :early",
        early=early,
        late=late,
    )
    copy.run("UPDATE assignments SET active = :no WHERE visit_id = :id", no=False, id=late)
    if copy.is_sqlite:
        assert copy.ask("SELECT count(*) FROM places_at_once") == 0
    else:
        copy.judge()


def test_the_page_of_guards_names_what_is_there(engine: Engine) -> None:
    table = (ROOT / "docs/database.md").read_text().partition("## What the database refuses")[2]
    rows = [line.split("|") for line in table.partition("\n## ")[0].splitlines() if line.startswith("| I-")]
    column = 4 if engine.dialect.name == "sqlite" else 3
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row[column])}
    queries = (
        ("SELECT name FROM sqlite_master", "SELECT sql FROM sqlite_master")
        if engine.dialect.name == "sqlite"
        else (
            "SELECT conname FROM pg_constraint",
            "SELECT indexname FROM pg_indexes",
            "SELECT tgname FROM pg_trigger",
        )
    )
    with engine.connect() as connection:
        known = " ".join(str(one) for query in queries for one in connection.execute(text(query)).scalars())
    assert len(named) > 10
    assert [name for name in sorted(named) if not re.search(rf"\b{name}\b", known)] == []
