"""Texts out and in, as the office reads them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from api.deps import ReadDep, StaffDep, WorkDep
from api.principal import Principal
from api.schemas.base import Instant, Out
from api.strict import router
from dispatch.errors import NotFound
from dispatch.visits.queries import get_visit
from dispatch.work import Work
from notifications.inbox.handling import mark_handled
from notifications.inbox.queries import get_inbound, is_promised_answer, list_inbox
from notifications.inbox.tables import InboundText
from notifications.outbox.queries import list_for_visit
from notifications.outbox.tables import Message

routes = router("/api/v1", "messages")


class MessageOut(Out):
    id: str
    purpose: str
    state: str
    queued_at: Instant
    sent_at: Instant | None
    reason: str | None

    @classmethod
    def of(cls, message: Message) -> MessageOut:
        return cls(
            id=message.id,
            purpose=message.purpose,
            state=message.state.value,
            queued_at=message.queued_at,
            sent_at=message.sent_at,
            reason=message.reason,
        )


class MessagesOut(Out):
    messages: list[MessageOut]


class InboundOut(Out):
    """Free text that waits for a person; `answer_by_at` is what the writer was told."""

    id: str
    phone: str
    body: str
    received_at: Instant
    answer_by_at: Instant | None
    visit_id: str | None

    @classmethod
    def of(cls, text: InboundText) -> InboundOut:
        return cls(
            id=text.id,
            phone=text.phone,
            body=text.body,
            received_at=text.received_at,
            answer_by_at=text.answer_by_at,
            visit_id=text.visit_id,
        )


class InboxOut(Out):
    texts: list[InboundOut]


@routes.get("/messages")
def list_messages(work: ReadDep, who: StaffDep, visit: Annotated[str, Query(max_length=26)]) -> MessagesOut:
    """Every text about a visit: why it was sent or withheld, and what became of it."""
    found = get_visit(work.session, visit)
    if found.territory_id != who.territory_id:
        raise NotFound("There is no such visit.")
    return MessagesOut(messages=[MessageOut.of(one) for one in list_for_visit(work.session, found.id)])


@routes.get("/inbox")
def show_inbox(work: ReadDep, who: StaffDep) -> InboxOut:
    texts = list_inbox(work.session, who.territory_id or "")
    return InboxOut(texts=[InboundOut.of(text) for text in texts])


@routes.post("/inbox/{inbound_id}/handled")
def handled(inbound_id: str, work: WorkDep, who: StaffDep) -> InboxOut:
    """Somebody has dealt with it; the promised answer is kept with it."""
    mark_handled(work, _mine(work, who, inbound_id).id)
    work.session.flush()
    return show_inbox(work, who)


def _mine(work: Work, who: Principal, inbound_id: str) -> InboundText:
    text = get_inbound(work.session, inbound_id)
    if not is_promised_answer(work.session, who.territory_id or "", text.phone):
        raise NotFound("There is no such text.")
    return text
