"""Searching for better days: what may be published, what is never lost, and what stands when a search fails."""

from __future__ import annotations

import datetime as dt

import pytest

from dispatch.bookings.actions import book_for, hold_window
from dispatch.bookings.slots import Request, slots_of_day
from dispatch.clock import SetClock
from dispatch.errors import SlotTaken
from dispatch.holds.tables import Hold
from dispatch.ledger import since
from dispatch.plans.actions import ask_for_plan
from dispatch.plans.claiming import claimed
from dispatch.plans.planning import next_planning_at, plan_due
from dispatch.plans.queries import current_plan, find_assignment, find_day, list_versions
from dispatch.plans.solver import TRIES, Solver
from dispatch.plans.tables import Plan as PublishedPlan
from dispatch.promises.states import Agreed
from dispatch.territories.tables import Territory
from dispatch.visits.tables import Visit
from dispatch.work import Workshop
from notifications.audit import ALL, run_audit
from optimizer import Budget, Day, Plan, Route, Stop, check, read_plan, repair, solve
from tests.builders import a_customer, an_address, near
from tests.stories.detour import TUESDAY, a_day_with_a_detour, book, one_van
from tests.worlds import World, a_quiet_town

FAR = dt.date(2026, 3, 20)  # eighteen days from Monday the 2nd: beyond the planning horizon of fourteen


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    return a_quiet_town(workshop, clock, "Tom", "Uma")


def engine(day: Day, seconds: float, start: Plan | None) -> Plan:
    """The real one, in this process; so many iterations, and not so many seconds."""
    return solve(day, Budget(iterations=300), start=start)


def plan_of(world: World, day: dt.date = TUESDAY) -> PublishedPlan:
    with world.look() as work:
        plan = current_plan(work.session, world.territory.id, day)
        assert plan
        return plan


def facts(world: World, kind: str) -> list[dict[str, object]]:
    with world.look() as work:
        return [one.data for one in since(work.session, 0, limit=10_000) if one.kind == kind]


def assert_in_order(world: World) -> None:
    with world.look() as work:
        assert run_audit(work, ALL) == []


def evening(world: World) -> None:
    world.clock.at = world.at("18:00")


def test_the_evening_search_publishes_a_better_day(world: World) -> None:
    visits = a_day_with_a_detour(world)
    before = plan_of(world)
    assert next_planning_at(world.workshop) == world.at("07:05")  # five quiet minutes after the last booking
    evening(world)
    seen: list[Day] = []

    def watched(day: Day, seconds: float, start: Plan | None) -> Plan:
        seen.append(day)
        return engine(day, seconds, start)

    assert plan_due(world.workshop, watched) >= 1
    after = plan_of(world)
    assert (after.version, after.base_version, after.cause) == (
        before.version + 1,
        before.version,
        "planning",
    )
    old, new = (check(seen[0], read_plan(plan.body)) for plan in (before, after))
    assert new.legal
    assert new.cost < old.cost
    with world.look() as work:
        rows = [find_assignment(work.session, visit.id) for visit in visits]
        day = find_day(work.session, world.territory.id, TUESDAY)
    assert all(row and row.plan_version == after.version for row in rows)
    assert day
    assert day.planned_at == world.at("18:00")
    assert day.replan_at is None
    assert len({row.technician_id for row in rows if row}) == 1, "one van makes the drive"
    assert len(facts(world, "promise_made")) == 4, "a better plan promises nothing new"
    assert_in_order(world)
    assert plan_due(world.workshop, engine) == 0, "an evening is planned once"


def test_what_is_booked_while_a_search_thinks_is_in_the_plan_it_publishes(world: World) -> None:
    a_day_with_a_detour(world)
    evening(world)
    late: list[Visit] = []
    warm: list[Plan | None] = []

    def interrupted(day: Day, seconds: float, start: Plan | None) -> Plan:
        warm.append(start)
        plan = one_van(day, seconds, start)
        if not late:
            late.append(book(world, "Late Lee", TUESDAY, "14:00", near(km_east=0.1)))
        return plan

    plan_due(world.workshop, interrupted)
    assert len(warm) == 2
    assert warm[0] is None
    assert warm[1] is not None, "the second search starts from what the first one found"
    published = plan_of(world)
    assert published.cause == "planning"
    assert late[0].id in str(published.body)
    assert world.who_comes(late[0])
    assert facts(world, "plan_kept") == []
    assert_in_order(world)


