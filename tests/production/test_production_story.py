"""The main story on all that runs in production, over HTTP and texts alone; each process is killed on the way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import PHONE, near
from tests.fakes.twilio import Hang
from tests.production.people import Person
from tests.production.plant import Plant, plant
from tests.redis_server import RedisServer, soon

pytestmark = [pytest.mark.postgres, pytest.mark.production]

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MIDDLE = {"lat": near().lat, "lng": near().lng}
ANAS_HOUSE = {"lat": near(km_north=1).lat, "lng": near(km_north=1).lng}
PHONES = {"Tom Hale": "+12025550111", "Uma Lund": "+12025550112"}
PLACE = ("--zone", "UTC", "--lat", "40.0", "--lng=-77.0")
SETUP = ("setup", "--territory", "North", "--dispatcher", "Dana Reed", *PLACE)


@pytest.fixture
def town(database_url: str, redis_server: RedisServer, tmp_path: Path) -> Iterator[Plant]:
    with plant(database_url, redis_server, tmp_path, at("07:00")) as made:
        yield made


def at(text: str) -> datetime:
    hours, minutes = map(int, text.split(":"))
    return MONDAY + timedelta(hours=hours, minutes=minutes)


def test_the_story_ends_well_although_everything_is_killed_once(town: Plant) -> None:
    office = open_house(town)
    vans = {name: hire(town, office, name, phone) for name, phone in PHONES.items()}
    town.fake.plan.append(Hang())
    visit_id, reference = book_while_the_web_dies(town, office)
    confirm_while_a_worker_dies(town, reference)
    ana = town.somebody(link_in(town.fake.read(PHONE)[-1]))
    silent = next(name for name, van in vans.items() if van.get("/api/v1/day")["stops"])
    [helper] = vans.keys() - {silent}
    notice_without_redis_and_without_a_provider(town, office, visit_id, silent)
    choose_while_the_proxy_dies(town, ana)
    come_and_finish(town, vans[helper], visit_id)
    town.until(at("13:07"))
    assert soon(lambda: "How did it go" in town.fake.read(PHONE)[-1])
    rating = town.somebody(link_in(town.fake.read(PHONE)[-1]))
    rating.post(f"/api/v1/visits/{visit_id}/rating", {"score": 5})
    assert_it_ended_well(town, office, ana, visit_id)


def open_house(town: Plant) -> Person:
    code, said = town.makegood(*SETUP)
    assert code == 0, said
    town.start("web 1", "web 2", "worker 1", "proxy")
    town.await_web()
    office = town.somebody()
    office.walk_in(re.findall(r"http\S+/setup/\S+", said)[-1])
    service = {"code": "repair", "name": "Repair", "duration_seconds": 2700, "spread_seconds": 600}
    office.post("/api/v1/services", service)
    return office


def hire(town: Plant, office: Person, name: str, phone: str) -> Person:
    shift = {"weekdays": [0], "start_at": "08:00", "end_at": "17:00", "overtime_until_at": "19:00"}
    hired = office.post("/api/v1/technicians", {"name": name, "phone": phone, "home": MIDDLE, "shift": shift})
    van = town.somebody()
    van.walk_in(office.post(f"/api/v1/technicians/{hired['id']}/enrolment")["url"])
    return van


def book_while_the_web_dies(town: Plant, office: Person) -> tuple[str, str]:
    """Both are killed while the customer asks; whoever asks again gets the same visit."""
    visitor = town.somebody(office.post("/api/v1/invitations", {"phone": PHONE})["url"].rpartition("/")[2])
    slots = visitor.get("/api/v1/slots", service="repair", **ANAS_HOUSE, days=1)["slots"]
    slot = next(slot for slot in slots if slot["start_at"] >= at("10:00").isoformat()[:16])
    wish = {"service": "repair", "place": ANAS_HOUSE, "start_at": slot["start_at"]}
    hold = visitor.post("/api/v1/holds", wish)
    who = {"name": "Ana Cole", "phone": PHONE, "address": "1 Main Street", "consent": True}
    with ThreadPoolExecutor(1) as hand:
        booking = hand.submit(visitor.post, "/api/v1/visits", {"hold_id": hold["id"], **who})
        for name in ("web 1", "web 2"):
            town.kill(name)
            town.start(name)
        booked = booking.result()
    assert booked["promise_state"] == "open"
    return booked["visit_id"], booked["reference"].replace("-", "")


def confirm_while_a_worker_dies(town: Plant, reference: str) -> None:
    """It dies in the call that the provider has accepted: the other finds the text in the provider's log."""
    assert soon(lambda: town.fake.read(PHONE))
    town.start("worker 2")
    town.kill("worker 1")
    town.fake.release()
    asked = town.fake.requests
    town.until(at("07:05"))
    assert soon(lambda: town.fake.requests > asked), "nobody asked the provider's log"
    town.start("worker 1")
    [confirmed] = town.fake.read(PHONE)
    assert reference in confirmed


