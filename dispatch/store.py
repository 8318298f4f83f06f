"""How rows are kept: the table base, aware UTC instants, enums by value, version columns."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from sqlalchemy import Dialect, ForeignKeyConstraint, LargeBinary, MetaData, String, Table, event, types
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import declared_attr, registry
from sqlalchemy.orm.util import identity_key
from sqlmodel import Field, Session, SQLModel, select

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

# How a row is locked that others refer to. Postgres looks at references when a work is committed, and by then
# that work has its turn in the ledger: it must not wait there for whoever holds the row and waits for the ledger.
BUT_NOT_THE_KEY = {"key_share": True}


_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def inserting(session: Session, table: Any) -> Any:
    """An INSERT into `table` that can say what happens where the row is there already: SQLAlchemy has one for each
    database, with the same words."""
    return _INSERTS[session.get_bind().dialect.name](table)


@event.listens_for(ForeignKeyConstraint, "after_parent_attach")
def _check_at_commit(constraint: ForeignKeyConstraint, _table: Table) -> None:
    """References are judged when the work is committed, so rows may be written in any order."""
    constraint.deferrable, constraint.initially = True, "DEFERRED"


class Row(SQLModel, registry=registry(metadata=MetaData(naming_convention=NAMING))):
    """Base of every table. Rows do not validate: input passes a schema or a domain value first."""


class VersionedRow(Row):
    """A row that two people may move at once: the second of them is refused, never lost."""

    row_version: int = Field(default=1, nullable=False)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__table__.c.row_version} if hasattr(cls, "__table__") else {}


class UtcDateTime(types.TypeDecorator[datetime]):
    """An instant: stored in UTC, read back aware (SQLite forgets zones), refused when naive."""

    impl = types.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value.isoformat()} must not reach the database")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class PortraitRow(Row):
    """What one of our people looks like, as a JPEG drawn by us; without content once it was taken back."""

    version: int
    set_at: datetime = Field(sa_type=UtcDateTime)
    width: int = 0
    height: int = 0
    content: bytes | None = Field(default=None, sa_type=LargeBinary)


class _TextEnum(types.TypeDecorator[StrEnum]):
    """An enum kept as its value, so that the column reads like the documentation."""

    impl = String(32)
    cache_ok = True
    enum: ClassVar[type[StrEnum]]

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else self.enum(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.enum(value)


def text_enum(enum: type[StrEnum]) -> type[_TextEnum]:
    """The column type that stores `enum` by value."""
    return type(f"{enum.__name__}Column", (_TextEnum,), {"enum": enum, "cache_ok": True})


R = TypeVar("R", bound=Row)


def by_id(session: Session, table: type[R], ids: Collection[str]) -> dict[str, R]:
    """The rows of `table` with one of `ids`, by their id: only what the session has not read yet is asked for."""
    keyed: Any = table
    known = {id: session.identity_map.get(identity_key(keyed, id)) for id in ids}
    found: dict[str, R] = {id: row for id, row in known.items() if row is not None}
    if len(found) < len(known):
        unknown = known.keys() - found.keys()
        found.update((row.id, row) for row in session.exec(select(keyed).where(keyed.id.in_(unknown))))
    return found
