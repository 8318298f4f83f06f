"""A storm: several technicians out at once. Who is told what is seen before, and a second person says yes."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.clock import SetClock
from dispatch.errors import Invalid, StateConflict
from dispatch.field.mass_trouble import What, approve, ask, dismiss, foresee, list_waiting
from dispatch.field.tables import Trouble, TroubleState
from dispatch.ledger import head
from dispatch.policies import Policies
from dispatch.recoveries.states import RecoveryState
from dispatch.technicians.tables import AbsenceKind
from dispatch.territories.actions import set_policies
from dispatch.territories.queries import get_territory
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Actor, Workshop
from notifications.audit import ALL, run_audit
from tests.builders import near
from tests.worlds import World, a_quiet_town


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    return a_quiet_town(workshop, clock, "Tom", "Uma", "Vic")


@pytest.fixture
def visits(world: World) -> list[Visit]:
    """Four an hour window: each of the three has work all day, and nobody could do all of it alone."""
    return [
        world.book(
            f"Customer {number}",
            window,
            phone=f"+12025550{160 + number}",
            place=near(km_north=(-1) ** number, km_east=number % 3),
        )
        for number, window in enumerate(["10:00"] * 4 + ["12:00"] * 4 + ["14:00"] * 4)
    ]


def allow(world: World, people: int) -> None:
    with world.as_office() as work:
        policies = Policies(approval_above_people=people)
        set_policies(work, get_territory(work.session, world.territory.id), policies.overrides())


def storm(world: World, *names: str) -> tuple[Any, ...]:
    return [world.technicians[name].id for name in names], AbsenceKind.WEATHER, world.at("23:00")


def asked(world: World, *names: str) -> Trouble:
    with world.as_office() as work:
        territory = get_territory(work.session, world.territory.id)
        return ask(work, territory, *storm(world, *names), reason="Trees on every road.")


def as_the_second(world: World) -> Actor:
    return Actor("dispatcher", world.dispatchers[1].id)


def test_looking_changes_nothing(world: World, visits: list[Visit]) -> None:
    world.until("09:00")
    with world.look() as work:
        before = head(work.session)
    with world.as_office() as work:
        told = foresee(work, get_territory(work.session, world.territory.id), *storm(world, "Tom", "Uma"))
    assert [one.window_text for one in told] == sorted(one.window_text for one in told)
    assert {one.what for one in told} > {What.KEPT}
    with world.look() as work:
        assert head(work.session) == before
    assert {world.fresh(visit).state for visit in visits} == {VisitState.BOOKED}


def test_few_people_are_told_at_once_each_what_was_shown(world: World, visits: list[Visit]) -> None:
    world.until("09:00")
    trouble = asked(world, "Tom", "Uma")
    assert trouble.state is TroubleState.DONE
    for one in trouble.told:
        visit = next(visit for visit in visits if visit.id == one["visit_id"])
        if one["what"] == What.KEPT:
            assert world.fresh(visit).state is VisitState.BOOKED
            assert world.who_comes(visit) == "Vic"
        else:
            assert world.recovery(visit).state is RecoveryState.OFFERED
            days = {offer.day.day for offer in world.offers(visit)}
            assert (2 in days) is (one["what"] == What.LATER_TODAY)
    assert trouble.people == sum(one["what"] != What.KEPT for one in trouble.told) > 0
    with world.look() as work:
        assert run_audit(work, ALL) == []


def test_when_everybody_is_out_all_of_today_is_released(world: World, visits: list[Visit]) -> None:
    world.until("09:00")
    trouble = asked(world, "Tom", "Uma", "Vic")
    assert {one["what"] for one in trouble.told} == {What.ANOTHER_DAY}
    assert trouble.people == len(visits)
    assert {world.recovery(visit).state for visit in visits} == {RecoveryState.OFFERED}
    assert {offer.day.day for visit in visits for offer in world.offers(visit)} <= {3, 4}


def test_above_the_limit_a_second_person_says_yes(
    world: World, visits: list[Visit], workshop: Workshop
) -> None:
    allow(world, 3)
    world.until("09:00")
    trouble = asked(world, "Tom", "Uma", "Vic")
    assert trouble.state is TroubleState.ASKED
    assert {world.fresh(visit).state for visit in visits} == {VisitState.BOOKED}
    with pytest.raises(StateConflict), world.as_office() as work:
        approve(work, get_territory(work.session, world.territory.id), trouble.id)
    with workshop.work(as_the_second(world), "approve") as work:
        territory = get_territory(work.session, world.territory.id)
        assert [one.id for one in list_waiting(work, territory)] == [trouble.id]
        done = approve(work, territory, trouble.id)
    assert (done.state, done.decided_by) == (TroubleState.DONE, world.dispatchers[1].id)
    assert {world.fresh(visit).state for visit in visits} == {VisitState.FAILED}
    with pytest.raises(StateConflict), workshop.work(as_the_second(world), "approve") as work:
        approve(work, get_territory(work.session, world.territory.id), trouble.id)


def test_what_was_asked_is_taken_back_or_runs_out(
    world: World, visits: list[Visit], workshop: Workshop
) -> None:
    allow(world, 3)
    world.until("09:00")
    first, second = asked(world, "Tom", "Uma", "Vic"), asked(world, "Tom", "Uma", "Vic")
    with world.as_office() as work:
        dismiss(work, get_territory(work.session, world.territory.id), first.id)
    world.clock.at = world.at("21:30")
    with pytest.raises(StateConflict), workshop.work(as_the_second(world), "approve") as work:
        approve(work, get_territory(work.session, world.territory.id), second.id)


@pytest.mark.parametrize(("names", "until"), [((), "23:00"), (("Tom",), "07:00")])
def test_nobody_and_yesterday_are_refused(world: World, names: tuple[str, ...], until: str) -> None:
    world.until("08:00")
    with world.look() as work:
        territory = get_territory(work.session, world.territory.id)
    ids = [world.technicians[name].id for name in names]
    with pytest.raises(Invalid), world.as_office() as work:
        foresee(work, territory, ids, AbsenceKind.SICK, world.at(until))
