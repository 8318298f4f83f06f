"""Territory, services, crew and the feed of facts, as a dispatcher uses them."""

from __future__ import annotations

from fastapi.testclient import TestClient

from api.runtime.runtime import Runtime
from dispatch.clock import SetClock
from dispatch.ledger import head as ledger_head
from dispatch.territories.tables import Territory
from dispatch.work import Workshop
from notifications.channels.silent import NoChannel
from tests import builders
from tests.worlds import OFFICE, World

TOM = {
    "name": "Tom Hale",
    "phone": "(202) 555-0111",
    "home": {"lat": 40.0, "lng": -77.0},
    "skills": {"gas": 2},
    "stock": {"valve": 3},
    "shift": {"weekdays": [0, 1], "start_at": "08:00", "end_at": "16:00", "overtime_until_at": "18:00"},
}


def test_a_technician_is_hired_with_hours_and_stock(staff: TestClient) -> None:
    hired = staff.post("/api/v1/technicians", json=TOM, headers={"Idempotency-Key": "1"})
    assert hired.status_code == 201, hired.text
    assert hired.json()["phone"] == "+12025550111"
    assert staff.get(f"/api/v1/technicians/{hired.json()['id']}").json()["stock"] == {"valve": 3}
    later = {**TOM["shift"], "end_at": "07:00"}
    refused = staff.put(f"/api/v1/technicians/{hired.json()['id']}/shift", json=later)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "window_empty"


def test_an_unfit_phone_or_place_is_named(staff: TestClient) -> None:
    for change, code in (
        ({"phone": "12"}, "phone_invalid"),
        ({"home": {"lat": 91, "lng": 0}}, "position_invalid"),
        ({"home": {"lat": 0, "lng": 0}}, "position_invalid"),
    ):
        refused = staff.post("/api/v1/technicians", json={**TOM, **change}, headers={"Idempotency-Key": "1"})
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)


def test_policies_change_only_from_the_version_that_was_seen(staff: TestClient, territory: Territory) -> None:
    path = f"/api/v1/territories/{territory.id}"
    seen = staff.get(path).headers["etag"]
    body = {"policies": {"hold_seconds": 300}}
    assert staff.put(f"{path}/policies", json=body).status_code == 428
    changed = staff.put(f"{path}/policies", json=body, headers={"If-Match": seen})
    assert (changed.status_code, changed.json()["policies"]) == (200, {"hold_seconds": 300})
    assert changed.headers["etag"] == staff.get(path).headers["etag"] != seen
    stale = staff.put(f"{path}/policies", json=body, headers={"If-Match": seen})
    assert (stale.status_code, stale.json()["current_version"]) == (412, 2)
    unknown = {"policies": {"hold_second": 300}}
    refused = staff.put(f"{path}/policies", json=unknown, headers={"If-Match": changed.headers["etag"]})
    assert refused.json()["errors"][0]["pointer"] == "/policies/hold_second"


def test_the_feed_neither_skips_nor_repeats(staff: TestClient) -> None:
    staff.post("/api/v1/technicians", json=TOM, headers={"Idempotency-Key": "1"})
    seen, after = [], 0
    while page := staff.get(f"/api/v1/events?after={after}&limit=2").json()["events"]:
        seen += page
        after = page[-1]["seq"]
    assert [event["seq"] for event in seen] == list(range(1, len(seen) + 1))
    assert seen[-1]["kind"] == "technician_joined"
    assert "Tom" not in str(seen)


def test_another_territorys_facts_are_not_told(
    staff: TestClient, workshop: Workshop, clock: SetClock
) -> None:
    with workshop.work(OFFICE, "set up") as w:
        south = builders.a_territory(w, name="South")
        una, repair = builders.a_technician(w, south, name="Una"), builders.a_service(w)
    visit = World(workshop, clock, south, [], repair, {"Una": una}).book("Ana Cole", "10:00")
    page = staff.get("/api/v1/events?limit=1000").json()
    assert "service_offered" in str(page["events"])
    assert visit.id not in str(page["events"])
    assert south.id not in str(page["events"])
    with workshop.read() as work:
        assert page["next"] == ledger_head(work.session)


def test_health_says_whether_texts_go_out(client: TestClient, runtime: Runtime) -> None:
    assert client.get("/healthz").json() == {
        "status": "ok",
        "now": "2026-03-02T07:00:00Z",
        "texts": "sent",
        "jobs": {},
    }
    object.__setattr__(runtime, "channel", NoChannel())
    assert client.get("/healthz").json()["texts"] == "kept, not sent"


def test_robots_are_told_the_doors_but_no_token(client: TestClient) -> None:
    assert "Disallow: /v/\n" in client.get("/robots.txt").text
