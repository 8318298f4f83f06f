"""What is true of every page: it can be read by anybody, it changes nothing, it opens for nobody else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import cycle
from urllib.parse import urljoin

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import text

from api.main import create_app
from api.runtime.jobs import JOBS, run_job
from api.runtime.runtime import Runtime
from dispatch.bookings.actions import request_of
from dispatch.customers.tables import Address, Customer
from dispatch.field.actions import arrive, leave
from dispatch.ledger import LedgerHead
from dispatch.store import Row
from dispatch.visits.actions import keep_note
from dispatch.visits.queries import get_visit
from dispatch.visits.tables import Visit
from dispatch.work import SYSTEM
from notifications.channels.pocket import Pocket
from notifications.channels.port import Outbound
from notifications.inbox.receive import receive
from notifications.outbox.lane import stop_sending
from tests.asked import read_whole
from tests.builders import PHONE
from tests.http.conftest import BASE
from tests.http.pages.hostile import HOSTILE, filled_forms, made_of, pieces, require_inert
from tests.http.pages.reading import Node, Reader, parse
from tests.worlds import World

# A house has so many of these, or one for each of its people, and few more after a year.
PEOPLES = {
    "territories",
    "services",
    "technicians",
    "dispatchers",
    "shifts",
    "wordings",
    "webhooks",
    "api_keys",
}
SMALL = PEOPLES | {
    "ledger_head",
    "lane",
    "clock",
    "job_notes",
    "pocket_texts",
}  # the last is of the demo alone
ONCE_A_DAY = ("audit", "keeping")
# Part of a name may stand anywhere, and what is about one person too.
SELDOM = ("/board/find", "/office/person")
LONG = ("text", "body")
WRITTEN = (
    ("customers", "name"),
    ("addresses", "line"),
    ("visit_notes", "text"),
    ("inbound_texts", "body"),
    ("technicians", "name"),
    ("dispatchers", "name"),
    ("services", "name"),
    ("territories", "name"),
    ("lane", "why"),
    ("pocket_texts", "body"),
)
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"

Pages = dict[str, Reader]


@pytest.fixture
def visit(world: World) -> Visit:
    return world.book("Ana Cole", "08:00")


@pytest.fixture
def pages(
    world: World,
    visit: Visit,
    client: TestClient,
    runtime: Runtime,
    office: Reader,
    on_the_phone: Callable[[str], Reader],
    track: Callable[[Visit], str],
    booking_link: str,
) -> Pages:
    """Every page there is, with somebody who may open it, at a moment at which much is going on."""
    tom, home = on_the_phone(world.who_comes(visit)), track(visit)
    world.book("Ben Ode", "10:00", phone="+12025550144")
    with world.workshop.work(SYSTEM, "text") as work:
        receive(work, provider_sid="s1", phone=PHONE, body="Is the dog a problem?")
    anybody = Reader(client)
    step = f"{booking_link}/times?service=repair&address=1+Mill+Lane&lat=40.009&lng=-77"
    kept = Reader(client).open(step)
    kept.press("Keep this time", start_at=kept.choices("start_at")[-1])
    pocket = Pocket(runtime.workshop.engine, runtime.workshop.clock)
    pocket.send(Outbound(PHONE, "Makegood: your visit is booked.", "m1", 600))
    settings = runtime.settings.model_copy(update={"dev": True})
    dev = replace(runtime, settings=settings, channel=pocket)
    demo = Reader(TestClient(create_app(dev), base_url=BASE, follow_redirects=False))
    return {
        "/": anybody,
        "/nowhere": anybody,
        "/problems/slot-taken": anybody,
        home: anybody,
        f"{home}/change": anybody,
        f"{home}/cancel": anybody,
        f"{home}/texts": anybody,
        f"{home}/about-call": anybody,
        booking_link: anybody,
        step: anybody,
        kept.path: anybody,
        "/day": tom,
        "/day/absence": tom,
        f"/day/visits/{visit.id}/nobody-home": tom,
        f"/day/visits/{visit.id}/cannot-finish": tom,
        "/board": office,
        "/board?day=2026-03-03": office,
        "/board/find?q=ana": office,
        "/board/book": office,
        step.replace(booking_link, "/board/book"): office,
        "/board/invite": office,
        f"/board/visits/{visit.id}": office,
        f"/board/visits/{visit.id}/change": office,
        f"/board/visits/{visit.id}/cancel": office,
        "/board/proposals": office,
        "/board/proposals?day=2026-03-03": office,
        "/reports": office,
        "/office": office,
        "/office/services": office,
        "/office/services/new": office,
        f"/office/services/{world.service.id}": office,
        "/office/technicians": office,
        "/office/technicians/new": office,
        f"/office/technicians/{world.technicians['Tom Hale'].id}": office,
        "/office/territory": office,
        "/office/people": office,
        f"/office/people/{world.dispatchers[1].id}": office,
        "/office/me": office,
        "/sign-in": anybody,
        "/office/policies": office,
        "/office/texts": office,
        "/office/texts?language=fr": office,
        "/office/sending": office,
        "/office/texts/de/recovery_offer": office,
        "/office/texts/en/_happened": office,
        "/office/record": office,
        f"/office/record/{visit.customer_id}": office,
        "/office/person": office,
        f"/office/person/{visit.customer_id}": office,
        "/reports?from=2026-02-24&to=2026-03-02": office,
        "/reports/visits?what=promises": office,
        "/#demo": demo,
        "/panel/broken": demo,
        "/pocket": demo,
        "/pocket/find?q=ana": demo,
        f"/pocket?phone=%2B{PHONE[1:]}": demo,
    }


def test_everybody_can_read_every_page(pages: Pages) -> None:
    for path, reader in pages.items():
        reader.open(path)
        assert reader.status == (404 if path == "/nowhere" else 200), path
        assert reader.h1, path
        require_readable(reader, path)


def require_readable(reader: Reader, path: str) -> None:
    (html,), (_,), (head,) = (list(reader.page.every(tag)) for tag in ("html", "main", "head"))
    (title,) = head.every("title")  # a picture has one of its own
    assert html.attributes["lang"] == "en", path
    assert title.text, path
    assert not list(reader.page.every("style")), path
    for script in reader.page.every("script"):  # a file of ours, or data that is never run
        is_file = script.attributes.get("src", "").startswith("/static/") and not script.text
        assert is_file or script.attributes.get("type") == "application/json", path
    labelled = {label.attributes.get("for") for label in reader.page.every("label")}
    wrapped = {id(box) for label in reader.page.every("label") for box in label.every("input")}
    for box in reader.page.every("input", "select", "textarea"):
        if box.attributes.get("type") != "hidden":
            assert id(box) in wrapped or box.attributes["id"] in labelled, (path, box)
    ids = re.findall(r' id="([^"]+)"', str([node.attributes for node in reader.page.every("section")]))
    assert len(ids) == len(set(ids)), path
    every = [
        node for tag in ("h1", "h2", "h3", "section", "form", "input") for node in reader.page.every(tag)
    ]
    names = [node.attributes["id"] for node in every if "id" in node.attributes]
    assert len(names) == len(set(names)), path
    for node in every:
        assert "style" not in node.attributes, path
        assert not [name for name in node.attributes if name.startswith("on")], path


def test_looking_changes_nothing(pages: Pages, world: World) -> None:
    def head() -> tuple[int, str]:
        with world.look() as work:
            found = work.session.get_one(LedgerHead, 1)
            return found.seq, found.hash

    before = head()
    for path, reader in pages.items():
        seen = reader.client.get(path)
        asked = reader.client.head(path)
        assert (asked.status_code, asked.text) == (seen.status_code, ""), path
    assert head() == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_grows_for_ever_is_never_read_whole(pages: Pages, runtime: Runtime) -> None:
    """For no page, no press and no job of every second, so that none is slower after a year than on the first day."""
    with read_whole(runtime.workshop.engine) as found:
        for path, reader in pages.items():
            if not path.startswith(SELDOM):
                reader.open(path)
        for job in (job for job in JOBS if job.name not in ONCE_A_DAY):
            run_job(runtime, job)
    grows = Row.metadata.tables.keys() - SMALL
    assert [f"{table}: {statement}" for table, statement in found.items() if table in grows] == []


def test_no_page_with_forms_to_fill_reloads_by_itself(pages: Pages) -> None:
    for path, reader in pages.items():
        reader.open(path)
        reloads = [node for node in reader.page.every("meta") if "http-equiv" in node.attributes]
        (main,) = reader.page.every("main")  # one word to find, in the bar above, is soon typed again
        typed = [
            box for box in main.every("input", "textarea", "select") if box.attributes.get("type") != "hidden"
        ]
        assert not (reloads and typed), path


def test_each_page_opens_for_its_own_people_alone(
    pages: Pages, world: World, client: TestClient, office: Reader, on_the_phone: Callable[[str], Reader]
) -> None:
    stranger = Reader(client)
    phone = on_the_phone("Tom Hale")
    for path in pages:
        if path.startswith(("/board", "/reports", "/office")):
            assert stranger.open(path).status == 401, path
            assert phone.open(path).status == 403, path
        if path.startswith("/day"):
            assert stranger.open(path).status == 401, path
            assert office.open(path).status == 403, path
        if path.startswith(("/v/", "/book/")):
            wrong = re.sub(r"^/(v|book)/[^/?]+", r"/\1/" + "A" * 22, path)
            assert stranger.open(wrong).status == 404, path


def test_a_form_from_another_site_is_refused(office: Reader, visit: Visit, world: World) -> None:
    form = {"sure": "true"}
    for site in ("cross-site", "same-site", "none"):
        headers = {"Sec-Fetch-Site": site}
        path = f"/board/visits/{visit.id}/cancel"
        assert office.client.post(path, data=form, headers=headers).status_code == 403
    assert world.facts(visit)[-1] != "visit_stepped"
    as_json = office.client.post(f"/board/visits/{visit.id}/cancel", json=form)
    assert as_json.status_code == 415


def test_what_people_write_is_shown_as_they_wrote_it(
    pages: Pages, world: World, visit: Visit, office: Reader
) -> None:
    with world.as_office() as work:
        found = get_visit(work.session, visit.id)
        work.session.get_one(Customer, found.customer_id).name = SCRIPT
        work.session.get_one(Address, found.address_id).line = SCRIPT
        assert request_of(work, found)
        keep_note(work, found, SCRIPT)
        receive(work, provider_sid="s2", phone=PHONE, body=SCRIPT)
    shown = 0
    for path, reader in pages.items():
        html = reader.client.get(path).text
        assert SCRIPT[:12] not in html, path
        assert "<img" not in html, path
        shown += SCRIPT in reader.open(path).page.text
    assert shown >= 4
    found_nothing = office.client.get("/board/find", params={"q": SCRIPT[:120]}).text
    assert SCRIPT[:12] not in found_nothing


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sixty_hostile_texts_are_text_on_every_page(pages: Pages, world: World, visit: Visit) -> None:
    """In every column that people write into, and through every form that somebody fills in."""
    with world.as_office() as work:
        found = get_visit(work.session, visit.id)
        keep_note(work, found, "Beware of the dog.")
        stop_sending(work, "a test")
    known = _seen(pages, lambda page, path: None)
    showing = pages  # all at first, then those on which any of it is shown
    shown, names, long = "", cycle(pieces(110)), cycle(pieces(1500))
    for _ in range(3):
        with world.workshop.engine.begin() as connection:
            for table, column in WRITTEN:
                piece = next(long if column in LONG else names)
                connection.execute(text(f"UPDATE {table} SET {column} = :piece"), {"piece": piece})
        texts: dict[str, str] = {}

        def look(page: Node, path: str, texts: dict[str, str] = texts) -> None:
            require_inert(page, known, path)
            texts[path] = page.text

        _seen(showing, look)
        showing = {path: reader for path, reader in showing.items() if "alert(" in texts[path]}
        shown += "".join(texts.values())
    for one in HOSTILE:
        assert " ".join(one.split()) in shown, one
    known |= {"pre", "pre[class]", "pre[lang]"}  # a wording that was refused, as it would read
    for answer in _sent(pages, ["plain words", "7"]):  # what the pages of refusals are made of
        known |= made_of(parse(answer.text)) if answer.status_code != 303 else set()
    answered = Counter[int]()
    for answer in _sent(pages, pieces(110)):
        answered[answer.status_code] += 1
        if answer.status_code != 303:
            require_inert(parse(answer.text), known, answer.url)
    assert answered[303]
    assert answered[422] >= 10
    assert not answered[500]
    _seen(pages, lambda page, path: require_inert(page, known, path))


def _sent(pages: Pages, texts: Iterable[str]) -> Iterator[Response]:
    """Every form that somebody writes into, sent with the next of `texts`."""
    next_one = cycle(texts)
    for path, reader in pages.items():
        answer = reader.client.get(path)
        if answer.status_code == 200:
            for action, values in filled_forms(parse(answer.text), next_one):
                yield reader.client.post(urljoin(path, action or path), data=values)


def _seen(pages: Pages, look: Callable[[Node, str], None]) -> set[str]:
    """Of what all pages are made, each shown to `look`."""
    known = set()
    for path, reader in pages.items():
        look(reader.open(path).page, path)
        known |= made_of(reader.page)
    return known


def test_a_repeated_press_says_how_things_stand(
    world: World, visit: Visit, client: TestClient, track: Callable[[Visit], str]
) -> None:
    """The page was left open while the technician came: what it still offered is refused kindly."""
    ana = Reader(client).open(track(visit))
    world.until("08:01")
    for step in (leave, arrive):
        with world.as_technician(world.who_comes(visit)) as (work, technician):
            step(work, technician, visit.id)
    answer = client.post(f"{ana.path}/cancel", data={"sure": "true"})
    assert answer.status_code == 409
    assert "Nothing was changed" in answer.text
