"""The fields that each role is shown: nobody else's phone, home or other stops, on any page or in any answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from api.runtime.runtime import Runtime
from dispatch.access.links import issue
from dispatch.access.tables import Scope
from dispatch.clock import SetClock
from dispatch.field.actions import arrive, leave
from dispatch.visits.tables import Visit
from dispatch.work import Workshop
from notifications.consent import give_consent
from tests.asked import asked
from tests.builders import near
from tests.http.conftest import KEY, Client
from tests.worlds import World, a_quiet_town

EVERYBODYS = {
    "visit_id",
    "reference",
    "state",
    "service",
    "customer",
    "address",
    "time_zone",
    "window",
    "start_at",
    "end_at",
    "promise_version",
    "promise_state",
    "agreed_by",
    "expected",
    "technician",
}
SEEN = {
    "customer": EVERYBODYS,
    "technician": EVERYBODYS | {"phone", "place"},
    "dispatcher": EVERYBODYS | {"phone", "place"},
}
STOP = {"kind", "visit", "start_at", "end_at", "leave_at", "leave_by_at", "steps", "text", "parts", "notes"}
ANAS, BENS, TOMS = "+12025550143", "+12025550144", "+12025550111"


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    """Tom Hale, who lives three kilometres west, comes to Ana at 08:00 and to Ben at 10:00."""
    return a_quiet_town(workshop, clock, "Tom Hale", home=near(km_east=-3))


@pytest.fixture
def ana(world: World) -> Visit:
    with world.as_office() as work:
        give_consent(work, ANAS, "web")
        give_consent(work, BENS, "web")
    return world.book("Ana Cole", "08:00", phone=ANAS)


@pytest.fixture
def ben(world: World, ana: Visit) -> Visit:
    return world.book("Ben Ode", "10:00", phone=BENS, place=near(km_north=-1))


@pytest.fixture
def path(world: World, ana: Visit) -> str:
    with world.as_office() as work:
        token = issue(work, KEY, Scope.TRACK, ana.id, expires_at=work.now + timedelta(days=7))
    return f"/v/{token}"


@pytest.fixture
def tom(world: World, sign_in: Client) -> TestClient:
    return sign_in(Scope.ENROL, world.technicians["Tom Hale"].id)


@pytest.fixture
def board(world: World, sign_in: Client) -> TestClient:
    return sign_in(Scope.SETUP, world.dispatchers[0].id)


def _shown(answer: dict[str, object]) -> set[str]:
    """The fields that say something."""
    return {name for name, value in answer.items() if value not in (None, False)}


def _everything_behind(client: TestClient, path: str) -> Iterator[str]:
    token = path.removeprefix("/v/")
    headers = {"Authorization": f"Bearer {token}"}
    mine = client.get("/api/v1/visits/mine", headers=headers)
    for page in (path, f"{path}/calendar.ics", f"{path}/change", f"{path}/cancel", f"{path}/position"):
        yield client.get(page).text
    yield mine.text
    for name in ("history", "calendar"):
        yield client.get(f"/api/v1/visits/{mine.json()['visit_id']}/{name}", headers=headers).text


@pytest.mark.parametrize("time", ["07:30", "08:03", "08:20"])
def test_behind_a_customers_link_is_a_first_name_and_a_range_of_time(
    world: World, client: TestClient, ana: Visit, ben: Visit, path: str, time: str
) -> None:
    """Before, on the way, and at the door."""
    if time > "08:00":
        world.until("08:00")
        with world.as_technician("Tom Hale") as (work, technician):
            leave(work, technician, ana.id)
    if time > "08:10":
        world.until("08:10")
        with world.as_technician("Tom Hale") as (work, technician):
            arrive(work, technician, ana.id)
    world.until(time)
    headers = {"Authorization": f"Bearer {path.removeprefix('/v/')}"}
    mine = client.get("/api/v1/visits/mine", headers=headers).json()
    assert _shown(mine) == SEEN["customer"] - ({"expected"} if time == "08:20" else set())
    assert (mine["technician"], mine["address"]) == ("Tom", "Ana … house")
    for text in _everything_behind(client, path):
        for theirs in ("Hale", TOMS, ANAS, BENS, "Ben", "-77.035", "Cole's"):
            assert theirs not in text


def test_what_a_link_follows_is_found_in_one_question(
    client: TestClient, runtime: Runtime, ben: Visit, path: str
) -> None:
    token = path.removeprefix("/v/")
    with asked(runtime.workshop.engine) as statements:
        answer = client.get("/api/v1/visits/mine", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["customer"]) == (200, "Ana Cole")
    assert len([one for one in statements if one.startswith("SELECT")]) == 1


@pytest.mark.parametrize("page", ["", "/record"])
def test_a_customers_page_asks_the_record_about_that_visit_alone(
    client: TestClient, runtime: Runtime, ben: Visit, path: str, page: str
) -> None:
    """However much else was ever recorded, it costs the same."""
    with asked(runtime.workshop.engine) as statements:
        assert client.get(path + page).status_code == 200
    about = [one.partition("WHERE")[2] for one in statements if "FROM ledger " in one.replace("\n", " ")]
    assert about
    assert all(one.strip().startswith("ledger.visit_id =") for one in about)


def test_a_technician_sees_todays_visits(
    world: World, tom: TestClient, board: TestClient, ana: Visit, ben: Visit
) -> None:
    world.until("08:00")
    day = tom.get("/api/v1/day").json()
    assert [set(stop) for stop in day["stops"]] == [STOP, STOP]
    for stop in day["stops"]:
        assert _shown(stop["visit"]) == SEEN["technician"]
    assert _shown(tom.get(f"/api/v1/visits/{ben.id}").json()) == SEEN["technician"]
    assert _shown(board.get(f"/api/v1/visits/{ben.id}").json()) == SEEN["dispatcher"]


def test_a_visit_of_another_day_is_not_there_for_its_technician(
    world: World, tom: TestClient, ana: Visit
) -> None:
    assert tom.get(f"/api/v1/visits/{ana.id}").status_code == 200
    world.clock.advance(days=-1)
    for name in ("", "/history", "/calendar"):
        assert tom.get(f"/api/v1/visits/{ana.id}{name}").status_code == 404
    assert "Ana" not in tom.get("/day").text


def test_the_customers_phone_is_there_from_the_start_of_the_shift_until_a_day_after_the_work(
    world: World, tom: TestClient, ana: Visit
) -> None:
    def shown() -> set[str | None]:
        answer = tom.get(f"/api/v1/visits/{ana.id}")
        return {answer.json()["phone"] if answer.status_code == 200 else None} | {
            stop["visit"]["phone"] or None for stop in tom.get("/api/v1/day").json()["stops"]
        }

    world.until("07:59")
    assert shown() == {None}
    assert ANAS not in tom.get("/day").text
    world.until("08:00")
    assert shown() == {ANAS}
    assert f"tel:{ANAS}" in tom.get("/day").text
    for time, step in (("08:00", "leave"), ("08:10", "arrive"), ("08:50", "finish")):
        world.until(time)
        assert tom.post(f"/api/v1/visits/{ana.id}/status", json={"step": step}).status_code == 200
    assert shown() == {ANAS}
    world.clock.advance(hours=24, seconds=-1)
    assert shown() == {ANAS}
    world.clock.advance(seconds=1)
    assert shown() == {None}
