"""The rows of calls, broken on purpose around the application: that invariant fires, and no other."""

from __future__ import annotations

import datetime as dt

import pytest

from notifications.calls.audit import OF_CALLS, CallsComeToAnEnd, OneTryAtATime, RungAsAgreed
from notifications.calls.rules import ONCE_MORE_AFTER
from tests.audit.damage import Damaged
from tests.audit.test_damaged_texts import text_of, tried_at

FIVE = ONCE_MORE_AFTER


def ring(copy: Damaged, number: int, state: str, *, after: dt.timedelta = dt.timedelta(0)) -> str:
    """A try of its own about the text that told of the broken promise; its id. The visit is Ben's."""
    message = text_of(copy, "recovery_offer")
    at = tried_at(copy, message) + after
    queued_at = at - FIVE if number > 1 else at
    visit, phone = (
        copy.ask(f"SELECT {name} FROM outbox WHERE id = :id", id=message) for name in ("visit_id", "phone")
    )
    copy.run(
        "INSERT INTO calls (id, message_id, number, saying_id, visit_id, phone, about, state, queued_at, due_at, "
        "deadline_at, refusals, fence, started_at, pages, ended_at, provider_sid, detail, row_version) VALUES (:id, "
        ":message, :number, :message, :visit, :phone, 'rejected:21614', :state, :queued, :at, :deadline, 0, '', :at, "
        "0, :ended, :id, '', 1)",
        id=f"call {number}",
        message=message,
        number=number,
        visit=visit,
        phone=phone,
        state=state,
        queued=copy.at(queued_at),
        at=copy.at(at),
        deadline=copy.at(at + dt.timedelta(minutes=15)),
        ended=None if state in ("ringing", "waiting") else copy.at(at),
    )
    return f"call {number}"


def missed(copy: Damaged, call: str) -> None:
    """That nobody took it stands in the record."""
    copy.rewrite(
        "message_settled",
        copy.visit("Ben"),
        {"call_id": call, "outcome": "missed"},
        of={"message_id": text_of(copy, "recovery_offer")},
        new_kind="call_settled",
    )


def test_calls_that_went_as_they_should(copy: Damaged) -> None:
    missed(copy, ring(copy, 1, "missed"))
    ring(copy, 2, "told", after=FIVE)
    assert copy.audit(tuple(OF_CALLS)) == []


def test_call_that_never_ends(copy: Damaged) -> None:
    copy.only("I-51", ring(copy, 1, "ringing"))


@pytest.mark.parametrize("end", ["missed", "hung_up", "handed_over"])
def test_call_that_told_nobody_and_nobody_rings(copy: Damaged, end: str) -> None:
    call = ring(copy, 1, end)
    copy.only("I-51", call)
    copy.run(
        "INSERT INTO callbacks (id, territory_id, visit_id, about, phone, dispatcher_id, opened_at, due_at, "
        "escalations, row_version, outcome) SELECT 'asked', v.territory_id, v.id, 'text_rejected:21614', '', "
        "(SELECT id FROM dispatchers LIMIT 1), :at, :at, 0, 1, '' FROM visits v WHERE v.id = :visit",
        at=copy.at(copy.town.world.clock.at),
        visit=copy.visit("Ben"),
    )
    assert copy.audit((CallsComeToAnEnd(),)) == []


def test_second_try_while_the_first_one_rang(copy: Damaged) -> None:
    message = text_of(copy, "recovery_offer")
    ring(copy, 1, "told")
    ring(copy, 2, "told", after=FIVE)
    copy.only("I-52", message)


def test_second_try_at_once(copy: Damaged) -> None:
    missed(copy, ring(copy, 1, "missed"))
    ring(copy, 2, "told")
    copy.run("UPDATE calls SET queued_at = started_at WHERE number = 2")
    assert text_of(copy, "recovery_offer") in {one.subject for one in copy.audit((OneTryAtATime(),))}


def test_third_try(copy: Damaged) -> None:
    ring(copy, 1, "told")
    copy.run("UPDATE calls SET number = 3")
    copy.only("I-52", text_of(copy, "recovery_offer"))


def test_two_tries_of_one_name_at_the_provider(copy: Damaged) -> None:
    copy.drop_unique("calls", "uq_calls_provider_sid")
    missed(copy, ring(copy, 1, "missed"))
    ring(copy, 2, "told", after=FIVE)
    copy.run("UPDATE calls SET provider_sid = 'CA1'")
    assert {one.subject for one in copy.audit((OneTryAtATime(),))} == {"CA1"}


def test_call_at_night(copy: Damaged) -> None:
    call = ring(copy, 1, "told")
    at = tried_at(copy, text_of(copy, "recovery_offer"))
    copy.run("UPDATE calls SET started_at = :at", at=copy.at(at.replace(hour=23)))
    copy.only("I-53", call)


@pytest.mark.parametrize(("state", "words"), [("out", ""), ("in", "en-1")])
def test_call_to_somebody_who_had_said_otherwise(copy: Damaged, state: str, words: str) -> None:
    call = ring(copy, 1, "told")
    copy.run(
        "INSERT INTO consents (id, phone, state, source, words, at, purpose) SELECT 'word', phone, :state, 'web', "
        ":words, :at, 'service' FROM calls",
        state=state,
        words=words,
        at=copy.at(tried_at(copy, text_of(copy, "recovery_offer")) - dt.timedelta(seconds=3)),
    )
    assert call in {one.subject for one in copy.audit((RungAsAgreed(),))}
