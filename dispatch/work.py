"""One unit of work: one session, one `now`, the facts it records, one commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlmodel import Session

from dispatch import ledger
from dispatch.chance import Chance
from dispatch.clock import Clock
from dispatch.events import Fact
from dispatch.travel.port import Travel


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
        own_numbers: frozenset[str] = frozenset(),
    ) -> None:
        self.session = session
        self.now = now
        self.chance = chance
        self.travel = travel
        self.actor = actor
        self.cause = cause
        self.own_numbers = own_numbers
        self.facts: list[Fact] = []

    def new_id(self) -> str:
        return self.chance.new_id(self.now)

    def record(self, fact: Fact) -> None:
        """Note a fact: it joins the ledger, and reactions see it, when the work is committed."""
        self.facts.append(fact)


Reaction = Callable[[Work, Fact], None]


@dataclass(frozen=True)
class Workshop:
    """Everything a Work needs, chosen once by the runtime."""

    engine: Engine
    clock: Clock
    chance: Chance
    travel: Travel
    reactions: Sequence[Reaction] = ()
    nudge: Callable[[], None] = lambda: None
    own_numbers: frozenset[str] = frozenset()  # that our texts and calls come from: nobody's phone

    @contextmanager
    def work(self, actor: Actor, cause: str) -> Iterator[Work]:
        """Open a write: rows, facts and what reactions add are committed together, or not at all."""
        with Session(self.engine, expire_on_commit=False) as session:
            work = self._work(session, actor, cause)
            yield work
            self._react(work)
            if work.facts:
                ledger.append(session, work.facts, at=work.now, actor=str(actor), cause=cause)
            session.commit()
        if work.facts:
            self.nudge()

    @contextmanager
    def read(self, actor: Actor = SYSTEM) -> Iterator[Work]:
        """Open a read: never takes the write lock, never commits."""
        with Session(self.engine.execution_options(read_only=True), autoflush=False) as session:
            yield self._work(session, actor, "read")

    def _work(self, session: Session, actor: Actor, cause: str) -> Work:
        now = self.clock.now(session)
        return Work(
            session,
            now=now,
            chance=self.chance,
            travel=self.travel,
            actor=actor,
            cause=cause,
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
