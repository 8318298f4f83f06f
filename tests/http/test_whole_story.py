"""One promise from the booking to the rating, over HTTP and text alone: nobody in this story has another way in."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from sqlalchemy import Engine
from sqlmodel import select

from api.main import create_app
from api.runtime.open_telemetry import OpenTelemetry
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from api.runtime.starting import prepare, set_up
from dispatch.chance import Chance
from dispatch.clock import StoredClock
from dispatch.travel.straight import StraightLine
from dispatch.work import Workshop
from notifications.audit import ALL, run_audit
from notifications.channels.pocket import Pocket
from notifications.channels.tables import PocketText
from notifications.reactions import Reactions
from notifications.render import Writer
from optimizer import repair
from tests.builders import PHONE, near
from tests.http.conftest import BASE, KEY, SAME_SITE
from tests.http.overheard import Overheard, captured, lines

MONDAY = "2026-03-02"
HOME = {"lat": near().lat, "lng": near().lng}
ANAS_HOUSE = {"lat": near(km_north=1).lat, "lng": near(km_north=1).lng}
PHONES = {"Tom Hale": "+12025550111", "Uma Lund": "+12025550112"}
STORY = (
    *("visit_booked", "promise_made", "visit_at_risk", "technician_prompted", "failure_noticed"),
    *("recovery_opened", "offers_made", "choice_made", "promise_made", "offer_taken"),
    *("visit_stepped", "recovery_closed", "visit_rated"),
)
LINK = re.compile(rf"{re.escape(BASE)}/v/([\w-]+)")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    given = {"MAKEGOOD_DATA": tmp_path, "MAKEGOOD_DEV": True, "MAKEGOOD_CLOCK": f"{MONDAY}T07:00+00:00*0"}
    return Settings.model_validate(given)


@pytest.fixture
def runtime(engine: Engine, settings: Settings) -> Runtime:
    clock, told = StoredClock(), (Reactions(KEY, BASE, "Makegood"),)
    workshop = Workshop(engine, clock, Chance(Random(7)), StraightLine(), reactions=told)
    runtime = Runtime(
        settings,
        workshop,
        Pocket(engine, clock),
        KEY,
        writer=Writer(KEY, BASE, "Makegood"),
        solver=lambda day, seconds, start: repair(day),
    )
    prepare(runtime)
    return runtime


@dataclass
class Door:
    """A program or a browser in front of the application: with a cookie, a link's token, or nothing."""

    client: TestClient
    token: str = ""
    sent: int = 0

    def get(self, path: str, **query: Any) -> Any:
        answer = self.client.get(path, params=query, headers=self._headers())
        assert answer.status_code == 200, answer.text
        return answer.json() if "json" in answer.headers["content-type"] else answer.text

    def post(self, path: str, body: Any = None, *, status: int = 200) -> Any:
        self.sent += 1
        key = {"Idempotency-Key": f"{self.token}{self.sent}"}
        answer = self.client.post(path, json=body, headers=self._headers() | key)
        assert answer.status_code == status, answer.text
        return answer.json()

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


@dataclass
class Street:
    """Everybody in the story, and the one clock."""

    app: Any
    office: Door
    vans: dict[str, Door]

    def nobody(self, token: str = "") -> Door:
        return Door(TestClient(self.app, base_url=BASE, follow_redirects=False), token)

    def until(self, text: str) -> None:
        self.nobody().post("/dev/clock", {"to": f"{MONDAY}T{text}:00Z"})

    def texts(self, phone: str) -> list[str]:
        found = self.nobody().get("/dev/pocket", phone=phone)["messages"]
        return [text["body"] for text in found if text["direction"] == "out"]

    def write(self, phone: str, body: str) -> None:
        self.nobody().post("/dev/pocket", {"phone": phone, "body": body})


def walk_in(app: Any, url: str) -> Door:
    """Through a link that is used up by it; from then on a cookie opens."""
    client = TestClient(app, base_url=BASE, follow_redirects=False, headers=SAME_SITE)
    assert client.post(url.removeprefix(BASE)).status_code == 303
    return Door(client)


@pytest.fixture
def street(runtime: Runtime) -> Street:
    return open_house(create_app(runtime), runtime)


