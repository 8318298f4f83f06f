"""Proposals over JSON: asked for, read, published or refused, taken back; each within one territory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.runtime.jobs import plan
from api.runtime.runtime import Runtime
from dispatch.access.tables import Scope
from dispatch.bookings.changes import cancel
from dispatch.clock import SetClock
from dispatch.visits.queries import get_visit
from dispatch.visits.tables import Visit
from dispatch.work import Workshop
from tests import builders
from tests.builders import near
from tests.conftest import OpenWork
from tests.http.conftest import Client
from tests.stories.detour import TUESDAY, a_day_with_a_detour, book, one_van
from tests.worlds import World, a_quiet_town

PLANS = f"/api/v1/plans/{TUESDAY}"


@pytest.fixture
def runtime(runtime: Runtime) -> Runtime:
    return replace(runtime, solver=one_van)


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    return a_quiet_town(workshop, clock, "Tom", "Uma")


@pytest.fixture
def visits(world: World) -> list[Visit]:
    """Two customers whom one van could serve and two do."""
    found = a_day_with_a_detour(world)
    world.clock.at = world.at("07:11")
    return found


@pytest.fixture
def dana(world: World, sign_in: Client) -> TestClient:
    return sign_in(Scope.SETUP, world.dispatchers[0].id)


def asked(dana: TestClient, key: str = "1") -> Any:
    answer = dana.post(f"{PLANS}/proposals", headers={"Idempotency-Key": key})
    assert answer.status_code == 202, answer.text
    return answer.json()


def test_a_plan_says_how_likely_each_promise_is(dana: TestClient, visits: list[Visit]) -> None:
    chances = {one["visit_id"]: one for one in dana.get(PLANS).json()["chances"]}
    assert chances.keys() == {visit.id for visit in visits}
    assert all(one["percent"] > 50 for one in chances.values())
    assert {one["word"] for one in chances.values()} <= {"safe", "likely", "tight"}
    assert dana.get(f"{PLANS}/versions").json()["versions"][0]["chances"] is None


def test_ask_read_publish_and_undo(
    dana: TestClient, visits: list[Visit], runtime: Runtime, world: World
) -> None:
    first = asked(dana)
    assert (first["state"], first["can"], first["says"]) == ("searching", ["dismiss"], None)
    assert first["asked_by"] == "Dana Reed"
    assert asked(dana) == first, "the same key is the same question"
    plan(runtime)
    path = f"{PLANS}/proposals/{first['id']}"
    found = dana.get(path).json()
    assert (found["state"], found["can"]) == ("proposed", ["dismiss", "publish"])
    assert found["says"].startswith("58 minutes less driving; 1 person gets another technician")
    [line] = [line for line in found["lines"] if line["disturbed"]]
    assert {line["technician_now"], line["technician_then"]} == {"Tom", "Uma"}
    assert (line["kept_then"], line["text"]) == (True, False)
    assert line["reference"]
    assert line["customer"].startswith("Ana")
    assert dana.get(f"{PLANS}/proposals").json()["proposals"] == [found]
    before = dana.get(PLANS).json()["version"]
    made = dana.post(f"{path}/publish")
    assert (made.status_code, made.json()["state"]) == (200, "published")
    assert made.json()["published_version"] == dana.get(PLANS).json()["version"] == before + 1
    again = dana.post(f"{path}/publish")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/state-conflict")
    back = dana.post(f"{PLANS}/undo")
    assert (back.status_code, back.json()["version"], back.json()["cause"]) == (200, before + 2, "undo")
    twice = dana.post(f"{PLANS}/undo")
    assert twice.status_code == 409
    assert "undone already" in twice.json()["detail"]


def test_an_overtaken_proposal_is_refused_with_what_changed(
    dana: TestClient, visits: list[Visit], runtime: Runtime, world: World
) -> None:
    proposal = asked(dana)
    plan(runtime)
    path = f"{PLANS}/proposals/{proposal['id']}"
    late = book(world, "Late Lee", TUESDAY, "14:00", near(km_east=0.1))
    refused = dana.post(f"{path}/publish")
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/stale-plan")
    assert refused.headers["content-type"] == "application/problem+json"
    reference = f"{late.reference[:3]}-{late.reference[3:]}"
    assert refused.json()["changes"] == [f"Came onto the day: {reference}."]
    assert refused.json()["current_version"] == dana.get(PLANS).json()["version"]
    assert dana.get(path).json()["changed"] == [f"Came onto the day: {reference}."]
    assert asked(dana, "2")["id"] != proposal["id"]


def test_that_it_is_overtaken_is_written_down_with_the_refusal(
    dana: TestClient, visits: list[Visit], runtime: Runtime, world: World
) -> None:
    proposal = asked(dana)
    plan(runtime)
    path = f"{PLANS}/proposals/{proposal['id']}"
    with world.as_customer(visits[0]) as work:
        cancel(work, get_visit(work.session, visits[0].id))
    assert dana.get(path).json()["state"] == "proposed"
    assert dana.post(f"{path}/publish").status_code == 409
    assert dana.get(path).json()["state"] == "overtaken"


def test_a_proposal_is_dismissed_once(dana: TestClient, visits: list[Visit], runtime: Runtime) -> None:
    proposal = asked(dana)
    plan(runtime)
    path = f"{PLANS}/proposals/{proposal['id']}"
    assert dana.post(f"{path}/dismiss").json()["settled_by"] == "Dana Reed"
    assert dana.post(f"{path}/dismiss").status_code == 409


def test_what_cannot_be_asked_or_found(dana: TestClient, visits: list[Visit]) -> None:
    past = dana.post("/api/v1/plans/2026-03-01/proposals", headers={"Idempotency-Key": "1"})
    assert (past.status_code, past.json()["detail"]) == (
        409,
        "This day is over; there is nothing left to plan.",
    )
    assert dana.post(f"{PLANS}/proposals").status_code == 400, "no key"
    assert dana.post("/api/v1/plans/tomorrow/undo").status_code == 422
    assert dana.get(f"{PLANS}/proposals/{'0' * 26}").status_code == 404
    nothing = dana.post(f"{PLANS}/undo")
    assert (nothing.status_code, nothing.json()["type"]) == (409, "/problems/state-conflict")


def test_another_territorys_proposal_is_not_there(
    dana: TestClient, visits: list[Visit], runtime: Runtime, work: OpenWork, sign_in: Client
) -> None:
    """Not theirs to read, to publish or to dismiss; and a proposal is not found under another day."""
    proposal = asked(dana)
    plan(runtime)
    with work() as w:
        south = builders.a_territory(w, name="South")
        sid = builders.a_dispatcher(w, south, name="Sid South")
    stranger = sign_in(Scope.SETUP, sid.id)
    path = f"{PLANS}/proposals/{proposal['id']}"
    assert stranger.get(path).status_code == 404
    for step in ("publish", "dismiss"):
        assert stranger.post(f"{path}/{step}").status_code == 404
    assert stranger.get(f"{PLANS}/proposals").json() == {"proposals": []}
    assert stranger.post(f"{PLANS}/undo").status_code == 409
    elsewhere = f"/api/v1/plans/2026-03-04/proposals/{proposal['id']}"
    assert dana.post(f"{elsewhere}/publish").status_code == 404
    assert dana.get(path).json()["state"] == "proposed"


def test_a_visit_is_held_over_a_place_put_there_and_left_as_it_was(
    dana: TestClient, visits: list[Visit], world: World
) -> None:
    visit = visits[0]
    other = next(name for name in ("Tom", "Uma") if name != world.who_comes(visit))
    there = {"visit_id": visit.id, "technician_id": world.technicians[other].id}
    told = dana.get(f"{PLANS}/place", params=there).json()
    assert told["is_allowed"]
    assert told["says"].startswith("Starts at ")
    assert dana.get(f"{PLANS}/proposals").json() == {"proposals": []}, "nothing is changed by asking"
    draft = dana.post(f"{PLANS}/place", json=there).json()
    assert (draft["state"], [line["visit_id"] for line in draft["lines"]]) == ("proposed", [visit.id])
    gone = dana.post(f"{PLANS}/proposals/{draft['id']}/keep", json={"visit_ids": [visit.id]}).json()
    assert (gone["state"], gone["why"]) == ("dismissed", "nothing left to change")
    nobody = dana.get(f"{PLANS}/place", params={**there, "technician_id": "0" * 26})
    assert nobody.status_code == 404
    assert dana.get(f"{PLANS}/place", params={**there, "visit_id": "?"}).status_code == 422


def test_another_territorys_visit_cannot_be_held_over_anything(
    dana: TestClient, visits: list[Visit], world: World, workshop: Workshop, sign_in: Client, work: OpenWork
) -> None:
    with work() as w:
        elsewhere = builders.a_territory(w, name="Elsewhere")
        stranger = builders.a_dispatcher(w, elsewhere)
        sam = builders.a_technician(w, elsewhere, name="Sam", phone="+12025550177")
    them = sign_in(Scope.SETUP, stranger.id)
    there = {"visit_id": visits[0].id, "technician_id": sam.id}
    assert them.get(f"{PLANS}/place", params=there).status_code == 404
    assert them.post(f"{PLANS}/place", json=there).status_code == 404
