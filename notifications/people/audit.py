"""The invariants of what is held about people: who was erased is nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from sqlmodel import col, select

from dispatch.audit import Check, Finding
from dispatch.customers.tables import Customer
from dispatch.visits.states import LIVE
from dispatch.visits.tables import Visit
from dispatch.work import Work
from notifications.people.blanks import KEPT_PARAMS, left_in
from notifications.people.erase import LEAVE
from notifications.people.whose import TABLES, Conditions, Subject, rows_of

MANY = 200


class ErasedIsNowhere(Check):
    number = "I-46"
    rule = (
        "Of a customer who was erased no name, phone, address, note or text stands in any table; their visits, facts "
        "and money do, about nobody, and none of these visits is still to be done."
    )
    when_it_fires = (
        "Run `makegood person erase` for the reference once more. If it comes again, something writes about erased "
        "customers around the application, or a backup from before was restored: its erasures must be done again."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        query = select(Customer.id).where(col(Customer.erased_at).is_not(None)).order_by(col(Customer.id))
        ids = iter(work.session.exec(query).all())
        while some := tuple(islice(ids, MANY)):
            yield from self._about(work, some)

    def _about(self, work: Work, customer_ids: tuple[str, ...]) -> Iterator[Finding]:
        visits = work.session.exec(
            select(Visit.id, Visit.state).where(col(Visit.customer_id).in_(customer_ids))
        ).all()
        for visit_id, state in visits:
            if state in LIVE:
                yield self.finding(visit_id, f"This visit is {state}, and its customer was erased.")
        who = Subject(
            kind="customer", id="", customer_ids=customer_ids, visit_ids=tuple(id for id, _ in visits)
        )
        conditions = rows_of(work.session, who)
        for name, condition in conditions.items():
            if name in LEAVE:
                continue
            for key, columns in left_in(work.session, name, condition):
                words = f"In {name} stands {' and '.join(columns)} of a customer who was erased."
                yield self.finding(str(key), words)
        yield from self._by_hand(work, conditions)

    def _by_hand(self, work: Work, conditions: Conditions) -> Iterator[Finding]:
        """Of these something stays: ids and codes, and a reference."""
        outbox, answers = TABLES["outbox"], TABLES["idempotent_answers"]
        connection = work.session.connection()
        params = connection.execute(
            outbox.select().with_only_columns(outbox.c.id, outbox.c.params).where(conditions["outbox"])
        )
        for id, values in params:
            if set(values) - KEPT_PARAMS:
                yield self.finding(id, "In outbox stands params of a customer who was erased.")
        bodies = connection.execute(
            answers.select()
            .with_only_columns(answers.c.key, answers.c.body)
            .where(conditions["idempotent_answers"])
        )
        for key, body in bodies:
            if set(body) - {"reference"}:
                yield self.finding(key, "In idempotent_answers stands body of a customer who was erased.")


OF_PEOPLE = (ErasedIsNowhere(),)
