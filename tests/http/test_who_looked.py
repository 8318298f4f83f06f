"""Who looks at people's data is recorded: on every route that shows some, in memory first, by the hour in the rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from api.looks import ABOUT_NOBODY, is_look
from api.main import create_app
from api.policy import NOT_WRITING, POLICY
from api.policy_routes import ROUTES
from api.runtime.jobs import LOOKS, run_job
from api.runtime.looks import WRITTEN_EVERY_SECONDS, Look
from api.runtime.runtime import Runtime
from dispatch.access.tables import Scope
from dispatch.clock import SetClock
from dispatch.work import Workshop
from notifications.people.keeping import keep_house
from notifications.people.whose import TABLES
from tests.asked import asked, changes
from tests.http.conftest import BASE, Client
from tests.http.identities import Half, two_halves
from tests.http.looks import Watched
from tests.http.routes import every_route


@pytest.fixture
def looks() -> Watched:
    return Watched()


@pytest.fixture
def runtime(runtime: Runtime, looks: Watched) -> Runtime:
    return replace(runtime, looks=looks)


@pytest.fixture
def halves(workshop: Workshop, clock: SetClock) -> tuple[Half, Half]:
    return two_halves(workshop, clock)


def rows(runtime: Runtime) -> list[Any]:
    with runtime.read() as work:
        looks = TABLES["looks"]
        return list(work.session.connection().execute(select(looks).order_by(looks.c.id)))


def test_every_route_that_shows_people_has_a_door_that_notes_who_looked(client: TestClient) -> None:
    """That each of them does so when it is asked, test_who_may sees."""
    shown = [one for one in every_route(client.app) if is_look(one.method, *ROUTES[one.name])]
    assert [one.name for one in shown if not one.doors] == []
    assert {thing for thing, action in POLICY if action in NOT_WRITING} - ABOUT_NOBODY <= {
        ROUTES[one.name][0] for one in shown
    }


def test_looking_writes_nothing_and_the_job_writes_it_all_at_once(
    runtime: Runtime,
    client: TestClient,
    halves: tuple[Half, Half],
    sign_in: Client,
    looks: Watched,
    clock: SetClock,
) -> None:
    north, _ = halves
    office = sign_in(Scope.SETUP, north.things["dispatcher_id"])
    person = north.world.book("Eve Stone", "14:00", phone="+12025550177")
    office.get("/board")  # that the session was seen is noted by now
    with asked(runtime.workshop.engine) as statements:
        for _ in range(3):
            assert office.get(f"/board/visits/{person.id}").status_code == 200
        assert office.get(f"/board/visits/{'0' * 26}").status_code == 404
        assert changes(statements) == []
        assert run_job(runtime, LOOKS) == 0, "not yet"
        looks.seconds += WRITTEN_EVERY_SECONDS
        assert run_job(runtime, LOOKS) == 2, "the board, and the visit"
    assert len([one for one in changes(statements) if "looks" in one]) == 1
    office.get(f"/board/visits/{person.id}")
    office.get(f"/office/person/{person.id}")
    looks.write(runtime.workshop)
    [board, *visits] = sorted(rows(runtime), key=lambda one: (one.object_id == person.id, one.thing))
    assert (board.object_id, board.times) == (north.things["territory_id"], 1)
    assert [(one.thing, one.times) for one in visits] == [("held", 1), ("visits", 4)]
    assert {(one.role, one.subject_id) for one in visits} == {("dispatcher", north.things["dispatcher_id"])}
    assert visits[1].first_at == clock.at - dt.timedelta(seconds=WRITTEN_EVERY_SECONDS)

    page = office.get(f"/office/person/{person.customer_id}").text.partition('id="looked"')[2]
    assert f"{north.world.dispatchers[-1].name} (dispatcher)" in page
    assert "this page" in page
    found = office.post(f"/office/person/{person.customer_id}/file").json()["rows"]["looks"]
    assert {(one["role"], one["thing"], one["times"]) for one in found} == {
        ("dispatcher", "held", 1),
        ("dispatcher", "visits", 4),
    }
    assert "subject_id" not in found[0], "who of our people it was is not the customer's"

    clock.at += dt.timedelta(days=395)
    keep_house(runtime.workshop)
    assert len(rows(runtime)) == 3
    clock.at += dt.timedelta(days=2)
    keep_house(runtime.workshop)
    assert rows(runtime) == []


def test_what_cannot_be_written_waits(runtime: Runtime, looks: Watched) -> None:
    def away(_: Any) -> None:
        raise OperationalError("BEGIN", {}, OSError("away"))

    ana, ben = Look("dispatcher", "d", "visits", "ana"), Look("dispatcher", "d", "visits", "ben")
    looks.note(ana)
    event.listen(runtime.workshop.engine, "begin", away)
    with pytest.raises(OperationalError):
        looks.write(runtime.workshop)
    event.remove(runtime.workshop.engine, "begin", away)
    looks.note(ana)
    looks.note(ben)
    assert looks.write(runtime.workshop) == 2
    assert {one.object_id: one.times for one in rows(runtime)} == {"ana": 2, "ben": 1}


def test_a_process_that_ends_writes_what_it_knows(
    runtime: Runtime, looks: Watched, halves: tuple[Half, Half]
) -> None:
    """Also where workers do everything else."""
    elsewhere = runtime.settings.model_copy(update={"redis_url": "redis://127.0.0.1:1"})
    with TestClient(create_app(replace(runtime, settings=elsewhere)), base_url=BASE) as client:
        north, _ = halves
        assert client.get(f"/v/{north.link(Scope.TRACK)}").status_code == 200
        assert rows(runtime) == []
    [row] = rows(runtime)
    assert (row.role, row.object_id, row.times) == ("customer", north.things["visit_id"], 1)
