"""How far the house goes by itself when a promise broke: the territory's dial, by kind of failure and hour."""

from __future__ import annotations

import datetime as dt

import pytest

from dispatch.board.by_itself import done_by_itself
from dispatch.callbacks.queries import list_for_visit as callbacks_of
from dispatch.clock import SetClock
from dispatch.errors import Invalid, StateConflict
from dispatch.field.actions import Hindrance, arrive, cannot_finish
from dispatch.holds.tables import Hold
from dispatch.ledger import history
from dispatch.policies import DialRule, Level, Policies
from dispatch.recoveries.decisions import go_ahead, not_today, take_back
from dispatch.recoveries.states import OfferState, RecoveryState
from dispatch.reports.behind import visits_behind
from dispatch.reports.making_good import sum_up
from dispatch.reports.material import gather
from dispatch.technicians.tables import Technician
from dispatch.territories.actions import set_policies
from dispatch.territories.queries import get_territory
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work, Workshop
from tests.builders import a_service
from tests.worlds import World, a_quiet_town


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    return a_quiet_town(workshop, clock, "Tom")


def turn_dial(
    world: World,
    level: Level,
    failure: str = "",
    hours: tuple[str, str] = ("00:00", "00:00"),
    recovery_latest_at: str = "20:00",
) -> None:
    with world.as_office() as work:
        policies = Policies(
            dial=(DialRule(failure, *hours, level.value),), recovery_latest_at=recovery_latest_at
        )
        set_policies(work, get_territory(work.session, world.territory.id), policies.overrides())


def unfinished(world: World, visit: Visit | None = None) -> Visit:
    """Tom comes to Ana at five past eight; at nine he cannot finish."""
    visit = visit or world.book("Ana Cole", "08:00")
    for time, step in (("08:05", arrive), ("09:00", give_up)):
        world.until(time)
        with world.as_technician("Tom") as (work, technician):
            step(work, technician, visit.id)
    return visit


def give_up(work: Work, technician: Technician, visit_id: str) -> None:
    cannot_finish(work, technician, visit_id, hindrance=Hindrance.NEEDS_MORE_TIME)


def test_where_nothing_is_set_the_house_acts(world: World) -> None:
    visit = unfinished(world)
    assert world.recovery(visit).state is RecoveryState.OFFERED


def test_shown_only_a_named_person_decides_and_the_customer_knows_by_when(world: World) -> None:
    turn_dial(world, Level.SHOW)
    visit = unfinished(world)
    recovery = world.recovery(visit)
    assert recovery.state is RecoveryState.DECIDING
    assert recovery.proof == {"day": "2026-03-02", "blocks": [], "relaxations": [], "option": None}
    assert not world.offers(visit)
    with world.look() as work:
        [call] = callbacks_of(work.session, visit.id)
        assert (call.about, call.dispatcher_id) == ("withheld", world.dispatchers[0].id)
    with world.as_office() as work:
        go_ahead(work, recovery.id)
    assert world.recovery(visit).state is RecoveryState.OFFERED
    with world.look() as work:
        assert [one.outcome for one in callbacks_of(work.session, visit.id)] == ["offered"]


def test_a_proposal_holds_nothing_and_is_found_anew_when_somebody_says_yes(world: World) -> None:
    turn_dial(world, Level.PROPOSE, "not_finished")
    visit = unfinished(world)
    recovery = world.recovery(visit)
    assert recovery.state is RecoveryState.DECIDING
    assert recovery.proof
    option = recovery.proof["option"]
    assert (option["technician"], option["touches"]) == ("Tom", [])
    world.until("10:00")
    with world.as_office() as work:
        go_ahead(work, recovery.id)
    [first, *_] = world.offers(visit)
    assert first.planned_start_at
    assert first.planned_start_at > dt.datetime.fromisoformat(option["start_at"])
    assert world.recovery(visit).decided_by == f"dispatcher:{world.dispatchers[0].id}"
    with pytest.raises(StateConflict), world.as_office() as work:
        go_ahead(work, recovery.id)


def test_whoever_does_not_agree_offers_other_days(world: World) -> None:
    turn_dial(world, Level.PROPOSE)
    visit = unfinished(world)
    with world.as_office() as work:
        not_today(work, world.recovery(visit).id, reason="she is away until Tuesday")
    assert {offer.day.day for offer in world.offers(visit)} == {3}


