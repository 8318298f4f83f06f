"""Machines open links before people do: whatever they open, follow and press, nothing is changed by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlencode, urljoin

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from api.migrations.tables import METADATA
from dispatch.access.links import issue
from dispatch.access.tables import Scope
from dispatch.bookings.changes import cancel
from dispatch.callbacks.actions import promise_callback
from dispatch.field.actions import arrive, call_out, finish, leave
from dispatch.technicians.tables import AbsenceKind
from dispatch.visits.queries import get_visit
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.wishes.actions import wish_sooner
from tests.builders import near
from tests.http.conftest import BASE, KEY
from tests.http.pages.reading import Node, Reader, parse
from tests.worlds import World

Track = Callable[[Visit], str]
PREFETCHES = (
    {},
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Purpose": "prefetch"},
    {"X-Moz": "prefetch"},
    {"User-Agent": "WhatsApp/2.23", "Accept": "*/*"},
)
MOST_PAGES = 40


def booked(world: World, visit: Visit) -> None:
    """Nothing has happened yet."""


def promised_a_call(world: World, visit: Visit) -> None:
    with world.as_office() as work:
        promise_callback(work, territory_id=world.territory.id, about="customer_asked", visit_id=visit.id)


def waits_for_an_earlier_time(world: World, visit: Visit) -> None:
    with world.as_customer(visit) as work:
        wish_sooner(work, get_visit(work.session, visit.id))


def on_the_way(world: World, visit: Visit) -> None:
    with world.as_technician(world.who_comes(visit)) as (work, known):
        leave(work, known, visit.id)


def done(world: World, visit: Visit) -> None:
    name = world.who_comes(visit)
    on_the_way(world, visit)
    with world.as_technician(name) as (work, known):
        arrive(work, known, visit.id)
    with world.as_technician(name) as (work, known):
        finish(work, known, visit.id)


def cancelled(world: World, visit: Visit) -> None:
    with world.as_customer(visit) as work:
        cancel(work, get_visit(work.session, visit.id))


def broken(world: World, visit: Visit) -> None:
    """Both technicians are ill, one after the other: the promise broke, and there are options or a decision."""
    world.until("09:30")
    with world.as_technician(world.who_comes(visit)) as (work, known):
        call_out(work, known, AbsenceKind.SICK)
    world.until("10:05")


STATES = (booked, promised_a_call, waits_for_an_earlier_time, on_the_way, done, cancelled, broken)


@pytest.fixture
def page(world: World, track: Track, request: pytest.FixtureRequest) -> str:
    visit = world.book("Ana Cole", "08:00", place=near(km_north=1))
    path = track(visit)
    request.param(world, visit)
    return path


@pytest.fixture
def bot(client: TestClient) -> TestClient:
    """Without a session: it keeps no cookie and says nothing about where a form came from."""
    return TestClient(
        client.app, base_url=BASE, raise_server_exceptions=False, follow_redirects=False, cookies=None
    )


def everything(world: World) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, and where the ledger ends."""
    with world.look() as work:
        connection = work.session.connection()
        return {
            table.name: sorted(map(tuple, connection.execute(select(table)).all()), key=repr)
            for table in METADATA.sorted_tables
        }


def links_of(page: Node, path: str) -> Iterator[str]:
    for link in page.every("a"):
        there = urljoin(path, link.attributes.get("href", ""))
        if there.startswith(("/v/", "/book/")):
            yield there.partition("#")[0]


def crawl(bot: TestClient, start: str) -> dict[str, Node]:
    """Every page that a link leads to, as far as it is ours; files are opened, too. Of the same page about ever later
    days two are enough."""
    found: dict[str, Node] = {}
    seen = Counter[str]()
    waiting = [start]
    while waiting and len(found) < MOST_PAGES:
        path = waiting.pop(0)
        seen[path.partition("?")[0]] += path not in found
        if path in found or seen[path.partition("?")[0]] > 2:
            continue
        answer = bot.get(path)
        bot.cookies.clear()
        is_page = answer.headers.get("content-type", "").startswith("text/html")
        found[path] = parse(answer.text) if is_page and answer.text else Node("document")
        waiting += links_of(found[path], path)
    return found


