"""Days, promises and plans, broken on purpose around the application: that invariant fires, and no other."""

from __future__ import annotations

import json
from typing import Any

from tests.audit.damage import Damaged
from tests.audit.town import FAR_DAY, MONDAY, TUESDAY, WEDNESDAY, instant

START_OF = "SELECT start_at FROM assignments WHERE visit_id = :id"


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
            start=copy.at(instant(FAR_DAY, "00:00")),
            end=copy.at(instant(FAR_DAY, "23:00")),
        )
    territory = copy.town.world.territory.id
    copy.only("I-11", f"{territory} {instant(FAR_DAY, '08:00').isoformat()}")


def test_hold_that_ended_twice(copy: Damaged) -> None:
    hold = copy.ask("SELECT id FROM holds WHERE consumed_by_visit_id = :id", id=copy.visit("Fay"))
    copy.let_holds_end_twice()
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
    copy.drop_index("uq_visits_on_site")
    copy.rewrite("message_settled", ida, arrive, of={}, new_kind="visit_stepped")
    copy.run("UPDATE visits SET state = 'on_site', technician_id = :who WHERE id = :id", who=who, id=ida)
    copy.only("I-15", ida)


def test_late_arrival_that_nobody_noticed(copy: Damaged) -> None:
    visit = copy.visit("Ana")
    late = copy.at(instant(MONDAY, "10:20"))  # the window was 08:00–10:00
    copy.run("UPDATE visits SET arrived_at = :late WHERE id = :id", late=late, id=visit)
    copy.run("UPDATE promises SET settled_at = :late WHERE visit_id = :id", late=late, id=visit)
    copy.only("I-31", visit)


def test_failure_noticed_an_hour_late(copy: Damaged) -> None:
    recovery = copy.ask("SELECT id FROM recoveries WHERE visit_id = :id", id=copy.visit("Ben"))
    noticed = copy.at(instant(TUESDAY, "08:00"))
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
        start=copy.at(instant(WEDNESDAY, "00:00")),
        end=copy.at(instant(WEDNESDAY, "23:00")),
    )
    found = copy.audit()
    assert {one.invariant for one in found} == {"I-41"}
    assert "absent" in found[0].sentence


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
