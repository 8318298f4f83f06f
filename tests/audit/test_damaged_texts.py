"""The rows of sending, broken on purpose around the application: that invariant fires, and no other."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from tests.audit.damage import Damaged


def text_of(copy: Damaged, purpose: str) -> str:
    id: str = copy.ask("SELECT id FROM outbox WHERE purpose = :purpose ORDER BY id LIMIT 1", purpose=purpose)
    return id


def tried_at(copy: Damaged, message: str) -> dt.datetime:
    at = copy.ask("SELECT started_at FROM send_attempts WHERE message_id = :id", id=message)
    return dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC) if isinstance(at, str) else at


def try_at(copy: Damaged, message: str, at: dt.datetime) -> None:
    copy.run("UPDATE send_attempts SET started_at = :at WHERE message_id = :id", at=copy.at(at), id=message)


def test_text_that_is_stuck_while_others_go_out(copy: Damaged) -> None:
    message = text_of(copy, "visit_moved")
    long_ago = copy.at(tried_at(copy, message) - dt.timedelta(hours=1))
    copy.run("UPDATE outbox SET state = 'pending', deadline_at = :at WHERE id = :id", at=long_ago, id=message)
    copy.rewrite("message_settled", copy.visit("Cara"), {"outcome": "unknown"}, of={"message_id": message})
    copy.only("I-24", message)


def test_one_name_for_two_texts_that_came_in(copy: Damaged) -> None:
    copy.drop_unique("inbound_texts", "uq_inbound_texts_provider_sid")
    copy.run(
        "INSERT INTO inbound_texts (id, provider_sid, phone, body, salt, received_at, intent, effect) "
        "VALUES ('one', 'same', '+12025550143', 'hi', '', :at, 'free', ''), "
        "('two', 'same', '+12025550143', 'hi', '', :at, 'free', '')",
        at=copy.at(copy.town.world.clock.at),
    )
    copy.only("I-25", "same")


def test_text_that_went_out_after_a_stop(copy: Damaged) -> None:
    message = text_of(copy, "visit_moved")
    phone = copy.ask("SELECT phone FROM outbox WHERE id = :id", id=message)
    copy.run(
        "INSERT INTO consents (id, phone, state, source, words, at) VALUES ('stop', :phone, 'out', 'sms', '', :at)",
        phone=phone,
        at=copy.at(tried_at(copy, message) - dt.timedelta(seconds=3)),
    )
    assert {one.invariant for one in copy.audit()} == {"I-27"}
    assert message in {one.subject for one in copy.audit()}


def test_text_that_went_out_at_night(copy: Damaged) -> None:
    message = text_of(copy, "visit_moved")
    at = tried_at(copy, message)
    try_at(copy, message, at.replace(hour=23))
    copy.only("I-28", message)


def test_text_that_said_that_somebody_sets_out_who_was_there(copy: Damaged) -> None:
    message = text_of(copy, "en_route")
    visit = copy.ask("SELECT visit_id FROM outbox WHERE id = :id", id=message)
    arrived = copy.ask("SELECT arrived_at FROM visits WHERE id = :id", id=visit)
    arrived_at = dt.datetime.fromisoformat(arrived) if isinstance(arrived, str) else arrived
    try_at(copy, message, arrived_at + dt.timedelta(minutes=1))
    copy.only("I-28", message)


def another_text(copy: Damaged, id: str, state: str, reason: str | None = None) -> tuple[str, str]:
    """One more text about the visit that was moved; its visit and phone."""
    message = text_of(copy, "visit_moved")
    visit, phone, params, at = (
        copy.ask(f"SELECT {name} FROM outbox WHERE id = :id", id=message)
        for name in ("visit_id", "phone", "params", "queued_at")
    )
    copy.run(
        "INSERT INTO outbox (id, dedupe_key, purpose, audience, visit_id, phone, language, promise_version, params, "
        "state, reason, urgent, queued_at, send_after_at, deadline_at, row_version) VALUES (:id, :key, 'rate', "
        "'customer', :visit, :phone, 'en', 2, :params, :state, :reason, :no, :at, :at, :at, 1)",
        id=id,
        key=f"{visit}|rate|2|{id}|customer",
        visit=visit,
        phone=phone,
        params=params if isinstance(params, str) else json.dumps(params),
        state=state,
        reason=reason,
        no=False,
        at=at,
    )
    return visit, phone


@pytest.mark.parametrize("reason", [None, "too_late"])
def test_text_that_was_withheld_and_nobody_rings(copy: Damaged, reason: str | None) -> None:
    another_text(copy, "withheld", "suppressed", "superseded:cancelled")
    assert copy.audit() == []
    copy.run("UPDATE outbox SET reason = :why WHERE id = 'withheld'", why=reason)
    copy.only("I-29", "withheld")


def test_more_texts_than_anybody_bears(copy: Damaged) -> None:
    at = tried_at(copy, text_of(copy, "visit_moved"))
    for number in range(3):
        visit, _ = another_text(copy, f"more {number}", "sent")
        copy.run(
            "INSERT INTO send_attempts (id, message_id, number, fence, started_at, finished_at, outcome, detail, "
            "commitment) VALUES (:id, :id, 1, '', :at, :at, 'accepted', '', '')",
            id=f"more {number}",
            at=copy.at(at),
        )
    copy.only("I-30", visit)
