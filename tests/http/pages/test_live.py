"""Open pages hear of what happens: only of what is theirs, in order, and again after a lost connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.live import PAGE, Feed, News, Wants, of_technician, of_territory, of_visit
from api.principal import Principal
from api.runtime.runtime import Runtime
from dispatch.clock import SetClock
from dispatch.field.actions import leave
from dispatch.ledger import head
from dispatch.visits.actions import keep_note
from dispatch.visits.queries import get_visit
from dispatch.visits.tables import Visit
from dispatch.work import Workshop
from tests.http.pages.reading import Reader
from tests.worlds import World, one_van_two_visits


def everything(news: News) -> bool:
    return True


@pytest.fixture
def town(workshop: Workshop, clock: SetClock) -> tuple[World, Visit, Visit]:
    return one_van_two_visits(workshop, clock)


def heard(runtime: Runtime, wants: Wants = everything, after: int | None = 0) -> list[tuple[int, str]]:
    """(number, kind) of all that a page is told that opens its stream now and loses it at once."""

    async def listen() -> list[bytes]:
        return [chunk async for chunk in Feed(runtime, life_seconds=0).stream(after, wants)]

    return read(b"".join(asyncio.run(listen())).decode())


def read(body: str) -> list[tuple[int, str]]:
    """Server-sent events as a browser reads them."""
    found = []
    for block in body.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "data" in fields:
            found.append((int(fields["id"]), json.loads(fields["data"])["kind"]))
    return found


def test_a_page_hears_everything_once_and_in_order(
    runtime: Runtime, town: tuple[World, Visit, Visit]
) -> None:
    with runtime.read() as work:
        newest = head(work.session)
    assert [seq for seq, _ in heard(runtime)] == list(range(1, newest + 1))
    assert [seq for seq, _ in heard(runtime, after=newest - 2)] == [newest - 1, newest]
    assert heard(runtime, after=newest) == []
    assert heard(runtime, after=None) == []
    assert heard(runtime, after=newest + 1000) == []


def test_news_arrives_while_the_page_is_open(runtime: Runtime, town: tuple[World, Visit, Visit]) -> None:
    world, ana, _ = town
    with runtime.read() as work:
        shown = head(work.session)

    async def next_event(stream: AsyncIterator[bytes]) -> tuple[int, str]:
        while True:
            found = read((await anext(stream)).decode())
            if found:
                return found[0]

    async def watch() -> tuple[int, str]:
        stream = Feed(runtime).stream(shown, everything)
        await anext(stream)  # it is open
        waiting = asyncio.create_task(next_event(stream))
        await asyncio.sleep(0)
        await asyncio.to_thread(note, world, ana)
        return await asyncio.wait_for(waiting, timeout=30)

    assert asyncio.run(watch())[1] == "note_kept"


def note(world: World, visit: Visit) -> None:
    with world.as_office() as work:
        keep_note(work, get_visit(work.session, visit.id), "The bell is broken.")


def test_everybody_hears_only_of_what_is_theirs(
    runtime: Runtime, town: tuple[World, Visit, Visit], clock: SetClock
) -> None:
    world, ana, ben = town
    tom = world.technicians["Tom"].id
    with world.as_technician("Tom") as (work, technician):
        leave(work, technician, ana.id)
    told_ana = heard(runtime, of_visit(Principal("customer", ana.customer_id, visit_id=ana.id)))
    told_ben = heard(runtime, of_visit(Principal("customer", ben.customer_id, visit_id=ben.id)))
    assert "visit_stepped" in [kind for _, kind in told_ana]
    assert not set(told_ana) & set(told_ben)
    assert "visit_stepped" not in [kind for _, kind in told_ben]
    assert "visit_stepped" in [
        kind for _, kind in heard(runtime, of_technician(Principal("technician", tom)))
    ]
    assert heard(runtime, of_technician(Principal("technician", "somebody else"))) == []
    office = of_territory(Principal("dispatcher", "d", territory_id=world.territory.id))
    elsewhere = of_territory(Principal("dispatcher", "d", territory_id="elsewhere"))
    assert "visit_booked" in [kind for _, kind in heard(runtime, office)]
    assert "visit_booked" not in [kind for _, kind in heard(runtime, elsewhere)]


def test_more_than_a_page_of_news_is_not_cut(runtime: Runtime, town: tuple[World, Visit, Visit]) -> None:
    world, ana, _ = town
    with world.as_office() as work:
        for _ in range(PAGE + 20):
            keep_note(work, get_visit(work.session, ana.id), "Again.")

    async def listen() -> list[bytes]:
        feed, found, after = Feed(runtime, life_seconds=0), [], 0
        for _ in range(3):  # as a browser that comes back with what it saw last
            chunks = [chunk async for chunk in feed.stream(after, everything)]
            found += chunks
            after = max([after, *(seq for seq, _ in read(b"".join(chunks).decode()))])
        return found

    seqs = [seq for seq, _ in read(b"".join(asyncio.run(listen())).decode())]
    assert len(seqs) > PAGE
    assert seqs == list(range(1, len(seqs) + 1))


def test_a_lost_connection_goes_on_where_it_ended(
    runtime: Runtime, world: World, client: TestClient, track: Callable[[Visit], str]
) -> None:
    visit = world.book("Ana Cole", "08:00")
    app: FastAPI = client.app  # type: ignore[assignment]
    app.state.feed = Feed(runtime, life_seconds=0)
    path = f"{track(visit)}/live"
    all_of_it = read(client.get(path, params={"after": 0}).text)
    assert len(all_of_it) > 3
    last = str(all_of_it[1][0])
    answer = client.get(path, params={"after": 0}, headers={"Last-Event-ID": last})
    assert read(answer.text) == all_of_it[2:]
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert (
        read(client.get(path, params={"after": 0}, headers={"Last-Event-ID": "nonsense"}).text) == all_of_it
    )


def test_the_office_hears_over_http_what_its_programs_may_read(
    runtime: Runtime, world: World, office: Reader
) -> None:
    world.book("Ana Cole", "08:00")
    app: FastAPI = office.client.app  # type: ignore[assignment]
    app.state.feed = Feed(runtime, life_seconds=0)
    told = read(office.client.get("/api/v1/events/stream", params={"after": 0}).text)
    assert "visit_booked" in [kind for _, kind in told]
