"""The optimizer as a service: days come in and plans go out, and what is no day is refused by its pointer."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.planner import MOST_VISITS, Planner
from optimizer import Budget, Day, OnProgress, Progress, Solved, check, day_to_json, read_plan, repair
from tests.http.test_refusals import require_problem
from tests.unit.optimizer.worlds import a_day, a_technician, a_visit, window

PLAN, SLOTS = "/api/v1/optimizer/plan", "/api/v1/optimizer/slots"
SMALL = a_day(a_technician("ann", route=("v1",)), a_visit("v1"), a_visit("v2", skills={"gas": 1}))
DAY = day_to_json(SMALL)
MANY = [{**DAY["visits"][0], "id": f"n{n}"} for n in range(MOST_VISITS + 1)]
NEW = {"location": 2, "duration": 600, "state": "new", "windows": [[30000, 40000]]}

pytestmark = pytest.mark.usefixtures("quick")


def by_repair(
    day: Day,
    budget: Budget,
    *,
    deadline_seconds: float,
    engine: Callable[..., Any],
    on_progress: OnProgress | None,
) -> Solved:
    """What the search answers when nobody waits for it."""
    plan = repair(day)
    if on_progress:
        on_progress(Progress(0.01, 0, check(day, plan).cost, 0, 1, "first answer", plan))
    return Solved(plan, "repair", f"no answer within {deadline_seconds:g} s")


@pytest.fixture
def quick(client: TestClient) -> None:
    client.app.state.planner = Planner(solve=by_repair, starts_within=10.0)


def changed(**changes: Any) -> dict[str, Any]:
    return {**DAY, "visits": [{**DAY["visits"][0], **changes}, DAY["visits"][1]]}


def test_a_day_is_planned_judged_and_explained(staff: TestClient) -> None:
    answer = staff.post(PLAN, json={"day": DAY, "seconds": 1, "explain": True})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    verdict = check(SMALL, read_plan(found["plan"]))
    assert (verdict.legal, verdict.cost) == (True, found["verdict"]["cost"])
    [why] = found["explanations"]
    assert (why["visit"], why["blocks"][0]["code"]) == ("v2", "no_skill")
    assert (found["engine"], found["cause"]) == ("repair", "no answer within 11 s")
    assert staff.post(PLAN, json={"day": DAY}).json()["explanations"] == []


def test_a_real_child_searches_and_ends_in_time(staff: TestClient, client: TestClient) -> None:
    client.app.state.planner = Planner()
    answer = staff.post(PLAN, json={"day": DAY, "seconds": 0.2, "seed": 7})
    assert (answer.status_code, answer.json()["engine"]) == (200, "search"), answer.text
    assert answer.json()["verdict"]["legal"]


def test_a_child_that_is_late_is_killed_and_the_day_answered(staff: TestClient, client: TestClient) -> None:
    client.app.state.planner = Planner(starts_within=0.0)
    found = staff.post(PLAN, json={"day": DAY, "seconds": 0.05}).json()
    assert (found["engine"], found["verdict"]["legal"]) == ("repair", True)
    assert "0.05 s" in found["cause"]


def test_the_search_is_told_while_it_goes_on(staff: TestClient) -> None:
    with staff.stream("POST", PLAN, json={"day": DAY}, headers={"Accept": "text/event-stream"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        events = [part.split("\n") for part in answer.read().decode().strip().split("\n\n")]
    assert [lines[0] for lines in events] == ["event: progress", "event: plan"]
    told = [json.loads(lines[1].removeprefix("data: ")) for lines in events]
    assert told[0]["phase"] == "first answer"
    assert read_plan(told[1]["plan"]).day == "small"
    assert staff.post(PLAN, json={"day": DAY}).status_code == 200, "its place is free again"


def test_who_finds_all_places_taken_is_told_when_to_come_back(staff: TestClient, client: TestClient) -> None:
    now = 100.0
    planner = client.app.state.planner = Planner(at_once=2, solve=by_repair, watch=lambda: now)
    with planner.place(30), planner.place(7):
        for path, body in ((PLAN, {"day": DAY}), (SLOTS, {"day": DAY, "visit": NEW})):
            answer = staff.post(path, json=body)
            problem = require_problem(answer, 503, "temporarily-unavailable")
            assert (answer.headers["retry-after"], problem["retry_after_seconds"]) == ("7", 7)
            assert "All places for planning are taken" in str(problem["detail"])
        headers = {"Accept": "text/event-stream"}
        require_problem(staff.post(PLAN, json={"day": DAY}, headers=headers), 503, "temporarily-unavailable")
    assert staff.post(PLAN, json={"day": DAY}).status_code == 200


def test_no_more_than_the_places_search_at_once(staff: TestClient, client: TestClient) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def waiting(day: Day, budget: Budget, **options: Any) -> Solved:
        inside.set()
        assert go_on.wait(20)
        return by_repair(day, budget, **options)

    client.app.state.planner = Planner(at_once=1, solve=waiting)
    answers: list[int] = []
    first = threading.Thread(target=lambda: answers.append(staff.post(PLAN, json={"day": DAY}).status_code))
    first.start()
    assert inside.wait(20)
    answers.append(staff.post(PLAN, json={"day": DAY}).status_code)
    go_on.set()
    first.join(20)
    assert answers == [503, 200]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"day": changed(windows=[[61200, 57600]])}, "/day/visits/0/windows/0"),
        ({"day": changed(duration=-1)}, "/day/visits/0/duration"),
        ({"day": changed(location=99)}, "/day/visits/0/location"),
        ({"day": {**DAY, "format": "other"}}, "/day/format"),
        ({"day": {**DAY, "name": "\ud800"}}, "/day"),
        ({"day": {**DAY, "technicians": [], "visits": MANY}}, "/day/visits"),
        ({"day": []}, "/day"),
        ({"day": DAY, "seconds": 31}, "/seconds"),
        ({"day": DAY, "seconds": 0}, "/seconds"),
        ({"day": DAY, "seed": 1.5}, "/seed"),
        ({"day": DAY, "speed": 1}, "/speed"),
        ({}, "/day"),
    ],
)
def test_what_is_no_day_is_refused_by_its_pointer(
    staff: TestClient, body: dict[str, Any], pointer: str
) -> None:
    answer = staff.post(PLAN, content=json.dumps(body), headers={"Content-Type": "application/json"})
    problem = require_problem(answer, 422, "validation")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"visit": {**NEW, "location": 10}}, "/visit/location"),
        ({"visit": {**NEW, "state": "old"}}, "/visit/state"),
        ({"windows": [[9, 8]]}, "/windows/0"),
        ({"windows": [[1, 2], [3]]}, "/windows/1"),
        ({"windows": []}, "/windows"),
        ({"count": 0}, "/count"),
    ],
)
def test_a_visit_that_does_not_fit_is_refused_by_its_pointer(
    staff: TestClient, change: dict[str, Any], pointer: str
) -> None:
    problem = require_problem(staff.post(SLOTS, json={"day": DAY, "visit": NEW, **change}), 422, "validation")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


def test_places_and_windows_come_cheapest_first(staff: TestClient) -> None:
    windows = [[50000, 51000], [30000, 31000], [1, 2]]
    answer = staff.post(SLOTS, json={"day": DAY, "visit": NEW, "windows": windows, "count": 5})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    prices = [place["price"] for place in found["places"]]
    assert prices == sorted(prices)
    assert {tuple(one["window"]) for one in found["windows"]} == {(50000, 51000), (30000, 31000)}
    assert found["places"][0]["technician"] == "ann"
    assert len(staff.post(SLOTS, json={"day": DAY, "visit": NEW, "count": 1}).json()["places"]) == 1


def test_a_visit_may_be_moved_aside_and_what_is_missing_is_said(staff: TestClient) -> None:
    """gas is ann's alone: v1, promised 8:10 to 8:20, goes to bob. After v1 ann is there at 8:50, not by 8:15."""
    day = a_day(a_technician("ann", skills={"gas": 1}), a_technician("bob"), a_visit("v1", "8:10-8:20"))
    document = day_to_json(day)
    document["technicians"][0]["route"] = ["v1"]
    early, short = list(window("8:00-8:30")), list(window("8:10-8:15"))
    asked = {**NEW, "skills": {"gas": 1}, "windows": [early]}
    body = {"day": document, "visit": asked, "windows": [early, short]}
    found = staff.post(SLOTS, json=body).json()
    [one] = found["windows"]
    assert (one["window"], one["place"]["technician"], one["place"]["time"]) == (early, "ann", "08:20")
    assert one["moving"] == {"visit": "v1", "technician": "bob", "position": 0}
    [missing] = found["nearly"]
    way = missing["relaxation"]
    assert (missing["window"], way["kind"], way["amount"], way["technician"]) == (short, "window", 35, "ann")
    plain = staff.post(SLOTS, json={**body, "eject": False, "nearly": False}).json()
    assert plain == {"places": [], "windows": [], "nearly": []}


def test_a_whole_day_is_more_than_other_routes_take(staff: TestClient) -> None:
    large = {"day": {**DAY, "label": "x" * 1_500_000}}
    assert staff.post(PLAN, json=large).status_code == 200
    too_large = {"day": {**DAY, "label": "x" * 8_000_000}}
    require_problem(staff.post(PLAN, json=too_large), 413, "too-large")
