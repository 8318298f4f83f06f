"""A new company is set up by forms alone: services, technicians, the territory and its policies."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields

import pytest
from fastapi.testclient import TestClient

from api.pages.office.knobs import KNOBS, grouped, told, unit_of
from dispatch.access.tables import Scope
from dispatch.ledger import since
from dispatch.plans.tables import PlanDay
from dispatch.policies import DialRule, Policies
from dispatch.services.queries import find_by_code
from dispatch.services.tables import Service
from dispatch.technicians.queries import list_shifts, list_technicians, stock_of
from dispatch.technicians.tables import Technician
from dispatch.territories.actions import set_policies
from dispatch.territories.tables import Dispatcher, Territory
from tests import builders
from tests.conftest import OpenWork
from tests.http.conftest import Client
from tests.http.pages.reading import Reader
from tests.worlds import World


@pytest.fixture
def tom(world: World) -> str:
    return f"/office/technicians/{world.technicians['Tom Hale'].id}"


def territory_of(world: World) -> Territory:
    with world.look() as work:
        return work.session.get_one(Territory, world.territory.id)


def the_technician(world: World, name: str) -> Technician:
    with world.look() as work:
        return next(one for one in list_technicians(work.session, world.territory.id) if one.name == name)


# --- from nothing to the first booking ----------------------------------------------------------------


def test_an_empty_house_is_led_to_its_first_booking(
    sign_in: Client, work: OpenWork, client: TestClient
) -> None:
    with work() as w:
        north = builders.a_territory(w)
        dana = builders.a_dispatcher(w, north)
    office = Reader(sign_in(Scope.SETUP, dana.id)).open("/board").follow("Set-up")
    assert office.h1 == "2 things to do before everything can be booked"
    office.follow("Add a service")
    office.press("Add this service", **{"name": "Fiber line", "skill-1": "fiber 2", "part-1": "router"})
    assert "Saved." in office.text
    assert "fiber 2" in office.text
    office.open("/office").follow("Add a technician")
    office.press("Add this technician", name="Tom Hale", phone="202 555 0111", place="40.009, -77.0")
    assert office.h1 == "Tom Hale"
    assert "Saved." in office.text
    assert "Fiber line: no technician with working hours has the skills" in office.open("/office").text
    office.follow("Give somebody the skill").follow("Tom Hale")
    office.press("Save", **{"skill-1": "fiber 3"})
    assert "are in no van of somebody who can do it" in office.open("/office").text
    office.follow("Fill a van").follow("Tom Hale")
    office.press("Save what is in the van", **{"part-1": "router 4"})
    assert office.open("/office").h1 == "Visits can be booked"
    office.follow("Book a first visit")
    office.press("Show me the times", service="fiber-line", address="1 Mill Lane", lat="40.01", lng="-77.0")
    assert office.choices("start_at")


# --- services -----------------------------------------------------------------------------------------


def test_a_service_is_changed_and_a_booked_visit_is_not(world: World, office: Reader) -> None:
    visit = world.book("Ana Cole", "10:00")
    office.open("/office/services").follow("Repair")
    office.press("Save", duration="1,5", name="Small repair", **{"skill-1": "gas"})
    assert (office.path, office.status) == ("/office/services?saved=1", 200)
    with world.look() as work:
        service = work.session.get_one(Service, world.service.id)
    assert (service.name, service.duration_seconds, service.skills) == ("Small repair", 90, {"gas": 1})
    assert world.fresh(visit).duration_seconds == 2700
    office.follow("Small repair").press("Save", **{"skill-1": ""})
    with world.look() as work:
        assert work.session.get_one(Service, world.service.id).skills == {}


def test_what_does_not_fit_is_said_beside_its_field_and_nothing_is_lost(world: World, office: Reader) -> None:
    office.open("/office/services/new")
    office.press(
        "Add this service",
        name="",
        duration="soon",
        window="5",
        **{"skill-1": "gas boiler", "skill-3": "tv 99"},
    )
    assert office.status == 422
    said = {node.attributes["id"]: node.text for node in office.page.every("p") if "id" in node.attributes}
    assert said["name-problem"] == "! Please give a name."
    assert "not a number" in said["duration-problem"]
    assert "between 15 and 720" in said["window-problem"]
    assert "like fiber 2" in said["skill-1-problem"]
    assert "between 1 and 10" in said["skill-3-problem"]
    typed = {box.attributes["name"]: box.attributes.get("value", "") for box in office.page.every("input")}
    assert (typed["duration"], typed["skill-1"], typed["skill-3"]) == ("soon", "gas boiler", "tv 99")
    invalid = [
        box.attributes["name"] for box in office.page.every("input") if "aria-invalid" in box.attributes
    ]
    assert invalid == ["name", "duration", "window", "skill-1", "skill-3"]
    with world.look() as work:
        assert not find_by_code(work.session, "gas")


def test_a_code_that_is_taken_is_said_beside_it(office: Reader) -> None:
    office.open("/office/services/new").press("Add this service", name="Other", code="repair")
    assert office.status == 409
    assert "There is already a service called repair." in office.text
    office.press("Add this service", code="")
    assert "other" in office.text


def test_two_who_change_a_service_at_once(world: World, office: Reader) -> None:
    office.open(f"/office/services/{world.service.id}")
    with world.as_office() as work:
        work.session.get_one(Service, world.service.id).duration_seconds = 3600
    office.press("Save", name="Mine")
    assert office.status == 412
    assert "Somebody saved other values" in office.text
    assert "Stored now: 60" in office.text
    office.press("Save", duration="50")
    with world.look() as work:
        service = work.session.get_one(Service, world.service.id)
    assert (service.name, service.duration_seconds) == ("Mine", 3000)


# --- technicians --------------------------------------------------------------------------------------


def test_the_list_says_who_can_what_when_and_who_is_away(world: World, office: Reader, tom: str) -> None:
    office.open(tom).press("Enter this absence", kind="sick", first_day="2026-03-02")
    assert "Saved." in office.text
    office.open("/office/technicians")
    rows = [row.text for row in office.page.every("tr")]
    assert "Tom Hale none Mon-Sun 08:00–17:00 Sick" in rows
    assert "Uma Lund none Mon-Sun 08:00–17:00 Not away" in rows


def test_a_person_is_changed(world: World, office: Reader, tom: str) -> None:
    office.open(tom).press("Save", name="Thomas Hale", place="(40.02, -77.01)", **{"skill-2": "fiber:2"})
    found = the_technician(world, "Thomas Hale")
    assert (found.home_lat, found.home_lng, found.skills) == (40.02, -77.01, {"fiber": 2})
    with world.look() as work:
        entries = since(work.session, 0, limit=1000)
    assert entries[-1].data["changed"] == ["name", "home_lat", "home_lng", "skills"]
    assert "Thomas" not in str([entry.data for entry in entries])


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"phone": "12"}, "phone", "not a number that can be texted"),
        ({"phone": "+12025550112"}, "phone", "the phone of Uma Lund already"),
        ({"place": "somewhere"}, "place", "like 41.15, -77.95"),
        ({"place": "-77.0, 40.0"}, "lat", "the other way round"),
        ({"lat": "91"}, "lat", "between -90 and 90"),
        ({"place": "0, 0"}, "place", "in the sea"),
        ({"place": "10.5, 20.5"}, "lat", "from the middle of North"),
        ({"name": " "}, "name", "Please give a name"),
    ],
)
def test_a_person_that_cannot_be(
    office: Reader, tom: str, typed: dict[str, str], field: str, words: str
) -> None:
    office.open(tom).press("Save", **typed)
    assert office.status == 422
    said = {node.attributes["id"]: node.text for node in office.page.every("p") if "id" in node.attributes}
    assert words in said[f"{field}-problem"]
    assert "Weekly hours" in office.text


def test_the_week_is_set_day_by_day(world: World, office: Reader, tom: str) -> None:
    visit = world.book("Ana Cole", "10:00")
    mondays = {f"{part}-0": "" for part in ("start", "end", "limit", "breaks")}
    name = world.who_comes(visit)
    path = f"/office/technicians/{world.technicians[name].id}"
    office.open(path).press(
        "Save the hours", **mondays, **{"start-5": "10:00", "end-5": "14:00", "limit-5": "", "breaks-5": ""}
    )
    assert "Saved." in office.text
    assert world.who_comes(visit) != name  # it is Monday
    with world.look() as work:
        shifts = list_shifts(work.session, world.technicians[name].id)
        assert work.session.get_one(PlanDay, (world.territory.id, dt.date(2026, 3, 2))).replan_at
    assert [shift.weekday for shift in shifts] == [1, 2, 3, 4, 5, 6]
    saturday = next(shift for shift in shifts if shift.weekday == 5)
    assert (saturday.start_at, saturday.overtime_until_at, saturday.breaks) == ("10:00", "14:00", [])
    assert shifts[0].breaks == [{"id": "lunch", "earliest": "11:30", "latest": "13:30", "minutes": 30}]


def test_hours_set_over_the_interface_count_at_once_too(world: World, office: Reader) -> None:
    visit = world.book("Ana Cole", "10:00")
    name = world.who_comes(visit)
    shift = {"weekdays": [0], "start_at": "14:00", "end_at": "17:00", "overtime_until_at": "17:00"}
    path = f"/api/v1/technicians/{world.technicians[name].id}/shift"
    assert office.client.put(path, json=shift).status_code == 200
    with world.look() as work:
        assert work.session.get_one(PlanDay, (world.territory.id, dt.date(2026, 3, 2))).replan_at


def test_hours_that_cannot_be_are_marked_in_their_day(office: Reader, tom: str) -> None:
    office.open(tom)
    office.press(
        "Save the hours",
        **{"start-1": "18:00", "start-2": "", "breaks-3": "noon", "breaks-4": "16:45-16:50/30"},
    )
    assert office.status == 422
    said = {node.attributes["id"]: node.text for node in office.page.every("p") if "id" in node.attributes}
    assert set(said) >= {"start-2-problem", "breaks-3-problem"}  # first what cannot be read
    office.press("Save the hours", **{"start-2": "08:00", "breaks-3": ""})
    said = {node.attributes["id"]: node.text for node in office.page.every("p") if "id" in node.attributes}
    assert "ends after it begins" in said["week-1-problem"]
    assert "does not fit into the shift" in said["week-4-problem"]


def test_absences_from_and_to_and_back_again(world: World, office: Reader, tom: str) -> None:
    office.open(tom)
    office.press("Enter this absence", kind="leave", first_day="2026-03-09", last_day="2026-03-13")
    assert "On leave, from Mon 9 Mar, 00:00 until Sat 14 Mar, 00:00" in office.text
    office.press("Not away after all")
    assert "None now, none to come." in office.text
    office.press("Enter this absence", kind="van_down", first_day="2026-03-02")
    assert "The van is down, from Mon 2 Mar, 07:00 until further notice" in office.text
    world.clock.advance(minutes=5)
    office.press("Back at work now")
    assert "None now, none to come." in office.text
    with world.look() as work:
        kinds = [entry.kind for entry in since(work.session, 0, limit=1000)]
    assert kinds[-1] == "absence_ended"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"first_day": "2026-03-09"}, "kind"),
        ({"kind": "sick"}, "first_day"),
        ({"kind": "sick", "first_day": "2026-02-30"}, "first_day"),
        ({"kind": "sick", "first_day": "2026-03-09", "last_day": "2026-03-08"}, "last_day"),
        ({"kind": "sick", "first_day": "2026-02-09", "last_day": "2026-02-10"}, "last_day"),
        ({"kind": "sick", "first_day": "2026-03-09", "until": "12:00"}, "last_day"),
        ({"kind": "sick", "first_day": "2026-03-09", "from": "noon"}, "from"),
    ],
)
def test_absences_that_cannot_be(office: Reader, tom: str, typed: dict[str, str], field: str) -> None:
    office.open(tom).press("Enter this absence", **typed)
    assert office.status == 422
    assert f"{field}-problem" in [node.attributes.get("id") for node in office.page.every("p")]


def test_the_van_is_counted_and_the_phone_gets_its_link(world: World, office: Reader, tom: str) -> None:
    office.open(tom).press("Save what is in the van", **{"part-1": "router 2", "part-2": "cable"})
    with world.look() as work:
        id = world.technicians["Tom Hale"].id
        assert stock_of(work.session, [id])[id] == {"router": 2, "cable": 1}
    office.press("Save what is in the van", **{"part-1": "router 2", "part-2": "router 3"})
    assert office.status == 422
    assert "router stands there twice" in office.text
    office.open(tom).press("Link for the phone")
    assert office.link("/enrol/")


def test_pressing_twice_adds_once(world: World, office: Reader, tom: str) -> None:
    away = {"kind": "leave", "first_day": "2026-03-09", "last_day": "2026-03-13"}
    twice = (
        ("/office/services/new", {"name": "Fiber", "duration": "60", "spread": "5", "window": "60"}),
        ("/office/technicians/new", {"name": "Vic Ray", "lat": "40", "lng": "-77"}),
        ("/office/people", {"person_name": "Eve Moss", "ladder": "3", "role": "dispatcher"}),
        (f"{tom}/absences", away),
    )
    for path, form in twice:
        first, second = (office.client.post(path, data=form).status_code for _ in range(2))
        assert first in (200, 303), path
        assert second == 422, path


# --- the territory ------------------------------------------------------------------------------------


def test_the_territory_is_changed_and_its_clock_stays_once_visits_are_promised(
    world: World, office: Reader
) -> None:
    office.open("/office/territory").press(
        "Save", name="Upper valley", office_phone="202 555 0199", time_zone="America/New_York", radius="25,5"
    )
    assert "Saved." in office.text
    found = territory_of(world)
    assert (found.name, found.time_zone, found.radius_metres) == ("Upper valley", "America/New_York", 25_500)
    assert found.office_phone == "+12025550199"
    office.press("Save", time_zone="Mars/Base", office_phone="1")
    assert office.status == 422
    assert "is not a time zone" in office.text


def test_a_territory_with_visits_keeps_its_clock(world: World, office: Reader) -> None:
    world.book("Ana Cole", "10:00")
    office.open("/office/territory")
    assert "It cannot change any more" in office.text
    assert "time_zone" not in [box.attributes.get("name") for box in office.page.every("input")]
    office.press("Save", place="40.1, -77.1")
    assert (territory_of(world).centre_lat, territory_of(world).time_zone) == (40.1, "UTC")


def test_an_hour_that_the_clocks_skip_is_said_beside_it(sign_in: Client, work: OpenWork) -> None:
    """In New York the clock goes from two to three on 8 March 2026."""
    with work() as w:
        north = builders.a_territory(w, time_zone="America/New_York")
        dana, tom = builders.a_dispatcher(w, north), builders.a_technician(w, north)
    office = Reader(sign_in(Scope.SETUP, dana.id)).open(f"/office/technicians/{tom.id}")
    office.press("Enter this absence", **{"kind": "leave", "first_day": "2026-03-08", "from": "02:30"})
    assert office.status == 422
    assert "from-problem" in [node.attributes.get("id") for node in office.page.every("p")]


# --- policies -----------------------------------------------------------------------------------------


def turned(world: World) -> dict[str, object]:
    """The knobs of its own, beside the one that every town of the tests has."""
    knobs: dict[str, object] = territory_of(world).overrides
    return {name: value for name, value in knobs.items() if name != "texts_by_area_code"}


def test_every_policy_has_its_sentence_and_its_unit() -> None:
    for one in fields(Policies):
        assert one.name in KNOBS, f"add a line for {one.name} to api/pages/office/knobs.py"
        assert KNOBS[one.name].label
        assert KNOBS[one.name].says.endswith(".")
        assert unit_of(one.name)
    shown = [name for _, group in grouped() for name, _, _ in group]
    assert sorted(shown) == sorted(one.name for one in fields(Policies))


def test_units_are_those_of_people() -> None:
    assert told("hold_seconds", 600, "USD") == "10 minutes"
    assert told("prompt_answer_seconds", 90, "USD") == "1.5 minutes"
    assert told("planning_seconds", 5, "USD") == "5 seconds"
    assert told("credit_approval_above_cents", 7500, "USD") == "75.00 USD"
    assert told("first_window_at", "08:00", "USD") == "08:00"
    assert told("silence_keeps", True, "USD") == "yes"
    assert told("capacity_share_percent", 70, "USD") == "70 %"


def test_saving_what_is_there_changes_nothing(world: World, office: Reader) -> None:
    office.open("/office/policies").press("Save all policies")
    assert "Saved." in office.text
    assert turned(world) == {}
    with world.look() as work:
        assert "policies_set" not in [entry.kind for entry in since(work.session, 0, limit=1000)]


def test_knobs_are_turned_and_turned_back(world: World, office: Reader) -> None:
    office.open("/office/policies").press(
        "Save all policies", hold_seconds="2,5", silence_keeps="no", first_window_at="07:30"
    )
    assert turned(world) == {
        "hold_seconds": 150,
        "silence_keeps": False,
        "first_window_at": "07:30",
    }
    with world.look() as work:
        told = since(work.session, 0, limit=1000)[-1]
    assert told.data["changed"] == ["first_window_at", "hold_seconds", "silence_keeps"]
    assert "Back to default: 10 minutes" in office.text
    office.press("Save all policies", **{"hold_seconds": "x", "default-hold_seconds": True})
    assert turned(world) == {"silence_keeps": False, "first_window_at": "07:30"}


def test_credit_rules_are_added_and_removed(world: World, office: Reader) -> None:
    office.open("/office/policies")
    new = {"credit-7-failure": "late", "credit-7-late": "120", "credit-7-amount": "30,00"}
    office.press("Save all policies", **new, **{"credit-1-remove": True})
    rules = territory_of(world).policies.credits
    assert [(rule.failure, rule.late_minutes, rule.amount_cents) for rule in rules] == [
        ("technician_absent", 240, 5000),
        ("late", 60, 1500),
        ("plan", 0, 1500),
        ("not_finished", 0, 1000),
        ("wrong_parts", 0, 1500),
        ("late", 120, 3000),
    ]
    office.press("Save all policies", **{"credit-7-failure": "late", "credit-7-late": ""})
    assert office.status == 422
    assert "credit-7-late" in [box.attributes.get("name") for box in office.page.every("input")]
    office.press("Save all policies", **{"default-credits": True})
    assert turned(world) == {}


def test_the_dial_is_turned_by_kind_and_hour(world: World, office: Reader) -> None:
    office.open("/office/policies")
    asked = {"dial-1-failure": "late", "dial-1-from": "18:00", "dial-1-until": "07:30", "dial-1-level": "act"}
    office.press("Save all policies", **asked, **{"dial-2-failure": "any", "dial-2-level": "propose"})
    assert territory_of(world).policies.dial == (
        DialRule("late", "18:00", "07:30", "act"),
        DialRule("", "00:00", "00:00", "propose"),
    )
    office.press("Save all policies", **{"dial-1-level": ""})
    assert office.status == 422
    office.open("/office/policies").press("Save all policies", **{"dial-1-remove": True})
    assert turned(world) == {
        "dial": [{"failure": "", "from_at": "00:00", "until_at": "00:00", "level": "propose"}]
    }


def test_unfit_knobs_are_marked_and_the_others_keep_what_was_typed(world: World, office: Reader) -> None:
    office.open("/office/policies")
    office.press(
        "Save all policies",
        hold_seconds="soon",
        moving_metres="0.5",
        last_window_end_at="07:00",
        owner_seconds="20",
    )
    assert office.status == 422
    said = {node.attributes["id"] for node in office.page.every("p") if "id" in node.attributes}
    assert {"hold_seconds-problem", "moving_metres-problem", "last_window_end_at-problem"} <= said
    typed = {box.attributes["name"]: box.attributes.get("value") for box in office.page.every("input")}
    assert (typed["hold_seconds"], typed["owner_seconds"]) == ("soon", "20")
    assert turned(world) == {}


def test_the_second_of_two_is_told_and_shown_the_fresh_values(world: World, office: Reader) -> None:
    office.open("/office/policies")
    with world.as_office() as work:
        set_policies(work, work.session.get_one(Territory, world.territory.id), {"hold_seconds": 1200})
    office.press("Save all policies", answer_seconds="30")
    assert office.status == 412
    assert "Somebody saved other values while you filled this in." in office.text
    assert "Stored now: 20" in office.text
    assert turned(world) == {"hold_seconds": 1200}
    office.press("Save all policies", hold_seconds="20")
    assert turned(world) == {"hold_seconds": 1200, "answer_seconds": 1800}


# --- whose --------------------------------------------------------------------------------------------


def test_another_territorys_people_are_not_there(world: World, office: Reader) -> None:
    with world.as_office() as work:
        south = builders.a_territory(work, name="South")
        foreign = builders.a_technician(work, south, name="Far Away", phone="+12025550177")
        other: Dispatcher = builders.a_dispatcher(work, south, name="Sue South")
    path = f"/office/technicians/{foreign.id}"
    assert office.client.get(path).status_code == 404
    for ending in ("", "/week", "/van", "/absences", "/absences/x/end"):
        answer = office.client.post(f"{path}{ending}", data={"name": "Mine"})
        assert answer.status_code == 404, ending
    assert office.client.post(f"/office/people/{other.id}/link").status_code == 404
    for page in ("/office", "/office/technicians", "/office/territory"):
        assert "Far Away" not in office.open(page).text
        assert "Sue South" not in office.text


def test_another_technicians_absence_is_not_ended(world: World, office: Reader, tom: str) -> None:
    office.open(tom).press("Enter this absence", kind="leave", first_day="2026-03-09")
    (path,) = [
        form.attributes["action"]
        for form in office.page.every("form")
        if form.attributes["action"].endswith("/end")
    ]
    uma = path.replace(world.technicians["Tom Hale"].id, world.technicians["Uma Lund"].id)
    assert office.client.post(uma).status_code == 404


def test_strangers_fields_are_refused(office: Reader, tom: str) -> None:
    answer = office.client.post(f"{tom}/van", data={"part-1": "router 1", "active": "false"})
    assert answer.status_code == 422
