"""Whatever a technician's phone sends, row by row: what is kept, what is not, and that one bad thing costs no other.

Photos: tests/http/test_photos.py.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from api.device_rate import LIMIT, Reports
from dispatch.bookings.actions import hold_window, request_of
from dispatch.bookings.changes import reschedule
from dispatch.events import StepContested
from dispatch.field.actions import call_out
from dispatch.ledger import LedgerEntry
from dispatch.promises.states import Agreed
from dispatch.technicians.queries import absences_between, newest_positions
from dispatch.technicians.tables import AbsenceKind, DeviceEvent, Position, Technician
from dispatch.territories.tables import Territory
from dispatch.visits.queries import get_visit, list_notes
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from tests.builders import a_technician, near
from tests.corpora.house import a_phone
from tests.worlds import World

HERE = {"lat": near(km_east=1).lat, "lng": near(km_east=1).lng}


@pytest.fixture
def phone(world: World) -> TestClient:
    """Tom's, on shift at nine o'clock."""
    return a_phone(world, "Tom")


def stored(world: World) -> list[Position]:
    with world.look() as work:
        rows = list(work.session.exec(select(Position).order_by(Position.at)))  # type: ignore[arg-type]
        work.session.expunge_all()
    return rows


def ping(world: World, id: str = "p1", **values: Any) -> dict[str, Any]:
    at = values.pop("at", world.clock.at)
    return {
        "kind": "position",
        "client_event_id": id,
        "at": at if isinstance(at, str) else at.isoformat(),
        "place": HERE,
        **values,
    }


def step(world: World, visit: Visit, name: str, id: str, **values: Any) -> dict[str, Any]:
    at = values.pop("at", world.clock.at)
    return {
        "kind": "step",
        "client_event_id": id,
        "at": at.isoformat(),
        "visit_id": visit.id,
        "step": name,
        **values,
    }


def send(phone: TestClient, *events: dict[str, Any], status: int = 200, **body: str) -> list[tuple[str, str]]:
    answer = phone.post("/api/v1/day/events", json={"events": list(events), **body})
    assert answer.status_code == status, answer.text
    return [(one["result"], one["code"]) for one in answer.json().get("results", [])]


# --- where and when -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "status"),
    [
        pytest.param('{"lat": NaN, "lng": -77}', 400, id="NaN"),
        pytest.param('{"lat": "40", "lng": -77}', 422, id="a string"),
        pytest.param('{"lat": 91, "lng": -77}', 422, id="lat 91"),
        pytest.param('{"lat": 40, "lng": 181}', 422, id="lng 181"),
        pytest.param('{"lat": 0, "lng": 0}', 422, id="0,0"),
        pytest.param('{"lat": 40}', 422, id="half a place"),
    ],
)
def test_no_place_on_earth(world: World, phone: TestClient, place: str, status: int) -> None:
    body = f'{{"place": {place}, "at": "{world.clock.at.isoformat()}"}}'
    answer = phone.post(
        "/api/v1/day/position", content=body.encode(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert stored(world) == []


@pytest.mark.parametrize(("metres", "status"), [(-1, 422), (0, 200), (1_000_000, 422)])
def test_accuracy(world: World, phone: TestClient, metres: int, status: int) -> None:
    body = {"place": HERE, "at": world.clock.at.isoformat(), "accuracy_metres": metres}
    assert phone.post("/api/v1/day/position", json=body).status_code == status
    assert len(stored(world)) == (status == 200)


@pytest.mark.parametrize(
    ("at", "status"),
    [
        pytest.param("2026-03-02T09:06:00Z", 422, id="in the future"),
        pytest.param("2026-03-02T09:04:00Z", 200, id="a clock that is a little ahead"),
        pytest.param("2026-03-02T09:00:00", 422, id="naive"),
        pytest.param("1970-01-01T00:00:00Z", 202, id="1970"),
        pytest.param("yesterday", 422, id="no time at all"),
    ],
)
def test_time(world: World, phone: TestClient, at: str, status: int) -> None:
    assert phone.post("/api/v1/day/position", json={"place": HERE, "at": at}).status_code == status
    assert [one.at for one in stored(world)] == ([world.clock.at] if status == 200 else [])


def test_off_shift_it_is_dropped_and_counted(world: World, phone: TestClient) -> None:
    world.clock.at = world.at("19:30")
    for _ in range(2):
        answer = phone.post("/api/v1/day/position", json={"place": HERE, "at": world.clock.at.isoformat()})
        assert (answer.status_code, answer.json()) == (202, {"kept": False})
    assert send(phone, ping(world)) == [("rejected", "not_located")]
    assert stored(world) == []
    with world.look() as work:
        assert work.session.get_one(Technician, world.technicians["Tom"].id).positions_dropped == 3


def test_what_a_phone_kept_from_before_the_shift_is_dropped(world: World, phone: TestClient) -> None:
    assert send(phone, ping(world, at=world.at("07:30"))) == [("rejected", "not_located")]
    assert stored(world) == []


# --- many, and twice -------------------------------------------------------------------------------------------------


def test_a_thousand_at_once_and_no_more(world: World, phone: TestClient) -> None:
    pings = [ping(world, f"p{number}") for number in range(1001)]
    send(phone, *pings, status=413)
    assert stored(world) == []
    assert send(phone, *pings[:1000]) == [("applied", "")] * 1000
    assert len(stored(world)) == 1000
    answer = phone.post("/api/v1/day/events", json={"events": pings * 10})
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


def test_out_of_order_the_newest_is_where_they_are(world: World, phone: TestClient) -> None:
    later, earlier = world.at("09:00"), world.at("08:30")
    first = ping(world, "p1", at=later)
    second = ping(world, "p2", at=earlier, place={"lat": 40.0, "lng": -77.0})
    assert send(phone, first, second) == [("applied", ""), ("applied", "")]
    with world.look() as work:
        newest = newest_positions(work.session, [world.technicians["Tom"].id], world.at("08:00"))
        assert [(one.at, one.lng) for one in newest.values()] == [(later, HERE["lng"])]


def test_the_same_twice_counts_once(world: World, phone: TestClient) -> None:
    assert send(phone, ping(world), ping(world)) == [("applied", ""), ("duplicate", "")]
    assert send(phone, ping(world)) == [("duplicate", "")]
    assert len(stored(world)) == 1


def test_the_same_name_with_another_body_is_refused(world: World, phone: TestClient) -> None:
    send(phone, ping(world))
    answer = phone.post(
        "/api/v1/day/events", json={"events": [ping(world, "p2"), ping(world, accuracy_metres=5)]}
    )
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert "p1" in answer.json()["detail"]
    assert len(stored(world)) == 1
    with world.look() as work:
        assert [one.client_event_id for one in work.session.exec(select(DeviceEvent))] == ["p1"]


def test_fifty_in_a_second_from_one_phone(world: World) -> None:
    phone = a_phone(world, "Tom")
    phone.app.state.device_reports = Reports(timer=lambda: 0.0)  # type: ignore[attr-defined]
    body = {"place": HERE, "at": world.clock.at.isoformat()}
    answers = [phone.post("/api/v1/day/position", json=body) for _ in range(50)]
    assert [one.status_code for one in answers] == [200] * LIMIT + [429] * (50 - LIMIT)
    assert answers[-1].headers["retry-after"] == "1"
    assert send(phone, ping(world), status=429) == []


def test_nine_hundred_kilometres_an_hour_is_kept_and_not_believed(world: World, phone: TestClient) -> None:
    place = near(km_east=151)
    far = {"lat": place.lat, "lng": place.lng}
    send(phone, ping(world, "p1", at=world.at("08:50")))
    assert send(phone, ping(world, "p2", at=world.at("09:00"), place=far)) == [("applied", "")]
    assert [one.is_suspicious for one in stored(world)] == [False, True]
    with world.look() as work:
        newest = newest_positions(work.session, [world.technicians["Tom"].id], world.at("08:00"))
        assert [one.lng for one in newest.values()] == [HERE["lng"]]


# --- steps ---------------------------------------------------------------------------------------


@pytest.fixture
def toms(world: World) -> Visit:
    return world.book("Ana Cole", "10:00")


def test_steps_of_a_phone_that_was_in_a_cellar(world: World, phone: TestClient, toms: Visit) -> None:
    world.clock.at = world.at("11:30")
    told = send(
        phone,
        step(world, toms, "leave", "s1", at=world.at("10:00")),
        step(world, toms, "arrive", "s2", at=world.at("10:05"), place=HERE),
        step(world, toms, "finish", "s3", at=world.at("10:50"), note="<script>alert(1)</script>"),
    )
    assert told == [("applied", "")] * 3
    assert world.fresh(toms).state is VisitState.DONE
    with world.look() as work:
        assert [note.text for note in list_notes(work.session, toms.id)] == ["<script>alert(1)</script>"]
    assert send(phone, step(world, toms, "leave", "s1", at=world.at("10:00"))) == [("duplicate", "")]


def test_another_technicians_visit_is_not_there(world: World, toms: Visit) -> None:
    with world.as_office() as work:
        territory = work.session.get_one(Territory, world.territory.id)
        world.technicians["Uma"] = a_technician(work, territory, name="Uma", phone="+12025550112")
    uma = a_phone(world, "Uma")
    told = send(uma, step(world, toms, "leave", "s1"), ping(world))
    assert told == [("rejected", "not-found"), ("applied", "")]
    alone = uma.post(f"/api/v1/visits/{toms.id}/status", json={"step": "leave"})
    assert alone.status_code == 404
    assert world.fresh(toms).state is VisitState.BOOKED


def test_done_before_arrived_is_contested_with_both_times(
    world: World, phone: TestClient, toms: Visit
) -> None:
    world.clock.at = world.at("10:30")
    said_at = world.at("10:20")
    told = send(phone, step(world, toms, "finish", "s1", at=said_at), step(world, toms, "leave", "s2"))
    assert told == [("contested", "state-conflict"), ("applied", "")]
    assert world.fresh(toms).state is VisitState.EN_ROUTE
    with world.look() as work:
        [entry] = work.session.exec(select(LedgerEntry).where(LedgerEntry.kind == StepContested.kind())).all()
        assert (entry.visit_id, entry.at) == (toms.id, world.clock.at)
        assert (entry.data["step"], entry.data["occurred_at"]) == ("finish", said_at.isoformat())


@pytest.mark.parametrize("wrong", [timedelta(minutes=47), timedelta(minutes=-47), timedelta(days=400)])
def test_a_clock_that_is_wrong_is_measured_and_put_right(
    world: World, phone: TestClient, toms: Visit, wrong: timedelta
) -> None:
    """Four things out of order, the last ones first, three times: each counts once, at its true time."""
    world.clock.at = world.at("11:00")
    shown = {name: world.at(name) + wrong for name in ("10:02", "10:06", "10:30", "10:50")}
    heap = [
        step(world, toms, "finish", "s3", at=shown["10:50"], turn=4),
        ping(world, "p1", at=shown["10:30"], turn=3),
        step(world, toms, "arrive", "s2", at=shown["10:06"], turn=2, place=HERE),
        step(world, toms, "leave", "s1", at=shown["10:02"], turn=1, promise_version=1),
    ]
    sent_at = (world.clock.at + wrong).isoformat()
    assert send(phone, *heap, sent_at=sent_at) == [("applied", "")] * 4
    for _ in range(2):
        world.clock.at += timedelta(seconds=40)
        assert send(phone, *heap, sent_at=sent_at) == [("duplicate", "")] * 4
    assert world.fresh(toms).state is VisitState.DONE
    with world.look() as work:
        rows = {one.client_event_id: one for one in work.session.exec(select(DeviceEvent))}
        assert {name: row.occurred_at for name, row in rows.items()} == {
            name: world.at(at)
            for name, at in {"s1": "10:02", "s2": "10:06", "p1": "10:30", "s3": "10:50"}.items()
        }
        assert {row.said_at for row in rows.values()} == set(shown.values())
        assert {row.skew_seconds for row in rows.values()} == {round(-wrong.total_seconds())}
    assert world.at("10:30") in [one.at for one in stored(world)]


def test_a_clock_at_the_end_of_time_is_no_reason_to_stop(
    world: World, phone: TestClient, toms: Visit
) -> None:
    told = send(
        phone,
        step(world, toms, "leave", "s1", at=world.at("09:00").replace(year=9999)),
        ping(world),
        sent_at="0001-01-01T00:00:00Z",
    )
    assert told == [("contested", "time_in_future"), ("rejected", "time_in_future")]
    assert world.fresh(toms).state is VisitState.BOOKED


def test_a_visit_that_went_to_somebody_else_meanwhile_is_contested(world: World, toms: Visit) -> None:
    phone = a_phone(world, "Tom")
    with world.as_office() as work:
        territory = work.session.get_one(Territory, world.territory.id)
        world.technicians["Uma"] = a_technician(work, territory, name="Uma", phone="+12025550112")
    with world.as_technician("Tom") as (work, tom):
        call_out(work, tom, AbsenceKind.SICK)
    assert world.who_comes(toms) == "Uma"
    world.clock.at = world.at("09:30")
    heap = [step(world, toms, "leave", "s1", at=world.at("09:20"))]
    assert send(phone, *heap) == [("contested", "reassigned")]
    answer = phone.post("/api/v1/day/events", json={"events": heap}).json()["results"]
    assert [(one["result"], one["outcome"], one["detail"]) for one in answer] == [
        ("duplicate", "contested", "Somebody else has this visit now.")
    ]
    assert world.fresh(toms).state is VisitState.BOOKED
    assert "step_contested" in world.facts(toms)


def test_a_visit_that_was_moved_to_another_day_is_contested(
    world: World, phone: TestClient, toms: Visit
) -> None:
    with world.as_customer(toms) as work:
        visit = get_visit(work.session, toms.id)
        tomorrow = world.at("10:00") + timedelta(days=1)
        reschedule(
            work, visit, hold_window(work, request_of(work, visit), tomorrow), agreed_by=Agreed.CUSTOMER
        )
    world.clock.at = world.at("10:10")
    told = send(
        phone,
        step(world, toms, "leave", "s1", at=world.at("10:00"), promise_version=1),
        step(world, toms, "arrive", "s2", at=world.at("10:05"), promise_version=1, place=HERE),
    )
    assert told == [("contested", "state-conflict")] * 2
    assert world.fresh(toms).state is VisitState.BOOKED


def test_nobody_home_counts_the_minutes_that_the_phone_saw(
    world: World, phone: TestClient, toms: Visit
) -> None:
    """Both come in the same second; between them lie sixteen minutes of the phone's clock, whatever it shows."""
    world.clock.at = world.at("10:40")
    door = {"lat": near(km_north=1).lat, "lng": near(km_north=1).lng}
    told = send(
        phone,
        step(world, toms, "arrive", "s1", at=world.at("10:05"), place=door),
        step(world, toms, "nobody_home", "s2", at=world.at("10:21"), place=door, contacted=True),
        sent_at=world.at("10:30").isoformat(),
    )
    assert told == [("applied", "")] * 2
    assert world.fresh(toms).state is VisitState.FAILED