def press_first(bot: TestClient, path: str, page: Node) -> int | None:
    """The first button of the page's own part, with what its form holds."""
    for main in page.every("main"):
        for form in main.every("form"):
            for button in form.every("button"):
                values = {
                    box.attributes["name"]: box.attributes.get("value", "on") or box.text or "x"
                    for box in form.every("input", "textarea")
                    if "name" in box.attributes
                }
                if "name" in button.attributes:
                    values[button.attributes["name"]] = button.attributes.get("value", "")
                action = urljoin(path, form.attributes.get("action", path))
                if form.attributes.get("method", "get") == "get":
                    return bot.get(f"{action}?{urlencode(values)}").status_code
                kind = {"Content-Type": "application/x-www-form-urlencoded"}
                answer = bot.post(action, content=urlencode(values), headers=kind)
                bot.cookies.clear()
                return answer.status_code
    return None


@pytest.mark.parametrize("page", STATES, indirect=True)
def test_opening_and_prefetching_changes_nothing(world: World, bot: TestClient, page: str) -> None:
    before = everything(world)
    for path in crawl(bot, page):
        for headers in PREFETCHES:
            assert bot.get(path, headers=headers).status_code < 500
            assert bot.head(path, headers=headers).status_code < 500
            bot.cookies.clear()
    assert everything(world) == before


@pytest.mark.parametrize("page", STATES, indirect=True)
def test_the_first_button_of_every_page_changes_nothing(world: World, bot: TestClient, page: str) -> None:
    before = everything(world)
    pressed = {path: press_first(bot, path, seen) for path, seen in crawl(bot, page).items()}
    assert everything(world) == before
    assert any(status == 200 for status in pressed.values()), pressed  # each is asked to press once more


def test_neither_does_it_where_somebody_books(world: World, bot: TestClient, booking_link: str) -> None:
    before = everything(world)
    for path, seen in crawl(bot, booking_link).items():
        press_first(bot, path, seen)
        for headers in PREFETCHES:
            bot.get(path, headers=headers)
            bot.head(path, headers=headers)
    assert everything(world) == before


def test_a_person_with_an_old_browser_presses_once_more_and_it_is_done(
    world: World, bot: TestClient, track: Track
) -> None:
    visit = world.book("Ana Cole", "08:00")
    page = track(visit)
    answer = bot.post(f"{page}/cancel", data={"sure": "true"})
    assert answer.status_code == 200
    asked = parse(answer.text)
    assert "Nothing has happened yet." in asked.text
    assert world.fresh(visit).state is VisitState.BOOKED
    (form,) = [form for main in asked.every("main") for form in main.every("form")]
    kept = {box.attributes["name"]: box.attributes["value"] for box in form.every("input")}
    assert bot.post(form.attributes["action"], data=kept).status_code == 303
    assert world.fresh(visit).state is VisitState.CANCELLED


def test_a_person_with_a_browser_of_today_presses_once(
    client: TestClient, world: World, track: Track
) -> None:
    visit = world.book("Ana Cole", "08:00")
    Reader(client).open(f"{track(visit)}/cancel").press("Cancel the visit", sure=True)
    assert world.fresh(visit).state is VisitState.CANCELLED


def test_an_api_key_of_a_link_needs_no_second_press(client: TestClient, world: World) -> None:
    """Programs that hold the link say so in a header, which no preview does."""
    visit = world.book("Ana Cole", "08:00")
    with world.as_office() as work:
        token = issue(work, KEY, Scope.TRACK, visit.id, expires_at=work.now + timedelta(days=7))
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.post(f"/api/v1/visits/{visit.id}/cancel", headers=bearer).status_code == 200
