"""An appointment that nobody came to, where a regulator says what is owed for it."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.clock import SetClock
from dispatch.failures.reports import report_nobody_came
from dispatch.field.actions import Hindrance, arrive, cannot_finish
from dispatch.plans.turns import take_visit
from dispatch.policies import OFCOM_LIKE, OFGEM_LIKE, read_policies
from dispatch.recoveries.choices import choose
from dispatch.recoveries.decisions import give_up
from dispatch.recoveries.queries import get_recovery
from dispatch.territories.actions import set_policies
from dispatch.territories.tables import Territory
from dispatch.visits.tables import Visit
from dispatch.work import Workshop
from tests.worlds import World, a_quiet_town


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    return a_quiet_town(workshop, clock, "Tom Hale", "Uma Lund")


def asked(world: World, rules: dict[str, Any]) -> None:
    with world.as_office() as work:
        set_policies(work, work.session.get_one(Territory, world.territory.id), rules)


def nobody_came(world: World) -> Visit:
    """Ana's window ended at ten; she says so a minute later."""
    visit = world.book("Ana Cole", "08:00")
    world.clock.at = world.at("10:01")
    with world.as_customer(visit) as work:
        report_nobody_came(work, visit.id, how="web")
    return visit


def take_the_new_time(world: World, visit: Visit) -> None:
    with world.as_customer(visit) as work:
        choose(work, world.recovery(visit).id, "1", how="web")


def test_the_credit_is_never_less_than_what_is_owed(world: World) -> None:
    """The house gives $25, the rule $40; above $30 somebody else would have to approve it."""
    asked(world, {**OFGEM_LIKE, "credit_approval_above_cents": 3000})
    visit = nobody_came(world)
    take_the_new_time(world, visit)
    assert (world.recovery(visit).credit_cents, world.recovery(visit).credit_state) == (4000, "given")


def test_a_house_that_gives_more_gives_more(world: World) -> None:
    rules = [{"failure": "technician_absent", "late_minutes": 0, "amount_cents": 5000}]
    asked(world, {**OFCOM_LIKE, "credits": rules})
    visit = nobody_came(world)
    take_the_new_time(world, visit)
    assert world.recovery(visit).credit_cents == 5000


@pytest.mark.parametrize(("rules", "expected"), [(OFGEM_LIKE, (4000, "given")), ({}, (0, "none"))])
def test_it_is_owed_as_well_where_no_new_time_is_wanted(
    world: World, rules: dict[str, Any], expected: tuple[int, str]
) -> None:
    asked(world, dict(rules))
    visit = nobody_came(world)
    with world.as_customer(visit) as work:
        give_up(work, get_recovery(work.session, world.recovery(visit).id), take_visit(work, visit.id))
    recovery = world.recovery(visit)
    assert recovery.outcome == "customer_cancelled"
    assert (recovery.credit_cents, recovery.credit_state) == expected
    assert world.facts(visit).count("credit_decided") == (1 if rules else 0)


def test_whoever_came_in_time_has_missed_nothing(world: World) -> None:
    """The work was not finished: the house's own $10, and no rule."""
    asked(world, dict(OFGEM_LIKE))
    visit = world.book("Ana Cole", "08:00")
    world.clock.at = world.at("08:10")
    with world.as_technician(world.who_comes(visit)) as (work, technician):
        arrive(work, technician, visit.id)
    with world.as_technician("Tom Hale") as (work, technician):
        cannot_finish(work, technician, visit.id, hindrance=Hindrance.NEEDS_MORE_TIME)
    take_the_new_time(world, visit)
    assert world.recovery(visit).credit_cents == 1000


@pytest.mark.parametrize("rules", [OFCOM_LIKE, OFGEM_LIKE])
def test_both_kinds_of_rules_are_policies(rules: dict[str, Any]) -> None:
    assert read_policies(dict(rules)).missed_payment_cents == rules["missed_payment_cents"]
