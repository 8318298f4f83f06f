"""A technician's calendar: its secret address, what it shows to whoever has it, and how it ends."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from icalendar import Calendar
from sqlmodel import select

from dispatch.access.tables import Link
from dispatch.bookings.actions import hold_window, request_of
from dispatch.bookings.changes import cancel, reschedule
from dispatch.clock import SetClock
from dispatch.field.actions import arrive, finish, leave
from dispatch.ledger import since
from dispatch.plans.turns import take_visit
from dispatch.promises.states import Agreed
from dispatch.territories.tables import Territory
from dispatch.visits.actions import keep_note
from dispatch.visits.tables import Visit
from dispatch.work import Workshop
from tests.http.conftest import BASE
from tests.http.pages.reading import Reader
from tests.worlds import World, a_quiet_town

Phone = Callable[[str], Reader]


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    """Tom alone, and Dana Reed in the office."""
    return a_quiet_town(workshop, clock, "Tom Hale")


def shown_address(reader: Reader) -> str:
    (code,) = [one.text for one in reader.page.every("code")]
    return code.removeprefix(BASE)


def events(answer: Response) -> dict[str, dict[str, Any]]:
    """By what the calendar calls them."""
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    calendar = Calendar.from_ical(answer.content)
    return {
        str(one["UID"]): {
            "uid": str(one["UID"]),
            "start": one.decoded("DTSTART"),
            "sequence": int(one["SEQUENCE"]),
            "text": one.to_ical().decode().replace("\r\n ", ""),
        }
        for one in calendar.walk("VEVENT")
    }


def book_again(world: World, visit: Visit, at: dt.datetime) -> None:
    with world.as_office() as work:
        known = take_visit(work, visit.id)
        hold = hold_window(work, request_of(work, known), at)
        reschedule(work, known, hold, agreed_by=Agreed.CUSTOMER)


def test_it_shows_what_is_planned_and_follows_every_change(
    world: World, on_the_phone: Phone, client: TestClient
) -> None:
    ana, ben = world.book("Ana Cole", "08:00"), world.book("Ben Ode", "12:00", phone="+12025550144")
    with world.as_office() as work:
        keep_note(work, work.session.get_one(Visit, ana.id), "The gate opens with 4711.")
    phone = on_the_phone("Tom Hale").open("/day").follow("My visits in a calendar").press("Make an address")
    path = shown_address(phone)
    before = client.get(path)
    of_ana, of_ben = events(before).values()
    assert [of_ana["uid"], of_ben["uid"]] == [f"{one.id}.technician@makegood" for one in (ana, ben)]
    assert of_ana["start"] == world.at("08:04")
    assert "LOCATION:Ana Cole's house" in of_ana["text"]
    assert "Leave at 08:00. The customer was told Mon 2 Mar\\, 08:00–10:00." in of_ana["text"]
    assert not re.search(r"555|4711|Ben Ode\b(?!'s house)", before.text)

    assert before.headers["cache-control"] == "private, no-cache"
    tag = before.headers["etag"]
    for known in (tag, f'"other", W/{tag}', "*"):
        again = client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)

    book_again(world, ben, world.at("14:00"))
    after = client.get(path, headers={"If-None-Match": tag})
    moved = events(after)[f"{ben.id}.technician@makegood"]
    assert moved["start"] == world.at("14:00")
    assert moved["sequence"] > of_ben["sequence"]

    with world.as_office() as work:
        cancel(work, take_visit(work, ben.id))
    tomorrow = world.at("09:00") + dt.timedelta(days=1)
    world.clock.at = world.at("08:02")
    with world.as_technician("Tom Hale") as (work, tom):
        leave(work, tom, ana.id)
    world.clock.at = world.at("08:10")
    with world.as_technician("Tom Hale") as (work, tom):
        arrive(work, tom, ana.id)
    world.clock.at = world.at("08:40")
    with world.as_technician("Tom Hale") as (work, tom):
        finish(work, tom, ana.id)
    assert list(events(client.get(path))) == [of_ana["uid"]]  # done today, and Ben's is called off
    world.clock.at = tomorrow
    assert events(client.get(path)) == {}


def test_the_clock_on_the_wall_is_the_territorys(
    world: World, on_the_phone: Phone, client: TestClient
) -> None:
    world.book("Ana Cole", "08:00")
    with world.as_office() as work:
        work.session.get_one(Territory, world.territory.id).time_zone = "Europe/Berlin"
    path = shown_address(on_the_phone("Tom Hale").open("/day/calendar").press("Make an address"))
    answer = client.get(path)
    [shown] = events(answer).values()
    assert shown["start"] == world.at("08:04")
    assert "DTSTART;TZID=Europe/Berlin:20260302T090400" in shown["text"]
    assert answer.text.count("BEGIN:VTIMEZONE") == 1


def test_the_address_is_a_secret_that_is_shown_once_and_ends(
    world: World, on_the_phone: Phone, office: Reader, client: TestClient, clock: SetClock
) -> None:
    world.book("Ana Cole", "08:00")
    tom = world.technicians["Tom Hale"]
    phone, desk = on_the_phone("Tom Hale"), f"/office/technicians/{tom.id}"
    first = shown_address(phone.open("/day/calendar").press("Make an address"))
    token = first.split("/")[2]
    assert len(token) == 22
    with world.look() as work:
        [link] = work.session.exec(select(Link).where(Link.subject_id == tom.id)).all()
        assert link.scope.value == "calendar"
        assert token not in link.model_dump_json()
        assert not any(token in str(entry.data) for entry in since(work.session, 0, limit=1000))
    assert token not in phone.open("/day/calendar").text
    assert "An address is in use since Monday 2 March" in phone.text
    assert "An address is in use since Monday 2 March" in office.open(desk).text
    assert client.get("/api/v1/day", headers={"Authorization": f"Bearer {token}"}).status_code == 401

    second = shown_address(office.press("Make a new address"))
    assert [client.get(path).status_code for path in (first, second)] == [404, 200]
    phone.open("/day/calendar").press("Take the address back")
    assert phone.buttons == ["Make an address"]
    assert client.get(second).status_code == 404
    third = shown_address(office.open(desk).press("Make an address"))
    office.open(desk).press("Take the address back")
    assert client.get(third).status_code == 404

    fourth = shown_address(phone.open("/day/calendar").press("Make an address"))
    office.open(desk).press("Switch Tom Hale off")
    assert client.get(fourth).status_code == 404
    assert office.client.post(f"{desk}/calendar").status_code == 409
    office.open(desk).press("Take Tom on again")
    assert client.get(fourth).status_code == 404
    fifth = shown_address(office.open(desk).press("Make an address"))
    clock.advance(days=364)
    assert client.get(fifth).status_code == 200
    clock.advance(days=1)
    assert client.get(fifth).status_code == 410


def test_reading_writes_nothing(world: World, on_the_phone: Phone, client: TestClient) -> None:
    path = shown_address(on_the_phone("Tom Hale").open("/day/calendar").press("Make an address"))
    with world.look() as work:
        before = [entry.seq for entry in since(work.session, 0, limit=1000)]
    assert (client.get(path).status_code, client.head(path).content) == (200, b"")
    with world.look() as work:
        assert [entry.seq for entry in since(work.session, 0, limit=1000)] == before
