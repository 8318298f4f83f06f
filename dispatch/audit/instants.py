"""Instants are UTC in every column of every table; the zone in which they are told stands apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, DateTime, Table, text

from dispatch.audit.check import Check, Finding, pick
from dispatch.errors import Invalid
from dispatch.local_time import zone
from dispatch.store import Row, UtcDateTime
from dispatch.territories.tables import Territory
from dispatch.work import Work

# `2026-03-02 07:00:00.000000`, as our type writes it; an offset may follow only if it is UTC's.
_WRITTEN = "[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]"


class InstantsAreUtc(Check):
    number = "I-50"
    rule = "Every stored instant is UTC, whatever wrote it, and every territory's zone is one that exists."
    when_it_fires = (
        "Something wrote to the database around the application. Find it, stop it, and correct the instants "
        "that it wrote one by one: guessing an offset moves a promise."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        for table, column in _instants():
            if not isinstance(column.type, UtcDateTime):
                name = f"{table.name}.{column.name}"
                yield self.finding(name, f"{name} takes instants without a zone.")
        if work.session.get_bind().dialect.name == "sqlite":
            yield from self._on_sqlite(work)
        else:
            yield from self._on_postgres(work)
        query = pick(Territory.id, Territory.name, Territory.time_zone)
        for territory_id, name, time_zone in work.session.exec(query):
            try:
                zone(time_zone)
            except Invalid:
                yield self.finding(territory_id, f"{name} lives in {time_zone!r}, which is no time zone.")

    def _on_sqlite(self, work: Work) -> Iterator[Finding]:
        """SQLite keeps text: whatever is not written as our type writes it came from somebody else."""
        connection = work.session.connection()
        quote = connection.dialect.identifier_preparer.quote
        for table, column in _instants():
            name, key = quote(column.name), _key(table, quote)
            query = (
                f"SELECT {key}, {name} FROM {quote(table.name)} WHERE {name} IS NOT NULL AND NOT "
                f"((CAST({name} AS TEXT) GLOB :written OR CAST({name} AS TEXT) GLOB :marked) "
                f"AND datetime({name}) IS NOT NULL)"
            )
            values = {"written": _WRITTEN, "marked": _WRITTEN + "+00:00"}
            for subject, value in connection.execute(text(query), values):
                words = f"{table.name}.{column.name} holds {value!r}, which is not an instant in UTC."
                yield self.finding(str(subject), words)

    def _on_postgres(self, work: Work) -> Iterator[Finding]:
        query = text(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND data_type = 'timestamp without time zone'"
        )
        for table, column in work.session.connection().execute(query):
            name = f"{table}.{column}"
            yield self.finding(name, f"{name} keeps instants without a zone.")


def _instants() -> Iterator[tuple[Table, Column[Any]]]:
    for table in Row.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, DateTime | UtcDateTime):
                yield table, column


def _key(table: Table, quote: Any) -> str:
    return " || ' ' || ".join(quote(column.name) for column in table.primary_key)
