"""Somebody asks what we hold about them: the office, they themselves, or whoever runs the house makes one file."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from api.runtime.cli import main
from api.runtime.erasures import redo_erasures, remember_erasures
from api.runtime.runtime import Runtime
from dispatch.access.tables import Scope
from dispatch.bookings.changes import cancel
from dispatch.customers.tables import Customer
from dispatch.field.actions import be_at
from dispatch.ledger import LedgerEntry
from dispatch.visits.actions import keep_note
from dispatch.visits.queries import get_visit
from dispatch.visits.references import spoken
from dispatch.visits.tables import Visit
from dispatch.work import SYSTEM
from notifications.consent import give_consent
from notifications.inbox.receive import receive
from notifications.outbox.actions import send_due
from notifications.people.erase import erase
from notifications.people.whose import the_customers_of
from tests.builders import PHONE, a_customer, a_dispatcher, a_territory, near
from tests.http.conftest import Client
from tests.http.pages.reading import Reader
from tests.worlds import World

BENS = "+12025550144"


@pytest.fixture
def visit(world: World, runtime: Runtime) -> Visit:
    """Ana's, with everything that one can leave behind; Ben has one, too."""
    with world.as_office() as work:
        give_consent(work, PHONE, "web", seen_from="192.0.2.7 Firefox")
        give_consent(work, BENS, "web")
    visit = world.book("Ana Cole", "08:00")
    world.book("Ben Ode", "10:00", phone=BENS)
    with world.as_office() as work:
        keep_note(work, get_visit(work.session, visit.id), "The bell is broken")
    with world.workshop.work(SYSTEM, "text") as work:
        receive(work, provider_sid="s1", phone=PHONE, body="Is the dog a problem?")
        receive(work, provider_sid="s2", phone=BENS, body="I have a parrot")
    send_due(world.workshop, runtime.channel, runtime.writer)
    return visit


def look_up(office: Reader, typed: str) -> Reader:
    return office.open("/office/person").press("Look", q=typed)


def take(office: Reader) -> dict[str, Any]:
    answer = office.client.post(f"{office.path}/file")
    assert answer.headers["content-disposition"].startswith("attachment")
    found: dict[str, Any] = answer.json()
    return found


def told(world: World) -> list[tuple[str, dict[str, Any]]]:
    with world.look() as work:
        query = select(LedgerEntry).where(LedgerEntry.kind == "person_exported")
        return [(one.actor, one.data) for one in work.session.exec(query)]


def test_the_file_has_all_of_one_customer_and_nothing_of_another(
    world: World, visit: Visit, office: Reader
) -> None:
    look_up(office, "(202) 555-0143")
    assert office.h1 == "What we hold about Ana Cole"
    assert visit.reference in office.text
    found = take(office)
    text = json.dumps(found)
    for words in (
        "Ana Cole",
        PHONE,
        "Ana Cole's house",
        "The bell is broken",
        "Is the dog a problem?",
        "192.0.2.7 Firefox",
        visit.reference,
        "Makegood: ",  # what we texted
        "booking_confirmed",
    ):
        assert words in text, words
    for words in ("Ben Ode", BENS, "parrot", "salt", "token_hash", "fence", "Hale", "Vera"):
        assert words not in text, words
    assert {"visits", "promises", "outbox", "consents", "inbound_texts", "callbacks"} <= set(found["rows"])
    assert told(world) == [
        (f"dispatcher:{world.dispatchers[0].id}", {"subject": "customer", "subject_id": visit.customer_id})
    ]


def test_by_reference_and_not_by_nonsense(world: World, visit: Visit, office: Reader) -> None:
    assert look_up(office, visit.reference).path == f"/office/person/{visit.customer_id}"
    assert look_up(office, "what?").status == 422
    assert "neither a phone number nor the reference" in office.text
    assert look_up(office, "(202) 555-0199").status == 404
    assert told(world) == []


def test_a_technician_finds_their_positions_and_no_customers(
    world: World, visit: Visit, office: Reader
) -> None:
    tom = world.technicians["Tom Hale"]
    world.clock.at = world.at("09:00")
    with world.as_technician("Tom Hale") as (work, technician):
        assert be_at(work, technician, near(km_east=3), at=work.now)
    assert look_up(office, tom.phone).path == f"/office/person/{tom.id}"
    found = take(office)
    assert [one["lng"] for one in found["rows"]["positions"]] == [near(km_east=3).lng]
    assert {"shifts", "technicians", "door_sessions"} - set(found["rows"]) == {"door_sessions"}
    text = json.dumps(found)
    for words in ("Ana", PHONE, visit.customer_id, "Main Street", "bell"):
        assert words not in text, words


def test_another_offices_customers_are_nobody_here(world: World, visit: Visit, sign_in: Client) -> None:
    with world.as_office() as work:
        foreign = a_dispatcher(work, a_territory(work, name="South"))
    elsewhere = Reader(sign_in(Scope.SETUP, foreign.id))
    assert look_up(elsewhere, PHONE).status == 404
    assert elsewhere.open(f"/office/person/{visit.customer_id}").status == 404
    assert elsewhere.client.post(f"/office/person/{visit.customer_id}/file").status_code == 404


def test_customers_take_their_own_behind_their_link(
    world: World, visit: Visit, track: Callable[[Visit], str], client: TestClient
) -> None:
    assert "Everything you hold about me" in client.get(track(visit)).text
    found = client.post(f"{track(visit)}/my-data", headers={"Sec-Fetch-Site": "same-origin"}).json()
    assert found["rows"]["customers"][0]["name"] == "Ana Cole"
    assert "Is the dog a problem?" in json.dumps(found)
    assert [actor for actor, _ in told(world)] == [f"customer:{visit.customer_id}"]


