"""Whether a text at the provider is the one that a message of ours would be."""

from __future__ import annotations

from datetime import datetime

from jinja2 import TemplateError

from dispatch.errors import DispatchError
from dispatch.ledger import commit_to
from dispatch.work import Work
from notifications.messages import CATALOGUE
from notifications.outbox.queries import list_attempts
from notifications.outbox.tables import Message
from notifications.render import Writer
from notifications.witness.queries import list_unplaced
from notifications.witness.rules import could_be
from notifications.witness.tables import LostPromise


def is_that_text(work: Work, writer: Writer, message: Message, *, body: str, at: datetime) -> bool:
    """By the commitment of an attempt, else by the words that the message would have had at that instant.

    A restored database has lost the attempt. Names and times that change by the minute may differ: who comes and
    when they are expected is no other text. The visit, the purpose and every window must be the same.
    """
    attempts = list_attempts(work.session, message.id)
    if any(commit_to(one.fence, body) == one.commitment for one in attempts):
        return True
    try:
        return writer.pattern(work, message, at).fullmatch(body) is not None
    except (TemplateError, DispatchError):  # what cannot be written was never sent
        return False


def find_told(work: Work, writer: Writer, message: Message) -> LostPromise | None:
    """The text that went out before a restore, where this message would say the same again."""
    kind = CATALOGUE[message.purpose]
    for one in list_unplaced(work.session, message.phone):
        if not could_be(kind, message.queued_at, one.at, written_anew=True):
            continue
        if is_that_text(work, writer, message, body=one.body, at=one.at):
            return one
    return None