def open_house(app: Any, runtime: Runtime) -> Street:
    """A dispatcher comes in by the set-up link and opens the house: one service, two technicians with phones."""
    office = walk_in(app, set_up(runtime, "North", "Dana Reed", zone="UTC", centre=(40.0, -77.0)))
    service = {"code": "repair", "name": "Repair", "duration_seconds": 2700, "spread_seconds": 600}
    office.post("/api/v1/services", service, status=201)
    vans = {}
    shift = {"weekdays": [0], "start_at": "08:00", "end_at": "17:00", "overtime_until_at": "19:00"}
    for name, phone in PHONES.items():
        person = {"name": name, "phone": phone, "home": HOME, "shift": shift}
        hired = office.post("/api/v1/technicians", person, status=201)
        link = office.post(f"/api/v1/technicians/{hired['id']}/enrolment", status=201)["url"]
        vans[name] = walk_in(app, link)
    return Street(app, office, vans)


def test_a_broken_promise_is_made_good_the_same_day(street: Street, runtime: Runtime) -> None:
    live_the_day(street)
    with runtime.read() as read:
        assert run_audit(read, ALL) == []


def test_the_day_leaves_nothing_personal_in_the_log_or_in_the_traces(runtime: Runtime) -> None:
    kept = InMemorySpanExporter()
    runtime = replace(runtime, traces=OpenTelemetry(SimpleSpanProcessor(kept)))
    heard = Overheard(create_app(runtime))
    with captured() as log:
        live_the_day(open_house(heard, runtime))
    with runtime.read() as read:
        bodies = {text.body for text in read.session.exec(select(PocketText)) if len(text.body) > 3}
    links = {link for body in bodies for link in re.findall(r"/v/([\w-]+)", body)}
    assert len(heard.secrets) >= 6, "two doors, an invitation, three cookies"
    assert len(bodies) >= 5
    phones = {phone.lstrip("+") for phone in (PHONE, *PHONES.values())}
    names = {"Ana Cole", "Dana Reed", *PHONES, "1 Main Street", "A new valve"}
    for secret in heard.secrets | links | phones | names | bodies:
        assert json.dumps(secret)[1:-1] not in log.getvalue()
    spans = kept.get_finished_spans()
    told = "\n".join(span.to_json() for span in spans)
    for secret in heard.secrets | links | phones | names | bodies:
        assert json.dumps(secret)[1:-1] not in told
    routes = {
        str((span.attributes or {}).get("http.route")) for span in spans if span.kind is SpanKind.SERVER
    }
    assert "/api/v1/visits/{visit_id}/status" in routes
    assert all(route.startswith("/") for route in routes)
    assert {key for span in spans for key in span.attributes or {}} == {
        *("http.request.method", "http.route", "http.response.status_code", "makegood.request_id"),
    }
    asked = [line for line in lines(log) if line["logger"] == "makegood.access"]
    assert len(asked) > 30
    seen = {(span.attributes or {})["makegood.request_id"]: span.context.trace_id for span in spans}
    assert {line["request_id"]: int(line["trace_id"], 16) for line in asked} == seen
    assert all(line.keys() >= {"request_id", "method", "path", "status", "ms"} for line in asked)
    roles = {line["who"].partition(":")[0] for line in asked if "who" in line}
    assert roles >= {"dispatcher", "technician", "customer"}


