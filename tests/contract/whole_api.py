"""The whole application on a SQLite file that is as new for every request, and who asks: one of each kind."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response

from api.auth.guessing import KEY_LIMIT, Guesses
from api.device_rate import Reports
from api.main import create_app
from api.policy import EVERYBODY, POLICY, SCOPES, Who
from api.policy_routes import ROUTES
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from dispatch.access.sessions import Lasts, begin_session
from dispatch.access.tables import Scope
from dispatch.bookings.actions import hold_window
from dispatch.bookings.slots import Request
from dispatch.chance import Chance
from dispatch.clock import SetClock
from dispatch.services.tables import Service
from dispatch.territories.tables import Territory
from dispatch.travel.straight import StraightLine
from dispatch.work import Actor, Workshop
from notifications.channels.memory import Memory
from notifications.reactions import Reactions
from notifications.render import Writer
from optimizer import repair
from tests.builders import MIDDLE, near
from tests.engines import an_engine
from tests.http.conftest import BASE, KEY
from tests.http.identities import Half, two_halves

NOT_ASKED = {
    "GET /api/v1/events/stream",  # has no end, see test_live
    "GET /readyz",  # no job runs beside this application, see test_ready
}


class WholeApi:
    """Two territories full of things; `things` are those of the first, whose people ask."""

    def __init__(self, folder: Path, template: Path) -> None:
        self._file, self._new = folder / "makegood.db", folder / "new.db"
        shutil.copy(template, self._file)
        self._engine = an_engine(f"sqlite:///{self._file}")
        self._clock = SetClock(datetime(2026, 3, 2, 7, 0, tzinfo=UTC))
        told = Reactions(KEY, BASE, "Makegood")
        self._workshop = Workshop(
            self._engine, self._clock, Chance(Random(7)), StraightLine(), reactions=(told,)
        )
        self._half, _ = two_halves(self._workshop, self._clock)
        self._holds = {who: self._a_hold(*keeper) for who, keeper in KEEPERS.items()}
        self.things = self._half.things
        self._shown = {who: _credentials(self._half, who) for who in ASKERS}
        self.app = _app(self._workshop, folder)
        self._client = TestClient(self.app, base_url=BASE, raise_server_exceptions=False)
        self._engine.dispose()
        shutil.copy(self._file, self._new)

    def fitting(self, who: Who) -> dict[str, Any]:
        """What a chance value never hits, by the name that bodies and queries have for it."""
        return {
            "service": self._half.world.service.code,
            "visit": self.things["visit_id"],
            "hold_id": self._holds.get(who, ""),
            "phone": "+12025550155",
            "place": {"lat": MIDDLE[0], "lng": MIDDLE[1]},
            "lat": MIDDLE[0],
            "lng": MIDDLE[1],
            "start_at": "2026-03-03T08:00:00Z",
            "from": "2026-03-03",
        }

    def operations(self, who: Who) -> list[tuple[str, str]]:
        """The method and path of what they may ask for. Whoever is nobody may ask for everything, and is refused."""
        found = []
        for path, methods in self.app.openapi()["paths"].items():
            for method in methods:
                name = f"{method.upper()} {path}"
                line = POLICY[ROUTES[name]]
                if name not in NOT_ASKED and (who is Who.NOBODY or (who in line and line is not EVERYBODY)):
                    found.append((method.upper(), path))
        return found

    def ask(self, who: Who, request: Mapping[str, Any]) -> Response:
        """As if nobody had asked before."""
        self._renew()
        sent = {name: value for name, value in request.items() if name != "cookies"}
        if isinstance(sent.get("data"), bytes | str):
            sent["content"] = sent.pop("data")
        self._client.cookies.clear()
        return self._client.request(**sent | {"headers": {**request["headers"], **self._shown[who]}})

    def _a_hold(self, role: str, subject: str) -> str:
        """Of tomorrow's noon."""
        world = self._half.world
        with self._workshop.work(Actor(role, self._half.things[subject]), "a hold") as work:
            territory = work.session.get_one(Territory, world.territory.id)
            service = work.session.get_one(Service, world.service.id)
            request = Request(territory=territory, service=service, place=near(km_north=1))
            return hold_window(work, request, world.at("12:00") + timedelta(days=1)).id

    def _renew(self) -> None:
        self._engine.dispose()
        for left in (".db-wal", ".db-shm"):
            self._file.with_suffix(left).unlink(missing_ok=True)
        shutil.copy(self._new, self._file)
        self.app.state.guesses, self.app.state.device_reports = Guesses(), Reports()
        self.app.state.asked = Guesses(limit=KEY_LIMIT)


ASKERS = (Who.NOBODY, Who.TRACK, Who.BOOK, Who.TECHNICIAN, Who.ADMIN, Who.KEY)
LINKS = {Who.TRACK: Scope.TRACK, Who.BOOK: Scope.BOOK}
KEEPERS = {Who.ADMIN: ("dispatcher", "dispatcher_id"), Who.BOOK: ("customer", "invitation_id")}
SESSIONS = {Who.TECHNICIAN: ("technician", "technician_id"), Who.ADMIN: ("dispatcher", "dispatcher_id")}


def _credentials(half: Half, who: Who) -> dict[str, str]:
    if who is Who.NOBODY:
        return {}
    if who is Who.KEY:
        return {"Authorization": f"Bearer {half.key(SCOPES)}"}
    if who in LINKS:
        return {"Authorization": f"Bearer {half.link(LINKS[who])}"}
    role, subject = SESSIONS[who]
    with half.world.as_office() as work:
        secret = begin_session(work, role, half.things[subject], lasts=Lasts(timedelta(days=1)))
    return {"Cookie": f"mg={secret}", "Sec-Fetch-Site": "same-origin"}


def _app(workshop: Workshop, folder: Path) -> FastAPI:
    settings = Settings.model_validate({"MAKEGOOD_DATA": folder})
    writer = Writer(KEY, BASE, "Makegood")
    return create_app(
        Runtime(settings, workshop, Memory(), KEY, writer, solver=lambda day, seconds, start: repair(day))
    )
