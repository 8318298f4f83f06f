"""Records, history and texts, broken on purpose around the application: that invariant fires, and no other."""

from __future__ import annotations

import json

from sqlalchemy import text

from dispatch.audit.records import unrecorded_answers
from tests.audit.damage import Damaged


def test_busy_town_is_in_order(copy: Damaged) -> None:
    assert copy.audit() == []


def test_answer_with_a_reference_that_nobody_bears(copy: Damaged) -> None:
    copy.run("UPDATE idempotent_answers SET body = :body", body=json.dumps({"reference": "AAAAAAA"}))
    copy.only("I-1", "tap-1")


def test_answer_with_a_window_that_was_never_promised(copy: Damaged) -> None:
    reference = copy.ask("SELECT reference FROM visits WHERE id = :id", id=copy.visit("Ana"))
    promise = {"start_at": "2026-03-02T09:00:00Z", "end_at": "2026-03-02T11:00:00Z"}
    body = json.dumps({"visit": {"reference": reference, "promise": promise}})
    copy.run("UPDATE idempotent_answers SET body = :body", body=body)
    copy.only("I-1", "tap-1")
    body = body.replace("T09", "T08").replace("T11", "T10")
    copy.run("UPDATE idempotent_answers SET body = :body", body=body)
    with copy.read() as work:
        assert list(unrecorded_answers(work)) == []


def test_text_about_a_promise_that_is_not_there(copy: Damaged) -> None:
    message = copy.ask(
        "SELECT id FROM outbox WHERE visit_id = :id AND purpose = 'visit_moved'", id=copy.visit("Cara")
    )
    copy.run(
        "UPDATE outbox SET promise_version = 9, dedupe_key = replace(dedupe_key, '|2|', '|9|') WHERE id = :id",
        id=message,
    )
    copy.only("I-1", message)


def test_reference_that_leads_nowhere(copy: Damaged) -> None:
    issued_at = copy.at(copy.town.world.clock.at)
    copy.run("INSERT INTO issued_references (reference, issued_at) VALUES ('ACDEFGH', :at)", at=issued_at)
    copy.only("I-2", "ACDEFGH")


def test_message_that_somebody_deleted(copy: Damaged) -> None:
    copy.drop_guard("outbox_no_delete", "outbox")
    copy.run("DELETE FROM outbox WHERE id = (SELECT max(id) FROM outbox)")
    copy.only("I-3", "outbox")


def test_ledger_entry_that_was_rewritten(copy: Damaged) -> None:
    copy.drop_guard("ledger_no_update", "ledger")
    copy.run("UPDATE ledger SET actor = 'nobody' WHERE seq = 5")
    copy.only("I-5", "ledger 5")


def test_state_that_history_does_not_explain(copy: Damaged) -> None:
    visit, technician = copy.visit("Fay"), copy.town.with_whom("Hal")
    copy.run(
        "UPDATE visits SET state = 'en_route', technician_id = :who WHERE id = :id", who=technician, id=visit
    )
    copy.only("I-5", visit)


def test_gap_in_a_visits_numbers(copy: Damaged) -> None:
    visit = copy.visit("Fay")
    copy.drop_guard("ledger_no_update", "ledger")
    copy.run("UPDATE ledger SET visit_seq = visit_seq + 10 WHERE visit_id = :id AND visit_seq = 3", id=visit)
    found = copy.audit()
    assert {one.invariant for one in found} == {"I-5"}
    assert visit in {one.subject for one in found}


def test_step_without_an_arrow(copy: Damaged) -> None:
    copy.rewrite("visit_stepped", copy.visit("Ana"), {"signal": "rebook"}, of={"signal": "leave"})
    copy.only("I-6", copy.visit("Ana"))


def test_recovery_left_open_on_a_visit_that_is_done(copy: Damaged) -> None:
    recovery = copy.ask("SELECT id FROM recoveries WHERE visit_id = :id", id=copy.visit("Ben"))
    copy.run("UPDATE recoveries SET state = 'arranged', closed_at = NULL WHERE id = :id", id=recovery)
    copy.only("I-6", recovery)


