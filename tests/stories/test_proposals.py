"""A better day is proposed, read, published and taken back; whatever comes in between, the day stays in order."""

from __future__ import annotations

import datetime as dt

import pytest

from dispatch.bookings.changes import cancel
from dispatch.clock import SetClock
from dispatch.errors import StalePlan, StateConflict
from dispatch.field.actions import arrive, call_out, leave
from dispatch.ledger import since
from dispatch.plans.deciding import publish_proposal
from dispatch.plans.planning import plan_due
from dispatch.plans.problem import load_problem
from dispatch.plans.proposals import ask, dismiss, lines_of, sums_of
from dispatch.plans.publish import publish
from dispatch.plans.queries import current_plan, find_assignment, list_proposals, list_versions
from dispatch.plans.solver import Answer, Solver
from dispatch.plans.standing import standing
from dispatch.plans.states import ProposalState
from dispatch.plans.tables import Plan as PublishedPlan
from dispatch.plans.tables import Proposal
from dispatch.plans.undo import undo_last
from dispatch.technicians.tables import AbsenceKind
from dispatch.territories.actions import set_policies
from dispatch.territories.tables import Territory
from dispatch.visits.queries import get_visit
from dispatch.visits.tables import Visit
from dispatch.work import Work, Workshop
from notifications.audit import ALL, run_audit
from optimizer import Day, Plan, Route, Solved, Stop, check, repair
from tests.builders import near
from tests.stories.detour import TUESDAY, a_day_with_a_detour, book, one_van
from tests.worlds import World, a_quiet_town

TODAY = dt.date(2026, 3, 2)


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    return a_quiet_town(workshop, clock, "Tom", "Uma")


@pytest.fixture
def visits(world: World) -> list[Visit]:
    """Two customers whom one van could serve and two do; the fourth's ten minutes to think again are over."""
    found = a_day_with_a_detour(world)
    world.clock.at = world.at("07:11")
    return found


def here(world: World, work: Work) -> Territory:
    return work.session.get_one(Territory, world.territory.id)


def asked(world: World, day: dt.date = TUESDAY) -> Proposal:
    with world.as_office() as work:
        return ask(work, here(world, work), day)


def proposed(world: World, solver: Solver = one_van) -> Proposal:
    """Asked for and found."""
    proposal = asked(world)
    plan_due(world.workshop, solver)
    return seen(world, proposal)


def seen(world: World, proposal: Proposal) -> Proposal:
    with world.look() as work:
        return work.session.get_one(Proposal, proposal.id)


def published(world: World, proposal: Proposal) -> StalePlan | None:
    with world.as_office() as work:
        return publish_proposal(work, here(world, work), proposal.day, proposal.id)


def undone(world: World, day: dt.date = TUESDAY) -> PublishedPlan:
    with world.as_office() as work:
        return undo_last(work, here(world, work), day)


def refused(world: World, day: dt.date = TUESDAY) -> str:
    """Why the last publish cannot be undone."""
    with pytest.raises(StateConflict) as error:
        undone(world, day)
    return error.value.message


def plan_of(world: World, day: dt.date = TUESDAY) -> PublishedPlan:
    with world.look() as work:
        plan = current_plan(work.session, world.territory.id, day)
        assert plan
        return plan


def routes_of(world: World, visits: list[Visit]) -> dict[str, tuple[str, dt.datetime | None]]:
    with world.look() as work:
        rows = [find_assignment(work.session, visit.id) for visit in visits]
        return {row.visit_id: (row.technician_id or "", row.start_at) for row in rows if row}


def facts(world: World) -> list[str]:
    with world.look() as work:
        return [one.kind for one in since(work.session, 0, limit=10_000) if "proposal" in one.kind]


def assert_in_order(world: World) -> None:
    with world.look() as work:
        assert run_audit(work, ALL) == []


def test_a_better_day_is_asked_for_read_published_and_taken_back(world: World, visits: list[Visit]) -> None:
    before, first = routes_of(world, visits), plan_of(world)
    proposal = asked(world)
    assert proposal.state is ProposalState.SEARCHING
    plan_due(world.workshop, one_van)
    proposal = seen(world, proposal)
    assert proposal.state is ProposalState.PROPOSED
    assert routes_of(world, visits) == before, "nothing counts before a dispatcher says so"
    assert plan_of(world).id == first.id
    assert_in_order(world)

    assert published(world, proposal) is None
    second = plan_of(world)
    assert (second.version, second.base_version, second.cause) == (
        first.version + 1,
        first.version,
        "proposal",
    )
    assert len({who for who, _ in routes_of(world, visits).values()}) == 1, "one van makes the drive"
    assert seen(world, proposal).published_version == second.version
    assert_in_order(world)

    third = undone(world)
    assert (third.version, third.cause) == (second.version + 1, "undo")
    assert routes_of(world, visits) == before
    with world.look() as work:
        versions = [one.version for one in list_versions(work.session, world.territory.id, TUESDAY)]
    assert versions == list(range(1, third.version + 1)), "what was is kept"
    assert facts(world) == ["proposal_asked", "proposal_made", "proposal_settled"]
    assert_in_order(world)
    assert "undone already" in refused(world)


