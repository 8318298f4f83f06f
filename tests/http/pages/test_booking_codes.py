"""A link for one phone, or on paper, and another phone typed: six digits go there before anything is booked."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from api.runtime.runtime import Runtime
from dispatch.access.invitations import invite
from dispatch.access.links import issue
from dispatch.access.tables import Scope
from dispatch.customers.queries import get_customer
from dispatch.customers.tables import Customer
from dispatch.territories.tables import Territory
from dispatch.visits.queries import search
from notifications.outbox.actions import send_due
from notifications.outbox.tables import Message
from tests.http.conftest import BASE, KEY
from tests.http.pages.reading import Reader
from tests.worlds import World

OTHER, THIRD = "+12025550188", "+12025550189"
HOUSE = {"address": "12 Old Mill Lane", "lat": "40.009", "lng": "-77.0"}


@pytest.fixture
def paper_link(office: Reader) -> str:
    """Made at the desk, for nobody's phone."""
    office.open("/board/invite").press("Make the link", phone="")
    return office.link("/book/").removeprefix(BASE)


def to_details(client: TestClient, link: str) -> Reader:
    ana = Reader(client).open(link).press("Show me the times", service="repair", **HOUSE)
    return ana.press("Keep this time", start_at=ana.choices("start_at")[0])


def texts(world: World, runtime: Runtime, phone: str) -> list[str]:
    send_due(world.workshop, runtime.channel, runtime.writer)
    return list(runtime.channel.read(phone))  # type: ignore[attr-defined]


def digits(world: World, runtime: Runtime, phone: str) -> str:
    found = re.search(r"\b[0-9]{6}\b", texts(world, runtime, phone)[-1])
    assert found
    return found[0]


def wrong(right: str) -> str:
    return f"{(int(right) + 1) % 1_000_000:06d}"


def customers(world: World) -> int:
    with world.look() as work:
        return len(work.session.exec(select(Customer)).all())


@pytest.mark.parametrize("link", ["booking_link", "paper_link"])
def test_another_phone_proves_itself_before_the_visit_is_booked(
    client: TestClient, world: World, runtime: Runtime, link: str, request: pytest.FixtureRequest
) -> None:
    ana = to_details(client, request.getfixturevalue(link))
    typed = {"name": "Ana Cole", "phone": OTHER, "note": "Ring twice.\nTwo dogs."}
    ana.press("Book this visit", consent=True, sooner=True, **typed)
    assert (ana.status, ana.h1) == (200, "Is it your phone?")
    assert customers(world) == 0
    code = digits(world, runtime, OTHER)
    ana.press("Book this visit", digits=wrong(code))
    assert (ana.status, "That is not the code." in ana.text) == (422, True)
    assert customers(world) == 0
    ana.press("Book this visit", digits=f" {code[:3]} {code[3:]} ")
    assert ana.path.startswith("/v/")
    with world.look() as work:
        (visit,) = search(work.session, "Cole")
        assert get_customer(work.session, visit.customer_id).phone == OTHER
    assert visit.reference in texts(world, runtime, OTHER)[-1].replace("-", "")


def test_a_code_is_of_one_phone_and_one_time(
    client: TestClient, world: World, runtime: Runtime, paper_link: str
) -> None:
    ana = to_details(client, paper_link).press("Book this visit", name="Ana Cole", phone=OTHER)
    code = digits(world, runtime, OTHER)
    ana.follow("Another phone number").press("Book this visit", name="Ana Cole", phone=THIRD)
    assert ana.press("Book this visit", digits=code).status == 422  # that of the first phone
    again = to_details(client, paper_link).press("Book this visit", name="Ana Cole", phone=OTHER)
    assert again.press("Book this visit", digits=code).status == 422  # that of the first time
    assert again.press("Book this visit", digits=digits(world, runtime, OTHER)).path.startswith("/v/")


def test_five_tries_and_the_time_must_be_chosen_again(
    client: TestClient, world: World, runtime: Runtime, paper_link: str
) -> None:
    ana = to_details(client, paper_link).press("Book this visit", name="Ana Cole", phone=OTHER)
    code = digits(world, runtime, OTHER)
    for _ in range(5):
        assert ana.press("Book this visit", digits=wrong(code)).status == 422
    ana.press("Book this visit", digits=code)
    assert (ana.status, "That was one try too many." in ana.text) == (422, True)
    assert customers(world) == 0


def test_when_the_time_has_run_out_no_code_helps(
    client: TestClient, world: World, runtime: Runtime, paper_link: str
) -> None:
    ana = to_details(client, paper_link).press("Book this visit", name="Ana Cole", phone=OTHER)
    code = digits(world, runtime, OTHER)
    world.clock.advance(minutes=11)
    assert ana.press("Book this visit", digits=code).h1 == "The time that we kept has run out."
    assert customers(world) == 0


def test_a_link_texts_no_more_codes_than_anybody_needs(
    client: TestClient, world: World, runtime: Runtime, paper_link: str
) -> None:
    ana = to_details(client, paper_link).press("Book this visit", name="Ana Cole", phone=OTHER)
    answers = [ana.press("Text me the code again").status for _ in range(3)]
    assert answers == [200, 200, 429]  # three an hour to one phone
    for number in (0, 1):
        ana.press("Book this visit", name="Ana Cole", phone=f"+1202555017{number}")
        ana.follow("Another phone number")
    assert (
        ana.press("Book this visit", name="Ana Cole", phone="+12025550172").status == 429
    )  # five a day by one link
    assert len(texts(world, runtime, OTHER)) == 3


def test_in_the_customers_language_and_never_in_a_row(
    client: TestClient, world: World, runtime: Runtime, paper_link: str
) -> None:
    client.headers["accept-language"] = "de"
    ana = Reader(client).open(paper_link).press("Zeiten zeigen", service="repair", **HOUSE)
    ana.press("Diese Zeit für mich", start_at=ana.choices("start_at")[0])
    ana.press("Diesen Termin buchen", name="Ana Cole", phone=OTHER)
    assert ana.h1 == "Ist es Ihr Telefon?"
    code = digits(world, runtime, OTHER)
    assert "ist Ihr Code, um einen Termin zu buchen" in texts(world, runtime, OTHER)[-1]
    with world.look() as work:
        assert all(code not in row.model_dump_json() for row in work.session.exec(select(Message)))


def test_programs_are_told_to_use_the_page(client: TestClient, world: World) -> None:
    with world.as_office() as work:
        territory = work.session.get_one(Territory, world.territory.id)
        invitation = invite(work, territory, phone=OTHER)
        token = issue(work, KEY, Scope.BOOK, invitation.id, expires_at=work.now + timedelta(days=7))
    ours = {"Authorization": f"Bearer {token}"}
    place = {"lat": 40.009, "lng": -77.0}
    wanted = {"service": "repair", "place": place, "start_at": "2026-03-02T14:00:00Z"}
    hold = client.post("/api/v1/holds", json=wanted, headers=ours | {"Idempotency-Key": "h"}).json()
    body = {"hold_id": hold["id"], "name": "Ana Cole", "address": "12 Old Mill Lane", "consent": False}

    def book(phone: str, key: str) -> tuple[int, str]:
        answer = client.post(
            "/api/v1/visits", json=body | {"phone": phone}, headers=ours | {"Idempotency-Key": key}
        )
        return answer.status_code, answer.json().get("current_state", "")

    assert book(THIRD, "one") == (409, "phone_unproven")
    assert book(OTHER, "two")[0] == 201
