"""A small world behind the application, and people in front of it who only have a browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from api.runtime.runtime import Runtime
from dispatch.access.invitations import invite
from dispatch.access.links import issue
from dispatch.access.tables import Scope
from dispatch.clock import SetClock
from dispatch.territories.tables import Territory
from dispatch.visits.tables import Visit
from dispatch.work import Workshop
from tests.http.conftest import KEY, Client
from tests.http.pages.reading import Reader
from tests.worlds import World, a_quiet_town


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    """Tom and Uma in the middle, Dana Reed and Vera Top in the office, at seven on a Monday."""
    return a_quiet_town(workshop, clock, "Tom Hale", "Uma Lund")


@pytest.fixture
def office(world: World, sign_in: Client) -> Reader:
    """Dana Reed at the board."""
    return Reader(sign_in(Scope.SETUP, world.dispatchers[0].id))


@pytest.fixture
def on_the_phone(world: World, sign_in: Client) -> Callable[[str], Reader]:
    """`on_the_phone("Tom Hale")`: that technician with the day open."""
    return lambda name: Reader(sign_in(Scope.ENROL, world.technicians[name].id))


@pytest.fixture
def track(world: World, runtime: Runtime, client: TestClient) -> Callable[[Visit], str]:
    """The path of a visit's own page."""

    def path_of(visit: Visit) -> str:
        with world.as_office() as work:
            expires_at = work.now + timedelta(days=7)
            return f"/v/{issue(work, KEY, Scope.TRACK, visit.id, expires_at=expires_at)}"

    return path_of


@pytest.fixture
def booking_link(world: World) -> str:
    """Sent to Ana Cole's phone."""
    with world.as_office() as work:
        territory = work.session.get_one(Territory, world.territory.id)
        invitation = invite(work, territory, phone="+12025550143")
        return f"/book/{issue(work, KEY, Scope.BOOK, invitation.id, expires_at=work.now + timedelta(days=7))}"
