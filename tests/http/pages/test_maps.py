"""What maps are drawn from: the day for the office, and for a customer somebody who is on the way, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from dispatch.field.actions import arrive, be_at, call_out, finish, leave
from dispatch.technicians.tables import AbsenceKind
from dispatch.travel.port import Point
from dispatch.visits.tables import Visit
from tests.asked import asked
from tests.builders import near
from tests.http.pages.reading import Reader
from tests.worlds import World

Track = Callable[[Visit], str]
SOUTH = near(km_north=-3)


@pytest.fixture
def ana(world: World) -> Visit:
    """Three kilometres north, from eight."""
    return world.book("Ana Cole", "08:00", place=near(km_north=3))


@pytest.fixture
def driver(world: World, ana: Visit) -> str:
    return world.who_comes(ana)


def moves(world: World, name: str, time: str, place: Point) -> None:
    world.until(time)
    with world.as_technician(name) as (work, technician):
        assert be_at(work, technician, place, at=work.now)


def sets_out(world: World, name: str, visit: Visit) -> None:
    with world.as_technician(name) as (work, technician):
        leave(work, technician, visit.id)


def today(office: Reader, **asked: str) -> dict[str, Any]:
    answer = office.client.get("/api/v1/map/today", params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


# --- the office's day -----------------------------------------------------------------------------------------


def test_the_day_before_anything_happened(world: World, office: Reader, ana: Visit, driver: str) -> None:
    day = today(office)
    assert (day["day"], day["time_zone"], day["now"]) == ("2026-03-02", "UTC", "2026-03-02T07:00:00Z")
    [visit] = day["visits"]
    assert (visit["id"], visit["customer"], visit["state"]) == (ana.id, "Ana Cole", "booked")
    assert (visit["at_risk"], visit["order"]) == (False, 1)
    assert visit["technician_id"] == world.technicians[driver].id
    assert "08:00" in visit["window_text"]
    people = {one["name"]: one for one in day["technicians"]}
    assert people.keys() == {"Tom Hale", "Uma Lund"}
    assert people[driver]["stops"] == [ana.id]
    assert people[driver]["state"] == "free"
    home = {"lat": near().lat, "lng": near().lng}
    assert people[driver]["where"] == home | {"at": "2026-03-02T07:00:00Z", "seen": False}


def test_the_day_follows_what_people_do(world: World, office: Reader, ana: Visit, driver: str) -> None:
    def state() -> tuple[str, bool]:
        [one] = [one for one in today(office)["technicians"] if one["name"] == driver]
        return one["state"], one["where"]["seen"]

    world.until("08:01")
    sets_out(world, driver, ana)
    assert state() == ("driving", False)
    moves(world, driver, "08:04", near(km_north=1))
    assert state() == ("driving", True)
    with world.as_technician(driver) as (work, technician):
        arrive(work, technician, ana.id)
    assert state() == ("at work", True)
    world.until("08:50")
    with world.as_technician(driver) as (work, technician):
        finish(work, technician, ana.id)
    assert state()[0] == "free"
    [visit] = today(office)["visits"]
    assert (visit["state"], visit["order"]) == ("done", 1)


def test_whoever_is_out_has_no_place_on_the_map(
    world: World, office: Reader, ana: Visit, driver: str
) -> None:
    moves(world, driver, "08:00", near(km_north=1))
    with world.as_technician(driver) as (work, technician):
        call_out(work, technician, AbsenceKind.SICK)
    [one] = [one for one in today(office)["technicians"] if one["name"] == driver]
    assert (one["state"], one["where"], one["stops"]) == ("absent", None, [])


def test_another_day_has_routes_but_nobody_on_the_road(world: World, office: Reader, ana: Visit) -> None:
    day = today(office, day="2026-03-03")
    assert day["visits"] == []
    assert {(one["state"], one["where"]) for one in day["technicians"]} == {("free", None)}
    assert office.client.get("/api/v1/map/today?day=soon").status_code == 422


def test_a_larger_day_asks_the_database_no_oftener(
    world: World, office: Reader, engine: Engine, ana: Visit
) -> None:
    world.book("Guest", "14:00", phone="+12025550159", place=near(km_east=2))
    with asked(engine) as few:
        today(office)
    for number in range(5):
        world.book(f"Guest {number}", "10:00", phone=f"+1202555015{number}", place=near(km_east=number))
    with asked(engine) as many:
        assert len(today(office)["visits"]) == 7
    assert len(many) == len(few)


# --- the customer's glimpse ---------------------------------------------------------------------------------------


def test_nobody_is_seen_before_they_leave_or_after_they_arrive(
    world: World, client: TestClient, ana: Visit, driver: str, track: Track
) -> None:
    page = f"{track(ana)}/position"

    def is_hidden() -> bool:
        answer = client.get(page)
        assert answer.status_code in (200, 204)
        assert answer.headers["cache-control"] == "no-store"
        return answer.status_code == 204 and answer.content == b""

    moves(world, driver, "08:01", near(km_north=1))
    assert is_hidden(), "not under way yet"
    world.until("08:02")
    sets_out(world, driver, ana)
    assert is_hidden(), "nothing was seen since they left"
    moves(world, driver, "08:03", near(km_north=1.1))
    assert is_hidden(), "still where the drive began"
    moves(world, driver, "08:05", near(km_north=2))
    assert not is_hidden()
    world.until("08:08")
    with world.as_technician(driver) as (work, technician):
        arrive(work, technician, ana.id, place=near(km_north=3))
    assert is_hidden()
    world.until("08:50")
    with world.as_technician(driver) as (work, technician):
        finish(work, technician, ana.id)
    moves(world, driver, "08:55", near(km_north=1))
    assert is_hidden()


def test_the_customer_learns_a_place_and_a_range_and_nothing_else(
    world: World, client: TestClient, ana: Visit, driver: str, track: Track
) -> None:
    world.until("08:02")
    sets_out(world, driver, ana)
    moves(world, driver, "08:05", near(km_north=2))
    found = client.get(f"{track(ana)}/position").json()
    assert found.keys() == {"lat", "lng", "at", "expected"}
    assert (found["lat"], found["lng"]) == (round(near(km_north=2).lat, 4), -77.0)
    assert found["at"] == "2026-03-02T08:05:00Z"
    assert found["expected"].keys() == {"from_at", "until_at", "text"}
    assert found["expected"]["from_at"] < found["expected"]["until_at"]


def test_another_customer_of_the_same_technician_sees_nothing(
    world: World, client: TestClient, ana: Visit, driver: str, track: Track
) -> None:
    ben = world.book("Ben Ode", "10:00", place=SOUTH, phone="+12025550144")
    world.until("08:02")
    sets_out(world, driver, ana)
    moves(world, driver, "08:05", near(km_north=2))
    assert client.get(f"{track(ana)}/position").status_code == 200
    hidden = client.get(f"{track(ben)}/position")
    assert (hidden.status_code, hidden.content) == (204, b"")


def test_no_other_door_and_no_home_is_ever_shown(
    world: World, client: TestClient, ana: Visit, driver: str, track: Track
) -> None:
    """The next customer lives on the way; passing there, Ana sees where the technician was before."""
    bens = near(km_north=2)
    [other] = [name for name in world.technicians if name != driver]
    with world.as_technician(other) as (work, technician):
        call_out(work, technician, AbsenceKind.SICK)
    ben = world.book("Ben Ode", "10:00", place=bens, phone="+12025550144")
    assert world.who_comes(ben) == driver
    page = f"{track(ana)}/position"
    world.until("08:01")
    sets_out(world, driver, ana)
    moves(world, driver, "08:02", near(km_north=0.1))
    assert client.get(page).status_code == 204, "that is his own street"
    moves(world, driver, "08:04", near(km_north=1))
    on_the_way = client.get(page).json()
    moves(world, driver, "08:06", bens)
    assert client.get(page).json() == on_the_way
    moves(world, driver, "08:07", near(km_north=2.5))
    assert client.get(page).json()["at"] == "2026-03-02T08:07:00Z"


def test_whoever_turned_back_is_not_followed(
    world: World, client: TestClient, ana: Visit, driver: str, track: Track
) -> None:
    world.until("08:02")
    sets_out(world, driver, ana)
    moves(world, driver, "08:05", near(km_north=2))
    with world.as_technician(driver) as (work, technician):
        call_out(work, technician, AbsenceKind.SICK)
    hidden = client.get(f"{track(ana)}/position")
    assert (hidden.status_code, hidden.content) == (204, b"")


def test_a_link_that_has_run_out_shows_nothing(
    world: World, client: TestClient, ana: Visit, driver: str, track: Track
) -> None:
    page = track(ana)
    world.clock.at += timedelta(days=8)
    for path in (f"{page}/position", f"{page}/roads.json"):
        assert client.get(path).status_code == 410


# --- without roads -----------------------------------------------------------------------------------------------


def test_where_nobody_knows_the_roads_the_map_is_empty_and_says_so(
    world: World,
    client: TestClient,
    office: Reader,
    on_the_phone: Callable[[str], Reader],
    ana: Visit,
    track: Track,
) -> None:
    token = track(ana).removeprefix("/v/")
    expected = {
        "type": "FeatureCollection",
        "attribution": "",
        "bounds": None,
        "features": [],
        "times_are_estimates": True,
    }
    assert office.client.get("/api/v1/map/roads").json() == expected
    assert on_the_phone("Tom Hale").client.get("/api/v1/map/roads").json() == expected
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/map/roads", headers=headers).json() == expected
    assert client.get(f"/v/{token}/roads.json").json() == expected
    assert client.get("/api/v1/map/roads").status_code == 401
