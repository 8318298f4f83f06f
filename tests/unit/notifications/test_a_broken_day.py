"""From the sick call to the settled visit, as it reads on the phones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from dispatch.access.links import open_link
from dispatch.access.tables import Scope
from dispatch.clock import SetClock
from dispatch.due import run_due
from dispatch.field.actions import arrive, call_out, finish, leave
from dispatch.plans.queries import find_assignment
from dispatch.recoveries.queries import find_open
from dispatch.technicians.tables import AbsenceKind, Technician
from dispatch.visits.tables import Visit
from dispatch.work import Actor, Workshop
from tests.unit.notifications.post import ANA, BASE_URL, Post
from tests.worlds import World, a_quiet_town


@pytest.fixture
def world(workshop: Workshop, clock: SetClock, post: Post) -> World:
    """Tom and Una at work, Ana booked for 10:00–12:00, texts agreed."""
    world = a_quiet_town(workshop, clock, "Tom", "Una")
    post.agree(ANA)
    return world


@pytest.fixture
def visit(world: World, post: Post) -> Visit:
    world.clock.at = world.at("08:00")
    visit = world.book("Ana Cole", "10:00")
    post.send()
    return visit


def somebody_of(world: World, visit: Visit) -> tuple[str, str]:
    """The technician of the visit by name, and the other one."""
    with world.workshop.read() as work:
        row = find_assignment(work.session, visit.id)
    assert row is not None
    name = next(name for name, one in world.technicians.items() if one.id == row.technician_id)
    return name, next(other for other in world.technicians if other != name)


def go(world: World, name: str, action: Callable[..., object], *args: Any) -> None:
    """The technician of that name does it."""
    technician = world.technicians[name]
    with world.workshop.work(Actor("technician", technician.id), "field") as work:
        action(work, work.session.get_one(Technician, technician.id), *args)


def break_the_promise(world: World, visit: Visit) -> None:
    """Four minutes before the end whoever has the visit calls out sick: too late for anybody else to keep it."""
    world.clock.at = world.at("11:56")
    name, _ = somebody_of(world, visit)
    go(world, name, call_out, AbsenceKind.SICK)


def test_the_confirmation_names_window_reference_link_and_how_to_stop(visit: Visit, post: Post) -> None:
    [text] = post.channel.read(ANA)
    assert text.startswith("Alder Repairs: booked.")
    assert "Mon 2 Mar, 10:00-12:00" in text
    assert visit.reference in text
    assert f"{BASE_URL}/v/" in text
    assert text.endswith("Reply STOP for no more texts, HELP for help.")


def test_the_link_in_the_text_opens_the_visit(visit: Visit, world: World, post: Post) -> None:
    token = post.channel.read(ANA)[0].split("/v/")[1].split()[0]
    with world.workshop.read() as work:
        assert open_link(work.session, token, Scope.TRACK, world.clock.at).subject_id == visit.id


def test_on_the_way_and_done_are_told_with_a_range_and_one_tap(
    visit: Visit, world: World, post: Post
) -> None:
    name, _ = somebody_of(world, visit)
    world.clock.at = world.at("09:55")
    go(world, name, leave, visit.id)
    assert f"{name} is on the way and should be with you 10:00-10:10 today" in post.read(ANA)[-1]
    world.clock.at = world.at("10:01")
    go(world, name, arrive, visit.id)
    go(world, name, finish, visit.id)
    assert "How did it go? One tap" in post.read(ANA)[-1]
    assert len(post.channel.read(ANA)) == 3


def test_a_broken_promise_is_told_once_with_what_is_arranged_and_an_owner(
    visit: Visit, world: World, post: Post
) -> None:
    name, other = somebody_of(world, visit)
    break_the_promise(world, visit)
    text = post.read(ANA)[-1]
    assert f"{name} is not able to keep the time we promised you. We are sorry." in text
    assert f"{other} can be with you 12:00-14:00 today. Reply 1 to keep it," in text
    assert (
        "3 for another day, 4 to talk to a person. Dana Reed looks after this: https://texts.example/v/"
        in text
    )
    assert len(post.channel.read(ANA)) == 2


def test_who_never_heard_how_the_work_went_is_told_in_the_morning_who_asks(
    visit: Visit, world: World, post: Post
) -> None:
    name, _ = somebody_of(world, visit)
    world.until("10:00")
    go(world, name, arrive, visit.id)
    midnight = world.at("00:00") + timedelta(days=1)
    world.settle(midnight)
    assert len(post.read(ANA)) == 1  # the confirmation
    world.settle(midnight + timedelta(hours=8))
    assert post.read(ANA)[-1].startswith(
        "Alder Repairs: we do not know whether the work at your place is finished. We are sorry. "
        f"Dana Reed asks you about visit {visit.reference} and rings you by 08:20."
    )
    assert [row.purpose for row in post.rows()][-1] == "no_word"


def test_nothing_is_asked_of_a_customer_whose_technician_remembered_in_the_night(
    visit: Visit, world: World, post: Post
) -> None:
    name, _ = somebody_of(world, visit)
    world.until("10:00")
    go(world, name, arrive, visit.id)
    midnight = world.at("00:00") + timedelta(days=1)
    world.settle(midnight)
    go(world, name, finish, visit.id)
    world.settle(midnight + timedelta(hours=8))
    assert "How did it go? One tap" in post.read(ANA)[-1]
    assert [row.reason for row in post.rows("no_word")] == ["superseded:not_failed"]


def test_telling_stops_the_recovery_clock(visit: Visit, world: World, post: Post) -> None:
    break_the_promise(world, visit)
    world.clock.advance(seconds=20)
    post.send()
    with world.workshop.read() as work:
        recovery = find_open(work.session, visit.id)
    assert recovery is not None
    assert recovery.told_at == world.clock.at


def test_keeping_the_offer_settles_it_and_names_the_credit(visit: Visit, world: World, post: Post) -> None:
    _, other = somebody_of(world, visit)
    break_the_promise(world, visit)
    post.send()
    assert post.write(ANA, "1").effect == "chose 1"
    text = post.read(ANA)[-1]
    assert (
        f"settled. {other} comes 12:00-14:00 today. For the trouble we give you a credit of $25.00." in text
    )


def test_another_day_is_offered_and_chosen_by_digits(visit: Visit, world: World, post: Post) -> None:
    break_the_promise(world, visit)
    post.send()
    post.write(ANA, "3")
    assert "on other days we can come 08:00-10:00 tomorrow or " in post.read(ANA)[-1]
    world.clock.advance(minutes=2)
    post.write(ANA, "2.")
    assert "settled. " in post.read(ANA)[-1]
    assert "tomorrow" in post.read(ANA)[-1]


def test_asking_for_a_person_gets_a_name_and_a_time(visit: Visit, world: World, post: Post) -> None:
    break_the_promise(world, visit)
    post.send()
    post.write(ANA, "can I talk to a person please")
    assert f"Dana Reed will ring you by 12:16 about visit {visit.reference}" in post.read(ANA)[-1]


def test_silence_is_kept_by_the_policy_and_said_so(visit: Visit, world: World, post: Post) -> None:
    _, other = somebody_of(world, visit)
    break_the_promise(world, visit)
    post.send()
    world.clock.advance(minutes=15)
    run_due(world.workshop)
    assert f"we keep {other} 12:00-14:00 today for you; you can change it any time" in post.read(ANA)[-1]


def test_nobody_left_today_names_who_decides_and_rings(
    workshop: Workshop, clock: SetClock, post: Post
) -> None:
    world = a_quiet_town(workshop, clock, "Tom")
    post.agree(ANA)
    clock.at = world.at("08:00")
    world.book("Ana Cole", "10:00")
    post.send()
    clock.at = world.at("10:30")
    go(world, "Tom", call_out, AbsenceKind.SICK)
    text = post.read(ANA)[-1]
    assert "Nobody can come today. Dana Reed decides what we do and rings you by 10:50." in text
    assert post.rows("callback_promised") == []


def test_an_offer_that_is_gone_is_followed_by_the_next_best(visit: Visit, world: World, post: Post) -> None:
    break_the_promise(world, visit)
    post.send()
    world.clock.at = world.at("14:30")
    post.write(ANA, "1")
    assert "that time has just gone" in post.read(ANA)[-1]