def test_another_kind_or_another_hour_is_none_of_the_rules_business(world: World) -> None:
    turn_dial(world, Level.SHOW, "customer_absent")
    assert world.recovery(unfinished(world)).state is RecoveryState.OFFERED


@pytest.mark.parametrize(
    ("hours", "state"),
    [
        (("17:00", "09:00"), RecoveryState.OFFERED),
        (("09:00", "17:00"), RecoveryState.DECIDING),
    ],
)
def test_the_hour_counts_when_it_is_noticed(
    world: World, hours: tuple[str, str], state: RecoveryState
) -> None:
    turn_dial(world, Level.SHOW, hours=hours)
    assert world.recovery(unfinished(world)).state is state


def test_it_acts_alone_where_nobody_else_is_touched(world: World) -> None:
    turn_dial(world, Level.ACT_ALONE)
    visit = unfinished(world)
    assert world.recovery(visit).state is RecoveryState.OFFERED


def test_it_asks_first_where_somebody_else_would_have_to_move(workshop: Workshop, clock: SetClock) -> None:
    """Tom must come back at a quarter past nine for an hour and a half; Ben, at ten, would be 50 minutes later."""
    world = a_quiet_town(workshop, clock, "Tom")
    with world.as_office() as work:
        long = a_service(work, code="long", duration_seconds=90 * 60)
    ana = world.book("Ana Cole", "08:00", service=long)
    ben = world.book("Ben Ode", "10:00", phone="+12025550144")
    turn_dial(world, Level.ACT_ALONE, recovery_latest_at="09:30")
    unfinished(world, ana)
    recovery = world.recovery(ana)
    assert recovery.state is RecoveryState.DECIDING
    assert recovery.proof
    assert [one["visit_id"] for one in recovery.proof["option"]["touches"]] == [ben.id]
    with world.as_office() as work:
        go_ahead(work, recovery.id)
    assert [one.technician_id for one in world.offers(ana)] == [world.technicians["Tom"].id]
    assert world.fresh(ben).state is VisitState.BOOKED


# --- and back ------------------------------------------------------------------------------------------------


def acts(world: World) -> list[tuple[str, bool]]:
    with world.look() as work:
        territory = get_territory(work.session, world.territory.id)
        return [(act.kind, act.can_take_back) for act in done_by_itself(work, territory) if act.card]


def test_what_it_offered_by_itself_is_taken_back_with_a_reason_and_a_person_rings(world: World) -> None:
    visit = unfinished(world)
    assert acts(world) == [("offered", True)]
    hold_id = world.offers(visit)[0].hold_id
    with world.as_office() as work:
        take_back(work, world.recovery(visit).id, why="unknown_to_plan", reason="her street is closed")
    recovery = world.recovery(visit)
    assert (recovery.state, recovery.decided_reason) == (RecoveryState.TALKING, "her street is closed")
    assert {offer.state for offer in world.offers(visit)} == {OfferState.LAPSED}
    with world.look() as work:
        assert work.session.get_one(Hold, hold_id).released_at is not None
        assert [call.about for call in callbacks_of(work.session, visit.id)] == ["taken_back"]
        told = [one.data["why"] for one in history(work.session, visit.id) if one.kind == "offer_taken_back"]
        report = sum_up(
            material := gather(work.session, world.territory, world.at("00:00"), world.at("23:59"), work.now)
        )
        assert report.overrides == {"unknown_to_plan": 1}
        assert visits_behind(material, "override:unknown_to_plan") == [visit.id]
        assert visits_behind(material, "override:other") == []
    assert told == ["unknown_to_plan"]
    assert acts(world) == []
    with pytest.raises(StateConflict), world.as_office() as work:
        take_back(work, recovery.id, why="other")


def test_no_reason_is_no_override_and_what_a_person_offered_is_not_the_houses(world: World) -> None:
    turn_dial(world, Level.PROPOSE)
    visit = unfinished(world)
    with world.as_office() as work:
        go_ahead(work, world.recovery(visit).id)
    assert acts(world) == []
    with pytest.raises(Invalid), world.as_office() as work:
        take_back(work, world.recovery(visit).id, why="because")


def test_what_was_kept_for_silence_is_among_what_it_did_by_itself(world: World) -> None:
    visit = unfinished(world)
    world.until("09:30")
    assert world.recovery(visit).state is RecoveryState.ARRANGED
    assert acts(world) == [("kept", False), ("offered", False)]