def test_a_heap_also_says_late_sick_and_seen(world: World, phone: TestClient, toms: Visit) -> None:
    def said(kind: str, id: str, **values: str) -> dict[str, Any]:
        return {"kind": kind, "client_event_id": id, "at": world.clock.at.isoformat(), **values}

    seen = said("seen", "e2", until=world.clock.at.isoformat())
    told = send(phone, said("answer", "e1", answer="late"), seen, said("absence", "e3", absence="sick"))
    assert told == [("applied", "")] * 3
    assert send(phone, said("absence", "e3", absence="sick")) == [("duplicate", "")]
    assert send(phone, said("absence", "e4", absence="van_down")) == [("applied", "")]
    with world.look() as work:
        tom = work.session.get_one(Technician, world.technicians["Tom"].id)
        assert tom.changes_seen_at == world.clock.at
        assert (
            len(absences_between(work.session, [tom.id], work.now, work.now + timedelta(seconds=1))[tom.id])
            == 1
        )


def test_a_heap_without_an_end_and_an_empty_one(world: World, phone: TestClient) -> None:
    send(phone, status=422)
    answer = phone.post("/api/v1/day/events", json={"events": [{"kind": "photo", "client_event_id": "x"}]})
    assert answer.status_code == 422
    assert stored(world) == []


def test_old_and_early_ones_are_rejected_and_cost_no_other(world: World, phone: TestClient) -> None:
    told = send(
        phone,
        ping(world, "old", at=world.clock.at - timedelta(hours=25)),
        ping(world, "early", at=world.clock.at + timedelta(minutes=6)),
        ping(world, "sea", place={"lat": 0.0, "lng": 0.0}),
        ping(world, "good"),
    )
    assert told == [
        ("rejected", "time_too_old"),
        ("rejected", "time_in_future"),
        ("rejected", "validation"),
        ("applied", ""),
    ]
    assert len(stored(world)) == 1
