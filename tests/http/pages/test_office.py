"""A dispatcher at the board without JavaScript: decide, ring, read, find, book."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.runtime.runtime import Runtime
from api.schemas.visits import VisitOut
from dispatch.board.card import card_of
from dispatch.callbacks.actions import promise_callback
from dispatch.failures.reports import report_nobody_came
from dispatch.field.actions import Hindrance, arrive, call_out, cannot_finish, leave
from dispatch.recoveries.states import RecoveryState
from dispatch.technicians.tables import AbsenceKind
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import SYSTEM
from notifications.channels.memory import Memory
from notifications.channels.port import Outbound
from notifications.channels.silent import NoChannel
from notifications.consent import give_consent
from notifications.inbox.receive import receive
from notifications.render import Writer
from notifications.witness.actions import hear_witness
from tests.builders import PHONE, a_dispatcher, a_service, a_territory, near
from tests.http.conftest import BASE, KEY
from tests.http.pages.reading import Reader
from tests.worlds import World


@pytest.fixture
def visit(world: World) -> Visit:
    """Ana's visit from four to six, the last of the day; she agreed to texts."""
    with world.as_office() as work:
        give_consent(work, PHONE, "office")
    return world.book("Ana Cole", "16:00")


def break_today(world: World) -> None:
    """Both technicians fall sick after 16:00, until tomorrow: nobody is left today."""
    world.until("16:01")
    for name in world.technicians:
        with world.as_technician(name) as (work, technician):
            call_out(work, technician, AbsenceKind.SICK).end_at = world.at("23:59")


def test_an_empty_board_helps(office: Reader) -> None:
    office.open("/board")
    assert office.h1 == "No promise is broken"
    for words in ("Nobody waits for a call.", "No text waits for an answer."):
        assert words in office.text
    assert "Nothing planned" not in office.text, "a list of hundreds is only written when it is asked for"
    assert "Nothing planned" in office.follow("The day as a list").text
    assert office.follow("Without the list").path == "/board#list"


def test_the_wall_shows_what_is_open_and_nobodys_name(world: World, office: Reader, visit: Visit) -> None:
    break_today(world)
    office.open("/board").follow("For the wall")
    assert office.h1 == "1 broken promise to make good"
    assert "2 technicians out or silent" in office.text
    assert not {"Ana", "Cole", PHONE} & set(office.text.split())
    assert not office.buttons


def test_not_today_is_decided_with_a_reason(world: World, office: Reader, visit: Visit) -> None:
    break_today(world)
    assert office.open("/board").h1 == "1 broken promise to make good"
    office.follow("Ana Cole")
    assert "Why not today" in office.text
    office.press("Not today", reason="both vans are out")
    assert "Dana Reed: both vans are out" in office.text
    assert [button for button in office.buttons if button.startswith("1: Tue 3 Mar")]
    office.press("1: Tue 3 Mar")
    assert world.fresh(visit).state is VisitState.BOOKED
    assert "Tue 3 Mar" in office.h1


def test_what_the_dial_leaves_to_a_person_is_offered_with_one_key(
    world: World, office: Reader, visit: Visit
) -> None:
    office.open("/office/policies")
    office.press("Save all policies", **{"dial-1-failure": "any", "dial-1-level": "propose"})
    world.until("16:05")
    with world.as_technician(world.who_comes(visit)) as (work, technician):
        arrive(work, technician, visit.id)
    world.until("16:30")
    with world.as_technician(world.who_comes(visit)) as (work, technician):
        cannot_finish(work, technician, visit.id, hindrance=Hindrance.NEEDS_MORE_TIME)
    office.open("/board")
    assert "Nobody else’s visit is touched." in office.text
    with world.look() as work:
        card = card_of(work, visit.id)
    assert "withheld" in (VisitOut.of(card, "dispatcher").recovery or {})
    assert "withheld" not in (VisitOut.of(card, "customer").recovery or {})
    office.press("Offer it")
    assert "it was left to a person" not in office.text
    assert [button for button in office.buttons if button.startswith("1: ")]
    assert world.recovery(visit).decided_by == f"dispatcher:{world.dispatchers[0].id}"


