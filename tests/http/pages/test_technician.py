"""A technician's phone without JavaScript: leave, arrive, done, and everything that comes between."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from dispatch.visits.actions import keep_note
from dispatch.visits.queries import get_visit
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from tests.http.pages.reading import Reader
from tests.worlds import World

Phone = Callable[[str], Reader]


@pytest.fixture
def visit(world: World) -> Visit:
    return world.book("Ana Cole", "08:00")


@pytest.fixture
def phone(world: World, visit: Visit, on_the_phone: Phone) -> Reader:
    """Of whoever comes to Ana."""
    return on_the_phone(world.who_comes(visit)).open("/day")


@pytest.fixture
def at_the_door(world: World, phone: Reader) -> Reader:
    world.until("08:00")
    phone.open("/day").press("I am leaving now")
    world.until("08:05")
    return phone.open("/day").press("I am at the door")


def test_a_day_with_nothing_in_it_says_so(on_the_phone: Phone) -> None:
    assert on_the_phone("Tom Hale").open("/day").h1 == "Nothing planned today."


def test_one_big_button_for_the_next_step(world: World, visit: Visit, phone: Reader) -> None:
    """The shift begins at 08:00; a kilometre takes 266 s, the window ends at 10:00."""
    assert phone.h1 == "Leave at 08:00 for Ana Cole"
    assert "At the latest by 09:55" in phone.text
    assert phone.link("Find the way").startswith("geo:40.0")
    world.until("08:01")
    assert phone.open("/day").h1 == "Leave now for Ana Cole"
    for time, button, state in (
        ("08:02", "I am leaving now", VisitState.EN_ROUTE),
        ("08:07", "I am at the door", VisitState.ON_SITE),
        ("08:50", "The work is done", VisitState.DONE),
    ):
        world.until(time)
        phone.open("/day").press(button)
        assert world.fresh(visit).state is state
    assert phone.h1 == "All done for today."
    assert phone.buttons == ["I have seen it", "Pause"]
    assert "Ana Cole" in phone.text
    assert "just booked" in phone.text
    assert phone.press("I have seen it").buttons == ["Pause"]


def test_nobody_home_says_what_is_still_missing(world: World, visit: Visit, at_the_door: Reader) -> None:
    phone = at_the_door.follow("Nobody is home").press("Nobody is home", contacted=True)
    assert phone.status == 409
    assert "Still missing" in phone.text
    (box,) = (box for box in phone.page.every("input") if box.attributes["name"] == "contacted")
    assert "checked" in box.attributes
    world.until("08:20")
    phone.press("Nobody is home", contacted=True, lat="40.0089", lng="-77.0")
    assert phone.path == "/day"
    assert world.fresh(visit).state is VisitState.FAILED


def test_what_cannot_be_finished_has_a_reason(world: World, visit: Visit, at_the_door: Reader) -> None:
    phone = at_the_door.follow("I cannot finish")
    phone.press("Tell the office", hindrance="wrong_parts", note="needs a 22 mm valve")
    assert phone.path == "/day"
    assert world.fresh(visit).state is VisitState.FAILED


def test_yesterdays_work_can_still_be_said_to_be_done(
    world: World, visit: Visit, at_the_door: Reader
) -> None:
    world.settle(world.at("00:00") + timedelta(days=1))
    phone = at_the_door.open("/day")
    assert phone.h1 == "Did you finish at Ana Cole’s?"
    assert phone.buttons == ["The work is done"]
    phone.press("The work is done")
    assert world.fresh(visit).state is VisitState.DONE


def test_a_prompt_is_answered_with_one_tap(world: World, phone: Reader) -> None:
    world.until("09:46")
    assert "We have not heard from you" in phone.open("/day").text
    phone.press("Running late")
    assert "We have not heard from you" not in phone.text


def test_calling_out_takes_a_page_and_a_button(
    world: World, visit: Visit, phone: Reader, on_the_phone: Phone
) -> None:
    name = world.who_comes(visit)
    phone.follow("I am late, sick")
    assert "1 visit of yours" in phone.text
    phone.press("I am sick")
    assert phone.h1 == "You have no work now."
    other = next(one for one in world.technicians if one != name)
    assert world.who_comes(visit) == other
    news = on_the_phone(other).open("/day")
    assert "New on your list:" in news.text
    assert "to make good what broke today" in news.text
    assert "Off your list:" in phone.text
    assert "What changed" not in news.press("I have seen it").text


def test_a_visit_that_they_cannot_take_goes_to_whoever_can(
    world: World, visit: Visit, phone: Reader, on_the_phone: Phone, office: Reader
) -> None:
    """The first hands it on with a reason; the second would leave nobody, and keeps it."""
    name = world.who_comes(visit)
    phone.follow("I cannot take it").press("Give it to somebody else", note="his dog bit me")
    assert "Off your list:" in phone.text
    assert "somebody cannot take it" in phone.text
    other = next(one for one in world.technicians if one != name)
    assert world.who_comes(visit) == other
    assert "his dog bit me" in office.open(f"/board/visits/{visit.id}").text
    second = on_the_phone(other).open("/day").follow("I cannot take it")
    assert second.press("Give it to somebody else", note="mine too").status == 409
    assert "it stays with you. Please ring the office: +12025550100." in second.text
    assert world.who_comes(visit) == other


def test_what_must_be_known_at_the_door_stands_on_the_day(world: World, phone: Reader, visit: Visit) -> None:
    with world.as_office() as work:
        known = get_visit(work.session, visit.id)
        keep_note(work, known, "Gate code 4711, the dog is friendly")
        known.parts = {"valve-22": 2}
        work.session.add(known)
    assert "Gate code 4711" in phone.open("/day").text
    assert "Bring: 2 × valve-22" in phone.text
    way = phone.client.get("/day", headers={"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0)"}).text
    assert "https://maps.apple.com/?daddr=40.0" in way


def test_the_day_can_be_put_on_a_phone(phone: Reader) -> None:
    manifest = phone.client.get("/day/manifest.webmanifest")
    assert (manifest.json()["start_url"], manifest.json()["display"]) == ("/day", "standalone")
    worker = phone.client.get("/day/worker.js")
    assert worker.headers["service-worker-allowed"] == "/day"
    kept = json.loads(worker.text.partition(" = ")[2].partition(";")[0])["files"]
    assert kept
    for file in [*kept, *(icon["src"] for icon in manifest.json()["icons"])]:
        assert phone.client.get(file).status_code == 200


def test_running_late_takes_two_taps_and_somebody_else_goes(
    world: World, visit: Visit, phone: Reader, on_the_phone: Phone
) -> None:
    """At 09:30 an hour is too late for a window that ends at 10:00; fifteen minutes are not."""
    name = world.who_comes(visit)
    world.until("09:30")
    phone.open("/day").follow("I am late").press("15 min")
    assert "Noted: free at 09:45." in phone.text
    assert world.who_comes(visit) == name
    phone.follow("I am late").press("60 min")
    assert "Noted: free at 10:30." in phone.text
    other = next(one for one in world.technicians if one != name)
    assert world.who_comes(visit) == other
    assert "to make good what broke today" in phone.text
    assert on_the_phone(other).open("/day").h1.endswith("for Ana Cole")


def test_another_technicians_visit_is_not_there(world: World, visit: Visit, on_the_phone: Phone) -> None:
    other = next(one for one in world.technicians if one != world.who_comes(visit))
    stranger = on_the_phone(other)
    for page in ("nobody-home", "cannot-finish"):
        assert stranger.open(f"/day/visits/{visit.id}/{page}").status == 404
    for step in ("leave", "arrive", "finish"):
        assert stranger.client.post(f"/day/visits/{visit.id}/{step}").status_code == 404
    assert stranger.open("/board").status == 403
    assert world.fresh(visit).state is VisitState.BOOKED


def test_the_page_says_whether_the_phone_is_located_and_has_a_pause(
    world: World, visit: Visit, phone: Reader, office: Reader
) -> None:
    assert "You are not located: you are not on shift." in phone.text
    world.until("08:01")
    assert "You are located while this page is open, until 19:00 at the latest." in phone.open("/day").text
    phone.press("Pause", reason="At the doctor's")
    assert "You are not located. The office sees “paused”." in phone.text
    office.open("/board").follow("The day as a list")
    assert "paused since 08:01: not located, At the doctor's" in office.text
    assert "silent" not in office.text
    assert phone.press("Go on").buttons.count("Pause") == 1
    assert "paused since" not in office.open("/board?whole=1").text


def test_a_report_that_does_not_fit_is_shown_to_the_office_until_the_visit_is_over(
    world: World, visit: Visit, phone: Reader, office: Reader
) -> None:
    assert "Reports that do not fit" not in office.open("/board").text
    world.until("08:30")
    said = {"kind": "step", "client_event_id": "s1", "visit_id": visit.id, "step": "finish"}
    event = {**said, "at": world.at("08:20").isoformat()}
    [told] = phone.client.post("/api/v1/day/events", json={"events": [event]}).json()["results"]
    assert told["result"] == "contested"
    tom = world.who_comes(visit)
    words = f"{tom}’s phone says: the work is done, at Mon 2 Mar, 08:20 by our clock, told at 08:30."
    assert words in office.open("/board").text
    office.follow("Ana Cole")
    assert "A phone says something else" in office.open(f"/board/visits/{visit.id}").text
    assert "Contested Mon 2 Mar, 08:20: the work is done." in office.text
    assert "the step is tapped once more, now" in office.text
    for button in ("I am leaving now", "I am at the door", "The work is done"):
        phone.open("/day").press(button)
    assert "Reports that do not fit" not in office.open("/board").text
    assert "A phone says something else" in office.open(f"/board/visits/{visit.id}").text