def test_a_wish_for_a_better_day_made_while_a_search_thinks_is_not_lost(world: World) -> None:
    a_day_with_a_detour(world)
    evening(world)

    def interrupted(day: Day, seconds: float, start: Plan | None) -> Plan:
        with world.as_office() as work:
            territory = work.session.get_one(Territory, world.territory.id)
            ask_for_plan(work, territory, TUESDAY, after_seconds=300)
        return engine(day, seconds, start)

    plan_due(world.workshop, interrupted)
    assert plan_of(world).cause == "planning"
    assert next_planning_at(world.workshop) == world.at("18:05")


def nothing_at_all(day: Day, seconds: float, start: Plan | None) -> Plan:
    return Plan(day.name, ())


def everything_at_midnight(day: Day, seconds: float, start: Plan | None) -> Plan:
    """Every visit with the first technician, at the same second, before the shift begins."""
    stops = tuple(Stop("visit", visit.id, 0, visit.duration) for visit in day.visits)
    return Plan(day.name, (Route(day.technicians[0].id, stops, 1),))


def somebody_unknown(day: Day, seconds: float, start: Plan | None) -> Plan:
    plan = repair(day)
    return Plan(plan.day, tuple(Route("nobody", route.stops, route.finish) for route in plan.routes))


def a_visit_twice(day: Day, seconds: float, start: Plan | None) -> Plan:
    plan = repair(day)
    return Plan(plan.day, (*plan.routes, *plan.routes))


def a_visit_of_another_day(day: Day, seconds: float, start: Plan | None) -> Plan:
    first, *others = repair(day).routes
    strange = tuple(Stop(stop.kind, "0" * 26, stop.start, stop.end) for stop in first.stops)
    return Plan(day.name, (Route(first.technician, strange, first.finish), *others))


@pytest.mark.parametrize(
    "solver",
    [nothing_at_all, everything_at_midnight, somebody_unknown, a_visit_twice, a_visit_of_another_day],
)
def test_an_answer_that_breaks_a_rule_leaves_the_last_good_plan(world: World, solver: Solver) -> None:
    a_day_with_a_detour(world)
    before = plan_of(world)
    evening(world)
    plan_due(world.workshop, solver)
    assert plan_of(world).id == before.id
    assert [kept["version"] for kept in facts(world, "plan_kept")] == [before.version]
    assert_in_order(world)
    assert plan_due(world.workshop, solver) == 0, "it is not asked again all night"


def test_an_answer_that_is_no_better_is_kept_to_oneself(world: World) -> None:
    book(world, "Ana Cole", TUESDAY, "10:00", near(km_north=1))
    before = plan_of(world)
    evening(world)
    plan_due(world.workshop, engine)
    assert plan_of(world).id == before.id
    assert [kept["why"] for kept in facts(world, "plan_kept")] == ["no better"]


def test_a_search_that_is_always_overtaken_gives_up_and_says_so(world: World) -> None:
    book(world, "Ana Cole", TUESDAY, "08:00", near(km_north=1))
    evening(world)
    searches: list[Plan | None] = []

    def overtaken(day: Day, seconds: float, start: Plan | None) -> Plan:
        searches.append(start)
        window = ("10:00", "12:00", "14:00", "16:00")[len(searches)]
        book(world, f"Ben {'I' * len(searches)}", TUESDAY, window, near(km_east=2))
        return engine(day, seconds, start)

    plan_due(world.workshop, overtaken)
    assert len(searches) == TRIES
    assert [kept["why"] for kept in facts(world, "plan_kept")] == ["others kept publishing"]
    assert len(read_plan(plan_of(world).body).orders()) >= 1
    assert_in_order(world)


def test_a_solver_that_fails_leaves_the_plan_and_is_asked_again(world: World) -> None:
    a_day_with_a_detour(world)
    before = plan_of(world)
    evening(world)

    def broken(day: Day, seconds: float, start: Plan | None) -> Plan:
        raise RuntimeError("the engine broke")

    with pytest.raises(RuntimeError):
        plan_due(world.workshop, broken)
    assert plan_of(world).id == before.id
    assert plan_due(world.workshop, engine) >= 1
    assert plan_of(world).version == before.version + 1


@pytest.fixture
def far(world: World) -> Visit:
    """Booked by counting: there is no plan of that day yet."""
    visit = book(world, "Ana Cole", FAR, "10:00", near(km_north=1))
    with world.look() as work:
        assert find_assignment(work.session, visit.id) is None
        assert list_versions(work.session, world.territory.id, FAR) == []
    return visit