def live_the_day(street: Street) -> None:
    invited = street.office.post("/api/v1/invitations", {"phone": PHONE}, status=201)
    visitor = street.nobody(invited["url"].rpartition("/")[2])
    visit_id, reference = book(visitor)

    street.until("07:01")
    [confirmed] = street.texts(PHONE)
    assert reference in confirmed
    ana = street.nobody(link_in(confirmed))
    assert ana.get("/api/v1/visits/mine")["window"] == "Mon 2 Mar, 10:00–12:00"
    before = ana.get(f"/api/v1/visits/{visit_id}/calendar")
    assert "DTSTART:20260302T100000Z" in before

    silent = next(name for name, van in street.vans.items() if van.get("/api/v1/day")["stops"])
    helper = next(name for name in street.vans if name != silent)
    street.until("11:46")
    assert street.office.get(f"/api/v1/visits/{visit_id}")["at_risk"]
    assert any(reference in text for text in street.texts(PHONES[silent])), "asked to leave"

    street.until("11:57")
    assert ana.get("/api/v1/visits/mine")["state"] == "failed"
    offered = street.texts(PHONE)[-1]
    assert "Reply 1" in offered
    assert helper.split()[0] in offered
    assert "Dana Reed" in offered
    [open_one] = street.office.get("/api/v1/recoveries")["recoveries"]
    assert (open_one["visit_id"], open_one["state"], open_one["fault"]) == (visit_id, "offered", "company")

    street.write(PHONE, "1")
    street.until("11:58")
    promised = ana.get("/api/v1/visits/mine")
    assert (promised["state"], promised["promise_version"]) == ("booked", 2)
    assert promised["agreed_by"] == "customer"
    assert "settled" in street.texts(PHONE)[-1]
    after = ana.get(f"/api/v1/visits/{visit_id}/calendar")
    assert uid_of(after) == uid_of(before), "the same appointment, moved"
    assert "DTSTART:20260302T100000Z" not in after

    revisit(street, helper, visit_id)
    assert ana.get("/api/v1/visits/mine")["state"] == "done"
    asked = street.texts(PHONE)[-1]
    assert "How did it go" in asked
    street.nobody(link_in(asked)).post(f"/api/v1/visits/{visit_id}/rating", {"score": 5})

    assert_reported(street.office.get("/api/v1/reports/making-good"))
    record = [entry["kind"] for entry in ana.get(f"/api/v1/visits/{visit_id}/history")["entries"]]
    assert in_order(record, STORY), record
    office_record = street.office.get(f"/api/v1/visits/{visit_id}/history")["entries"]
    assert [entry["kind"] for entry in office_record] == record, "both sides read the same"


def book(visitor: Door) -> tuple[str, str]:
    """The first window from ten on, held and booked, with consent to texts."""
    slots = visitor.get("/api/v1/slots", service="repair", **ANAS_HOUSE, days=1)["slots"]
    slot = next(slot for slot in slots if slot["start_at"] >= f"{MONDAY}T10:00")
    wish = {"service": "repair", "place": ANAS_HOUSE, "start_at": slot["start_at"]}
    held = visitor.post("/api/v1/holds", wish, status=201)
    who = {"name": "Ana Cole", "phone": PHONE, "address": "1 Main Street", "consent": True}
    booked = visitor.post("/api/v1/visits", {"hold_id": held["id"], **who}, status=201)
    assert booked["promise_state"] == "open"
    return booked["visit_id"], booked["reference"].replace("-", "")


def revisit(street: Street, helper: str, visit_id: str) -> None:
    """The one who came instead: on the way, at the door, done; the customer is told of the first."""
    van, path = street.vans[helper], f"/api/v1/visits/{visit_id}/status"
    [stop] = [stop for stop in van.get("/api/v1/day")["stops"] if stop["visit"]]
    assert stop["visit"]["visit_id"] == visit_id
    street.until("12:15")
    van.post(path, {"step": "leave"})
    street.until("12:20")
    assert "on the way" in street.texts(PHONE)[-1]
    van.post(path, {"step": "arrive", "place": ANAS_HOUSE})
    street.until("13:05")
    van.post(path, {"step": "finish", "note": "A new valve."})
    street.until("13:06")


def assert_reported(found: dict[str, Any]) -> None:
    assert (found["promises"], found["kept"], found["broken"]) == (2, 1, 1)
    assert (found["recovered_same_day"], found["same_day_rate"], found["still_open"]) == (1, 1.0, 0)
    assert found["by_kind"] == {"technician_absent": 1}
    assert found["told"]["count"] == found["accepted"]["count"] == 1
    assert found["ratings"] == {"5": 1}
    assert found["credit_cents"] == 2500


def link_in(text: str) -> str:
    found = LINK.search(text)
    assert found, text
    return found[1]


def uid_of(calendar: str) -> str:
    return next(line for line in calendar.splitlines() if line.startswith("UID:"))


def in_order(found: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether `wanted` are all there in this order, whatever else happened in between."""
    rest = iter(found)
    return all(kind in rest for kind in wanted)