def test_an_emergency_shows_who_would_pay_before_anybody_does(world: World, office: Reader) -> None:
    with world.as_office() as work:
        gas = a_service(work, code="gas", name="Gas", duration_seconds=150 * 60)
    paying = [
        world.book(name, "10:00", phone=f"+1202555015{number}", place=near(km_north=-1))
        for number, name in enumerate(("Ben Ode", "Bea Ott"))
    ]
    cy = world.book("Cy Dunn", "14:00", service=gas, phone="+12025550145")
    absent, *_ = world.technicians
    world.until("09:30")
    with world.as_technician(absent) as (work, technician):
        call_out(work, technician, AbsenceKind.SICK)
    office.open(f"/board/visits/{cy.id}").follow("Emergency: come at once")
    assert {"Ben Ode", "Bea Ott"} & set(re.findall(r"B\w+ O\w+", office.text))
    assert re.search(r"\d+ minutes late", office.text)
    [first, *_] = [
        box.attributes["value"] for box in office.page.every("input") if box.attributes["name"] == "way"
    ]
    office.press("Send them", way=first, reason="It smells of gas.")
    assert "It smells of gas." in office.text
    broken = [one for one in paying if world.fresh(one).state is VisitState.FAILED]
    assert {one.id for one in broken} == set(first.split()[1:])
    office.open(f"/board/visits/{broken[0].id}/emergency")
    assert "not waiting for a time" in office.text


def test_what_was_offered_is_taken_back_before_they_answer(
    world: World, office: Reader, visit: Visit
) -> None:
    world.until("16:05")
    with world.as_technician(world.who_comes(visit)) as (work, technician):
        arrive(work, technician, visit.id)
        work.session.flush()
        cannot_finish(work, technician, visit.id, hindrance=Hindrance.NEEDS_MORE_TIME)
    office.open("/board").follow("Take it back")
    office.press("Take it back", why="time_unfit", reason="She is at the airport by then.")
    assert "She is at the airport by then." in office.text
    assert world.recovery(visit).state is RecoveryState.TALKING


def test_a_rule_is_bent_for_one_visit(world: World, office: Reader, visit: Visit) -> None:
    """At 18:01 the shifts are over, overtime included: with an hour or so more, one of the two could still go."""
    world.clock.at = world.at("18:01")
    with world.as_customer(visit) as work:
        report_nobody_came(work, visit.id, how="web")
    assert "You decide" in office.open("/board").text
    office.follow("Ana Cole")
    (overtime, *_) = [button for button in office.buttons if "overtime" in button]
    office.press(overtime, reason="she has waited all day")
    assert "Dana Reed: she has waited all day" in office.text
    assert world.offers(visit)[0].hold_id
    office.press("1: Mon 2 Mar")
    assert world.fresh(visit).state is VisitState.BOOKED


def test_whoever_takes_over_owns_it(world: World, office: Reader, visit: Visit) -> None:
    break_today(world)
    with world.as_office() as work:
        recovery = world.recovery(visit)
        work.session.get_one(type(recovery), recovery.id).owner_id = world.dispatchers[1].id
    office.open("/board").press("Take over")
    assert "Dana Reed is responsible now." in office.text
    assert "Take over" not in office.buttons


def test_closing_needs_a_reason(world: World, office: Reader, visit: Visit) -> None:
    break_today(world)
    office.open("/board").follow("Ana Cole")
    recovery = world.recovery(visit)
    assert (
        office.client.post(f"/board/recoveries/{recovery.id}/close", data={"reason": "x"}).status_code == 422
    )
    office.press("Close the visit", reason="she moved away")
    assert world.fresh(visit).state is VisitState.CLOSED
    assert office.open("/board").h1 == "No promise is broken"


