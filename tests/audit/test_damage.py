"""Each invariant is broken on purpose, around the application, and fires: it, and no other."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import text

from dispatch.audit.records import unrecorded_answers
from tests.audit.damage import Damaged
from tests.audit.town import FAR_DAY, MONDAY, TUESDAY, WEDNESDAY, instant


def at(copy: Damaged, moment: Any) -> Any:
    """An instant as the database takes it raw."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f") if copy.is_sqlite else moment


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
    issued_at = at(copy, copy.town.world.clock.at)
    copy.run("INSERT INTO issued_references (reference, issued_at) VALUES ('ACDEFGH', :at)", at=issued_at)
    copy.only("I-2", "ACDEFGH")


def test_message_that_somebody_deleted(copy: Damaged) -> None:
    copy.drop_guard("outbox_no_delete", "outbox")
    copy.run("DELETE FROM outbox WHERE state = 'handed_over'")
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


def test_visit_that_nobody_keeps(copy: Damaged) -> None:
    copy.run("UPDATE assignments SET active = :no WHERE visit_id = :id", no=False, id=copy.visit("Joe"))
    copy.only("I-7", copy.visit("Joe"))


def test_visit_still_on_site_when_the_day_is_over(copy: Damaged) -> None:
    visit = copy.visit("Ana")
    copy.rewrite("visit_stepped", visit, {}, of={"signal": "finish"}, new_kind="visit_rated")
    copy.run(
        "UPDATE visits SET state = 'on_site', technician_id = :who WHERE id = :id",
        who=copy.town.with_whom("Ida"),
        id=visit,
    )
    copy.only("I-8", visit)


def test_promise_moved_by_the_policy(copy: Damaged) -> None:
    visit = copy.visit("Cara")
    copy.run("UPDATE promises SET agreed_by = 'policy' WHERE visit_id = :id AND version = 2", id=visit)
    copy.only("I-9", visit)


def test_technician_in_two_places(copy: Damaged) -> None:
    joe, kim = copy.visit("Joe"), copy.visit("Kim")
    early, late = sorted([joe, kim], key=lambda id: copy.ask(START_OF, id=id))
    copy.run(
        "UPDATE assignments SET busy_from_at = (SELECT start_at FROM assignments WHERE visit_id = :early) "
        "WHERE visit_id = :late",
        early=early,
        late=late,
    )
    copy.only("I-10", late)


def test_more_sold_than_there_are_hands(copy: Damaged) -> None:
    for index, technician in enumerate(copy.town.world.technicians.values()):
        copy.run(
            "INSERT INTO absences (id, technician_id, kind, start_at, end_at, reported_at, reported_by) "
            "VALUES (:id, :who, 'leave', :start, :end, :start, 'somebody')",
            id=f"away-{index}",
            who=technician.id,
            start=at(copy, instant(FAR_DAY, "00:00")),
            end=at(copy, instant(FAR_DAY, "23:00")),
        )
    territory = copy.town.world.territory.id
    copy.only("I-11", f"{territory} {instant(FAR_DAY, '08:00').isoformat()}")


def test_hold_that_ended_twice(copy: Damaged) -> None:
    hold = copy.ask("SELECT id FROM holds WHERE consumed_by_visit_id = :id", id=copy.visit("Fay"))
    copy.run("UPDATE holds SET released_at = consumed_at WHERE id = :id", id=hold)
    copy.only("I-12", hold)


def test_hold_consumed_by_a_stranger(copy: Damaged) -> None:
    hold = copy.ask("SELECT id FROM holds WHERE consumed_by_visit_id = :id", id=copy.visit("Fay"))
    copy.run("UPDATE holds SET consumed_by_visit_id = :who WHERE id = :id", who=copy.visit("Ana"), id=hold)
    copy.only("I-12", hold)


def test_same_job_booked_twice(copy: Damaged) -> None:
    copy.run(
        "UPDATE visits SET customer_id = (SELECT customer_id FROM visits WHERE id = :one), "
        "address_id = (SELECT address_id FROM visits WHERE id = :one) WHERE id = :other",
        one=copy.visit("Fay"),
        other=copy.visit("Gus"),
    )
    copy.only("I-13", copy.visit("Gus"))


def test_technician_on_site_twice(copy: Damaged) -> None:
    ida, hal = copy.visit("Ida"), copy.visit("Hal")
    who = copy.ask("SELECT technician_id FROM visits WHERE id = :id", id=hal)
    arrive = {"signal": "arrive", "from_state": "booked", "to_state": "on_site"}
    copy.rewrite("message_settled", ida, arrive, of={}, new_kind="visit_stepped")
    copy.run("UPDATE visits SET state = 'on_site', technician_id = :who WHERE id = :id", who=who, id=ida)
    copy.only("I-15", ida)


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


