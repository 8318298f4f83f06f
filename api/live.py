"""What just happened, pushed to open pages: the ledger's newest facts as server-sent events.

Nothing is told that the page could not read anyway: an event says that there is news, and the page asks for itself.
Whoever lost the connection names the last event they saw (`Last-Event-ID`) and gets all that came since.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from anyio import to_thread
from fastapi import Query, Request
from fastapi.sse import EventSourceResponse, format_sse_event
from sqlmodel import Session, col, select

from api.principal import Principal
from api.runtime.runtime import Runtime
from dispatch import ledger
from dispatch.plans.tables import Assignment
from dispatch.visits.tables import Visit
from dispatch.work import Work

PAUSE_SECONDS = 0.5
KEEP_ALIVE_SECONDS = 15.0
LIFE_SECONDS = 60.0  # then the browser comes back by itself, and its door is checked again
RETRY_MILLISECONDS = 1000
REMEMBERED = 2000
PAGE = 500


@dataclass(frozen=True, slots=True)
class News:
    """One fact of the ledger, and whom it concerns."""

    seq: int
    kind: str
    visit_id: str | None
    territory_id: str | None
    technician_ids: frozenset[str]


Wants = Callable[[News], bool]
After = Annotated[int | None, Query(ge=0, le=2**53)]


class Feed:
    """One reader of the ledger for all open pages of this process. Whoever waits reads on for everybody."""

    def __init__(self, runtime: Runtime, *, life_seconds: float = LIFE_SECONDS) -> None:
        self._runtime, self._life_seconds = runtime, life_seconds
        self._newest: deque[News] = deque(maxlen=REMEMBERED)
        self._seen: int | None = None
        self._read_at = float("-inf")
        self._reading: asyncio.Lock | None = None

    async def stream(self, after: int | None, wants: Wants) -> AsyncIterator[bytes]:
        """The wanted news after the cursor (None: from now on), as they come, until the stream's life is over."""
        loop = asyncio.get_running_loop()
        ends_at, quiet_since = loop.time() + self._life_seconds, loop.time()
        yield format_sse_event(retry=RETRY_MILLISECONDS, comment="news of the ledger")
        cursor = after
        while True:
            news, cursor = await self._after(cursor)
            told = [one for one in news if wants(one)]
            for one in told:
                data = json.dumps({"kind": one.kind, "visit_id": one.visit_id})
                yield format_sse_event(id=str(one.seq), data_str=data)
                quiet_since = loop.time()
            if loop.time() >= ends_at:
                return
            if loop.time() - quiet_since >= KEEP_ALIVE_SECONDS:
                yield format_sse_event(comment="still here")
                quiet_since = loop.time()
            await asyncio.sleep(PAUSE_SECONDS)

    async def _after(self, cursor: int | None) -> tuple[list[News], int]:
        """What came after the cursor, and the cursor to go on from."""
        await self._read_on()
        newest = self._seen or 0
        if cursor is None or cursor > newest:
            return [], newest
        if self._newest and self._newest[0].seq <= cursor + 1:
            return [one for one in self._newest if one.seq > cursor], newest
        if cursor == newest:
            return [], newest
        found = await to_thread.run_sync(self._read, cursor)
        return found, found[-1].seq if found else newest

    async def _read_on(self) -> None:
        """At most one question to the database in PAUSE_SECONDS, however many are waiting."""
        self._reading = self._reading or asyncio.Lock()
        async with self._reading:
            now = asyncio.get_running_loop().time()
            if now - self._read_at < PAUSE_SECONDS:
                return
            if self._seen is None:
                self._seen = await to_thread.run_sync(self._head)
            while found := await to_thread.run_sync(self._read, self._seen):
                self._newest.extend(found)
                self._seen = found[-1].seq
            self._read_at = now

    def _head(self) -> int:
        with self._runtime.read() as work:
            return ledger.head(work.session)

    def _read(self, cursor: int) -> list[News]:
        with self._runtime.read() as work:
            return _news(work.session, ledger.since(work.session, cursor, PAGE))


def _news(session: Session, entries: Sequence[ledger.LedgerEntry]) -> list[News]:
    ids = {entry.visit_id for entry in entries if entry.visit_id}
    places: Mapping[str, str] = {}
    crew: Mapping[str, str | None] = {}
    if ids:
        places = dict(session.exec(select(Visit.id, Visit.territory_id).where(col(Visit.id).in_(ids))).all())
        query = select(Assignment.visit_id, Assignment.technician_id).where(col(Assignment.visit_id).in_(ids))
        crew = dict(session.exec(query).all())
    return [_one(entry, places, crew) for entry in entries]


def read_news(work: Work, after: int, limit: int) -> tuple[list[tuple[ledger.LedgerEntry, News]], int]:
    """Up to `limit` facts after the cursor, each with whom it concerns, and the cursor to go on from."""
    entries = ledger.since(work.session, after, limit)
    pairs = list(zip(entries, _news(work.session, entries), strict=True))
    return pairs, entries[-1].seq if entries else after


def _one(entry: ledger.LedgerEntry, places: Mapping[str, str], crew: Mapping[str, str | None]) -> News:
    known = places.get(entry.visit_id or "")
    concerned = {entry.data.get("technician_id"), crew.get(entry.visit_id or "")}
    return News(
        seq=entry.seq,
        kind=entry.kind,
        visit_id=entry.visit_id,
        territory_id=known or entry.data.get("territory_id"),
        technician_ids=frozenset(one for one in concerned if one),
    )


def cursor_of(request: Request, after: int | None) -> int | None:
    """Where to go on from: what the browser saw last, else what the page says it shows."""
    last = request.headers.get("last-event-id", "")
    return int(last) if last.isdecimal() and len(last) < 16 else after


def event_stream(request: Request, after: int | None, wants: Wants) -> EventSourceResponse:
    feed: Feed = request.app.state.feed
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    return EventSourceResponse(feed.stream(cursor_of(request, after), wants), headers=headers)


def of_territory(who: Principal) -> Wants:
    """The office hears of its own territory, and of what belongs to none."""
    return lambda news: news.territory_id in (None, who.territory_id)


def of_visit(who: Principal) -> Wants:
    return lambda news: news.visit_id is not None and news.visit_id == who.visit_id


def of_technician(who: Principal) -> Wants:
    return lambda news: who.subject_id in news.technician_ids