def test_the_list_says_whom_it_touches(world: World, visits: list[Visit]) -> None:
    """Eleven kilometres are 1729 s of driving (120 s + 146.25 s a kilometre): out and back, 57.6 minutes less."""
    proposal = proposed(world)
    sums, lines = sums_of(proposal), lines_of(proposal)
    assert sums
    assert sums.then.travel_minutes - sums.now.travel_minutes == pytest.approx(-57.6, abs=0.1)
    assert (sums.disturbed, sums.then.broken, sums.then.unserved) == (1, 0, 0)
    assert sums.then.price - sums.now.price == pytest.approx(50 - 57.6, abs=0.1)
    assert lines[0].disturbed
    assert lines[0].technician_now != lines[0].technician_then
    assert all(line.kept_now and line.kept_then for line in lines)
    assert {line.visit_id for line in lines} <= {visit.id for visit in visits}


def test_asking_twice_is_asking_once(world: World, visits: list[Visit]) -> None:
    assert asked(world).id == asked(world).id
    assert facts(world) == ["proposal_asked"]


def test_a_booking_in_between_overtakes_the_proposal_and_the_next_search_starts_from_it(
    world: World, visits: list[Visit]
) -> None:
    proposal = proposed(world)
    late = book(world, "Late Lee", TUESDAY, "14:00", near(km_east=0.1))
    assert seen(world, proposal).state is ProposalState.OVERTAKEN
    version = plan_of(world).version
    refusal = published(world, proposal)
    assert refusal
    reference = f"{late.reference[:3]}-{late.reference[3:]}"
    assert f"Came onto the day: {reference}." in refusal.message
    assert "Look for a better plan again" in refusal.message
    assert refusal.details["current_version"] == version
    assert plan_of(world).version == version
    warm: list[Plan | None] = []

    def watched(day: Day, seconds: float, start: Plan | None) -> Answer:
        warm.append(start)
        assert start
        assert check(day, start).legal, "a start holds who came in between, too"
        return one_van(day, seconds, start)

    again = proposed(world, watched)
    assert again.warm_from_id == proposal.id
    assert len(warm) == 1
    assert again.state is ProposalState.PROPOSED
    assert published(world, again) is None
    assert world.who_comes(late)
    assert_in_order(world)


def test_a_booking_while_it_searches_is_in_what_is_proposed(world: World, visits: list[Visit]) -> None:
    late: list[Visit] = []

    def interrupted(day: Day, seconds: float, start: Plan | None) -> Plan:
        if not late:
            late.append(book(world, "Late Lee", TUESDAY, "14:00", near(km_east=0.1)))
        return one_van(day, seconds, start)

    proposal = proposed(world, interrupted)
    assert proposal.state is ProposalState.PROPOSED
    assert late[0].id in str(proposal.body)


def test_what_changes_without_a_new_version_overtakes_it_too(world: World, visits: list[Visit]) -> None:
    """A customer cancels: the routes stay as they are, with a gap, so nothing is published."""
    proposal = proposed(world)
    with world.as_customer(visits[0]) as work:
        cancel(work, get_visit(work.session, visits[0].id))
    assert seen(world, proposal).state is ProposalState.PROPOSED
    refusal = published(world, proposal)
    assert refusal
    assert "is cancelled by now" in refusal.message
    assert seen(world, proposal).state is ProposalState.OVERTAKEN
    assert published(world, proposal), "and it stays so"
    assert_in_order(world)


def dies(day: Day, seconds: float, start: Plan | None) -> Answer:
    return Solved(repair(day), "repair", "the child died (exit code -9)")


def breaks_a_rule(day: Day, seconds: float, start: Plan | None) -> Answer:
    return Plan(day.name, ())


@pytest.mark.parametrize(
    ("solver", "why"),
    [(dies, "the child died (exit code -9)"), (breaks_a_rule, "the answer breaks a rule")],
)
def test_a_search_that_gives_nothing_of_use_ends_and_says_why(
    world: World, visits: list[Visit], solver: Solver, why: str
) -> None:
    before = plan_of(world)
    proposal = proposed(world, solver)
    assert (proposal.state, proposal.why) == (ProposalState.BROKEN_OFF, why)
    assert plan_of(world).id == before.id
    assert_in_order(world)
    assert proposed(world).state is ProposalState.PROPOSED, "it may be asked again"


