"""The office changes its crew: the watch sees today at once, the days it touches are planned again."""

from __future__ import annotations

import datetime as dt

import pytest

from dispatch.bookings.actions import book_for, hold_window
from dispatch.bookings.slots import Request
from dispatch.clock import SetClock
from dispatch.errors import Invalid, StateConflict
from dispatch.field.crew_changes import recount, rewrite, rewrite_week, send_away, take_back
from dispatch.ledger import since
from dispatch.plans.planning import plan_due
from dispatch.plans.queries import find_assignment, find_day
from dispatch.plans.tables import PlanDay
from dispatch.promises.states import Agreed
from dispatch.technicians.hours import Hours
from dispatch.technicians.queries import get_absence, list_shifts, stock_of
from dispatch.technicians.tables import AbsenceKind, Technician
from dispatch.territories.tables import Territory
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work, Workshop
from optimizer import repair
from tests.builders import a_customer, an_address, near
from tests.worlds import World, a_quiet_town

WEEK = {weekday: Hours("08:00", "17:00", "19:00") for weekday in range(7)}


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    """Tom and Uma, at seven on a Monday."""
    return a_quiet_town(workshop, clock, "Tom", "Uma")


def as_typed(technician: Technician, **changes: object) -> dict[str, object]:
    return {
        "name": technician.name,
        "phone": technician.phone,
        "home": near(),
        "skills": technician.skills,
        **changes,
    }


def known(world: World, work: Work, name: str) -> Technician:
    return work.session.get_one(Technician, world.technicians[name].id)


def facts(world: World) -> list[tuple[str, dict[str, object]]]:
    with world.look() as work:
        return [(entry.kind, entry.data) for entry in since(work.session, 0, limit=10_000)]


def the_day(world: World, day: dt.date) -> PlanDay | None:
    with world.look() as work:
        return find_day(work.session, world.territory.id, day)


MONDAY = dt.date(2026, 3, 2)


def test_hours_that_end_today_send_the_visit_to_somebody_else(world: World) -> None:
    """It is Monday: whoever does not work on Mondays any more is not sent today."""
    visit = world.book("Ana Cole", "10:00")
    away = world.who_comes(visit)
    with world.as_office() as work:
        week = {weekday: hours for weekday, hours in WEEK.items() if weekday != 0}
        rewrite_week(work, known(world, work, away), week)
    assert world.who_comes(visit) != away
    assert world.fresh(visit).state is VisitState.BOOKED
    assert (
        "hours_set",
        {"technician_id": world.technicians[away].id, "weekdays": [0, 1, 2, 3, 4, 5, 6]},
    ) in (facts(world))  # the lunch breaks went on every day, Monday's hours too
    day = the_day(world, MONDAY)
    assert day is not None
    assert day.replan_at is not None


def test_only_weekdays_that_changed_are_planned_again(world: World) -> None:
    world.book("Ana Cole", "10:00")
    with world.as_office() as work:
        tom = known(world, work, "Tom")
        week = {shift.weekday: Hours.of(shift) for shift in list_shifts(work.session, tom.id)}
        rewrite_week(work, tom, {**week, 1: Hours("10:00", "15:00", "15:00")})
    day = the_day(world, MONDAY)
    assert day is not None
    assert day.replan_at is None
    assert facts(world)[-1] == ("hours_set", {"technician_id": world.technicians["Tom"].id, "weekdays": [1]})
    with world.as_office() as work:
        tom = known(world, work, "Tom")
        rewrite_week(
            work, tom, {shift.weekday: Hours.of(shift) for shift in list_shifts(work.session, tom.id)}
        )
    assert [kind for kind, _ in facts(world)].count("hours_set") == 1


def test_hours_out_of_order_are_named_by_their_weekday(world: World) -> None:
    lunch = {"id": "lunch", "earliest": "16:30", "latest": "16:45", "minutes": 30}
    week = {0: Hours("17:00", "08:00", "19:00"), 3: Hours("08:00", "17:00", "17:00", (lunch,)), 4: WEEK[4]}
    with pytest.raises(Invalid) as refused, world.as_office() as work:
        rewrite_week(work, known(world, work, "Tom"), week)
    assert [(error.pointer, error.code) for error in refused.value.errors] == [
        ("/week/0", "window_empty"),
        ("/week/3", "break_outside_shift"),
    ]


def test_a_skill_that_is_gone_moves_the_visit_that_needs_it(workshop: Workshop, clock: SetClock) -> None:
    world = a_quiet_town(workshop, clock, "Tom", "Uma", skills={"fiber": 1})
    with world.as_office() as work:
        service = work.session.get_one(type(world.service), world.service.id)
        service.skills = {"fiber": 1}
        world.service = service
    visit = world.book("Ana Cole", "10:00")
    away = world.who_comes(visit)
    with world.as_office() as work:
        technician = known(world, work, away)
        rewrite(work, technician, **as_typed(technician, skills={}))
    day = the_day(world, MONDAY)
    assert day is not None
    assert day.replan_at == world.clock.at + dt.timedelta(seconds=300)


def test_a_name_is_not_in_the_facts(world: World) -> None:
    with world.as_office() as work:
        tom = known(world, work, "Tom")
        rewrite(work, tom, **as_typed(tom, name="Thomas Hale"))
    kind, data = facts(world)[-1]
    assert (kind, data["changed"]) == ("technician_changed", ["name"])
    assert "Thomas" not in str(data)
    day = the_day(world, MONDAY)
    assert day is not None  # its row was queued on, and nobody asked to plan it
    assert day.replan_at is None


