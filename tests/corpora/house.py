"""The application around a corpus's town, and a technician's phone at its door."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.main import create_app
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from dispatch.access.links import issue
from dispatch.access.tables import Scope
from notifications.channels.memory import Memory
from notifications.render import Writer
from optimizer import repair
from tests.corpora.conftest import KEY
from tests.unit.notifications.post import COMPANY
from tests.worlds import World

BASE = "http://127.0.0.1:8000"


def a_house(world: World) -> FastAPI:
    """The application, whose texts go nowhere."""
    settings = Settings.model_validate({"MAKEGOOD_DATA": Path("nowhere")})
    writer = Writer(KEY, BASE, COMPANY)
    runtime = Runtime(
        settings, world.workshop, Memory(), KEY, writer, solver=lambda day, seconds, start: repair(day)
    )
    return create_app(runtime)


def a_phone(world: World, name: str) -> TestClient:
    """Enrolled as that technician's."""
    phone = TestClient(
        a_house(world),
        base_url=BASE,
        raise_server_exceptions=False,
        follow_redirects=False,
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    with world.as_office() as work:
        expires_at = work.now + timedelta(hours=1)
        token = issue(work, KEY, Scope.ENROL, world.technicians[name].id, expires_at=expires_at)
    assert phone.post(f"/enrol/{token}").status_code == 303
    phone.app.state.device_reports = Slow()  # type: ignore[attr-defined]
    return phone


class Slow:
    """A phone that is never in a hurry: these tests send faster than any."""

    def note(self, technician_id: str) -> None:
        """Patience is another test's matter."""
