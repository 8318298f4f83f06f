"""A customer with a link and no JavaScript: from booking to the rating."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from api.pages.tongue import Tongue
from api.runtime.runtime import Runtime
from dispatch.customers.queries import get_customer
from dispatch.failures.reports import report_nobody_came
from dispatch.field.actions import arrive, call_out, finish, leave, nobody_home
from dispatch.promises.queries import current_promise
from dispatch.promises.states import Agreed
from dispatch.technicians.tables import AbsenceKind
from dispatch.travel.port import Point
from dispatch.visits.queries import search
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from notifications.consent import give_consent
from notifications.inbox.tables import Consent
from notifications.languages import known_language
from notifications.outbox.actions import send_due
from notifications.outbox.queries import list_for_visit
from notifications.outbox.reports import hear
from tests.builders import PHONE, near
from tests.http.pages.reading import Reader
from tests.worlds import World

HOUSE = {"address": "12 Old Mill Lane", "lat": "40.009", "lng": "-77.0"}
ANA = {"name": "Ana Cole", "phone": "(202) 555-0143", "consent": True}

Track = Callable[[Visit], str]


def book(client: TestClient, link: str, window: int = 0, **person: str | bool) -> Reader:
    say = Tongue(known_language(client.headers.get("accept-language", "en")[:2]))
    ana = Reader(client).open(link)
    ana.press(say("Show me the times"), service="repair", **HOUSE)
    ana.press(say("Keep this time for me"), start_at=ana.choices("start_at")[window])
    assert say("We keep this time until {time}. It is not booked yet.", time="07:10") in ana.text
    return ana.press(say("Book this visit"), **{**ANA, **person})


def only_visit(world: World) -> Visit:
    with world.look() as work:
        (visit,) = search(work.session, "Cole")
        return visit


def test_a_visit_is_booked_in_three_steps(client: TestClient, world: World, booking_link: str) -> None:
    ana = book(client, booking_link)
    assert ana.path.startswith("/v/")
    assert "should be with you between" in ana.h1
    assert "12 … Lane" in ana.text
    assert "Old Mill" not in ana.text
    assert "All times are UTC time (UTC)." in ana.text
    assert "We promised to come Mon 2 Mar, 08:00–10:00." in ana.text
    assert "You agreed to texts." not in ana.text  # consent belongs to the phone, not to this visit
    calendar = client.get(ana.link("calendar"))
    assert calendar.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "BEGIN:VEVENT" in calendar.text


def test_the_box_of_consent_is_not_ticked_for_anybody(client: TestClient, booking_link: str) -> None:
    ana = Reader(client).open(booking_link).press("Show me the times", service="repair", **HOUSE)
    ana.press("Keep this time", start_at=ana.choices("start_at")[0])
    (box,) = (box for box in ana.page.every("input") if box.attributes.get("name") == "consent")
    assert "checked" not in box.attributes
    assert "Reply STOP to stop" in ana.text
    assert "Not a condition of booking" in ana.text


@pytest.mark.parametrize(
    ("language", "shown", "version"),
    [
        ("en", "Reply STOP to stop, HELP for help", "en-2"),
        ("es", "Responda STOP para no recibir más", "es-2"),
        ("de", "Antworten Sie STOP für keine weiteren", "de-2"),
        ("fr", "Répondez STOP pour ne plus en recevoir", "fr-2"),
        ("it", "Rispondere STOP per non riceverne più", "it-2"),
        ("pl", "Reply STOP to stop, HELP for help", "en-2"),
    ],
)
def test_the_row_of_consent_says_which_words_were_shown_to_whom_and_where(
    client: TestClient, booking_link: str, world: World, language: str, shown: str, version: str
) -> None:
    client.headers.update({"accept-language": language, "user-agent": "Old Phone"})
    say = Tongue(known_language(language))
    ana = Reader(client).open(booking_link).press(say("Show me the times"), service="repair", **HOUSE)
    ana.press(say("Keep this time for me"), start_at=ana.choices("start_at")[0])
    assert shown in ana.text
    ana.press(say("Book this visit"), **ANA)
    with world.workshop.read() as work:
        row = work.session.exec(select(Consent)).one()
        assert (row.purpose, row.source, row.words, row.language) == ("service", "web", version, version[:2])
        assert row.by.startswith("customer")
        assert row.seen_from == "testclient Old Phone"


@pytest.mark.parametrize(
    ("browser", "typed", "language"),
    [
        ("de-DE,de;q=0.9,en;q=0.5", {}, "de"),
        ("de-DE,de;q=0.9", {"language": "fr"}, "fr"),
        ("pl", {}, "en"),
        ("en-US", {"language": ""}, "en"),
    ],
)
def test_texts_come_in_the_language_of_the_browser_unless_another_is_chosen(
    client: TestClient, world: World, booking_link: str, browser: str, typed: dict[str, str], language: str
) -> None:
    client.headers["accept-language"] = browser
    book(client, booking_link, **typed)
    with world.look() as work:
        assert get_customer(work.session, only_visit(world).customer_id).language == language


def test_a_wrong_phone_keeps_what_was_typed(client: TestClient, world: World, booking_link: str) -> None:
    ana = book(client, booking_link, phone="12345", note="The bell is broken")
    assert ana.status == 422
    assert "is not a number that can be texted" in ana.text
    ana.press("Book this visit", phone="202 555 0143")
    assert "should be with you between" in ana.h1


def test_an_address_too_far_away_is_said_on_the_same_page(client: TestClient, booking_link: str) -> None:
    far = {**HOUSE, "lat": "45"}
    ana = Reader(client).open(booking_link).press("Show me the times", service="repair", **far)
    assert ana.status == 409
    assert "we come up to" in ana.text
    assert "12 Old Mill Lane" in {box.attributes.get("value") for box in ana.page.every("input")}


def test_a_time_that_was_just_taken_shows_the_others(
    client: TestClient, world: World, booking_link: str
) -> None:
    """Each of two technicians can begin three times within two hours: after six others nobody is left for Ana."""
    ana = Reader(client).open(booking_link).press("Show me the times", service="repair", **HOUSE)
    first = ana.choices("start_at")[0]
    for index in range(6):
        world.book(f"Other {index}", "08:00", phone=f"+1202555015{index}")
    ana.press("Keep this time", start_at=first)
    assert ana.status == 409
    assert "just been taken" in ana.text
    assert first not in ana.choices("start_at")
    assert ana.choices("start_at")


def test_pressing_twice_books_once(client: TestClient, world: World, booking_link: str) -> None:
    ana = Reader(client).open(booking_link).press("Show me the times", service="repair", **HOUSE)
    ana.press("Keep this time", start_at=ana.choices("start_at")[0])
    again = Reader(client).open(ana.path)
    booked = ana.press("Book this visit", **ANA).path
    assert again.press("Book this visit", **ANA).path == booked
    only_visit(world)


def test_nobody_came_and_the_same_day_makes_it_good(
    client: TestClient, world: World, booking_link: str
) -> None:
    ana = book(client, booking_link)
    visit = only_visit(world)
    assert "Nobody came" not in ana.buttons
    world.clock.at = world.at("10:01")  # nothing was noticed by the clock: Ana is first
    ana.open(ana.path).press("Nobody came")
    assert ana.h1 == "Our technician did not come."
    assert "We are sorry." in ana.text
    assert "Kept for you until" in ana.text
    offers = world.offers(visit)
    chosen = next(button for button in ana.buttons if button.startswith("1 "))
    ana.press(chosen)
    assert "This is the new one." in ana.text
    with world.look() as work:
        promise = current_promise(work.session, world.fresh(visit))
        assert (promise.start_at, promise.agreed_by) == (offers[0].start_at, Agreed.CUSTOMER)


def test_when_nobody_is_left_today_a_named_person_decides(
    client: TestClient, world: World, track: Track
) -> None:
    """Whoever was to come falls silent; the other falls sick while Ana still thinks about her two options."""
    visit = world.book("Ana Cole", "10:00")
    world.book("Ben Ode", "14:00", phone="+12025550144")
    came = world.who_comes(visit)
    world.until("11:57")
    ana = Reader(client).open(track(visit))
    assert ana.h1 == "We cannot keep the time we promised you."
    assert [button[0] for button in ana.buttons[:2]] == ["1", "2"]
    with world.as_technician(next(name for name in world.technicians if name != came)) as (work, other):
        call_out(work, other, AbsenceKind.SICK)
    world.until("11:58")
    ana.open(ana.path)
    assert "Dana Reed is looking for a way and will tell you." in ana.text
    assert "rings you by" in ana.text
    assert ana.buttons[:2] == ["Another day", "Everything you hold about me, as a file"]


def test_while_the_window_runs_a_report_is_passed_on(
    client: TestClient, world: World, booking_link: str
) -> None:
    ana = book(client, booking_link)
    world.clock.at = world.at("08:30")
    ana.open(ana.path).press("Nobody came")
    assert "You told us at 08:30 that nobody has come." in ana.text
    assert "Nobody came" not in ana.buttons


def test_cancelling_takes_a_tick_and_a_button_and_can_be_undone(
    client: TestClient, world: World, booking_link: str
) -> None:
    ana = book(client, booking_link)
    home, visit = ana.path, only_visit(world)
    ana.follow("I do not need this visit").press("Cancel the visit")
    assert (ana.status, world.fresh(visit).state) == (422, VisitState.BOOKED)
    ana.press("Cancel the visit", sure=True)
    assert ana.h1 == "The visit is cancelled."
    assert world.fresh(visit).state is VisitState.CANCELLED
    assert "Take the cancellation back" in ana.open(home).buttons
    ana.press("Take the cancellation back")
    assert world.fresh(visit).state is VisitState.BOOKED
    ana.follow("I do not need this visit").press("Cancel the visit", sure=True)
    world.clock.advance(minutes=11)
    assert not [one for one in ana.open(f"{home}/cancel").buttons if "back" in one]


def test_another_time_is_chosen_in_one_go(client: TestClient, world: World, booking_link: str) -> None:
    ana = book(client, booking_link)
    visit = only_visit(world)
    ana.follow("Choose another time")
    tomorrow = next(at for at in ana.choices("start_at") if at.startswith("2026-03-03T10"))
    ana.press("Come at this time", start_at=tomorrow)
    assert ana.h1 == "We come Tue 3 Mar, 10:00–12:00."
    assert "New promise: Tue 3 Mar, 10:00–12:00 (as you chose)." in ana.text
    assert world.fresh(visit).promise_version == 2


def test_a_person_is_named_with_a_time(client: TestClient, world: World, booking_link: str) -> None:
    ana = book(client, booking_link).press("Talk to a person")
    assert "Dana Reed rings you by 07:20." in ana.text
    assert not [button for button in ana.buttons if "person" in button]
    world.until("07:21")
    assert "We should have rung you already." in ana.open(ana.path).text


def test_the_customer_was_at_home(client: TestClient, world: World, track: Track) -> None:
    visit = world.book("Ana Cole", "08:00")
    tom = world.who_comes(visit)
    for time, step in (("08:00", leave), ("08:10", arrive)):
        world.until(time)
        with world.as_technician(tom) as (work, technician):
            step(work, technician, visit.id)
    world.until("08:30")
    with world.as_technician(tom) as (work, technician):
        place: Point = near(km_north=1)
        nobody_home(work, technician, visit.id, contacted=True, place=place)
    ana = Reader(client).open(track(visit))
    assert ana.h1 == "Our technician was at the door and met nobody."
    ana.press("I was at home")
    assert "We believe you." in ana.text
    assert "I was at home" not in ana.buttons


def test_after_the_work_one_tap_says_how_it_went(client: TestClient, world: World, track: Track) -> None:
    visit = world.book("Ana Cole", "08:00")
    tom = world.who_comes(visit)
    for time, step in (("08:00", leave), ("08:10", arrive), ("08:50", finish)):
        world.until(time)
        with world.as_technician(tom) as (work, technician):
            step(work, technician, visit.id)
        ana = Reader(client).open(track(visit))
    assert ana.h1 == "The work is done."
    ana.press("4")
    assert "You told us how it went: 4 of 5." in ana.text
    assert "4" not in ana.buttons


def test_a_time_kept_for_silence_can_be_agreed_to(client: TestClient, world: World, track: Track) -> None:
    visit = world.book("Ana Cole", "08:00")
    world.clock.at = world.at("10:01")
    with world.as_customer(visit) as work:
        report_nobody_came(work, visit.id, how="web")
    world.until("10:17")  # a quarter of an hour without an answer
    ana = Reader(client).open(track(visit))
    assert "We kept this time for you" in ana.text
    assert "We did not hear from you and kept the time for you." in ana.text
    ana.press("Yes, this time suits me")
    assert "Yes, this time suits me" not in ana.buttons
    assert world.recovery(visit).choice == "1"


# --- what we wrote ------------------------------------------------------------------------------------------


def test_the_page_tells_which_texts_went_out_and_who_rings_where_one_did_not_arrive(
    client: TestClient, world: World, runtime: Runtime, track: Track
) -> None:
    with world.as_office() as work:
        give_consent(work, PHONE, "web")
    visit = world.book("Ana Cole", "08:00")
    send_due(world.workshop, runtime.channel, runtime.writer)
    ana = Reader(client).open(track(visit))
    told = next(one for one in ana.page.every("details") if one.attributes.get("id") == "texts")
    assert "open" not in told.attributes
    assert "What we wrote to you" in told.text
    assert "We told you that your visit is booked, and when we come. Sent." in told.text
    with world.as_office() as work:
        [message] = list_for_visit(work.session, visit.id)
        hear(work, message.id, "memory-1", "undelivered", "30005")
    ana.open(ana.path)
    told = next(one for one in ana.page.every("details") if one.attributes.get("id") == "texts")
    assert "open" in told.attributes
    assert "✕" not in told.text  # the shape is drawn
    assert "Did not reach you We could not reach this phone. Dana Reed rings you by 07:20." in told.text
    for hidden in ("memory-1", "30005", PHONE):
        assert hidden not in told.text