def test_a_phone_has_one_owner(world: World) -> None:
    with world.as_office() as work:
        tom, number = known(world, work, "Tom"), world.technicians["Uma"].phone
        with pytest.raises(Invalid, match="the phone of Uma already"):
            rewrite(work, tom, **as_typed(tom, phone=number))


def test_the_van_holds_what_was_counted(world: World) -> None:
    for found, changed in (
        ({"router": 2, "cable": 5}, ["cable", "router"]),
        ({"router": 3}, ["cable", "router"]),
    ):
        with world.as_office() as work:
            recount(work, known(world, work, "Tom"), found)
        assert facts(world)[-1] == (
            "stock_counted",
            {"technician_id": world.technicians["Tom"].id, "parts": changed},
        )
    with world.look() as work:
        tom = world.technicians["Tom"].id
        assert stock_of(work.session, [tom])[tom] == {"router": 3, "cable": 0}


def test_leave_from_today_on_is_like_calling_out(world: World) -> None:
    visit = world.book("Ana Cole", "10:00")
    away = world.who_comes(visit)
    world.until("09:00")
    with world.as_office() as work:
        technician = known(world, work, away)
        send_away(work, technician, AbsenceKind.LEAVE, start_at=world.at("08:00"), end_at=world.at("23:00"))
    assert world.who_comes(visit) != away
    assert "failure_noticed" not in world.facts(visit)


def test_leave_that_begins_later_asks_for_plans_of_its_days_alone(world: World) -> None:
    world.book("Ana Cole", "10:00")
    tuesday = world.at("00:00") + dt.timedelta(days=1)
    with world.as_office() as work:
        tom = known(world, work, "Tom")
        absence = send_away(
            work, tom, AbsenceKind.LEAVE, start_at=tuesday, end_at=tuesday + dt.timedelta(days=1)
        )
    day = the_day(world, MONDAY)
    assert day is not None
    assert day.replan_at is None
    with world.as_office() as work:
        take_back(work, known(world, work, "Tom"), get_absence(work.session, absence.id))
    assert facts(world)[-1][0] == "absence_ended"
    with pytest.raises(StateConflict), world.as_office() as work:
        take_back(work, known(world, work, "Tom"), get_absence(work.session, absence.id))


def test_leave_later_today_asks_for_a_plan_of_today(world: World) -> None:
    visit = world.book("Ana Cole", "14:00")
    away = world.who_comes(visit)
    with world.as_office() as work:
        technician = known(world, work, away)
        absence = send_away(work, technician, AbsenceKind.LEAVE, start_at=world.at("12:00"), end_at=None)
        asked = work.session.get_one(PlanDay, (world.territory.id, MONDAY)).replan_at
    assert asked == world.clock.at + dt.timedelta(seconds=300)
    assert absence.start_at == world.at("12:00")


def test_an_absence_ends_after_it_begins(world: World) -> None:
    with world.as_office() as work:
        technician, over_at = known(world, work, "Tom"), world.at("06:30")
        with pytest.raises(Invalid):
            send_away(work, technician, AbsenceKind.SICK, start_at=world.at("06:00"), end_at=over_at)


def test_whoever_comes_back_is_counted_on_again(world: World) -> None:
    """Uma has Ana's visit while Tom is away; when he is back, today may be planned better."""
    world.book("Ana Cole", "10:00")
    with world.as_office() as work:
        tom = known(world, work, "Tom")
        absence = send_away(work, tom, AbsenceKind.LEAVE, start_at=work.now, end_at=None)
    world.until("09:00")
    with world.as_office() as work:
        take_back(work, known(world, work, "Tom"), get_absence(work.session, absence.id))
    day = the_day(world, MONDAY)
    assert day is not None
    assert day.replan_at == world.clock.at + dt.timedelta(seconds=300)


def book_on_tuesday(world: World) -> Visit:
    """Ana's visit tomorrow from ten to twelve."""
    with world.as_office() as work:
        territory = work.session.get_one(Territory, world.territory.id)
        request = Request(territory=territory, service=world.service, place=near(km_north=1))
        hold = hold_window(work, request, world.at("10:00") + dt.timedelta(days=1))
        customer = a_customer(work)
        address = an_address(work, customer, territory)
        return book_for(work, hold, customer, address, agreed_by=Agreed.CUSTOMER, agreed_how="web")


def send_on_leave(world: World, name: str) -> None:
    """The whole of tomorrow; five quiet minutes later the day is planned again."""
    tuesday = world.at("00:00") + dt.timedelta(days=1)
    with world.as_office() as work:
        technician, end_at = known(world, work, name), tuesday + dt.timedelta(days=1)
        send_away(work, technician, AbsenceKind.LEAVE, start_at=tuesday, end_at=end_at)
    world.clock.advance(minutes=5)
    plan_due(world.workshop, lambda day, seconds, start: repair(day))


def test_leave_tomorrow_gives_the_visit_to_somebody_else(world: World) -> None:
    visit = book_on_tuesday(world)
    away = world.who_comes(visit)
    send_on_leave(world, away)
    assert world.who_comes(visit) != away
    assert world.fresh(visit).promise_version == 1


def test_leave_of_everybody_leaves_the_visit_with_a_named_person(world: World) -> None:
    visit = book_on_tuesday(world)
    for name in ("Tom", "Uma"):
        send_on_leave(world, name)
    with world.look() as work:
        placed = find_assignment(work.session, visit.id)
    assert placed is not None
    assert placed.technician_id is None
    assert placed.owner_id == world.dispatchers[0].id
