"""A clerk answers "did you ever text me?" from one page, and takes it along as a file."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient

from api.csv.cells import unescape
from api.runtime.runtime import Runtime
from dispatch.access.tables import Scope
from dispatch.clock import SetClock
from dispatch.ledger import LedgerHead
from dispatch.visits.tables import Visit
from dispatch.work import SYSTEM, Workshop
from notifications.consent import give_consent
from notifications.inbox.receive import receive
from notifications.outbox.actions import send_due
from tests.builders import PHONE, a_customer, a_dispatcher, a_territory
from tests.http.conftest import Client
from tests.http.pages.reading import FORM, Reader
from tests.worlds import World

FIND = "/office/record"


@pytest.fixture
def visit(world: World, runtime: Runtime) -> Visit:
    """Ana agreed and was told of her visit; she asked something, and a day went by."""
    with world.as_office() as work:
        give_consent(work, PHONE, "web")
    visit = world.book("Ana Cole", "08:00")
    send_due(world.workshop, runtime.channel, runtime.writer)
    with world.workshop.work(SYSTEM, "text") as work:
        receive(work, provider_sid="s1", phone=PHONE, body="=HYPERLINK(1) is the dog, a problem?")
    send_due(world.workshop, runtime.channel, runtime.writer)
    return visit


def look_up(office: Reader, typed: str, **day: str) -> Reader:
    return office.open(FIND).press("Show the texts", q=typed, **day)


def test_a_phone_is_looked_up_and_its_day_read(world: World, visit: Visit, office: Reader) -> None:
    look_up(office, "(202) 555-0143")
    assert office.h1 == "Texts of Ana Cole, Monday 2 March 2026"
    for words in (
        "At the start of the day: Nothing was ever agreed.",
        "Agreed to texts, by ticking the box on the booking page.",
        "Booked: when we come Sent, no word yet whether it arrived",
        "The very words that went out; the secret in the link is left out.",
        "Due when a visit was booked.",
        "07:00 Attempt 1: The provider took it.",
        f"Visit {visit.reference}",
        "memory-1",
        "From this phone",
        "=HYPERLINK(1) is the dog, a problem?",
        "Understood as something for a person to read.",
        "Call: ",
        "Dana Reed rings by 07:20.",
        "times are UTC time (UTC)",
    ):
        assert words in office.text, words
    assert office.follow(visit.reference).path == f"/board/visits/{visit.id}"


def test_the_number_stands_in_no_address_and_a_secret_on_no_page(
    world: World, visit: Visit, office: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        look_up(office, PHONE)
    assert office.path.startswith(f"{FIND}/")
    assert "555" not in office.path
    assert "0143" not in caplog.text
    addresses = [a.attributes["href"] for a in office.page.every("a") if "href" in a.attributes]
    assert [one for one in addresses if "0143" in one] == [f"tel:{PHONE}"]
    forms = [form.attributes for form in office.page.every("form") if form.attributes["action"] == FIND]
    assert {form["method"] for form in forms} == {"post"}
    assert "/v/…" in office.text
    assert "/v/" not in office.text.replace("/v/…", "")


def test_looking_changes_nothing(world: World, visit: Visit, office: Reader) -> None:
    def head() -> int:
        with world.look() as work:
            return work.session.get_one(LedgerHead, 1).seq

    before = head()
    look_up(office, visit.reference)
    for kind in ("csv", "json"):
        assert office.client.get(f"{office.path}/texts.{kind}").status_code == 200
    assert head() == before


@pytest.mark.parametrize(
    ("typed", "status", "says"),
    [
        ("Ana", 422, "'Ana' is neither a phone number nor the reference of a visit of yours."),
        ("+1 202 555 0199", 404, "No text went to this phone or came from it"),
        ("800 555 0143", 422, "neither a phone number nor"),
    ],
)
def test_what_is_not_found_keeps_what_was_typed(
    visit: Visit, office: Reader, typed: str, status: int, says: str
) -> None:
    look_up(office, typed, day="2026-03-02")
    assert office.status == status
    assert says in office.text
    typed_now = [
        box.attributes["value"]
        for box in office.page.every("input")
        if box.attributes.get("id") in ("q", "on")
    ]
    assert typed_now == [typed, "2026-03-02"]


def test_a_day_that_is_none_is_refused_with_what_to_write(visit: Visit, office: Reader) -> None:
    look_up(office, PHONE, day="31/02/2026")
    assert office.status == 422
    assert "'31/02/2026' is not a day like 2027-04-03." in office.text
    look_up(office, PHONE)
    assert office.client.get(f"{office.path}?day=1999-01-01").status_code == 422
    assert office.client.get(f"{office.path}?day=tomorrow").status_code == 422


def test_the_day_before_and_after_are_a_link_away_and_an_empty_one_names_the_nearest(
    visit: Visit, office: Reader
) -> None:
    look_up(office, visit.reference).follow("Day after")
    assert office.h1.endswith("Tuesday 3 March 2026")
    assert "At the start of the day: Agreed to texts, by ticking the box on the booking page." in office.text
    assert (
        "No text to or from this phone on that day. The nearest day with one is Monday 2 March 2026."
        in office.text
    )
    office.follow("Monday 2 March 2026")
    assert "No text to or from this phone" not in office.text
    office.follow("Day before")
    assert "The nearest day with one is Monday 2 March 2026." in office.text


def test_a_phone_without_any_text_says_so(world: World, office: Reader) -> None:
    with world.as_office() as work:
        a_customer(work)
    look_up(office, PHONE)
    assert office.h1 == "Texts of a phone that we do not know, Monday 2 March 2026"
    assert "There is none on any other day either." in office.text


# --- the ways to it -----------------------------------------------------------------------------------------


def test_the_visits_page_and_the_inbox_lead_to_it(world: World, visit: Visit, office: Reader) -> None:
    office.open(f"/board/visits/{visit.id}").follow("All texts of this phone")
    assert office.h1 == "Texts of Ana Cole, Monday 2 March 2026"
    office.open("/board").follow("Texts of this phone that day")
    assert office.h1 == "Texts of Ana Cole, Monday 2 March 2026"
    office.open("/board/find?q=Cole").follow("Texts of a phone on a day")
    assert office.h1 == "What did we text, and what came back?"


# --- who may ---------------------------------------------------------------------------------------------------


def test_another_offices_phone_is_not_there(
    world: World, visit: Visit, office: Reader, sign_in: Client
) -> None:
    look_up(office, PHONE)
    path, nowhere = office.path.partition("?")[0], f"{FIND}/{'0' * 26}"
    with world.as_office() as work:
        sue = a_dispatcher(work, a_territory(work, name="South"), name="Sue Bell")
    reader = Reader(sign_in(Scope.SETUP, sue.id))
    for ending in ("", "/texts.csv", "/texts.json"):
        answers = [reader.client.get(f"{place}{ending}") for place in (path, nowhere)]
        assert [answer.status_code for answer in answers] == [404, 404]
        bodies = [answer.text.replace(answer.headers["x-request-id"], "") for answer in answers]
        assert bodies[0].replace(path, "") == bodies[1].replace(nowhere, "")
    look_up(reader, PHONE)
    assert reader.status == 404
    assert "Ana" not in reader.text


@pytest.mark.parametrize("ending", ["", "/texts.csv", "/texts.json"])
def test_only_the_office_may(
    world: World,
    visit: Visit,
    client: TestClient,
    on_the_phone: Callable[[str], Reader],
    ending: str,
) -> None:
    path = f"{FIND}/{visit.customer_id}{ending}"
    assert client.get(path).status_code == 401
    assert on_the_phone("Tom Hale").client.get(path).status_code == 403


def test_nobody_is_made_to_look_by_another_site(visit: Visit, office: Reader) -> None:
    crossed = office.client.post(
        FIND,
        content="q=x",
        headers={**FORM, "Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    )
    assert crossed.status_code == 403


# --- taken along ---------------------------------------------------------------------------------------------


def table(office: Reader) -> list[dict[str, str]]:
    answer = office.client.get(office.link("CSV"))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="texts-2026-03-02.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_the_table_opens_in_a_reader_of_csv_and_holds_no_formula(visit: Visit, office: Reader) -> None:
    rows = table(look_up(office, PHONE))
    assert [row["kind"] for row in rows] == ["consent", "reply", "consent", "text", "text", "call"]
    assert (rows[0]["what"], rows[0]["says"]) == (
        "Consent at the start of the day",
        "Nothing was ever agreed.",
    )
    cells = [cell for row in rows for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]
    assert [row["words"] for row in rows if row["kind"] == "reply"] == [
        "'=HYPERLINK(1) is the dog, a problem?"
    ]
    assert unescape(rows[1]["words"]) == "=HYPERLINK(1) is the dog, a problem?"
    booked = next(row for row in rows if row["what"] == "Booked: when we come")
    assert (booked["at_local"], booked["at_utc"]) == (
        "2026-03-02 07:00:00+00:00",
        "2026-03-02T07:00:00+00:00",
    )
    assert (booked["visit"], booked["provider_sid"]) == (visit.reference, "memory-1")
    assert (booked["state"], booked["words_are"]) == ("sent", "the very words")
    assert "Attempt 1: The provider took it." in booked["steps"]
    assert "/v/…" in booked["words"]


def test_the_json_says_the_same_as_the_table(visit: Visit, office: Reader) -> None:
    rows = table(look_up(office, PHONE))
    told = json.loads(office.client.get(office.link("JSON")).text)
    assert (told["phone"], told["day"], told["time_zone"]) == (PHONE, "2026-03-02", "UTC")
    assert told["consent"]["says"] == rows[0]["says"]
    for line, row in zip(told["lines"], rows[1:], strict=True):
        assert {name: cell for name, cell in line.items() if name != "steps"} == {
            name: unescape(cell) for name, cell in row.items() if name != "steps"
        }
        assert len(line["steps"]) == (row["steps"].count(" | ") + 1 if row["steps"] else 0)


# --- the day as the place has it -----------------------------------------------------------------------------

NEW_YORK = ZoneInfo("America/New_York")
LONG_DAY = date(2026, 11, 1)  # 25 hours: the clocks go back at two


def at(on: date, hour: int, minute: int = 0, *, fold: int = 0) -> datetime:
    return datetime(on.year, on.month, on.day, hour, minute, tzinfo=NEW_YORK, fold=fold)


def test_a_long_day_has_its_twenty_five_hours_and_both_of_its_half_past_ones(
    workshop: Workshop, runtime: Runtime, clock: SetClock, sign_in: Client
) -> None:
    """A stranger writes just before and after each midnight, and at both half past ones; what we answer to the first
    is written down on one day and goes out on the next."""
    clock.at = at(LONG_DAY, 0) - timedelta(hours=1)
    with workshop.work(SYSTEM, "set up") as work:
        dana = a_dispatcher(work, a_territory(work, time_zone="America/New_York"))
    moments = {
        "eve": at(LONG_DAY, 0) - timedelta(minutes=1),
        "first": at(LONG_DAY, 0),
        "half past one": at(LONG_DAY, 1, 30),
        "half past one again": at(LONG_DAY, 1, 30, fold=1),
        "last": at(LONG_DAY, 23, 59),
        "morrow": at(LONG_DAY + timedelta(days=1), 0),
    }
    for words, moment in moments.items():
        clock.at = moment.astimezone(UTC)
        send_due(workshop, runtime.channel, runtime.writer)
        with workshop.work(SYSTEM, "text") as work:
            receive(work, provider_sid=words, phone=PHONE, body=words)
    office = Reader(sign_in(Scope.SETUP, dana.id))
    look_up(office, PHONE, day="2026-11-01")
    replies = [
        next(node.every("blockquote")).text
        for node in office.page.every("li")
        if node.attributes.get("class") == "reply"
    ]
    assert replies == ["first", "half past one", "half past one again", "last"]
    assert "01:30 05:30 UTC" in office.text
    assert "01:30 06:30 UTC" in office.text
    told = json.loads(office.client.get(office.link("JSON")).text)
    assert [line["at_local"] for line in told["lines"] if line["kind"] == "reply"] == [
        "2026-11-01 00:00:00-04:00",
        "2026-11-01 01:30:00-04:00",
        "2026-11-01 01:30:00-05:00",
        "2026-11-01 23:59:00-05:00",
    ]
    days = {}
    for day in ("2026-10-31", "2026-11-01", "2026-11-02"):
        answer = office.client.get(f"{office.path.partition('?')[0]}/texts.json?day={day}")
        days[day] = json.loads(answer.text)["lines"]
    came = [line["words"] for lines in days.values() for line in lines if line["kind"] == "reply"]
    assert came == list(moments)
    eve, first, *_ = ([line for line in lines if line["kind"] == "text"] for lines in days.values())
    assert [line["at_local"] for line in (eve[0], first[0])] == [
        "2026-10-31 23:59:00-04:00",
        "2026-11-01 00:00:00-04:00",
    ]
    assert eve[0]["steps"] == first[0]["steps"]
    assert [step["at_local"] for step in eve[0]["steps"]] == [
        "2026-10-31 23:59:00-04:00",
        "2026-11-01 00:00:00-04:00",
    ]
