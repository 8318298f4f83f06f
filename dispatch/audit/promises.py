"""Promises stay readable: versions one after the other, and the words that were told."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import col

from dispatch.audit.check import Check, Finding, pick
from dispatch.errors import Invalid
from dispatch.local_time import say_window, zone
from dispatch.promises.states import Agreed, PromiseState
from dispatch.promises.tables import Promise
from dispatch.visits.tables import Visit
from dispatch.work import Work


class OldPromisesStay(Check):
    number = "I-9"
    rule = (
        "A new window is a new promise version: none is missing, older ones are settled, each says who agreed "
        "and how, and the policy alone decides only after a promise was broken."
    )
    when_it_fires = (
        "A customer may have been moved without being asked. Compare the visit's record with the texts that "
        "were sent, ring the customer, and give the old window back if they want it."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        row = Promise
        query = pick(
            row.visit_id,
            row.version,
            row.state,
            row.agreed_by,
            row.agreed_how,
            Visit.promise_version,
            Visit.reference,
        )
        query = query.join(Visit, col(Visit.id) == col(row.visit_id)).order_by(row.visit_id, row.version)
        for visit_id, rows in groupby(work.session.exec(query), key=lambda one: one.visit_id):
            for sentence in _faults(list(rows)):
                yield self.finding(visit_id, sentence)


def _faults(rows: list[Any]) -> Iterator[str]:
    """What is wrong with one visit's promises, in the order of their versions."""
    reference, current = rows[0].reference, rows[0].promise_version
    versions = [row.version for row in rows]
    if versions != list(range(1, current + 1)):
        yield f"Visit {reference} shows promise {current} and has versions {versions}."
    before: Any = None
    for row in rows:
        name = f"Promise {row.version} of visit {reference}"
        if row.version < current and row.state not in (PromiseState.MOVED, PromiseState.BROKEN):
            yield f"{name} was replaced and is still {row.state}."
        if not row.agreed_how:
            yield f"{name} does not say how it was agreed."
        if row.agreed_by is Agreed.POLICY and (before is None or before.state is not PromiseState.BROKEN):
            yield f"{name} was made by the policy, and no broken promise came before it."
        before = row


class WordsMatchInstants(Check):
    number = "I-33"
    rule = "A promise's instants, told in its own zone, are the words that the customer was told."
    when_it_fires = (
        "Ask the customer which window they were told, promise that one, and correct the other. When many fire "
        "after an update of the time zones, do not rewrite anything before that is decided."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        row = Promise
        query = pick(row.visit_id, row.version, row.start_at, row.end_at, row.zone, row.local_text)
        for visit_id, version, start_at, end_at, name, local_text in work.session.exec(query):
            where = _zone(name)
            if where is None:
                yield self.finding(
                    visit_id, f"Promise {version} was told in {name!r}, which is no time zone."
                )
            elif end_at <= start_at:
                yield self.finding(visit_id, f"Promise {version} ends before it begins.")
            elif say_window(start_at, end_at, where) != local_text:
                meant = say_window(start_at, end_at, where)
                yield self.finding(
                    visit_id, f"Promise {version} was told as {local_text!r} and means {meant!r}."
                )


@cache
def _zone(name: str) -> ZoneInfo | None:
    try:
        return zone(name)
    except Invalid:
        return None
