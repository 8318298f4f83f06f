"""One unit of work: one session, one `now`, the facts it records, one commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session

from dispatch import ledger
from dispatch.chance import Chance
from dispatch.clock import Clock
from dispatch.errors import OutcomeUnknown
from dispatch.events import Fact
from dispatch.travel.port import Travel

TRIES = 3
# Serialization failure, deadlock, lock not available; somebody else's row under a unique or exclusion constraint.
LOST_RACES = frozenset({"40001", "40P01", "55P03", "23505", "23P01"})
# A read sees one moment from its first row to its last, as SQLite's do, and cannot change anything.
ONE_MOMENT = {"postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}}

READ = "read"
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: `customer`, `technician`, `dispatcher`, `policy`, `clock` or `system`, and which one."""

    role: str
    id: str = ""

    def __str__(self) -> str:
        return f"{self.role}:{self.id}" if self.id else self.role


CLOCK = Actor("clock")
POLICY = Actor("policy")
SYSTEM = Actor("system")


class Work:
    """What every action is handed. Actions load, decide, write and `record`; they never commit."""

    def __init__(
        self,
        session: Session,
        *,
        now: datetime,
        chance: Chance,
        travel: Travel,
        actor: Actor,
        cause: str,
        phone_keys: Sequence[bytes] = (b"",),
        own_numbers: frozenset[str] = frozenset(),
    ) -> None:
        self.session = session
        self.now = now
        self.chance = chance
        self.travel = travel
        self.actor = actor
        self.cause = cause
        self.phone_keys = phone_keys
        self.own_numbers = own_numbers
        self.facts: list[Fact] = []

    def new_id(self) -> str:
        return self.chance.new_id(self.now)

    @contextmanager
    def whole_or_nothing(self) -> Iterator[None]:
        """What is refused half-way leaves neither rows nor facts; the refusal goes on."""
        before, is_whole = len(self.facts), False
        try:
            with self.session.begin_nested():
                yield
            is_whole = True
        finally:
            if not is_whole:
                del self.facts[before:]

    @contextmanager
    def only_supposed(self) -> Iterator[None]:
        """Whatever is done in here is undone at its end: what would be can be seen, and nothing stays of it."""
        before, savepoint = len(self.facts), self.session.begin_nested()
        try:
            yield
        finally:
            savepoint.rollback()
            del self.facts[before:]

    def record(self, fact: Fact) -> None:
        """Note a fact: it joins the ledger, and reactions see it, when the work is committed."""
        self.facts.append(fact)


Reaction = Callable[[Work, Fact], None]


def is_lost(error: Exception) -> bool:
    """Whether nothing of a Work was kept and the same from the start may go well: somebody was quicker, or the
    connection broke before the commit."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in LOST_RACES
    return isinstance(error, StaleDataError)


class RememberingSession(Session):
    """A session that keeps what it has read until it ends: asked for by its key again, a row is not read again.

    SQLAlchemy forgets rows that nobody holds. Whoever locks a row reads it anew (`populate_existing`).
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.kept: list[object] = []


@event.listens_for(RememberingSession, "loaded_as_persistent")
@event.listens_for(RememberingSession, "pending_to_persistent")
def _keep(session: RememberingSession, row: object) -> None:
    session.kept.append(row)


@event.listens_for(RememberingSession, "after_soft_rollback")
def _forget(session: RememberingSession, _transaction: object) -> None:
    """What was locked since a savepoint is free again once that is rolled back."""
    session.info.clear()


def _at_once(work: Work, _visit: Any) -> datetime:
    """From when on a visit's customer may be asked, by text, what can wait; None where never."""
    return work.now


@dataclass(frozen=True)
class Workshop:
    """Everything a Work needs, chosen once by the runtime."""

    engine: Engine
    clock: Clock
    chance: Chance
    travel: Travel
    reactions: Sequence[Reaction] = ()
    nudge: Callable[[], None] = lambda: None
    phone_keys: Sequence[bytes] = (b"",)  # of the marks of erased phones: today's, then those before it
    own_numbers: frozenset[str] = frozenset()  # that our texts and calls come from: nobody's phone
    when_to_ask: Callable[[Work, Any], datetime | None] = _at_once

    @cached_property
    def _read_engine(self) -> Engine:
        options: dict[str, Any] = ONE_MOMENT.get(self.engine.dialect.name, {})
        return self.engine.execution_options(read_only=True, **options)

    @contextmanager
    def work(self, actor: Actor, cause: str) -> Iterator[Work]:
        """Open a write: rows, facts and what reactions add are committed together, or not at all.

        Raises OutcomeUnknown when the connection is lost during the commit itself.
        """
        with RememberingSession(self.engine, expire_on_commit=False) as session:
            work = self._work(session, actor, cause)
            yield work
            self._react(work)
            if work.facts:
                ledger.append(session, work.facts, at=work.now, actor=str(actor), cause=cause)
            session.flush()
            _commit(session)
        if work.facts:
            self.nudge()

    def whole(self, actor: Actor, cause: str, act: Callable[[Work], Result]) -> Result:
        """What `act` did in a Work of its own. Where somebody was quicker, or nobody knows whether it was committed,
        all of it is done again from a fresh Work: so `act` must find out itself whether it is still to be done."""
        for left in reversed(range(TRIES)):
            try:
                with self.work(actor, cause) as work:
                    return act(work)
            except (SQLAlchemyError, OutcomeUnknown) as error:
                if not left or not (isinstance(error, OutcomeUnknown) or is_lost(error)):
                    raise
        raise AssertionError("the last try returns or raises")

    @contextmanager
    def read(self, actor: Actor = SYSTEM) -> Iterator[Work]:
        """Open a read: never takes the write lock, never changes anything."""
        session = RememberingSession(self._read_engine, autoflush=False)
        try:
            yield self._work(session, actor, READ)
        finally:
            _end_read(session)

    def _work(self, session: Session, actor: Actor, cause: str) -> Work:
        now = self.clock.now(session)
        return Work(
            session,
            now=now,
            chance=self.chance,
            travel=self.travel,
            actor=actor,
            cause=cause,
            phone_keys=self.phone_keys,
            own_numbers=self.own_numbers,
        )

    def _react(self, work: Work) -> None:
        """Run every reaction on every fact, also on those that reactions record themselves."""
        seen = 0
        while seen < len(work.facts):
            fact = work.facts[seen]
            seen += 1
            for reaction in self.reactions:
                reaction(work, fact)


def _end_read(session: Session) -> None:
    """Give its moment and its connection back; what it has found can still be read.

    On Postgres, which refuses changes in it, it ends with a commit: at a rollback psycopg forgets what it has
    prepared, and the planning of a large question takes ten times as long as its answer. Where that commit is not
    heard, nothing is lost: there is nothing in it.
    """
    if session.in_transaction() and session.get_bind().dialect.name in ONE_MOMENT:
        session.expunge_all()
        with suppress(SQLAlchemyError):
            session.commit()
    session.close()


def _commit(session: Session) -> None:
    try:
        session.commit()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise OutcomeUnknown from error
        raise
