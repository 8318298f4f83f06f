"""What was said and counted must be on record: answers, references, rows that only ever grow in number."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import text
from sqlmodel import col, func, select

from dispatch.audit.check import Check, Finding, pick
from dispatch.bookings.tables import IdempotentAnswer
from dispatch.promises.tables import Promise
from dispatch.visits.references import is_wellformed, tidy
from dispatch.visits.tables import IssuedReference, Visit
from dispatch.work import Work

KEPT = ("visits", "ledger", "outbox")
UNANSWERED = 0
UNANSWERED_FOR = dt.timedelta(minutes=2)
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


def unrecorded_answers(work: Work) -> Iterator[tuple[str, str]]:
    """(subject, sentence) for each 2xx answer that states a visit or window that is not on record."""
    query = pick(
        IdempotentAnswer.route, IdempotentAnswer.key, IdempotentAnswer.visit_id, IdempotentAnswer.body
    ).where(IdempotentAnswer.status >= 200, IdempotentAnswer.status < 300)
    stated = [
        (route, key, visit_id, _visit_in(body)) for route, key, visit_id, body in work.session.exec(query)
    ]
    stated = [one for one in stated if one[2] or "reference" in one[3]]
    visits = _by_reference(work) if stated else {}
    windows = _windows(work) if stated else {}
    for route, key, visit_id, said in stated:
        reference = tidy(str(said.get("reference", "")))
        known = visits.get(reference)
        if reference and known is None:
            yield key, f"{route} answered with reference {reference}, and no visit bears it."
        elif reference and visit_id and known != visit_id:
            yield key, f"{route} answered with reference {reference}, but booked visit {visit_id}."
        elif not _is_promised(said, windows.get(known or visit_id or "", set())):
            yield key, f"{route} answered a window for {reference or visit_id} that was never promised."


def _visit_in(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part of an answer that speaks of a visit: the answer itself or what it calls `visit`."""
    inner = body.get("visit")
    return inner if isinstance(inner, Mapping) else body


def _by_reference(work: Work) -> dict[str, str]:
    return {reference: id for id, reference in work.session.exec(pick(Visit.id, Visit.reference))}


def _windows(work: Work) -> dict[str, set[tuple[dt.datetime, dt.datetime]]]:
    found: dict[str, set[tuple[dt.datetime, dt.datetime]]] = {}
    for visit_id, start_at, end_at in work.session.exec(
        pick(Promise.visit_id, Promise.start_at, Promise.end_at)
    ):
        found.setdefault(visit_id, set()).add((start_at, end_at))
    return found


def _is_promised(said: Mapping[str, Any], windows: set[tuple[dt.datetime, dt.datetime]]) -> bool:
    """Whether the stated window is one of the promised ones; an answer without a window states none."""
    inner = said.get("promise")
    stated = inner if isinstance(inner, Mapping) else said
    if not (stated.get("start_at") and stated.get("end_at")):
        return True
    window = tuple(dt.datetime.fromisoformat(str(stated[name])) for name in ("start_at", "end_at"))
    return window in windows


class ReferenceForEver(Check):
    number = "I-2"
    rule = "Every reference that ever left the house belongs to exactly one visit, for ever."
    when_it_fires = (
        "Look for the reference in the ledger and in the sent texts; restore the visit from a backup. "
        "Until then answer callers by name and phone, never with 'no record'."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        lost = select(IssuedReference.reference).outerjoin(
            Visit, col(Visit.reference) == col(IssuedReference.reference)
        )
        for reference in work.session.exec(lost.where(col(Visit.id).is_(None))):
            yield self.finding(reference, f"Reference {reference} was issued and leads to no visit.")
        doubled = select(Visit.reference).group_by(Visit.reference).having(func.count() > 1)
        for reference in work.session.exec(doubled):
            yield self.finding(reference, f"Reference {reference} leads to more than one visit.")
        issued = pick(Visit.id, Visit.reference, IssuedReference.reference).outerjoin(
            IssuedReference, col(IssuedReference.reference) == col(Visit.reference)
        )
        for visit_id, reference, known in work.session.exec(issued):
            if known is None:
                yield self.finding(visit_id, f"Reference {reference} stands on a visit and was never issued.")
            elif not is_wellformed(reference):
                yield self.finding(visit_id, f"Reference {reference} does not fit its check character.")


class NothingDeleted(Check):
    number = "I-3"
    rule = "Visits, ledger entries and messages are never deleted: as many are there as were ever added."
    when_it_fires = (
        "Somebody changed the database around the application. Stop writes, compare with the last backup "
        "and the provider's log of sent texts, and bring the missing rows back."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        connection = work.session.connection()
        rows = connection.execute(text("SELECT name, inserted FROM row_counts"))
        added = {str(name): int(inserted) for name, inserted in rows}
        for table in KEPT:
            there = connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            if table not in added:
                yield self.finding(table, f"Nobody counts the rows of {table} any more.")
            elif there < added[table]:
                yield self.finding(
                    table, f"{added[table] - there} of {added[table]} rows of {table} are gone."
                )
            elif there > added[table]:
                yield self.finding(table, f"{there - added[table]} rows of {table} came in uncounted.")


class SameAnswer(Check):
    number = "I-48"
    rule = "A repeated request finds one whole answer under its key, written together with its effect."
    when_it_fires = (
        "Find the request by route and key in the log and ask what the caller was told. Delete an answer "
        "that was never finished, so that the caller can try again."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        row = IdempotentAnswer
        query = pick(row.principal, row.route, row.key, row.status, row.fingerprint, row.answered_at)
        seen: set[tuple[str, str, str]] = set()
        for principal, route, key, status, fingerprint, answered_at in work.session.exec(query):
            if (principal, route, key) in seen:
                yield self.finding(key, f"{route} has two answers for {principal} under one key.")
            seen.add((principal, route, key))
            if not _FINGERPRINT.fullmatch(fingerprint):
                yield self.finding(key, f"{route} keeps an answer without saying for which request.")
            if status == UNANSWERED and work.now - answered_at > UNANSWERED_FOR:
                yield self.finding(key, f"{route} was asked at {answered_at:%d %b %H:%M} and never answered.")
            elif status != UNANSWERED and not 200 <= status < 300:
                yield self.finding(key, f"{route} keeps a refusal ({status}), which may be tried again.")
