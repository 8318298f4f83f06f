"""What the witness said, in sentences: for the command line, `makegood doctor` and the pages of the office."""

from __future__ import annotations

from collections.abc import Iterator

from dispatch.work import Work
from notifications.channels.port import Direction
from notifications.outbox.queries import get_message
from notifications.witness.actions import Heard
from notifications.witness.queries import get_state, list_open_lost
from notifications.witness.tables import LostPromise
from notifications.witness.texts import Outcome

COUNTED = {
    Outcome.ADOPTED: "texts were ours, and are not sent again",
    Outcome.TAKEN_IN: "STOP or START that we had not heard of, and that count now",
    Outcome.STRANGE: "texts about no visit, left alone",
    Outcome.LOST: "texts that nothing here explains; a person rings about each",
}


def why_held(work: Work) -> str | None:
    """Why no text goes out, where this database is a backup."""
    state = get_state(work.session)
    if state.held_since_at is None:
        return None
    if state.trouble:
        return f"this is a backup, and the provider's log could not be read: {state.trouble}"
    return "this is a backup, and it has not been compared with the provider's log yet"


def tell_testimony(work: Work, heard: Heard | None) -> Iterator[str]:
    """`heard` is what a run came to, None where the log could not be read."""
    state = get_state(work.session)
    if heard is None:
        yield f"The provider's log could not be read: {state.trouble}."
        if state.held_since_at:
            yield "No text goes out until it was. It is tried again every minute, and by `makegood witness`."
        return
    yield f"{heard.read} texts in the provider's log since {heard.since_at.isoformat(timespec='seconds')}."
    for outcome, words in COUNTED.items():
        if heard.counts[outcome]:
            yield f"{heard.counts[outcome]} {words}."
    for message_id in heard.missing:
        message = get_message(work.session, message_id)
        yield f"MISSING  {message_id}  The provider does not show our {message.purpose} text."
    for lost in list_open_lost(work.session):
        yield _tell_lost(lost)


def _tell_lost(lost: LostPromise) -> str:
    """Phone and words are on the board, for those who ring; a terminal may be anybody's."""
    way = "came in" if lost.direction == Direction.IN else "went out"
    known = "is not here" if lost.visit_id is None else "is here without it"
    about = f"visit {lost.reference} {known}" if lost.reference else "nobody here has read it"
    return f"LOST  {lost.sid}  {way} {lost.at:%d %b %H:%M} UTC, phone ending in {lost.phone[-3:]}; {about}."