def test_beyond_the_horizon_hours_are_counted(world: World, far: Visit) -> None:
    """Two technicians, two hours, at 70 %: 10 080 s hold two visits of 2 700 s and a drive of 1 200 s."""
    with world.look() as work:
        territory = work.session.get_one(Territory, world.territory.id)
        request = Request(territory=territory, service=world.service, place=near(km_north=1))
        assert {slot.price for slot in slots_of_day(work, request, FAR)} == {None}
        assert None not in {slot.price for slot in slots_of_day(work, request, TUESDAY)}
    book(world, "Ben Ode", FAR, "10:00", near(km_north=2))
    with pytest.raises(SlotTaken) as refused:
        book(world, "Cid Roe", FAR, "10:00", near(km_north=3))
    with world.look() as work:
        assert refused.value.alternatives(work)
    assert_in_order(world)


@pytest.mark.parametrize("solver", [engine, lambda day, seconds, start: repair(day)])
def test_the_horizon_comes_and_the_visit_gets_a_place(world: World, far: Visit, solver: Solver) -> None:
    """Every evening until then; from the moment the day is planned exactly, somebody keeps the visit."""
    for _ in range(5):
        world.clock.advance(days=1)
        world.clock.at = world.clock.at.replace(hour=6)
        assert_in_order(world)
        world.clock.at = world.clock.at.replace(hour=18)
        plan_due(world.workshop, solver)
        assert_in_order(world)
    assert world.who_comes(far) in world.technicians
    assert plan_of(world, FAR).cause == "planning"


def test_what_is_sold_after_the_evening_for_the_day_that_enters_at_midnight_gets_a_place(
    world: World,
) -> None:
    """At eight, Monday the 16th is fourteen days ahead and only counted; from midnight on it is planned exactly."""
    entering = dt.date(2026, 3, 16)
    evening(world)
    plan_due(world.workshop, one_van)
    world.clock.at = world.at("20:00")
    visit = book(world, "Ana Cole", entering, "10:00", near(km_north=1))
    plan_due(world.workshop, one_van)
    world.clock.advance(hours=4, minutes=30)
    assert_in_order(world)
    assert world.who_comes(visit) in world.technicians


def test_a_hold_made_before_midnight_and_booked_after_it_gets_a_place(world: World) -> None:
    entering = dt.datetime(2026, 3, 16, 10, tzinfo=dt.UTC)
    world.clock.at = world.at("23:55")
    with world.as_office() as work:
        territory = work.session.get_one(Territory, world.territory.id)
        request = Request(territory=territory, service=world.service, place=near(km_north=1))
        hold = hold_window(work, request, entering)
    assert hold.technician_id is None
    world.clock.advance(minutes=6)
    with world.as_office() as work:
        territory = work.session.get_one(Territory, world.territory.id)
        customer = a_customer(work)
        address = an_address(work, customer, territory, place=near(km_north=1))
        kept = work.session.get_one(Hold, hold.id)
        visit = book_for(work, kept, customer, address, agreed_by=Agreed.CUSTOMER, agreed_how="web")
    plan_due(world.workshop, one_van)
    assert_in_order(world)
    assert world.who_comes(visit) in world.technicians


def test_a_day_is_searched_by_one_worker_at_a_time(world: World) -> None:
    a_day_with_a_detour(world)
    evening(world)
    elsewhere: list[int] = []

    def watched(day: Day, seconds: float, start: Plan | None) -> Plan:
        elsewhere.append(plan_due(world.workshop, one_van))
        return engine(day, seconds, start)

    assert plan_due(world.workshop, watched) == 1
    assert elsewhere == [0]
    assert_in_order(world)


def test_whoever_saw_the_day_before_somebody_planned_it_leaves_it(world: World) -> None:
    a_day_with_a_detour(world)
    evening(world)
    assert plan_due(world.workshop, engine) == 1
    with claimed(world.workshop, world.territory.id, TUESDAY, planned_at=None) as is_ours:
        assert not is_ours


def test_the_day_of_a_worker_that_died_is_searched_by_another_within_a_minute(world: World) -> None:
    a_day_with_a_detour(world)
    evening(world)
    died = claimed(world.workshop, world.territory.id, TUESDAY)
    assert died.__enter__()
    assert plan_due(world.workshop, engine) == 0
    world.clock.advance(seconds=60)
    assert plan_due(world.workshop, engine) == 1
    died.__exit__(None, None, None)
    assert_in_order(world)
