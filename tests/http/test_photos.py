"""Photos of a visit: what comes in is looked at as what it is, what is kept hides nothing, and who sees it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlmodel import select

from api.photos import LONGEST_SIDE, MOST_BYTES
from dispatch.access.tables import Scope
from dispatch.clock import SetClock
from dispatch.field.declining import decline
from dispatch.visits.photos import MOST
from dispatch.visits.tables import Photo, Visit
from dispatch.work import Workshop
from tests.http.conftest import Client
from tests.worlds import World, a_quiet_town

ORIENTATION, MAKER, GPS, SOUTH = 0x0112, 0x010F, 0x8825, 1


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    return a_quiet_town(workshop, clock, "Tom Hale", "Uma Lund")


@pytest.fixture
def visit(world: World) -> Visit:
    return world.book("Ana Cole", "08:00")


def a_photo(kind: str = "JPEG", size: tuple[int, int] = (64, 32), **values: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "teal").save(file, kind, **values)
    return file.getvalue()


def with_secrets() -> bytes:
    """Says where it was taken, and that it lies on its side."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "Secret Phones"
    exif.get_ifd(GPS)[SOUTH] = "S"
    return a_photo(exif=exif, comment=b"Secret remark")


def send(phone: TestClient, visit: Visit, body: bytes, name: str = "p1", **headers: str) -> Any:
    asked = f"client_photo_id={name}&at=2026-03-02T07:47:00Z&sent_at=2026-03-02T07:47:30Z"
    path = f"/api/v1/visits/{visit.id}/photos?{asked}"
    return phone.post(path, content=body, headers={"Content-Type": "image/jpeg", **headers})


def test_what_cannot_be_seen_in_a_photo_is_not_kept(world: World, visit: Visit, sign_in: Client) -> None:
    """13.2, 14.2.8: taken at 06:59:30 by our clock, whatever the phone's showed."""
    tom = sign_in(Scope.ENROL, world.technicians[world.who_comes(visit)].id)
    answer = send(tom, visit, with_secrets())
    assert answer.status_code == 201
    assert (answer.json()["width"], answer.json()["height"]) == (32, 64)
    assert send(tom, visit, with_secrets()).json() == answer.json()
    path = f"/api/v1/visits/{visit.id}/photos/{answer.json()['photo_id']}"
    seen = tom.get(path)
    assert (seen.status_code, seen.headers["content-type"]) == (200, "image/jpeg")
    assert seen.headers["content-disposition"].startswith('inline; filename="')
    assert (seen.headers["x-content-type-options"], seen.headers["cache-control"]) == (
        "nosniff",
        "private, no-store",
    )
    assert b"Secret" not in seen.content
    assert not Image.open(io.BytesIO(seen.content)).getexif()
    with world.look() as work:
        [kept] = work.session.exec(select(Photo)).all()
        assert kept.taken_at == world.at("06:59").replace(second=30)
    assert "photo_kept" in world.facts(visit)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_large_ones_of_each_kind_become_small(world: World, visit: Visit, sign_in: Client, kind: str) -> None:
    tom = sign_in(Scope.ENROL, world.technicians[world.who_comes(visit)].id)
    answer = send(tom, visit, a_photo(kind, (2400, 1200)))
    assert (answer.json()["width"], answer.json()["height"]) == (LONGEST_SIDE, LONGEST_SIDE // 2)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<svg onload=alert(1)>", id="svg"),
        pytest.param(a_photo("GIF"), id="gif"),
        pytest.param(b"\xff\xd8\xff" + b"<script>" * 40, id="only begins like one"),
        pytest.param(a_photo()[:200], id="cut off"),
        pytest.param(b"RIFF\x00\x00\x00\x00WAVE" + b"\x00" * 40, id="sound"),
        pytest.param(a_photo("PNG", (9000, 9000)), id="a bomb"),
    ],
)
def test_no_photo(world: World, visit: Visit, sign_in: Client, body: bytes) -> None:
    """5.2.1, 5.2.2: too much, or something else than it says."""
    tom = sign_in(Scope.ENROL, world.technicians[world.who_comes(visit)].id)
    answer = send(tom, visit, body)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    with world.look() as work:
        assert work.session.exec(select(Photo)).all() == []


def test_too_many_and_too_much(world: World, visit: Visit, sign_in: Client) -> None:
    tom = sign_in(Scope.ENROL, world.technicians[world.who_comes(visit)].id)
    assert send(tom, visit, b"\xff\xd8\xff" + b"\x00" * MOST_BYTES).status_code == 413
    answers = [send(tom, visit, a_photo(), f"p{number}").status_code for number in range(MOST + 1)]
    assert answers == [201] * MOST + [409]


def test_who_sees_it(world: World, visit: Visit, sign_in: Client, client: TestClient) -> None:
    """5.2.3, 5.4.2: the office and whoever it stands with; a colleague is told what a stranger is told."""
    name = world.who_comes(visit)
    tom = sign_in(Scope.ENROL, world.technicians[name].id)
    path = f"/api/v1/visits/{visit.id}/photos/{send(tom, visit, a_photo()).json()['photo_id']}"
    office = sign_in(Scope.SETUP, world.dispatchers[0].id)
    assert office.get(path).status_code == 200
    assert path in office.get(f"/board/visits/{visit.id}").text
    other = next(one for one in world.technicians if one != name)
    colleague = sign_in(Scope.ENROL, world.technicians[other].id)
    assert (colleague.get(path).status_code, send(colleague, visit, a_photo()).status_code) == (404, 404)
    assert client.get(path).status_code == 401


def test_a_photo_of_a_visit_that_somebody_else_has_by_now(
    world: World, visit: Visit, sign_in: Client, clock: SetClock
) -> None:
    """Taken at the door without a network, while the office gave the visit to a colleague."""
    name = world.who_comes(visit)
    tom = sign_in(Scope.ENROL, world.technicians[name].id)
    with world.as_technician(name) as (work, technician):
        decline(work, technician, visit.id, "rang the office: he cannot go there")
    assert world.who_comes(visit) != name
    answer = send(tom, visit, a_photo())
    assert answer.status_code == 201
    assert tom.get(f"/api/v1/visits/{visit.id}/photos/{answer.json()['photo_id']}").status_code == 404
    clock.advance(hours=25)
    asked = "client_photo_id=p2&at=2026-03-02T07:47:00Z&sent_at=2026-03-03T08:47:30Z"
    assert tom.post(f"/api/v1/visits/{visit.id}/photos?{asked}", content=a_photo()).status_code == 404
