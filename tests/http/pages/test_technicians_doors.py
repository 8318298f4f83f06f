"""A technician's phone: its link by text, its sessions, and being switched off."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from api.runtime.runtime import Runtime
from dispatch.clock import SetClock
from notifications.channels.memory import Memory
from notifications.outbox.actions import send_due
from notifications.outbox.tables import Message, SendAttempt
from tests.http.conftest import BASE
from tests.http.office_people import a_browser
from tests.http.pages.reading import Reader
from tests.worlds import World

LINK = re.compile(rf"{BASE}(/enrol/[\w-]{{22}})")


@pytest.fixture
def tom(world: World) -> str:
    """The path of Tom's page in the office."""
    return f"/office/technicians/{world.technicians['Tom Hale'].id}"


@pytest.fixture
def post(runtime: Runtime) -> Callable[[], list[str]]:
    """Sends what is due; every text that ever went to Tom."""

    def send() -> list[str]:
        assert isinstance(runtime.channel, Memory)
        send_due(runtime.workshop, runtime.channel, runtime.writer)
        return [one.body for one in runtime.channel.texts if one.to == "+12025550111"]

    return send


def link_in(text: str) -> str:
    (found,) = LINK.findall(text)
    return str(found)


def test_the_link_goes_to_the_phone_and_makes_it_toms(
    office: Reader, tom: str, post: Callable[[], list[str]], client: TestClient
) -> None:
    office.open(tom).press("Send the link")
    assert "on its way to +12025550111" in office.text
    [text] = post()
    assert text.startswith("Makegood: Tom, open this link on your phone")
    phone = a_browser(client.app).open(link_in(text)).press("This is my phone")
    assert (phone.status, phone.path) == (200, "/day")
    assert a_browser(client.app).open(link_in(text)).status == 410


def test_in_toms_own_language(office: Reader, tom: str, post: Callable[[], list[str]]) -> None:
    office.open(tom).press("Save", language="de")
    office.open(tom).press("Send the link")
    assert "öffnen Sie diesen Link auf Ihrem Telefon" in post()[-1]


def test_after_ten_minutes_it_opens_nothing(
    office: Reader, tom: str, post: Callable[[], list[str]], client: TestClient, clock: SetClock
) -> None:
    office.open(tom).press("Send the link")
    link = link_in(post()[-1])
    clock.advance(minutes=10)
    assert a_browser(client.app).open(link).status == 410


def test_a_second_link_takes_the_place_of_the_first(
    office: Reader, tom: str, post: Callable[[], list[str]], client: TestClient
) -> None:
    office.open(tom).press("Send the link")
    first = link_in(post()[-1])
    office.press("Send the link")
    second = link_in(post()[-1])
    assert a_browser(client.app).open(first).status == 404
    shown = office.open(tom).press("Link for the phone").link("/enrol/").removeprefix(BASE)
    assert a_browser(client.app).open(second).status == 404
    assert a_browser(client.app).open(shown).status == 200


def test_a_link_that_is_dead_before_it_is_sent_is_not_sent(
    world: World, office: Reader, tom: str, post: Callable[[], list[str]]
) -> None:
    office.open(tom).press("Send the link")
    office.open(tom).press("Link for the phone")
    assert post() == []
    with world.look() as work:
        [message] = work.session.exec(select(Message)).all()
        assert (message.state.value, message.reason) == ("suppressed", "superseded:dead_link")


def test_the_token_lies_nowhere(
    world: World, office: Reader, tom: str, post: Callable[[], list[str]]
) -> None:
    office.open(tom).press("Send the link")
    token = link_in(post()[-1]).rpartition("/")[2]
    with world.look() as work:
        rows = [*work.session.exec(select(Message)), *work.session.exec(select(SendAttempt))]
    assert rows
    assert not any(token in row.model_dump_json() for row in rows)
    assert token not in office.open("/office/record?q=%2B12025550111").text


def test_without_a_phone_there_is_no_button(world: World, office: Reader, tom: str) -> None:
    office.open(tom).press("Save", phone="")
    assert "To send it by text, enter the phone above" in office.open(tom).text
    answer = office.client.post(f"{tom}/text-link")
    assert (answer.status_code, "no phone to send it to" in answer.text) == (409, True)


def test_the_office_ends_a_lost_phone(
    office: Reader, tom: str, on_the_phone: Callable[[str], Reader]
) -> None:
    phone = on_the_phone("Tom Hale")
    assert phone.open("/day").status == 200
    office.open(tom).press("End it")
    assert phone.open("/day").status == 401
    assert "No phone is Tom’s yet" in office.text


def test_switched_off_and_on(
    world: World, office: Reader, tom: str, on_the_phone: Callable[[str], Reader], client: TestClient
) -> None:
    phone = on_the_phone("Tom Hale")
    office.open(tom).press("Link for the phone")
    spare = office.link("/enrol/").removeprefix(BASE)
    office.open(tom).press("Switch Tom Hale off")
    assert phone.open("/day").status == 401
    assert a_browser(client.app).open(spare).status == 404
    assert "Switched off" in office.text
    assert office.client.post(f"{tom}/text-link").status_code == 409
    assert office.client.post(f"/board{tom.removeprefix('/office')}/enrol").status_code == 409
    office.open("/office/technicians").follow("Tom Hale").press("Take Tom on again")
    assert "Switched off" not in office.text
    assert phone.open("/day").status == 401
