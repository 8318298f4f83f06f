"""What a call is about, told and shown beforehand; and the photo of whoever comes."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlmodel import select

from dispatch.access.tables import Scope
from dispatch.callbacks.actions import promise_callback
from dispatch.callbacks.tables import Brief, Callback
from dispatch.events import DispatcherPictured
from dispatch.field.actions import arrive, finish, leave
from dispatch.ledger import LedgerEntry
from dispatch.technicians.tables import Portrait
from dispatch.territories.tables import Dispatcher, DispatcherPortrait
from dispatch.visits.tables import Visit
from notifications.consent import give_consent
from tests.builders import PHONE
from tests.http.conftest import Client
from tests.http.pages.reading import Reader
from tests.http.test_photos import a_photo, with_secrets
from tests.worlds import World

Track = Callable[[Visit], str]
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def visit(world: World) -> Visit:
    """Ana agreed to texts: nobody rings her for want of that."""
    with world.as_office() as work:
        give_consent(work, PHONE, "web")
    return world.book("Ana Cole", "08:00")


def tell(client: TestClient, page: str, note: str = "", photo: bytes = b"") -> int:
    files = {"photo": ("it.jpg", photo, "image/jpeg")}
    return client.post(f"{page}/about-call", data={"note": note}, files=files, headers=SAME_SITE).status_code


def call_of(world: World, visit: Visit) -> str:
    with world.look() as work:
        return work.session.exec(select(Callback.id).where(Callback.visit_id == visit.id)).one()


def test_what_it_is_about_and_a_photo_stand_beside_the_call(
    client: TestClient, world: World, visit: Visit, track: Track, office: Reader
) -> None:
    page = track(visit)
    ana = Reader(client).open(page).press("Talk to a person: ring me")
    assert "Say what it is about, or show it" in ana.text
    assert tell(client, page, "The tap drips\ninto the cellar.", with_secrets()) == 303
    ana.open(page)
    assert "What you told us about it is with them" in ana.text
    assert "Say what it is about, or show it" not in ana.text
    assert "You told us what the call is about." in ana.text
    for path in ("/board", f"/board/visits/{visit.id}"):
        office.open(path)
        assert "The tap drips" in office.text
        sources = [one.attributes["src"] for one in office.page.every("img")]
        assert f"/board/callbacks/{call_of(world, visit)}/photo" in sources
    seen = office.client.get(f"/board/callbacks/{call_of(world, visit)}/photo")
    assert seen.headers["content-type"] == "image/jpeg"
    assert seen.headers["cache-control"] == "private, no-store"
    assert b"Secret" not in seen.content
    assert Image.open(io.BytesIO(seen.content)).size == (32, 64)


def test_it_is_told_once(client: TestClient, world: World, visit: Visit, track: Track) -> None:
    page = track(visit)
    Reader(client).open(page).press("Talk to a person: ring me")
    assert tell(client, page, "First") == 303
    assert Reader(client).open(f"{page}/about-call").path == page
    assert tell(client, page, "Second", a_photo()) == 409
    with world.look() as work:
        (kept,) = work.session.exec(select(Brief)).all()
        assert (kept.text, kept.content) == ("First", None)


@pytest.mark.parametrize(("note", "photo"), [("", b""), ("  ", b""), ("It drips", b"GIF89a, no photo")])
def test_what_is_no_photo_or_says_nothing_is_asked_again(
    client: TestClient, world: World, visit: Visit, track: Track, note: str, photo: bytes
) -> None:
    page = track(visit)
    Reader(client).open(page).press("Talk to a person: ring me")
    assert tell(client, page, note, photo) == 422
    assert Reader(client).open(f"{page}/about-call").h1 == "What is it about?"
    with world.look() as work:
        assert work.session.exec(select(Brief)).all() == []


def test_without_a_call_there_is_nothing_to_tell(client: TestClient, visit: Visit, track: Track) -> None:
    assert tell(client, track(visit), "Hello") == 404


def test_a_photo_of_a_call_is_the_offices_alone(
    client: TestClient, world: World, visit: Visit, track: Track, on_the_phone: Callable[[str], Reader]
) -> None:
    page = track(visit)
    Reader(client).open(page).press("Talk to a person: ring me")
    tell(client, page, "", a_photo())
    path = f"/board/callbacks/{call_of(world, visit)}/photo"
    assert client.get(path).status_code in (303, 401, 403)
    assert on_the_phone("Tom Hale").client.get(path).status_code == 403


def put(office: Reader, world: World, name: str, photo: bytes) -> int:
    path = f"/office/technicians/{world.technicians[name].id}/photo"
    files = {"photo": ("face.png", photo, "image/png")}
    return office.client.post(path, files=files, headers=SAME_SITE).status_code


def test_the_customer_sees_who_comes_while_they_come(
    client: TestClient, world: World, visit: Visit, track: Track, office: Reader
) -> None:
    name, page = world.who_comes(visit), track(visit)
    assert client.get(f"{page}/technician.jpg").status_code == 404  # none is fine
    assert put(office, world, name, a_photo("PNG", (900, 900))) == 303
    seen = client.get(f"{page}/technician.jpg")
    assert seen.status_code == 200
    assert Image.open(io.BytesIO(seen.content)).size == (480, 480)
    ana = Reader(client).open(page)
    (face,) = [one for one in ana.page.every("img") if "technician.jpg" in one.attributes["src"]]
    assert face.attributes["alt"] == f"{name.split()[0]}, who comes to you"
    other = "Uma Lund" if name == "Tom Hale" else "Tom Hale"
    with world.as_technician(name) as (work, known):
        leave(work, known, visit.id)
    with world.as_technician(name) as (work, known):
        arrive(work, known, visit.id)
    assert client.get(f"{page}/technician.jpg").status_code == 200
    with world.as_technician(name) as (work, known):
        finish(work, known, visit.id)
    assert client.get(f"{page}/technician.jpg").status_code == 404
    assert "technician.jpg" not in str(Reader(client).open(page).page)
    assert other != name


def test_it_is_of_whoever_comes_and_of_nobody_else(
    client: TestClient, world: World, visit: Visit, track: Track, office: Reader
) -> None:
    other = "Uma Lund" if world.who_comes(visit) == "Tom Hale" else "Tom Hale"
    put(office, world, other, a_photo())
    assert client.get(f"{track(visit)}/technician.jpg").status_code == 404


def test_the_office_takes_it_back_and_nothing_of_it_is_kept(
    world: World, visit: Visit, track: Track, office: Reader, client: TestClient
) -> None:
    name = world.who_comes(visit)
    put(office, world, name, a_photo())
    office.open(f"/office/technicians/{world.technicians[name].id}").press("Show no photo")
    assert client.get(f"{track(visit)}/technician.jpg").status_code == 404
    with world.look() as work:
        (row,) = work.session.exec(select(Portrait)).all()
        assert row.content is None


def test_what_is_no_photo_is_said_beside_the_form(office: Reader, world: World) -> None:
    for photo in (b"%PDF", b""):
        assert put(office, world, "Tom Hale", photo) == 422
        assert put_mine(office.client, photo) == 422


def put_mine(client: TestClient, photo: bytes) -> int:
    files = {"photo": ("me.png", photo, "image/png")}
    return client.post("/office/me/photo", files=files, headers=SAME_SITE).status_code


@pytest.fixture
def dana(world: World) -> Dispatcher:
    """Who rings when somebody asks for a call; the office is signed in as her."""
    return world.dispatchers[0]


def test_the_customer_sees_who_rings_until_they_rang(
    client: TestClient, world: World, visit: Visit, track: Track, office: Reader, dana: Dispatcher
) -> None:
    page = track(visit)
    assert put_mine(office.client, a_photo("PNG", (900, 900))) == 303
    office.open("/office/me")
    assert [
        one.attributes["alt"] for one in office.page.every("img") if "photo" in one.attributes["src"]
    ] == [dana.name]
    assert office.client.get("/office/me/photo").status_code == 200
    assert client.get(f"{page}/caller.jpg").status_code == 404  # nobody is to ring
    ana = Reader(client).open(page).press("Talk to a person: ring me").open(page)
    (face,) = [one for one in ana.page.every("img") if "caller.jpg" in one.attributes["src"]]
    assert face.attributes["alt"] == f"{dana.name}, who rings you"
    seen = client.get(face.attributes["src"])
    assert seen.status_code == 200
    assert Image.open(io.BytesIO(seen.content)).size == (480, 480)
    office.open("/board").press("Done: we spoke")
    assert client.get(f"{page}/caller.jpg").status_code == 404
    assert "caller.jpg" not in str(ana.open(page).page)


def test_a_photo_of_ones_own_is_taken_back_and_goes_with_the_person(
    client: TestClient,
    world: World,
    visit: Visit,
    track: Track,
    office: Reader,
    dana: Dispatcher,
    sign_in: Client,
) -> None:
    page = track(visit)
    Reader(client).open(page).press("Talk to a person: ring me")
    put_mine(office.client, a_photo())
    office.open("/office/me").press("Show no photo")
    assert client.get(f"{page}/caller.jpg").status_code == 404
    put_mine(office.client, a_photo())
    assert client.get(f"{page}/caller.jpg").status_code == 200
    vera = sign_in(Scope.SETUP, world.dispatchers[1].id)
    assert vera.post(f"/office/people/{dana.id}/off", headers=SAME_SITE).status_code == 303
    assert client.get(f"{page}/caller.jpg").status_code == 404
    with world.look() as work:
        (row,) = work.session.exec(select(DispatcherPortrait)).all()
        assert row.content is None
        told = work.session.exec(select(LedgerEntry.kind)).all()
        assert told.count(DispatcherPictured.kind()) == 4


def test_only_the_office_sets_it(world: World, sign_in: Client) -> None:
    tom = sign_in(Scope.ENROL, world.technicians["Tom Hale"].id)
    files = {"photo": ("face.png", a_photo(), "image/png")}
    path = f"/office/technicians/{world.technicians['Tom Hale'].id}/photo"
    assert tom.post(path, files=files, headers=SAME_SITE).status_code == 403


def test_a_call_that_was_made_is_told_nothing_more(
    client: TestClient, world: World, visit: Visit, track: Track, office: Reader
) -> None:
    with world.as_office() as work:
        promise_callback(work, territory_id=world.territory.id, about="customer_asked", visit_id=visit.id)
    office.open("/board").press("Done: we spoke")
    assert tell(client, track(visit), "Too late") == 404