def test_a_promised_call_is_made(world: World, office: Reader, visit: Visit) -> None:
    with world.as_office() as work:
        promise_callback(work, territory_id=world.territory.id, about="customer_asked", visit_id=visit.id)
    assert "by 07:20" in office.open("/board").text
    world.until("07:21")
    assert "Overdue" in office.open("/board").text
    office.press("Done: we spoke")
    assert "customer asked" not in office.text


def test_a_lost_promise_is_rung_about_with_its_words_and_booked_anew(world: World, office: Reader) -> None:
    body = "Alder Repairs: booked. Tom comes Tue 3 Mar, 10:00-12:00. (KYF7MJH)"
    channel = Memory(lambda: world.clock.at)
    channel.send(Outbound("+12025550177", body, "lost", 600))
    world.clock.at = world.at("09:00")
    assert hear_witness(world.workshop, channel, Writer(KEY, BASE, "Makegood"))
    office.open("/board")
    assert "knows something from us that we have lost" in office.text
    assert f"We wrote on Mon 2 Mar, 07:00: {body}" in office.text
    office.follow("Book it anew")
    assert {node.attributes.get("value") for node in office.page.every("input")} >= {"+12025550177"}
    office.open("/board").press("Done: we spoke")
    assert body not in office.text


def test_the_phone_of_a_call_is_not_for_other_territories(world: World, office: Reader) -> None:
    with world.as_office() as work:
        elsewhere = a_territory(work, name="South")
        a_dispatcher(work, elsewhere, name="Sid Low")
        call = promise_callback(work, territory_id=elsewhere.id, about="customer_asked", phone="+12025550188")
    office.open(f"/board/invite?call={call.id}")
    assert {
        node.attributes["value"]
        for node in office.page.every("input")
        if node.attributes.get("id") == "phone"
    } == {""}


def test_a_text_is_read_and_answered(world: World, office: Reader, visit: Visit) -> None:
    with world.workshop.work(SYSTEM, "text") as work:
        receive(work, provider_sid="s1", phone=PHONE, body="<b>Is the dog</b> a problem?")
    office.open("/board")
    assert "<b>Is the dog</b> a problem?" in office.text
    office.press("Done: answered")
    assert "No text waits for an answer." in office.text


def test_a_misheard_reference_finds_the_visit(office: Reader, visit: Visit) -> None:
    misheard = visit.reference.replace("0", "O").replace("1", "I").replace("8", "B").lower()
    office.open("/board/find").press("Find", q=misheard)
    office.follow("Ana Cole")
    assert office.h1 == "Ana Cole: Repair, Mon 2 Mar, 16:00–18:00"
    office.open("/board/find").press("Find", q="nobody of that name")
    assert "Nothing found for" in office.text


def test_a_visit_is_booked_for_a_caller(world: World, office: Reader) -> None:
    office.open("/board").follow("Book for a caller")
    assert 'data-roads="/api/v1/map/roads"' in office.client.get("/board/book").text  # the map to tap
    office.press("Show me the times", service="repair", address="12 Old Mill Lane", lat="40.009", lng="-77.0")
    office.press("Keep this time", start_at=office.choices("start_at")[1])
    assert "Read this out" in office.text
    office.press("Book this visit", name="Ana Cole", phone="202 555 0143", note="Two dogs", consent=True)
    assert office.path.startswith("/board/visits/")
    assert office.h1 == "Ana Cole: Repair, Mon 2 Mar, 10:00–12:00"
    assert "agreed by the office" in office.text
    assert "Two dogs" in office.text


def test_a_callers_visit_is_moved_and_cancelled(world: World, office: Reader, visit: Visit) -> None:
    office.open(f"/board/visits/{visit.id}").follow("Another time")
    office.press("Come at this time", start_at=office.choices("start_at")[-1])
    assert world.fresh(visit).promise_version == 2
    office.follow("Cancel…").press("Cancel the visit", sure=True)
    assert world.fresh(visit).state is VisitState.CANCELLED
    office.press("Take the cancellation back")
    assert world.fresh(visit).state is VisitState.BOOKED