def test_a_solver_that_raises_leaves_no_question_open(world: World, visits: list[Visit]) -> None:
    def broken(day: Day, seconds: float, start: Plan | None) -> Answer:
        raise RuntimeError("the engine broke")

    proposal = asked(world)
    with pytest.raises(RuntimeError):
        plan_due(world.workshop, broken)
    proposal = seen(world, proposal)
    assert (proposal.state, proposal.why) == (ProposalState.BROKEN_OFF, "the search failed")


def test_nothing_better_is_said_with_what_was_compared(world: World) -> None:
    book(world, "Ana Cole", TUESDAY, "10:00", near(km_north=1))
    proposal = proposed(world)
    assert proposal.state is ProposalState.NONE_BETTER
    sums = sums_of(proposal)
    assert sums
    assert sums.then.price == sums.now.price
    assert proposal.looked_milliseconds is not None


def test_a_proposal_that_is_dismissed_changes_nothing(world: World, visits: list[Visit]) -> None:
    before, proposal = plan_of(world), proposed(world)
    with world.as_office() as work:
        dismiss(work, here(world, work), TUESDAY, proposal.id)
    assert plan_of(world).id == before.id
    with pytest.raises(StateConflict):
        published(world, proposal)


def test_a_search_that_nobody_waits_for_any_more_proposes_nothing(world: World, visits: list[Visit]) -> None:
    proposal = asked(world)

    def given_up(day: Day, seconds: float, start: Plan | None) -> Plan:
        if seen(world, proposal).state is ProposalState.SEARCHING:
            with world.as_office() as work:
                dismiss(work, here(world, work), TUESDAY, proposal.id)
        return one_van(day, seconds, start)

    plan_due(world.workshop, given_up)
    assert seen(world, proposal).state is ProposalState.DISMISSED


@pytest.mark.parametrize("ahead", [-1, 14])
def test_only_days_that_are_planned_can_be_searched(world: World, ahead: int) -> None:
    with pytest.raises(StateConflict):
        asked(world, TODAY + dt.timedelta(days=ahead))


def policies(world: World, **knobs: object) -> None:
    with world.as_office() as work:
        set_policies(work, here(world, work), knobs)


def newest(world: World) -> Proposal:
    with world.look() as work:
        return list_proposals(work.session, world.territory.id, TUESDAY, limit=1)[0]


def test_where_the_policy_says_so_the_evening_only_proposes(world: World, visits: list[Visit]) -> None:
    policies(world, planning_publishes=False)
    before = plan_of(world)
    world.clock.at = world.at("18:00")
    plan_due(world.workshop, one_van)
    assert plan_of(world).id == before.id
    proposal = newest(world)
    assert (proposal.state, proposal.asked_by) == (ProposalState.PROPOSED, "planner")
    assert plan_due(world.workshop, one_van) == 0, "an evening is planned once"
    assert published(world, proposal) is None
    assert_in_order(world)


def test_what_no_longer_holds_is_mended_at_once_whatever_the_policy_says(world: World) -> None:
    """Ana was booked by counting; when the horizon comes she needs a place, and not a dispatcher's time."""
    policies(world, planning_publishes=False)
    far = dt.date(2026, 3, 16)
    ana = book(world, "Ana Cole", far, "10:00", near(km_north=1))
    world.clock.at = world.at("18:00")
    plan_due(world.workshop, lambda day, seconds, start: repair(day))
    assert world.who_comes(ana)
    assert plan_of(world, far).cause == "planning"


def test_what_the_planner_published_can_be_undone_and_is_then_only_proposed(
    world: World, visits: list[Visit]
) -> None:
    before = routes_of(world, visits)
    world.clock.at = world.at("18:00")
    plan_due(world.workshop, one_van)
    assert plan_of(world).cause == "planning"
    undone(world)
    assert routes_of(world, visits) == before
    assert_in_order(world)
    undo = plan_of(world)
    book(world, "Late Lee", TUESDAY, "14:00", near(km_east=0.1))
    world.clock.at = world.at("18:30")
    plan_due(world.workshop, one_van)
    assert plan_of(world).cause != "planning", "a person took that back"
    assert newest(world).state is ProposalState.PROPOSED
    assert undo.version < plan_of(world).version


def test_what_was_booked_since_stays_when_the_publish_is_undone(world: World, visits: list[Visit]) -> None:
    before = routes_of(world, visits)
    published(world, proposed(world))
    late = book(world, "Late Lee", TUESDAY, "14:00", near(km_east=0.1))
    stands = routes_of(world, [late])
    undone(world)
    assert {who for who, _ in routes_of(world, [late]).values()} == {who for who, _ in stands.values()}
    assert {id: who for id, (who, _) in routes_of(world, visits).items()} == {
        id: who for id, (who, _) in before.items()
    }
    assert_in_order(world)


def tuesday(world: World, text: str) -> dt.datetime:
    return world.at(text) + dt.timedelta(days=1)


