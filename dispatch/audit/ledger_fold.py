"""History explains the present: the ledger folded, and compared with the rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

from sqlmodel import col, func

from dispatch.audit.check import Check, Finding, pick
from dispatch.ledger import LedgerEntry, broken_links
from dispatch.promises.states import PromiseState
from dispatch.promises.tables import Promise
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work

FOLDED = ("visit_booked", "visit_stepped", "promise_made", "promise_settled")


class Told(NamedTuple):
    """What the fold needs of one ledger entry; a LedgerEntry will do as well."""

    seq: int
    visit_id: str
    kind: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Window:
    start_at: dt.datetime
    end_at: dt.datetime
    zone: str


@dataclass(slots=True)
class History:
    """A visit as its own record tells it. `state` is None until it was booked."""

    reference: str | None = None
    state: VisitState | None = None
    promise_version: int = 0
    windows: dict[int, Window] = field(default_factory=dict)
    promises: dict[int, PromiseState] = field(default_factory=dict)


def fold(entries: Iterable[Told | LedgerEntry]) -> History:
    """The state, promise version, windows and zones that a visit's entries lead to, read in their order."""
    told = History()
    for entry in entries:
        data = entry.data
        if entry.kind == "visit_booked":
            told.state, told.reference = VisitState.BOOKED, data["reference"]
        elif entry.kind == "visit_stepped":
            told.state = VisitState(data["to_state"])
        elif entry.kind == "promise_made":
            told.promise_version = data["version"]
            told.windows[data["version"]] = window_of(data)
            told.promises[data["version"]] = PromiseState.OPEN
        elif entry.kind == "promise_settled":
            told.promises[data["version"]] = PromiseState(data["outcome"])
    return told


def window_of(data: dict[str, Any]) -> Window:
    """The window that a `promise_made` entry tells."""
    start_at, end_at = (dt.datetime.fromisoformat(data[name]) for name in ("start_at", "end_at"))
    return Window(start_at, end_at, data["zone"])


def told_by_visit(work: Work, kinds: Iterable[str] = FOLDED) -> Iterator[tuple[str, list[Told]]]:
    """Each visit's entries of these kinds, oldest first."""
    query = (
        pick(LedgerEntry.seq, LedgerEntry.visit_id, LedgerEntry.kind, LedgerEntry.data)
        .where(col(LedgerEntry.visit_id).is_not(None), col(LedgerEntry.kind).in_(list(kinds)))
        .order_by(col(LedgerEntry.visit_id), col(LedgerEntry.visit_seq), col(LedgerEntry.seq))
    )
    rows = (Told(seq, visit_id or "", kind, data) for seq, visit_id, kind, data in work.session.exec(query))
    for visit_id, entries in groupby(rows, key=lambda entry: entry.visit_id):
        yield visit_id, list(entries)


class HistoryExplainsState(Check):
    number = "I-5"
    rule = (
        "A visit's ledger, read from its first entry, gives its state, promises and windows as the rows "
        "show them; its numbers have no gap and the hash chain holds."
    )
    when_it_fires = (
        "A row or the ledger was changed around the application. Believe the ledger where its chain holds, "
        "keep a copy of the database as evidence, and correct the row by an ordinary action with a note."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        for seq, what in broken_links(work.session):
            yield self.finding(f"ledger {seq}", f"Entry {seq} of the ledger {what}.")
        work.session.expunge_all()
        yield from self._gaps(work)
        yield from self._differences(work)

    def _gaps(self, work: Work) -> Iterator[Finding]:
        first, last = func.min(LedgerEntry.visit_seq), func.max(LedgerEntry.visit_seq)
        query = (
            pick(LedgerEntry.visit_id, first, last, func.count())
            .where(col(LedgerEntry.visit_id).is_not(None))
            .group_by(col(LedgerEntry.visit_id))
        )
        for visit_id, begins, ends, there in work.session.exec(query):
            if begins != 1 or ends != there:
                words = f"{there} entries are numbered {begins} to {ends}, not 1 to {there}."
                yield self.finding(visit_id or "", words)

    def _differences(self, work: Work) -> Iterator[Finding]:
        histories = {visit_id: fold(entries) for visit_id, entries in told_by_visit(work)}
        windows = _windows(work)
        query = pick(Visit.id, Visit.reference, Visit.state, Visit.promise_version)
        for visit_id, reference, state, version in work.session.exec(query):
            told = histories.get(visit_id)
            if told is None or told.state is None:
                yield self.finding(visit_id, f"Visit {reference} has no history.")
                continue
            if told.reference != reference:
                yield self.finding(visit_id, f"Visit {reference} was booked as {told.reference}.")
            if told.state is not state:
                words = f"Visit {reference} is {state}, but its history leads to {told.state}."
                yield self.finding(visit_id, words)
            if told.promise_version != version:
                words = f"Visit {reference} shows promise {version}, its history ends with {told.promise_version}."
                yield self.finding(visit_id, words)
            if told.windows != windows.get(visit_id, {}):
                yield self.finding(
                    visit_id, f"The windows of visit {reference} are not those of its history."
                )


def _windows(work: Work) -> dict[str, dict[int, Window]]:
    found: dict[str, dict[int, Window]] = {}
    query = pick(Promise.visit_id, Promise.version, Promise.start_at, Promise.end_at, Promise.zone)
    for visit_id, version, start_at, end_at, zone in work.session.exec(query):
        found.setdefault(visit_id, {})[version] = Window(start_at, end_at, zone)
    return found
