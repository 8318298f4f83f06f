"""Two territories with everything in them that a route can name, and somebody of every kind who asks for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response

from api.auth.guessing import Flood, Guesses
from api.policy import SCOPES, Who
from api.webhooks.actions import subscribe
from dispatch.access.invitations import invite
from dispatch.access.keys import make_key
from dispatch.access.links import issue
from dispatch.access.tables import Scope
from dispatch.callbacks.actions import promise_callback
from dispatch.callbacks.briefs import brief
from dispatch.callbacks.queries import list_for_visit as calls_about
from dispatch.clock import SetClock
from dispatch.field.actions import Hindrance, arrive, cannot_finish, leave
from dispatch.field.tables import Trouble, TroubleState
from dispatch.plans.proposals import ask
from dispatch.portraits import set_portrait
from dispatch.recoveries.queries import find_open
from dispatch.technicians.hours import report_absence
from dispatch.technicians.tables import AbsenceKind, Technician
from dispatch.territories.actions import add_dispatcher
from dispatch.territories.tables import StaffRole, Territory
from dispatch.visits.photos import Picture
from dispatch.work import Work, Workshop
from notifications.inbox.parse import Intent
from notifications.inbox.tables import InboundText
from tests import builders
from tests.http.conftest import KEY, Client
from tests.http.routes import NOBODYS, Known
from tests.worlds import OFFICE, World, a_quiet_town

REASON = {"reason": "nobody is free"}
SHIFT = {"weekdays": [0], "start_at": "08:00", "end_at": "17:00", "overtime_until_at": "18:00"}
# What is sent to a route that names something: a body that fits, so that it is asked whose the thing is.
BODIES: dict[str, dict[str, Any]] = {
    "PUT /api/v1/territories/{territory_id}/policies": {"policies": {}},
    "PUT /api/v1/technicians/{technician_id}/shift": SHIFT,
    "POST /api/v1/visits/{visit_id}/status": {"step": "arrive"},
    "POST /api/v1/visits/{visit_id}/reschedule": {"hold_id": NOBODYS},
    "POST /api/v1/visits/{visit_id}/rating": {"score": 5},
    "POST /api/v1/visits/{visit_id}/emergency": {"technician_id": NOBODYS, **REASON},
    "POST /api/v1/recoveries/{recovery_id}/choice": {"choice": "person"},
    "POST /api/v1/recoveries/{recovery_id}/bend": {"relaxation": 0, **REASON},
    "POST /api/v1/recoveries/{recovery_id}/not-today": REASON,
    "POST /api/v1/recoveries/{recovery_id}/take-back": {"why": "other"},
    "POST /api/v1/recoveries/{recovery_id}/close": REASON,
    "POST /api/v1/recoveries/{recovery_id}/credit": {"approved": False},
    "POST /api/v1/callbacks/{callback_id}/done": {"outcome": "reached"},
    "POST /api/v1/plans/{day}/proposals/{proposal_id}/keep": {"visit_ids": [NOBODYS]},
    "POST /board/proposals/{day}/{proposal_id}/keep": {"visit_id": NOBODYS},
    "POST /board/visits/{visit_id}/change": {"start_at": "2026-03-03T08:00:00Z"},
    "POST /board/visits/{visit_id}/cancel": {"sure": "true"},
    "POST /board/visits/{visit_id}/sooner": {"sooner": "no"},
    "POST /board/visits/{visit_id}/sooner-answer": {"offer": NOBODYS, "answer": "keep"},
    "POST /board/visits/{visit_id}/emergency": {"way": NOBODYS, **REASON},
    "POST /board/recoveries/{recovery_id}/choice": {"choice": "person"},
    "POST /board/recoveries/{recovery_id}/bend": {"relaxation": "0", **REASON},
    "POST /board/recoveries/{recovery_id}/not-today": REASON,
    "POST /board/recoveries/{recovery_id}/take-back": {"why": "other"},
    "POST /board/recoveries/{recovery_id}/close": REASON,
    "POST /board/recoveries/{recovery_id}/credit": {"approved": "false"},
    "POST /board/callbacks/{callback_id}/done": {"outcome": "reached"},
    "POST /office/record/{name}/consent": {"texts": "no"},
    "POST /office/person/{id}/erase": {"reference": "nonsense"},
    "POST /api/v1/webhooks/{webhook_id}/replay": {"after": 0},
    "POST /day/visits/{visit_id}/nobody-home": {"contacted": "true"},
    "POST /day/visits/{visit_id}/decline": {"note": "not with this van"},
    "POST /day/visits/{visit_id}/cannot-finish": {"hindrance": "needs_more_time"},
}
FACE = {"photo": ("face.jpg", b"no photo", "image/jpeg")}
FILES = {"POST /office/technicians/{technician_id}/photo": FACE, "POST /office/me/photo": FACE}
QUERIES = {
    "POST /api/v1/visits/{visit_id}/photos": "client_photo_id=p1&at=2026-03-02T08:00:00Z",
    "GET /api/v1/messages": "visit={visit_id}",
    "GET /api/v1/visits": "q=ana",
}
ENDLESS = (
    "/live",
    "/stream",
)  # asked with a nonsensical place to go on from, which only the door is asked before
ROLES = {
    Who.ADMIN: StaffRole.ADMIN,
    Who.DISPATCHER: StaffRole.DISPATCHER,
    Who.SUPERVISOR: StaffRole.SUPERVISOR,
    Who.MANAGER: StaffRole.MANAGER,
}
SIGNED_IN = {*ROLES, Who.TECHNICIAN}
LINKS = {
    Who.TRACK: Scope.TRACK,
    Who.BOOK: Scope.BOOK,
    Who.SETUP: Scope.SETUP,
    Who.ENROL: Scope.ENROL,
    Who.CALENDAR: Scope.CALENDAR,
}
SUBJECTS = {
    Scope.TRACK: "visit_id",
    Scope.BOOK: "invitation_id",
    Scope.SETUP: "dispatcher_id",
    Scope.ENROL: "technician_id",
    Scope.CALENDAR: "reader_id",
}


@dataclass(frozen=True)
class Half:
    """One territory: its world, and what stands in the places of a path."""

    world: World
    things: Mapping[str, str]

    def key(self, scopes: Collection[str], *, days: int = 90) -> str:
        """The secret of a key for this half."""
        with self.world.as_office() as work:
            until, territory_id = work.now + dt.timedelta(days=days), self.world.territory.id
            return make_key(work, "The shop", scopes, territory_id=territory_id, expires_at=until)[1]

    def link(self, scope: Scope) -> str:
        """The token of a link that is about something of this half."""
        subject = self.things[SUBJECTS[scope]]
        with self.world.as_office() as work:
            return issue(work, KEY, scope, subject, expires_at=work.now + dt.timedelta(days=7))


def two_halves(workshop: Workshop, clock: SetClock) -> tuple[Half, Half]:
    """In North and in South: a technician who could not finish, an open recovery, a call, a text, a proposal."""
    north = a_quiet_town(workshop, clock, "Tom")
    with workshop.work(OFFICE, "set up") as work:
        south = builders.a_territory(work, name="South")
        sue = builders.a_dispatcher(work, south, name="Sue Hart")
        una = builders.a_technician(work, south, name="Una", phone="+12025550119")
    other = World(workshop, clock, south, [sue], north.service, {"Una": una})
    return _filled(north, "Ana Cole", "Tom", "+12025550143"), _filled(
        other, "Bea Lind", "Una", "+12025550144"
    )


def _filled(world: World, customer: str, technician: str, phone: str) -> Half:
    world.clock.at = world.at("07:00")
    visit = world.book(customer, "08:00", phone=phone)
    planned = world.book("Carl Voss", "12:00", phone=phone)
    world.clock.at = world.at("08:10")
    with world.as_technician(technician) as (work, known):
        leave(work, known, visit.id)
    world.clock.at = world.at("08:20")
    with world.as_technician(technician) as (work, known):
        arrive(work, known, visit.id)
    with world.as_technician(technician) as (work, known):
        cannot_finish(work, known, visit.id, hindrance=Hindrance.NEEDS_MORE_TIME, note="")
    with world.as_office() as work:
        things = _things(work, world, technician, visit.id, phone)
    return Half(world, things | {"planned_id": planned.id})


def _a_trouble(work: Work, territory: Territory, technician: Technician) -> str:
    """Waits for a second person."""
    trouble = Trouble(
        id=work.new_id(),
        territory_id=territory.id,
        kind=AbsenceKind.WEATHER,
        technician_ids=[technician.id],
        reason="Trees on every road.",
        people=21,
        told=[],
        state=TroubleState.ASKED,
        asked_by=work.actor.id,
        asked_at=work.now,
    )
    work.session.add(trouble)
    work.session.flush()
    return trouble.id


def _things(work: Work, world: World, technician: str, visit_id: str, phone: str) -> dict[str, str]:
    territory = work.session.get_one(Territory, world.territory.id)
    known = work.session.get_one(Technician, world.technicians[technician].id)
    absence = report_absence(
        work, known, AbsenceKind.LEAVE, start_at=world.at("08:00") + dt.timedelta(days=20)
    )
    recovery = find_open(work.session, visit_id)
    assert recovery
    promise_callback(work, territory_id=territory.id, about="customer_asked", visit_id=visit_id)
    inbound = InboundText(
        id=work.new_id(),
        provider_sid=f"SM{work.new_id()}",
        phone=phone,
        body="Hello?",
        salt="salt",
        received_at=work.now,
        intent=Intent.FREE.value,
        effect="",
        visit_id=visit_id,
        answer_by_at=work.now + dt.timedelta(hours=1),
    )
    work.session.add(inbound)
    promise_callback(work, territory_id=territory.id, about="inbox", inbound_id=inbound.id, phone=phone)
    work.session.flush()
    day = world.at("08:00").date()
    brief(work, calls_about(work.session, visit_id)[-1], text="It drips", picture=Picture(b"\xff", 1, 1))
    set_portrait(work, known, Picture(b"\xff", 1, 1))
    return {
        "territory_id": territory.id,
        "service_id": world.service.id,
        "technician_id": known.id,
        "absence_id": absence.id,
        "dispatcher_id": world.dispatchers[-1].id,
        "visit_id": visit_id,
        "recovery_id": recovery.id,
        "trouble_id": _a_trouble(work, territory, known),
        "callback_id": calls_about(work.session, visit_id)[-1].id,
        "inbound_id": inbound.id,
        "proposal_id": ask(work, territory, day).id,
        "day": day.isoformat(),
        "step": "arrive",
        "language": "en",
        "name": "rate",
        "slug": "slot-taken",
        "invitation_id": invite(work, territory).id,
        "key_id": _a_key(work, territory),
        "colleague_id": add_dispatcher(work, territory, f"Cole of {territory.name}", ladder=9).id,
        "spare_id": builders.a_technician(work, territory, name=f"Spare of {territory.name}").id,
        "reader_id": builders.a_technician(work, territory, name=f"Reader of {territory.name}").id,
        "id": visit_id,
        "webhook_id": subscribe(work, territory.id, "https://shop.example/facts", ["visit_booked"]).id,
        "verb": "pause",
        "rows": "services",
    }


@dataclass(frozen=True)
class Somebody:
    """One who asks: what they are, whose half of the world is theirs, and what they show at the door."""

    who: Who
    half: Half
    client: TestClient
    bearer: str | None = None

    def ask(self, known: Known, things: Mapping[str, str], body: Mapping[str, Any] | None = None) -> Response:
        """With a link in the path where the route has one, as a bearer token elsewhere."""
        self.client.app.state.guesses = Guesses()  # this is not about patience
        self.client.app.state.flood = Flood(self.client.app.state.runtime)
        if self.who not in SIGNED_IN:  # what the door gave to somebody before
            self.client.cookies.clear()
        if self.who is Who.TECHNICIAN:  # whose other visit is nobody's any more
            things = {**things, "visit_id": things["planned_id"]}
        named = {**things, "token": self.bearer or "0" * 22}
        if known.path.startswith("/office/people/"):  # whoever asks must still be there for the next route
            named["dispatcher_id"] = things["colleague_id"]
        if known.path.endswith(
            ("/text-link", "/off", "/on", "/enrolment", "/enrol")
        ):  # and so must the phone of the technician
            named["technician_id"] = things["spare_id"]
        if "/record/" in known.path:
            named["name"] = things.get("visit_id", NOBODYS)
        path = known.filled_with(named)
        headers = {"Idempotency-Key": "k"}
        if "{token}" in known.path:
            headers["Sec-Fetch-Site"] = "same-origin"  # somebody presses a button of ours
        elif self.bearer:
            headers["Authorization"] = f"Bearer {self.bearer}"
        if known.path.endswith(ENDLESS):
            path += "?after=nonsense"
        elif known.name in QUERIES:
            path += "?" + QUERIES[known.name].format_map(things)
        fits = body or BODIES.get(known.name)
        sent = {"json" if known.takes_json else "data": fits} if fits else known.empty_body
        if known.name in FILES:
            sent = {"files": FILES[known.name]}
        return self.client.request(known.method, path, headers=headers, **sent)


def people(half: Half, client: TestClient, sign_in: Client) -> Iterator[Somebody]:
    """Those who sign in come first: it uses up the link that they were sent."""
    with half.world.as_office() as work:
        territory = work.session.get_one(Territory, half.world.territory.id)
        office = {
            who: add_dispatcher(
                work, territory, f"{role.value.title()} of {territory.name}", ladder=9, role=role
            ).id
            for who, role in ROLES.items()
            if who is not Who.ADMIN
        }
    office[Who.ADMIN] = half.things["dispatcher_id"]
    for who, person_id in office.items():
        yield Somebody(who, half, sign_in(Scope.SETUP, person_id))
    yield Somebody(Who.TECHNICIAN, half, sign_in(Scope.ENROL, half.things["technician_id"]))
    for who, scope in LINKS.items():
        yield Somebody(who, half, client, half.link(scope))
    yield Somebody(Who.KEY, half, client, half.key(SCOPES))


def _a_key(work: Work, territory: Territory) -> str:
    until = work.now + dt.timedelta(days=90)
    return make_key(work, "A script", [], territory_id=territory.id, expires_at=until)[0].id
