"""The record that customer and company share: append-only, hash-chained, in the order of commits."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import JSON, Index, func
from sqlmodel import Field, Session, col, select

from dispatch.events import Fact
from dispatch.store import Row, UtcDateTime

GENESIS = "0" * 64


class Sealable(Protocol):
    """An entry, or a row of its columns."""

    @property
    def seq(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def kind(self) -> str: ...
    @property
    def visit_id(self) -> str | None: ...
    @property
    def visit_seq(self) -> int | None: ...
    @property
    def actor(self) -> str: ...
    @property
    def cause(self) -> str: ...
    @property
    def data(self) -> dict[str, Any]: ...
    @property
    def prev_hash(self) -> str: ...


def seal(entry: Sealable) -> str:
    """The hash that an entry's values give: SHA-256 over the previous hash and the canonical JSON."""
    body = {
        "seq": entry.seq,
        "at": entry.at.astimezone(UTC).isoformat(),
        "kind": entry.kind,
        "visit_id": entry.visit_id,
        "visit_seq": entry.visit_seq,
        "actor": entry.actor,
        "cause": entry.cause,
        "data": entry.data,
    }
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256((entry.prev_hash + canonical).encode()).hexdigest()


class LedgerEntry(Row, table=True):
    """One fact. `seq` counts all facts, `visit_seq` those of one visit, both without gaps."""

    __tablename__ = "ledger"
    __table_args__ = (
        Index("uq_ledger_visit_seq", "visit_id", "visit_seq", unique=True),
        Index("ix_ledger_kind_at", "kind", "at"),
    )

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UtcDateTime)
    kind: str = Field(max_length=40, index=True)
    visit_id: str | None = Field(default=None, foreign_key="visits.id", max_length=26)
    visit_seq: int | None = None
    actor: str = Field(max_length=80)
    cause: str = Field(max_length=120)
    data: dict[str, Any] = Field(sa_type=JSON)
    prev_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64)

    def sealed(self) -> str:
        return seal(self)


class LedgerHead(Row, table=True):
    """The chain's last link. Writers queue on this one row just before they commit, so that the
    order of `seq` is the order of commits and a reader's cursor never skips a late one."""

    __tablename__ = "ledger_head"

    id: int = Field(default=1, primary_key=True)
    seq: int = 0
    hash: str = Field(default=GENESIS, max_length=64)


def append(session: Session, facts: Sequence[Fact], *, at: datetime, actor: str, cause: str) -> int:
    """Add `facts` to the chain; the last thing a Work does before it commits. Returns the new head."""
    session.flush()
    head = session.exec(select(LedgerHead).with_for_update().execution_options(populate_existing=True)).one()
    counts = _visit_counts(session, {fact.visit_id for fact in facts if fact.visit_id})
    for fact in facts:
        if fact.visit_id:
            counts[fact.visit_id] = counts.get(fact.visit_id, 0) + 1
        entry = LedgerEntry(
            seq=head.seq + 1,
            at=at,
            kind=fact.kind(),
            visit_id=fact.visit_id,
            visit_seq=counts[fact.visit_id] if fact.visit_id else None,
            actor=actor,
            cause=cause,
            data=json.loads(json.dumps(fact.data())),
            prev_hash=head.hash,
            hash="",
        )
        entry.hash = entry.sealed()
        head.seq, head.hash = entry.seq, entry.hash
        session.add(entry)
    session.flush()
    return head.seq


def _visit_counts(session: Session, visit_ids: set[str]) -> dict[str, int]:
    if not visit_ids:
        return {}
    query = (
        select(LedgerEntry.visit_id, func.max(LedgerEntry.visit_seq))
        .where(col(LedgerEntry.visit_id).in_(visit_ids))
        .group_by(col(LedgerEntry.visit_id))
    )
    return {visit_id: count for visit_id, count in session.exec(query) if visit_id and count}


def history(session: Session, visit_id: str) -> Sequence[LedgerEntry]:
    """A visit's whole record, oldest first."""
    query = select(LedgerEntry).where(LedgerEntry.visit_id == visit_id).order_by(col(LedgerEntry.seq))
    return session.exec(query).all()


def since(session: Session, seq: int, limit: int = 500) -> Sequence[LedgerEntry]:
    """What came after the cursor `seq`, in the order of commits."""
    query = select(LedgerEntry).where(LedgerEntry.seq > seq).order_by(col(LedgerEntry.seq)).limit(limit)
    return session.exec(query).all()


def head(session: Session) -> int:
    """The number of the newest fact; 0 before the first."""
    return session.exec(select(LedgerHead.seq)).one_or_none() or 0


def broken_links(session: Session) -> Iterator[tuple[int, str]]:
    """Walk the chain; yields (seq, what is wrong) for each entry that does not follow from the one before."""
    expected_seq, prev_hash = 1, GENESIS
    table = LedgerEntry.__table__  # type: ignore[attr-defined]
    query = table.select().order_by(table.c.seq).execution_options(yield_per=1000)
    for entry in session.connection().execute(query):
        if entry.seq != expected_seq:
            yield entry.seq, f"expected number {expected_seq}"
        if entry.prev_hash != prev_hash:
            yield entry.seq, "does not follow from the entry before it"
        if seal(entry) != entry.hash:
            yield entry.seq, "was changed after it was written"
        expected_seq, prev_hash = entry.seq + 1, entry.hash
    head = session.get(LedgerHead, 1)
    if head is None or (head.seq, head.hash) != (expected_seq - 1, prev_hash):
        yield expected_seq, "the chain's end is missing"


def commit_to(salt: str, *texts: str) -> str:
    """A commitment to personal text: with the row it can be proved, without the salt it says nothing."""
    return hashlib.sha256("\x1f".join((salt, *texts)).encode()).hexdigest()
