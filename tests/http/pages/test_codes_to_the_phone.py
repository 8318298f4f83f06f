"""A forwarded link shows little: another phone or address, or the whole address, takes a code to the phone on file."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from api.runtime.runtime import Runtime
from dispatch.access.tables import PhoneCode
from dispatch.customers.queries import get_address, get_customer
from dispatch.field.actions import be_at, leave
from dispatch.visits.tables import Visit
from notifications.consent import consent_state, give_consent
from notifications.outbox.actions import send_due
from notifications.outbox.tables import Message
from tests.builders import near
from tests.http.conftest import BASE
from tests.http.pages.reading import Reader
from tests.worlds import World

ANAS, NEW = "+12025550143", "+12025550188"


@pytest.fixture
def visit(world: World) -> Visit:
    with world.as_office() as work:
        give_consent(work, ANAS, "web")
    return world.book("Ana Cole", "10:00")


@pytest.fixture
def ana(visit: Visit, track: Callable[[Visit], str], client: TestClient) -> Reader:
    return Reader(client).open(track(visit))


@pytest.fixture
def code(world: World, runtime: Runtime) -> Callable[[], str]:
    """The digits of the newest text to Ana, once the texts are sent."""

    def newest() -> str:
        send_due(world.workshop, runtime.channel, runtime.writer)
        texts = [text.body for text in runtime.channel.texts if "is your code" in text.body]
        found = re.search(r"\b[0-9]{6}\b", texts[-1])
        assert found
        assert "/v/" not in texts[-1]
        return found[0]

    return newest


def proven(ana: Reader, code: Callable[[], str], link: str) -> Reader:
    ana.follow(link)
    assert ana.h1 == "First, is it you?"
    ana.press("Text me the code")
    return ana.press("It is me", digits=code())


def test_the_whole_address_is_shown_to_whoever_has_the_phone(ana: Reader, code: Callable[[], str]) -> None:
    assert "Ana Cole's house" not in ana.text
    path = ana.path
    proven(ana, code, "Show it all")
    assert ana.path == path
    assert "Ana Cole's house" in ana.text
    stranger = Reader(TestClient(ana.client.app, base_url=BASE, follow_redirects=False)).open(path)
    assert "Ana Cole's house" not in stranger.text


def test_the_map_marks_the_house_and_its_street_for_whoever_has_the_phone(
    world: World, visit: Visit, ana: Reader, code: Callable[[], str]
) -> None:
    door, base = near(km_north=1), ana.path
    driver = world.who_comes(visit)
    world.until("09:50")
    with world.as_technician(driver) as (work, technician):
        leave(work, technician, visit.id)
    for time, place in (("09:54", near(km_north=0.6)), ("09:55", near(km_north=0.95))):
        world.until(time)
        with world.as_technician(driver) as (work, technician):
            be_at(work, technician, place, at=work.now)

    def marked() -> tuple[str, float, float]:
        (box,) = (node for node in ana.page.every("div") if node.attributes.get("id") == "map")
        seen = ana.client.get(f"{base}/position").json()
        return box.attributes["data-shows"], float(box.attributes["data-lat"]), seen["lat"]

    assert ana.open(base).status == 200
    assert marked() == ("area", 40.01, round(near(km_north=0.6).lat, 4)), "a part of town, and no last street"
    assert str(door.lat) not in ana.client.get(base).text
    proven(ana, code, "Show it all")
    assert marked() == ("house", door.lat, round(near(km_north=0.95).lat, 4))


def test_another_phone_takes_two_steps_and_consent_does_not_follow(
    world: World, visit: Visit, ana: Reader, code: Callable[[], str]
) -> None:
    proven(ana, code, "Another phone number")
    assert ana.h1 == "Under which number do we reach you?"
    ana.press("Use this number from now on", phone="12")
    assert ana.status == 422
    ana.press("Use this number from now on", phone=NEW)
    assert "The phone number was changed." in ana.text
    with world.look() as work:
        assert get_customer(work.session, visit.customer_id).phone == NEW
        assert consent_state(work, NEW) is None
    ana.follow("Another phone number")
    assert ana.h1 == "First, is it you?"  # the proof was of the old phone


def test_whoever_ticks_the_box_is_texted_at_the_new_phone(
    world: World, ana: Reader, code: Callable[[], str]
) -> None:
    proven(ana, code, "Another phone number").press("Use this number from now on", phone=NEW, consent=True)
    with world.look() as work:
        assert consent_state(work, NEW) == "in"


def test_another_address_where_we_can_still_be_in_time(
    world: World, visit: Visit, ana: Reader, code: Callable[[], str]
) -> None:
    place = near(km_north=-2)
    proven(ana, code, "Another address")
    ana.press("Come to this address", address="9 Mill Lane", lat=str(place.lat), lng=str(place.lng))
    assert "9 Mill Lane" in ana.text
    assert "The address was changed." in ana.text
    with world.look() as work:
        fresh = world.fresh(visit)
        assert get_address(work.session, fresh.address_id).line == "9 Mill Lane"
        assert fresh.promise_version == visit.promise_version
    assert world.who_comes(visit)


def test_an_address_that_is_too_far_changes_nothing(
    world: World, visit: Visit, ana: Reader, code: Callable[[], str]
) -> None:
    far = near(km_north=300)
    proven(ana, code, "Another address")
    ana.press("Come to this address", address="9 Mill Lane", lat=str(far.lat), lng=str(far.lng))
    assert ana.status == 409
    assert "km from the middle" in ana.text
    assert world.fresh(visit).address_id == visit.address_id


@pytest.mark.parametrize("what", ["phone", "address"])
def test_without_the_code_nothing_is_changed(
    world: World, visit: Visit, ana: Reader, client: TestClient, what: str
) -> None:
    form = {"phone": NEW} if what == "phone" else {"address": "9 Mill Lane", "lat": "40", "lng": "-77"}
    for cookie in ("", "a guess"):
        client.cookies.set("mg-proof", cookie)
        answer = client.post(f"{ana.path}/{what}", data=form)
        assert answer.headers["location"] == f"{ana.path}/code?to={what}"
    with world.look() as work:
        assert get_customer(work.session, visit.customer_id).phone == ANAS
    assert world.fresh(visit).address_id == visit.address_id


def test_a_code_is_good_once_for_ten_minutes_and_five_tries(
    world: World, ana: Reader, code: Callable[[], str]
) -> None:
    ana.follow("Show it all").press("Text me the code")
    right = code()
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(4):
        ana.press("It is me", digits=wrong)
        assert "That is not the code" in ana.text
    ana.press("It is me", digits=wrong)
    assert "one try too many" in ana.text
    assert "It is me" not in ana.buttons
    answer = ana.client.post(ana.path, data={"digits": right})
    assert (answer.status_code, "one try too many" in answer.text) == (422, True)
    ana.press("Text me the code")
    assert ana.status == 429  # a minute after a code that was guessed at
    world.clock.advance(minutes=1)
    ana.open(ana.path.removesuffix("/send")).press("Text me the code")
    assert ana.status == 200
    newer = code()
    world.clock.advance(minutes=10)
    assert ana.client.post(ana.path.partition("?")[0], data={"digits": newer}).status_code == 422


def test_a_code_that_was_used_is_used_up(ana: Reader, code: Callable[[], str]) -> None:
    base = ana.path
    proven(ana, code, "Show it all")
    ana.client.cookies.clear()
    assert "run out" in ana.client.post(f"{base}/code", data={"digits": code()}).text


def test_three_codes_an_hour_and_five_a_day(world: World, ana: Reader) -> None:
    def asked() -> int:
        return ana.client.post(f"{ana.path}/code/send", data={"to": ""}).status_code

    assert [asked() for _ in range(4)] == [303, 303, 303, 429]
    world.clock.advance(hours=1)
    assert [asked() for _ in range(3)] == [303, 303, 429]
    world.clock.advance(hours=1)
    assert asked() == 429
    world.clock.advance(hours=22)
    assert asked() == 303


def test_a_block_of_numbers_gets_twenty_an_hour(
    world: World, track: Callable[[Visit], str], client: TestClient
) -> None:
    answers = []
    for number in range(7):
        window = ("08:00", "10:00", "12:00", "14:00")[number // 2]
        visit = world.book(f"Ana {number}", window, phone=f"+1202555014{number}", place=near(km_north=0.1))
        path = track(visit)
        answers += [client.post(f"{path}/code/send", data={"to": ""}).status_code for _ in range(3)]
    assert answers == [303] * 20 + [429]


def test_a_block_for_which_nobody_enters_codes_gets_no_more_and_the_office_knows(
    world: World, visit: Visit, ana: Reader, code: Callable[[], str], office: Reader
) -> None:
    def ask(count: int, entered: int) -> None:
        at = world.clock.at
        with world.as_office() as work:
            for number in range(count):
                work.session.add(
                    PhoneCode(
                        id=work.new_id(),
                        visit_id=visit.id,
                        phone="+12025550190",
                        prefix="+1202555",
                        asked_at=at,
                        expires_at=at,
                        used_at=at if number < entered else None,
                    )
                )

    ask(49, 9)
    world.clock.advance(hours=2)
    assert ana.client.post(f"{ana.path}/code/send", data={"to": ""}).status_code == 303, "too few to judge by"
    assert "Codes are asked for" not in office.open("/board").text
    ask(1, 0)
    world.clock.advance(hours=2)
    refused = ana.client.post(f"{ana.path}/code/send", data={"to": ""})
    assert refused.status_code == 429
    assert "numbers that begin +1202555 get no more today" in office.open("/board").text
    world.clock.advance(hours=21)
    assert ana.client.post(f"{ana.path}/code/send", data={"to": ""}).status_code == 303, "a day later"


def test_no_row_and_no_record_holds_the_digits(
    world: World, office: Reader, visit: Visit, ana: Reader, code: Callable[[], str]
) -> None:
    ana.follow("Show it all").press("Text me the code")
    digits = code()
    with world.look() as work:
        rows = [*work.session.exec(select(PhoneCode)), *work.session.exec(select(Message))]
        assert all(digits not in row.model_dump_json() for row in rows)
    assert digits not in office.open(f"/office/record/{visit.id}").text
    assert "is your code" in office.text
