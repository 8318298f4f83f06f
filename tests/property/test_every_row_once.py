"""The record leaves nothing out: a text stands once on each day on which something happened to it, on no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from dispatch.ledger import LedgerEntry
from dispatch.local_time import local_day, midnight
from notifications.messages import CATALOGUE
from notifications.outbox.states import MessageState, Outcome
from notifications.outbox.tables import Audience, Message, SendAttempt
from notifications.record.lines import Day, Rows, Sent, lines_of
from notifications.record.sentences import REASONS, SETTLED

ZONES = st.sampled_from(
    ["UTC", "America/New_York", "Pacific/Kiritimati", "Australia/Lord_Howe", "Africa/Cairo"]
)
# From before New York's clocks go on to after, with Lord Howe's half hour and Cairo's midnight within the year.
FIRST = datetime(2026, 3, 7, 12, tzinfo=UTC)
MOMENTS = st.integers(0, 72 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))
WORDS = st.text("ab_: 1", max_size=20)
REASON = st.none() | st.sampled_from([*REASONS, "rejected:21211", "nobody:foresaw this", ":"]) | WORDS


@st.composite
def a_text(draw: st.DrawFn, number: int) -> Sent:
    """A row in any state, whether or not it could have come there, with any attempts and entries."""
    id, moments = f"{number:026}", [draw(MOMENTS) for _ in range(5)]
    purpose = draw(st.sampled_from([*CATALOGUE, "of_another_year"]))
    message = Message(
        id=id,
        dedupe_key=id,
        purpose=purpose,
        audience=CATALOGUE[purpose].audience if purpose in CATALOGUE else Audience.CUSTOMER,
        phone="+12025550143",
        state=draw(st.sampled_from(MessageState)),
        reason=draw(REASON),
        queued_at=moments[0],
        send_after_at=moments[1],
        deadline_at=moments[2],
    )
    attempts = [
        SendAttempt(
            id=id,
            message_id=id,
            number=1,
            fence="",
            started_at=moments[3],
            finished_at=draw(st.none() | MOMENTS),
            outcome=draw(st.none() | st.sampled_from(Outcome)),
            detail=draw(WORDS),
        )
    ]
    entry = LedgerEntry(
        seq=1,
        at=moments[4],
        kind="message_settled",
        actor="clock",
        cause="texts",
        data={"message_id": id, "outcome": draw(st.sampled_from([*SETTLED, "accepted", "unknown", "else"]))},
        prev_hash="",
        hash="",
    )
    return Sent(
        message,
        attempts if draw(st.booleans()) else (),
        [entry] if draw(st.booleans()) else (),
    )


def moments_of(sent: Sent) -> set[datetime]:
    found = {sent.message.queued_at, *(entry.at for entry in sent.settled)}
    return found | {at for one in sent.attempts for at in (one.started_at, one.finished_at) if at}


@given(
    st.integers(0, 4).flatmap(lambda count: st.tuples(*(a_text(number) for number in range(count)))), ZONES
)
def test_every_text_is_there_once_on_each_of_its_days(texts: tuple[Sent, ...], zone_name: str) -> None:
    zone = ZoneInfo(zone_name)
    first = local_day(FIRST, zone) - timedelta(days=1)
    for on in (first + timedelta(days=number) for number in range(6)):
        day = Day(midnight(on, zone), midnight(on + timedelta(days=1), zone), zone)
        lines = lines_of(Rows(texts=texts), day)
        theirs = [one.message.id for one in texts if any(local_day(at, zone) == on for at in moments_of(one))]
        assert sorted(line.id for line in lines) == theirs
        assert [line.at for line in lines] == sorted(line.at for line in lines)
        for line in lines:
            assert local_day(line.at, zone) == on
            assert line.says
            assert line.why
            assert len(line.steps) >= 1