def test_of_very_many_calls_those_due_first_stand_there(world: World, office: Reader) -> None:
    with world.as_office() as work:
        for number in range(33):
            phone = f"+120255502{number:02}"
            promise_callback(work, territory_id=world.territory.id, about="asked_for_person", phone=phone)
    assert office.open("/board").buttons.count("Done: we spoke") == 30
    assert office.follow("And 3 more calls").buttons.count("Done: we spoke") == 33


def test_links_for_a_customer_and_a_phone(world: World, office: Reader, client: TestClient) -> None:
    office.open("/board/invite").press("Make the link", phone="12")
    assert office.status == 422
    office.press("Make the link", phone="202 555 0143")
    assert Reader(client).open(office.link("/book/").removeprefix(BASE)).status == 200
    office.open("/board").follow("The day as a list").press("Link for Tom Hale")
    tom = Reader(client).open(office.link("/enrol/").removeprefix(BASE))
    assert tom.h1 == "Hello Tom"


def test_every_staff_page_says_that_no_text_leaves(
    world: World, office: Reader, runtime: Runtime, visit: Visit
) -> None:
    silent = replace(runtime, channel=NoChannel())
    office.client.app = create_app(silent)  # the cookie stays: sessions are rows
    there = TestClient(create_app(silent), base_url=BASE, cookies=office.client.cookies)
    for path in (
        "/board",
        "/board/find",
        "/board/book",
        "/board/invite",
        "/reports",
        f"/board/visits/{visit.id}",
    ):
        page = there.get(path).text
        assert "Texts are kept, none are sent" in page, path
        assert "Travel times are estimates" in page, path


def test_another_day_and_the_figures(world: World, office: Reader, visit: Visit) -> None:
    office.open("/board").follow("Day after")
    assert "The day, Tuesday 3 March" in office.text
    break_today(world)
    office.open("/reports")
    assert office.h1 == "0 of 1 broken promises made good the same day"
    office.press("Show", **{"from": "2026-03-02", "to": "2026-03-01"})
    assert office.status == 422
    assert "The last day lies before the first." in office.text


def test_days_beyond_anybodys_calendar_are_refused_in_words(office: Reader) -> None:
    for day in ("9999-12-31", "0001-01-01"):
        assert office.open(f"/board?day={day}").status == 422
        assert "ten years" in office.text


def test_a_tight_promise_is_named_before_it_breaks(world: World, office: Reader) -> None:
    """The boiler takes 135 ± 40 minutes from 09:14:26, Ben is two kilometres on: 158.7 minutes are in time, 76 %."""
    with world.as_office() as work:
        boiler = a_service(work, code="boiler", duration_seconds=8100, spread_seconds=2400)
    tom_only = replace(world, technicians={"Tom Hale": world.technicians["Tom Hale"]})
    with world.as_technician("Uma Lund") as (work, technician):
        call_out(work, technician, AbsenceKind.SICK)
    ana = tom_only.book("Ana Cole", "08:00", service=boiler)
    tom_only.book("Ben Ode", "10:00", place=near(km_north=-1), phone="+12025550144")
    assert "Tight" not in office.open("/board").text
    world.until("09:10")
    with world.as_technician("Tom Hale") as (work, technician):
        leave(work, technician, ana.id)
    office.open("/board")
    assert re.search(r"Tight if nothing changes Ben Ode tight: 7\d % \(hangs on Ana Cole\)", office.text)
    [picture] = [one for one in office.page.every("script") if one.attributes.get("id") == "picture"]
    [drawn] = [one for one in json.loads(picture.text)["visits"] if one["name"] == "Ben Ode"]
    assert re.search(r"tight: 7\d %", drawn["says"])
    assert drawn["state"] == "booked", "no clock rule fires yet"