def test_text_at_the_provider_that_nothing_here_explains(copy: Damaged) -> None:
    at, call = copy.at(copy.town.world.clock.at), "call"
    copy.run(
        "INSERT INTO callbacks (id, territory_id, phone, about, dispatcher_id, opened_at, due_at, escalations, "
        "row_version) SELECT :call, territory_id, '+12025559999', 'lost_promise', id, :at, :at, 0, 1 "
        "FROM dispatchers WHERE ladder = 1",
        call=call,
        at=at,
    )
    copy.run(
        "INSERT INTO lost_promises (sid, direction, phone, body, at, found_at, reference, callback_id) "
        "VALUES ('SM1', 'out', '+12025559999', 'booked. KYF7MJH', :at, :at, 'KYF7MJH', :call)",
        call=call,
        at=at,
    )
    copy.only("I-4", "SM1")
    copy.run("UPDATE callbacks SET done_at = :at WHERE id = :call", at=at, call=call)
    assert copy.audit() == []


def test_message_that_the_provider_does_not_have(copy: Damaged) -> None:
    message = copy.ask("SELECT id FROM outbox WHERE state = 'delivered'")
    copy.run(
        "UPDATE witness SET found = :found",
        found=json.dumps({"missing": [message]}),
    )
    copy.only("I-4", message)


def test_backup_that_nobody_compared(copy: Damaged) -> None:
    copy.run(
        "UPDATE witness SET held_since_at = :at",
        at=copy.at(copy.town.world.clock.at),
    )
    copy.only("I-4", "witness")


def test_two_messages_for_one_thing(copy: Damaged) -> None:
    key = copy.ask(
        "SELECT dedupe_key FROM outbox WHERE visit_id = :id AND purpose = 'en_route'", id=copy.visit("Ana")
    )
    copy.drop_unique("outbox", "uq_outbox_dedupe_key")
    copy.run(
        "UPDATE outbox SET dedupe_key = :key WHERE visit_id = :id AND purpose = 'rate'",
        key=key,
        id=copy.visit("Ana"),
    )
    copy.only("I-20", key)


def test_attempt_after_an_accepted_one(copy: Damaged) -> None:
    message = copy.ask("SELECT id FROM outbox WHERE purpose = 'visit_moved'")
    copy.run(
        "INSERT INTO send_attempts (id, message_id, number, fence, started_at, detail) "
        "SELECT 'again', message_id, 2, fence, started_at, '' FROM send_attempts WHERE message_id = :id",
        id=message,
    )
    copy.only("I-21", message)


def test_one_sid_for_two_texts(copy: Damaged) -> None:
    sid = copy.ask("SELECT provider_sid FROM outbox WHERE purpose = 'visit_moved'")
    copy.drop_unique("outbox", "uq_outbox_provider_sid")
    copy.run("UPDATE outbox SET provider_sid = :sid WHERE purpose = 'cancel_undone'", sid=sid)
    copy.only("I-23", sid)


def test_delivered_text_that_went_back_to_sent(copy: Damaged) -> None:
    message = copy.ask("SELECT id FROM outbox WHERE state = 'delivered'")
    copy.run("UPDATE outbox SET state = 'sent' WHERE id = :id", id=message)
    copy.only("I-26", message)


def test_answer_for_nobody_knows_which_request(copy: Damaged) -> None:
    copy.run("UPDATE idempotent_answers SET fingerprint = ''")
    copy.only("I-48", "tap-1")


def test_instant_with_an_offset(copy: Damaged) -> None:
    customer = copy.ask("SELECT customer_id FROM visits WHERE id = :id", id=copy.visit("Fay"))
    if copy.is_sqlite:
        wrong = "2026-03-02 07:00:00.000000+01:00"
        copy.run("UPDATE customers SET created_at = :wrong WHERE id = :id", wrong=wrong, id=customer)
        copy.only("I-50", customer)
    else:
        copy.connection.execute(text("ALTER TABLE customers ALTER COLUMN created_at TYPE timestamp"))
        copy.only("I-50", "customers.created_at")