def test_late_arrival_that_nobody_noticed(copy: Damaged) -> None:
    visit = copy.visit("Ana")
    late = at(copy, instant(MONDAY, "10:20"))  # the window was 08:00–10:00
    copy.run("UPDATE visits SET arrived_at = :late WHERE id = :id", late=late, id=visit)
    copy.run("UPDATE promises SET settled_at = :late WHERE visit_id = :id", late=late, id=visit)
    copy.only("I-31", visit)


def test_failure_noticed_an_hour_late(copy: Damaged) -> None:
    recovery = copy.ask("SELECT id FROM recoveries WHERE visit_id = :id", id=copy.visit("Ben"))
    noticed = at(copy, instant(TUESDAY, "08:00"))
    copy.run("UPDATE failures SET noticed_at = :at WHERE visit_id = :id", at=noticed, id=copy.visit("Ben"))
    copy.only("I-32", recovery)


def test_customer_whom_nobody_told(copy: Damaged) -> None:
    recovery = copy.ask("SELECT id FROM recoveries WHERE visit_id = :id", id=copy.visit("Ben"))
    copy.run("UPDATE recoveries SET told_at = NULL, chosen_at = NULL WHERE id = :id", id=recovery)
    copy.only("I-32", recovery)


def test_recovery_that_ended_in_no_known_way(copy: Damaged) -> None:
    recovery = copy.ask("SELECT id FROM recoveries WHERE visit_id = :id", id=copy.visit("Ben"))
    copy.run("UPDATE recoveries SET outcome = 'forgotten' WHERE id = :id", id=recovery)
    copy.only("I-32", recovery)


def test_words_that_are_not_the_window(copy: Damaged) -> None:
    visit = copy.visit("Kim")
    copy.run("UPDATE promises SET local_text = 'Wed 4 Mar, 09:00–11:00' WHERE visit_id = :id", id=visit)
    copy.only("I-33", visit)


def test_offer_taken_after_it_expired(copy: Damaged) -> None:
    offer = copy.ask("SELECT id FROM offers WHERE state = 'taken'")
    copy.run("UPDATE offers SET expires_at = settled_at WHERE id = :id", id=offer)
    copy.only("I-34", offer)


def test_two_offers_taken(copy: Damaged) -> None:
    taken = copy.ask("SELECT id FROM offers WHERE state = 'taken'")
    other = copy.ask("SELECT id FROM offers WHERE state <> 'taken' ORDER BY id LIMIT 1")
    copy.run(
        "UPDATE offers SET state = 'taken', promise_version = 2, settled_at = (SELECT settled_at FROM offers "
        "WHERE id = :taken) WHERE id = :other",
        taken=taken,
        other=other,
    )
    copy.only("I-34", other)


def test_plan_made_from_another_version(copy: Damaged) -> None:
    day = copy.ask("SELECT day FROM plans WHERE version = 3 ORDER BY day LIMIT 1")
    copy.run("UPDATE plans SET base_version = 0 WHERE version = 3 AND day = :day", day=day)
    copy.only("I-40", f"{copy.town.world.territory.id} {day}")


def test_visit_that_fell_out_of_the_plan(copy: Damaged) -> None:
    joe = copy.visit("Joe")
    body = current_body(copy, joe)
    for route in body["routes"]:
        route["stops"] = [stop for stop in route["stops"] if stop.get("visit") != joe]
    keep_body(copy, body)
    found = copy.audit()
    assert {one.invariant for one in found} == {"I-41"}
    assert [one.subject for one in found if one.subject == joe] == [joe]


def test_plan_that_the_checker_finds_illegal(copy: Damaged) -> None:
    who = copy.town.with_whom("Joe")
    copy.run(
        "INSERT INTO absences (id, technician_id, kind, start_at, end_at, reported_at, reported_by) "
        "VALUES ('away', :who, 'sick', :start, :end, :start, 'somebody')",
        who=who,
        start=at(copy, instant(WEDNESDAY, "00:00")),
        end=at(copy, instant(WEDNESDAY, "23:00")),
    )
    found = copy.audit()
    assert {one.invariant for one in found} == {"I-41"}
    assert "absent" in found[0].sentence


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


START_OF = "SELECT start_at FROM assignments WHERE visit_id = :id"


def current_body(copy: Damaged, visit: str) -> dict[str, Any]:
    """The body of the plan in which that visit stands now."""
    body = copy.ask(
        "SELECT body FROM plans JOIN assignments ON assignments.day = plans.day "
        "WHERE state = 'published' AND visit_id = :id",
        id=visit,
    )
    found: dict[str, Any] = json.loads(body) if isinstance(body, str) else body
    return found


def keep_body(copy: Damaged, body: dict[str, Any]) -> None:
    day = body["day"].rsplit(" ", 1)[1]
    copy.run(
        "UPDATE plans SET body = :body WHERE state = 'published' AND CAST(day AS TEXT) = :day",
        body=json.dumps(body),
        day=day,
    )