def notice_without_redis_and_without_a_provider(
    town: Plant, office: Person, visit_id: str, silent: str
) -> None:
    """The workers look at the rows by themselves; texts wait until somebody takes them. One that was in the hand of who
    dies is theirs for a minute, and then looked for twice at the provider, a minute apart."""
    town.redis.kill()
    town.until(at("11:46"))
    assert soon(lambda: office.get(f"/api/v1/visits/{visit_id}")["at_risk"])
    assert soon(lambda: town.fake.read(PHONES[silent])), "asked to leave"
    town.line.cut()
    town.until(at("11:57"))
    assert soon(lambda: office.get(f"/api/v1/visits/{visit_id}")["state"] == "failed")
    town.kill("worker 2")
    town.line.connect()
    town.redis.start()
    town.start("worker 2")
    waiting = ("11:58", "11:59", "12:00", "12:01")
    assert any(_is_told_at(town, minute, "Reply 1") for minute in waiting)


def _is_told_at(town: Plant, minute: str, words: str) -> bool:
    town.until(at(minute))
    return soon(lambda: words in town.fake.read(PHONE)[-1], seconds=10)


def choose_while_the_proxy_dies(town: Plant, ana: Person) -> None:
    """Her text comes when nobody can take it, and then twice."""
    told: list[int] = []
    town.kill("proxy")
    with ThreadPoolExecutor(1) as carrier:
        telling = carrier.submit(town.fake.write, PHONE, "1", town.deliver, sid="SM" + "f" * 32)
        town.start("proxy")
        told.append(telling.result())
    told.append(town.fake.write(PHONE, "1", town.deliver, sid="SM" + "f" * 32))
    assert told == [200, 200]
    assert soon(lambda: ana.get("/api/v1/visits/mine")["promise_version"] == 2)
    assert soon(lambda: "settled" in town.fake.read(PHONE)[-1])


def come_and_finish(town: Plant, van: Person, visit_id: str) -> None:
    """The one who came instead: on the way, at the door, done."""
    path = f"/api/v1/visits/{visit_id}/status"
    town.until(at("12:15"))
    van.post(path, {"step": "leave"})
    assert soon(lambda: "on the way" in town.fake.read(PHONE)[-1])
    town.until(at("12:20"))
    van.post(path, {"step": "arrive", "place": ANAS_HOUSE})
    town.until(at("13:05"))
    van.post(path, {"step": "finish", "note": "A new valve."})


def assert_it_ended_well(town: Plant, office: Person, ana: Person, visit_id: str) -> None:
    for text in town.fake.messages:
        assert town.fake.report(text.sid, "delivered", town.deliver) == 204
    assert ana.get("/api/v1/visits/mine")["state"] == "done"
    found: dict[str, Any] = office.get("/api/v1/reports/making-good")
    assert (found["promises"], found["kept"], found["broken"]) == (2, 1, 1)
    assert (found["recovered_same_day"], found["still_open"], found["ratings"]) == (1, 0, {"5": 1})
    accepted = Counter((one.shown["to"], one.shown["body"]) for one in town.fake.messages)
    assert [text for text, count in accepted.items() if count > 1] == []
    assert len(town.fake.read(PHONE)) == 5, town.fake.read(PHONE)
    code, said = town.makegood("audit")
    assert code == 0, said


def link_in(text: str) -> str:
    found = re.search(r"/v/([\w-]+)", text)
    assert found, text
    return found[1]