def test_starts_that_moved_within_a_route_go_back_to_the_minute(world: World) -> None:
    """Whatever a search says is worth it: here ten minutes later with the same technician, as the planner may do."""
    ana = book(world, "Ana Cole", TUESDAY, "10:00", near(km_north=1))
    before = routes_of(world, [ana])
    with world.as_office() as work:
        problem = load_problem(work, here(world, work), TUESDAY)
        [route] = standing(problem).routes
        later = tuple(
            Stop(stop.kind, stop.id, stop.start + 600, stop.end + 600) if stop.kind == "visit" else stop
            for stop in route.stops
        )
        moved = Plan(problem.day.name, (Route(route.technician, later, route.finish + 600),))
        publish(work, problem, moved, cause="planning")
    assert routes_of(world, [ana]) != before
    undone(world)
    assert routes_of(world, [ana]) == before
    assert_in_order(world)


def test_who_is_on_the_way_stays_where_they_are(world: World, visits: list[Visit]) -> None:
    before = routes_of(world, visits)
    published(world, proposed(world))
    after = routes_of(world, visits)
    [moved] = [id for id in after if after[id][0] != before[id][0]]
    technician_id = after[moved][0]
    name = next(name for name, one in world.technicians.items() if one.id == technician_id)
    world.clock.at = tuesday(world, "07:20")
    with world.as_technician(name) as (work, technician):
        leave(work, technician, moved)
    assert "nothing left to undo" in refused(world)
    assert routes_of(world, visits)[moved][0] == technician_id


def out_of_service(world: World, name: str) -> None:
    with world.as_technician(name) as (work, technician):
        call_out(work, technician, AbsenceKind.VAN_DOWN)


def moved_between(
    world: World, before: dict[str, tuple[str, object]], visits: list[Visit]
) -> tuple[str, str]:
    """Who had the visit that the proposal moved, and who has it now, by name."""
    names = {one.id: name for name, one in world.technicians.items()}
    after = routes_of(world, visits)
    [moved] = [id for id in after if after[id][0] != before[id][0]]
    return names[before[moved][0]], names[after[moved][0]]


def test_a_publish_is_not_undone_to_somebody_who_no_longer_works(world: World, visits: list[Visit]) -> None:
    before = routes_of(world, visits)
    published(world, proposed(world))
    had, _ = moved_between(world, before, visits)
    world.clock.at = tuesday(world, "07:05")
    out_of_service(world, had)
    assert f"{had} is not working" in refused(world)
    assert_in_order(world)


def test_a_newer_change_that_builds_upon_it_keeps_it(workshop: Workshop, clock: SetClock) -> None:
    """Both vans of the story break down, and the repair gives everybody to a third technician."""
    world = a_quiet_town(workshop, clock, "Tom", "Uma", "Vic")
    visits = a_day_with_a_detour(world)
    world.clock.at = world.at("07:11")
    before = routes_of(world, visits)
    published(world, proposed(world))
    had, has = moved_between(world, before, visits)
    world.clock.at = tuesday(world, "07:05")
    out_of_service(world, had)
    out_of_service(world, has)
    assert "A newer change builds upon it" in refused(world)


def test_a_day_that_no_search_has_changed_has_nothing_to_undo(world: World) -> None:
    book(world, "Ana Cole", TUESDAY, "10:00", near(km_north=1))
    assert "nothing to undo" in refused(world)


def at_the_door(world: World, visits: list[Visit]) -> None:
    """The first of them is begun on Tuesday, by whom the proposal gave them to or by whom they had before."""
    world.clock.at = tuesday(world, "07:31")
    first = min(visits, key=lambda visit: str(routes_of(world, [visit])[visit.id][1]))
    with world.as_technician(world.who_comes(first)) as (work, technician):
        arrive(work, technician, first.id)


def test_a_proposal_of_today_is_timed_from_the_moment_it_is_published(
    world: World, visits: list[Visit]
) -> None:
    """Ten minutes pass while it is read: the same people come in the same order, the starts follow the clock."""
    world.clock.at = tuesday(world, "07:05")
    proposal = proposed(world)
    assert proposal.state is ProposalState.PROPOSED
    world.clock.at = tuesday(world, "07:15")
    assert published(world, proposal) is None
    assert_in_order(world)


def test_a_proposal_that_the_day_ran_away_from_is_overtaken(world: World, visits: list[Visit]) -> None:
    """Three times 45 minutes and the drive: at nine, one van can no longer be everywhere before ten."""
    world.clock.at = tuesday(world, "07:05")
    proposal = proposed(world)
    at_the_door(world, visits)
    world.clock.at = tuesday(world, "09:00")
    refusal = published(world, proposal)
    assert refusal
    assert seen(world, proposal).state is ProposalState.OVERTAKEN