def test_of_a_shared_phone_the_link_gives_only_what_names_its_customer(
    world: World, visit: Visit, track: Callable[[Visit], str], client: TestClient, office: Reader
) -> None:
    world.book("Zoe Cole", "12:00")  # the same phone
    with world.workshop.work(SYSTEM, "text") as work:
        receive(work, provider_sid="s3", phone=PHONE, body="HELP")
    found = client.post(f"{track(visit)}/my-data", headers={"Sec-Fetch-Site": "same-origin"}).json()
    text = json.dumps(found)
    assert "Ana Cole" in text
    assert "Zoe Cole" not in text
    assert "consents" not in found["rows"]
    assert "of a phone that others have too" in found["left_out"]
    assert look_up(office, PHONE).h1 == "What we hold about Ana Cole and Zoe Cole"


def test_erased_in_two_steps_with_a_reference_typed(
    world: World, visit: Visit, office: Reader, track: Callable[[Visit], str], client: TestClient
) -> None:
    path = track(visit)
    look_up(office, PHONE).follow("Erase Ana Cole…")
    assert "Not yet. Visit" in office.text
    assert "cancel it, or wait until it is done" in office.text
    with world.as_customer(visit) as work:
        cancel(work, get_visit(work.session, visit.id))
    world.clock.at += timedelta(minutes=11)
    office.open(office.path).press("Erase for good", reference="ANA")
    assert office.status == 422
    assert "Nothing was erased." in office.text
    office.press("Erase for good", reference=visit.reference)
    assert office.h1 == "What we hold about Erased customer"
    assert "Erased at the customer’s request on Monday 2 March 2026" in office.text
    office.open(f"/board/visits/{visit.id}")
    assert "erased at their request" in office.text
    assert PHONE not in office.text
    gone = client.get(path)
    assert gone.status_code == 410
    assert (
        f"visit {spoken(visit.reference)} was for was erased at the customer&#39;s request on 2 March 2026"
        in gone.text
    )
    world.clock.at += timedelta(days=400)  # when the link has long run out
    assert client.get(path).status_code == 410
    assert "erased" in client.get(path).text
    assert client.post(f"{path}/my-data", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 410
    bearer = {"Authorization": f"Bearer {path.rpartition('/')[2]}"}
    refused = client.get(f"/api/v1/visits/{visit.id}", headers=bearer)
    assert (refused.status_code, refused.json()["type"]) == (410, "/problems/erased")


def test_after_an_older_backup_it_is_done_again(world: World, visit: Visit, runtime: Runtime) -> None:
    """The list has ids and instants; whoever is back is erased as of that day, once nothing of theirs is open."""
    assert remember_erasures(runtime) == 0
    runtime.settings.erasures.write_text(f"{visit.customer_id} 2026-03-02T08:00:00+00:00\nhalf a li")
    [sentence] = redo_erasures(runtime)
    assert "A customer who was erased on 02 March 2026 is back: Visit" in sentence
    with world.as_customer(visit) as work:
        cancel(work, get_visit(work.session, visit.id))
    world.clock.at += timedelta(minutes=11)
    assert redo_erasures(runtime) == []
    with world.look() as work:
        customer = work.session.get_one(Customer, visit.customer_id)
        assert (customer.phone, customer.erased_at) == ("", world.at("08:00"))
    assert remember_erasures(runtime) == 1
    assert redo_erasures(runtime) == []


def test_erasures_are_listed_beside_the_database(world: World, visit: Visit, runtime: Runtime) -> None:
    with world.as_customer(visit) as work:
        cancel(work, get_visit(work.session, visit.id))
    world.clock.at += timedelta(minutes=11)
    with world.as_office() as work:
        customer = work.session.get_one(Customer, visit.customer_id)
        erase(work, the_customers_of(work.session, customer))
    assert [remember_erasures(runtime), remember_erasures(runtime)] == [1, 1]
    text = runtime.settings.erasures.read_text()
    assert text == f"{visit.customer_id} {world.clock.at.isoformat()}\n"
    assert runtime.settings.erasures.stat().st_mode & 0o077 == 0


def test_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MAKEGOOD_DATA", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert main(["person", "export", "+12025550143"]) == 2
    assert "Nobody here has this phone" in capsys.readouterr().err
    place = ["--zone", "America/New_York", "--lat", "40.26", "--lng", "-76.88"]
    assert main(["setup", "--territory", "North", "--dispatcher", "Dana Reed", *place]) == 0
    from api.runtime.settings import Settings
    from api.runtime.wiring import build
    from dispatch.territories.queries import list_territories
    from tests.builders import a_technician

    runtime = build(Settings())
    with runtime.work(SYSTEM, "set up") as work:
        [territory] = list_territories(work.session)
        a_technician(work, territory)
    file = tmp_path / "tom.json"
    assert main(["person", "export", "+12025550111", "-o", str(file)]) == 0
    assert json.loads(file.read_text())["rows"]["technicians"][0]["name"] == "Tom Hale"
    with runtime.work(SYSTEM, "set up") as work:
        a_customer(work)
    assert main(["person", "erase", PHONE, "--really", "K7M4QXA"]) == 2
    assert "Nothing was erased" in capsys.readouterr().err
    assert main(["person", "erase", PHONE, "--really", PHONE]) == 0
    assert "1 erasures stand in" in capsys.readouterr().out
    assert main(["person", "export", PHONE]) == 2
