"""The demo's own pages, with MAKEGOOD_DEV=1 only: the panel, the doors, and the phones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from api.main import create_app
from api.runtime.jobs import sweep
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from dispatch.clock import SetClock
from dispatch.field.actions import arrive, finish, leave
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from notifications.channels.pocket import Pocket
from notifications.channels.port import Outbound
from notifications.channels.voice_pocket import VoicePocket
from notifications.consent import give_consent
from tests.builders import PHONE, near
from tests.http.conftest import BASE, SAME_SITE
from tests.http.pages.reading import Reader
from tests.worlds import World


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"MAKEGOOD_DATA": tmp_path, "MAKEGOOD_DEV": True})


@pytest.fixture
def pocket(engine: Engine, clock: SetClock) -> Pocket:
    return Pocket(engine, clock)


@pytest.fixture
def visit(world: World) -> Visit:
    return world.book("Ana Cole", "08:00")


@pytest.fixture
def demo(runtime: Runtime, pocket: Pocket, visit: Visit) -> Reader:
    app = create_app(replace(runtime, channel=pocket))
    client = TestClient(app, base_url=BASE, follow_redirects=False, headers=SAME_SITE)
    return Reader(client).open("/")


@pytest.mark.parametrize(
    ("button", "h1"),
    [
        ("Open the board of Dana Reed", "No promise is broken"),
        ("Open the day of Tom Hale", "Leave at 08:00 for Ana Cole"),
        ("Open the visit of Ana Cole", "Tom should be with you between 08:00 and 08:15."),
    ],
)
def test_each_door_opens_at_one_click(demo: Reader, button: str, h1: str) -> None:
    demo.press(button)
    assert demo.h1 == h1


def test_somebody_else_can_be_picked(demo: Reader, world: World) -> None:
    demo.press("Open this day", id=world.technicians["Uma Lund"].id)
    assert "Uma Lund" in demo.text
    demo.open("/").press("Open this board", id=world.dispatchers[1].id)
    assert "Vera Top" in demo.text


def test_whoever_is_at_work_has_the_technicians_door(demo: Reader, world: World, visit: Visit) -> None:
    """Uma is the one who drives: she is at work, whoever must leave next."""
    ben = world.book("Ben Ode", "08:00", phone="+12025550144", place=near(km_north=-3))
    busy = world.who_comes(ben)
    world.clock.at = world.at("08:01")
    with world.as_technician(busy) as (work, technician):
        leave(work, technician, ben.id)
    assert f"Open the day of {busy}" in demo.open("/").buttons


def test_the_panel_breaks_a_day(demo: Reader, world: World, visit: Visit) -> None:
    comes = world.who_comes(visit)
    demo.press("Is sick", technician=world.technicians[comes].id)
    assert f"{comes} is sick" in demo.text
    assert (world.fresh(visit).state, world.who_comes(visit)) != (VisitState.BOOKED, comes)
    assert "1 visit went to somebody else in time." in demo.text
    demo.press("Cut off the texts")
    assert "No texts go out" in demo.text
    demo.press("Bring the texts back")
    assert "No texts go out" not in demo.text


def test_one_click_breaks_whoever_is_missed_soonest(demo: Reader, world: World, visit: Visit) -> None:
    """Ana lives a kilometre away, 267 s of driving: whoever comes must leave by 09:55 for ten."""
    comes = world.who_comes(visit)
    assert f"Missed soonest: {comes}, who must leave by 09:55 for Ana Cole." in demo.text
    demo.press("Falls silent")
    assert f"{comes} falls silent" in demo.text
    first = comes.split()[0]
    assert f"{first} must leave by 09:55 for Ana Cole; until then nothing is late." in demo.text
    assert "Nobody has to leave for a visit at the moment." in demo.text  # nobody is broken twice


def test_whoever_falls_silent_on_the_way_is_not_late_yet(demo: Reader, world: World, visit: Visit) -> None:
    comes = world.who_comes(visit)
    world.clock.at = world.at("08:00")
    with world.as_technician(comes) as (work, technician):
        leave(work, technician, visit.id)
    silent = {"kind": "technician_silent", "technician": world.technicians[comes].id}
    assert demo.client.post("/dev/break", json=silent).status_code == 201
    words = f"{comes.split()[0]} has set out for Ana Cole, promised until 10:00; until then nothing is late."
    assert words in demo.open("/").text


def test_without_a_place_today_the_story_says_who_decides(demo: Reader, world: World) -> None:
    """Both vans break down at 16:01, with Ben waiting until six: nobody is left, so no option was held."""
    world.book("Ben Ode", "16:00", phone="+12025550144")
    world.clock.at = world.at("16:01")
    for name in world.technicians:
        demo.client.post("/dev/break", json={"kind": "van_down", "technician": world.technicians[name].id})
    demo.open("/panel/broken")
    assert reached(demo) == ["Broken", "Noticed", "No place found"]
    assert "Nobody has a free place today: Dana Reed decides." in demo.text


def test_a_break_is_followed_to_its_end(demo: Reader, runtime: Runtime, world: World, visit: Visit) -> None:
    """Nobody leaves: asked in time, broken when 09:55:33 has passed, told, chosen, on the way, done."""
    comes = world.who_comes(visit)
    with world.as_office() as work:
        give_consent(work, PHONE, "office")
    demo.press("Falls silent")
    world.until("09:50")
    assert "we asked" in demo.open("/panel/broken").text
    world.until("09:56")
    story = demo.open("/panel/broken")
    assert "Ana Cole: The technician dropped out" in story.text
    assert reached(story) == ["Broken", "Noticed", "Option held"]
    assert "Dana Reed owns it." in story.text
    assert "The text is written and waits to be sent." in story.text
    sweep(phones(runtime))
    assert reached(demo.open("/panel/broken"))[-1] == "Told"
    assert "Reply 1 to keep it" in demo.text
    assert "The customer has until" in demo.text
    demo.open("/pocket").follow("Ana Cole").press("keep it")
    assert reached(demo.open("/panel/broken"))[-1] == "Chosen"
    goes = world.who_comes(visit)
    assert goes != comes
    world.clock.at = world.at("10:30")
    with world.as_technician(goes) as (work, technician):
        leave(work, technician, visit.id)
    assert reached(demo.open("/panel/broken"))[-1] == "On the way"
    world.clock.at = world.at("10:40")
    with world.as_technician(goes) as (work, technician):
        arrive(work, technician, visit.id)
    world.clock.at = world.at("11:20")
    with world.as_technician(goes) as (work, technician):
        finish(work, technician, visit.id)
    demo.open("/panel/broken")
    assert reached(demo) == ["Broken", "Noticed", "Option held", "Told", "Chosen", "On the way", "Done"]
    assert "Made good the same day, 84 min after it was certain." in demo.text
    assert demo.link("Their phone") == "/pocket?phone=%2B12025550143"
    assert demo.link("On the board") == f"/board/visits/{visit.id}"
    demo.follow("Ana Cole’s page")
    assert demo.h1 == "The work is done."


def phones(runtime: Runtime) -> Runtime:
    """The same house, its texts going to the phones."""
    return replace(runtime, channel=Pocket(runtime.workshop.engine, runtime.workshop.clock))


def reached(page: Reader) -> list[str]:
    """The words of the steps that the newest story has reached."""
    (steps, *_) = (one for one in page.page.every("ol") if one.attributes.get("class") == "stepper")
    return [next(step.every("strong")).text for step in steps.every("li") if list(step.every("time"))]


def test_customers_break_too(demo: Reader, world: World, visit: Visit) -> None:
    world.book("Ben Ode", "14:00", phone="+12025550144")
    demo.open("/").press("Is not home")
    assert "Ana Cole is not at home" in demo.text
    assert "comes at about 08:04; until then nobody can notice." in demo.text
    demo.press("Emergency at this house")
    assert "Emergency at Ben Ode’s house" in demo.text
    assert "in front of everything else." in demo.text
    titles = [node.text for node in demo.page.every("h3") if node.text[:2].isdigit()]
    assert titles == ["07:00 Emergency at Ben Ode’s house", "07:00 Ana Cole is not at home"]


def test_with_nobody_left_a_break_is_refused_in_words(demo: Reader, world: World, visit: Visit) -> None:
    world.clock.at = world.at("20:00")
    assert "Falls silent" not in demo.open("/").buttons
    assert "No visit of today is still to come." in demo.text
    for form in ({"kind": "technician_silent"}, {"kind": "emergency"}):
        assert demo.client.post("/panel/break", data=form).status_code == 404


def test_a_phone_is_read_and_answered(demo: Reader, pocket: Pocket) -> None:
    demo.open("/pocket")
    assert "No phone has got a text yet." in demo.text
    pocket.send(Outbound(PHONE, f"Makegood: <b>see</b> {BASE}/v/x", "m1", 600))
    demo.open("/pocket").follow("Ana Cole")
    assert "<b>see</b>" in demo.text
    assert "✓✓ delivered" in demo.text
    assert demo.link("/v/x") == f"{BASE}/v/x"
    demo.press("Send", body="Do I need to move my car?")
    assert "Do I need to move my car?" in demo.text
    bubbles = [node.attributes["class"] for node in demo.page.every("li") if "class" in node.attributes]
    assert bubbles == ["theirs", "mine"]  # the newest at the bottom


def test_quick_answers_are_what_the_last_text_offers(
    demo: Reader, runtime: Runtime, world: World, visit: Visit
) -> None:
    with world.as_office() as work:
        give_consent(work, PHONE, "office")
    world.until("09:56")
    sweep(phones(runtime))
    demo.open("/pocket")
    assert "Waits for an answer" in demo.text
    demo.follow("Ana Cole")
    assert demo.buttons[:4] == ["1 keep it", "2 the second time", "3 another day", "4 a person"]
    demo.press("3 another day")
    world.clock.at = world.at("09:57")
    sweep(phones(runtime))
    assert "3 another day" not in demo.open(demo.path.partition("#")[0]).buttons


def test_a_landline_rings_is_picked_up_and_answered_with_a_key(
    runtime: Runtime, engine: Engine, world: World, visit: Visit, pocket: Pocket, clock: SetClock
) -> None:
    runtime = replace(runtime, channel=pocket, voice=VoicePocket(engine, clock))
    client = TestClient(create_app(runtime), base_url=BASE, follow_redirects=False, headers=SAME_SITE)
    with world.as_office() as work:
        give_consent(work, PHONE, "office")
    phone = Reader(client).open(f"/pocket?phone=%2B{PHONE[1:]}")
    phone.press("Make it a landline, which takes calls and no texts")
    world.until("09:56")
    sweep(runtime)
    phone.open(f"/pocket?phone=%2B{PHONE[1:]}")
    assert "This phone rings." in phone.text
    phone.press("Pick up")
    assert "To keep it, press 1." in phone.text
    phone.press("1")
    assert "settled." in phone.text
    phone.press("Listen to the end")
    assert "They hear: Thank you. Goodbye." in phone.text
    phone.press("Hang up")
    assert "They hear" not in phone.text
    assert "Pick up" not in phone.buttons
    assert world.recovery(visit).choice == "1"
    phone.press("It is a mobile phone again")
    assert not pocket.is_landline(PHONE)


def test_the_newest_phone_is_first_and_found_by_name(demo: Reader, world: World, pocket: Pocket) -> None:
    world.book("Ben Ode", "14:00", phone="+12025550144")
    pocket.send(Outbound(PHONE, "first", "m1", 600))
    world.clock.at = world.at("07:01")
    pocket.send(Outbound("+12025550144", "second", "m2", 600))
    owners = [node.text for node in demo.open("/pocket").page.every("strong")]
    assert owners == ["Ben Ode", "Ana Cole"]
    demo.follow("Find a phone by name").press("Find", q="ana")
    assert [node.text for node in demo.page.every("strong")] == ["Ana Cole"]
    demo.press("Find", q="0144")
    assert [node.text for node in demo.page.every("strong")] == ["Ben Ode"]
    assert "No phone of that name" in demo.press("Find", q="nobody").text


def test_outside_the_demo_none_of_it_is_there(client: TestClient, runtime: Runtime) -> None:
    plain = replace(runtime, settings=runtime.settings.model_copy(update={"dev": False}))
    outside = Reader(TestClient(create_app(plain), base_url=BASE, follow_redirects=False))
    assert "Break something" not in outside.open("/").text
    for path in ("/pocket", "/pocket/find", "/panel/broken"):
        assert outside.open(path).status == 404
    for path in ("/panel/break", "/panel/clock", "/panel/door"):
        assert outside.client.post(path, data={"kind": "texts_down"}).status_code == 404
