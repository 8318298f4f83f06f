"""Sooner, if something comes free: who is asked, in which order, and what an answer or none does."""

from __future__ import annotations

import pytest

from dispatch.bookings.changes import cancel, undo_cancel, undo_reschedule
from dispatch.clock import SetClock
from dispatch.errors import StateConflict
from dispatch.field.actions import call_out, leave
from dispatch.holds.tables import Hold
from dispatch.promises.queries import current_promise
from dispatch.promises.states import Agreed, PromiseState
from dispatch.technicians.tables import AbsenceKind, Technician
from dispatch.visits.queries import get_visit
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.wishes.actions import answer_sooner, take_wish_back, wish_sooner
from dispatch.wishes.queries import find_open, find_wish, list_for_visit
from dispatch.wishes.states import SoonerState
from dispatch.wishes.tables import SoonerOffer
from dispatch.work import Workshop
from tests.builders import a_service, a_technician, near
from tests.worlds import World, one_slow_van


@pytest.fixture
def world(workshop: Workshop, clock: SetClock) -> World:
    """Tom alone."""
    return one_slow_van(workshop, clock)


@pytest.fixture
def full(world: World) -> dict[str, Visit]:
    """Ana, then Ben, then Cyn, two and a half hours each: Tom's nine hours, less the break, have room for no fourth."""
    return {
        name: world.book(name, window, place=near(km_north=1), phone=f"+120255501{number}")
        for name, window, number in (("Ana", "08:00", 61), ("Ben", "12:00", 62), ("Cyn", "14:00", 63))
    }


def wish(world: World, visit: Visit) -> None:
    with world.as_customer(visit) as work:
        wish_sooner(work, get_visit(work.session, visit.id))
    world.settle(world.clock.at)  # the sweep that every commit wakes has seen what there is already


def call_off(world: World, visit: Visit) -> None:
    with world.as_customer(visit) as work:
        cancel(work, get_visit(work.session, visit.id))


def offer_to(world: World, visit: Visit) -> SoonerOffer | None:
    with world.look() as work:
        return find_open(work.session, visit.id)


def the_offer(world: World, visit: Visit) -> SoonerOffer:
    offer = offer_to(world, visit)
    assert offer is not None
    return offer


def say(world: World, visit: Visit, offer: SoonerOffer, *, take: bool) -> SoonerState:
    with world.as_customer(visit) as work:
        return answer_sooner(work, offer.id, take=take, how="web").state


def promised(world: World, visit: Visit) -> tuple[int, str]:
    with world.look() as work:
        promise = current_promise(work.session, get_visit(work.session, visit.id))
    return promise.version, f"{promise.start_at:%H:%M}"


def waits(world: World, visit: Visit) -> bool:
    with world.look() as work:
        return find_wish(work.session, visit.id) is not None


def test_what_comes_free_is_offered_once_it_can_no_longer_be_taken_back(
    world: World, full: dict[str, Visit]
) -> None:
    wish(world, full["Cyn"])
    world.until("07:01")
    call_off(world, full["Ana"])
    world.until("07:10")
    assert offer_to(world, full["Cyn"]) is None  # Ana may still change her mind
    world.until("07:11")
    offer = the_offer(world, full["Cyn"])
    # Booking needs an hour's notice: 08:00 begins too soon, the next window is 10:00.
    assert (f"{offer.start_at:%H:%M}", f"{offer.expires_at:%H:%M}") == ("10:00", "07:41")
    with world.look() as work:
        assert work.session.get_one(Hold, offer.hold_id).is_live(work.now)


def test_yes_moves_the_promise_and_ends_the_wish(world: World, full: dict[str, Visit]) -> None:
    wish(world, full["Cyn"])
    call_off(world, full["Ana"])
    world.until("07:15")
    assert say(world, full["Cyn"], the_offer(world, full["Cyn"]), take=True) is SoonerState.TAKEN
    assert promised(world, full["Cyn"]) == (2, "10:00")
    assert not waits(world, full["Cyn"])
    facts = world.facts(full["Cyn"])
    assert [one for one in facts if one.startswith("sooner")] == [
        "sooner_wished",
        "sooner_offered",
        "sooner_settled",
        "sooner_wish_ended",
    ]
    with world.as_customer(full["Cyn"]) as work:  # and she may think again, as after any move
        undo_reschedule(work, get_visit(work.session, full["Cyn"].id), agreed_by=Agreed.CUSTOMER)
    assert promised(world, full["Cyn"])[1] == "14:00"


def test_the_time_that_was_given_up_is_offered_on(world: World, full: dict[str, Visit]) -> None:
    dee = world.book("Dee", "08:00", days=1, phone="+12025550164")
    wish(world, full["Cyn"])
    call_off(world, full["Ana"])
    world.until("07:15")
    assert say(world, full["Cyn"], the_offer(world, full["Cyn"]), take=True) is SoonerState.TAKEN
    wish(world, dee)
    world.until("07:24")
    assert offer_to(world, dee) is None  # Cyn may still go back
    world.until("07:26")
    assert f"{the_offer(world, dee).start_at:%d %H:%M}" == "02 14:00"


def test_no_offers_it_to_the_next_and_nobody_is_asked_twice(world: World, full: dict[str, Visit]) -> None:
    wish(world, full["Ben"])
    wish(world, full["Cyn"])
    call_off(world, full["Ana"])
    world.until("07:15")
    assert say(world, full["Cyn"], the_offer(world, full["Cyn"]), take=False) is SoonerState.DECLINED
    world.until("07:16")
    offer = the_offer(world, full["Ben"])
    assert f"{offer.start_at:%H:%M}" == "10:00"
    assert offer_to(world, full["Cyn"]) is None
    assert waits(world, full["Cyn"])
    assert promised(world, full["Cyn"]) == (1, "14:00")
    assert say(world, full["Ben"], offer, take=False) is SoonerState.DECLINED
    world.until("09:00")
    with world.look() as work:
        assert [len(list_for_visit(work.session, full[name].id)) for name in ("Ben", "Cyn")] == [1, 1]


def test_silence_keeps_the_promise_and_asks_the_next(world: World, full: dict[str, Visit]) -> None:
    wish(world, full["Ben"])
    wish(world, full["Cyn"])
    call_off(world, full["Ana"])
    world.until("07:15")
    silent = the_offer(world, full["Cyn"])
    world.until("07:41")
    with world.look() as work:
        (over,) = list_for_visit(work.session, full["Cyn"].id)
        assert over.state is SoonerState.LAPSED
    assert promised(world, full["Cyn"]) == (1, "14:00")
    assert f"{the_offer(world, full['Ben']).start_at:%H:%M}" == "10:00"
    # A yes that comes too late finds the place kept for Ben.
    assert say(world, full["Cyn"], silent, take=True) is SoonerState.GONE
    assert promised(world, full["Cyn"]) == (1, "14:00")


def test_a_late_yes_is_carried_out_where_the_time_is_still_free(world: World, full: dict[str, Visit]) -> None:
    wish(world, full["Cyn"])
    call_off(world, full["Ana"])
    world.until("07:15")
    offer = the_offer(world, full["Cyn"])
    world.until("08:30")
    assert offer_to(world, full["Cyn"]) is None
    assert say(world, full["Cyn"], offer, take=True) is SoonerState.TAKEN
    assert promised(world, full["Cyn"]) == (2, "10:00")


def test_whoever_was_let_down_before_comes_first(world: World, full: dict[str, Visit]) -> None:
    wish(world, full["Cyn"])
    wish(world, full["Ben"])
    with world.as_office() as work:
        ben = get_visit(work.session, full["Ben"].id)
        ben.failures = 1
        work.session.add(ben)
    call_off(world, full["Ana"])
    world.until("07:15")
    assert the_offer(world, full["Ben"])
    assert offer_to(world, full["Cyn"]) is None


def test_what_was_free_all_along_is_not_news(world: World) -> None:
    late = world.book("Ana", "14:00")
    wish(world, late)
    world.until("09:30")
    assert offer_to(world, late) is None


def test_who_takes_the_wish_back_gives_back_what_is_kept(world: World, full: dict[str, Visit]) -> None:
    wish(world, full["Ben"])
    wish(world, full["Cyn"])
    call_off(world, full["Ana"])
    world.until("07:15")
    kept = the_offer(world, full["Cyn"])
    with world.as_customer(full["Cyn"]) as work:
        take_wish_back(work, get_visit(work.session, full["Cyn"].id))
        take_wish_back(work, get_visit(work.session, full["Cyn"].id))
    world.until("07:16")
    assert not waits(world, full["Cyn"])
    with world.look() as work:
        assert not work.session.get_one(Hold, kept.hold_id).is_live(work.now)
    assert the_offer(world, full["Ben"])


def test_a_cancellation_that_is_taken_back_frees_nothing(world: World, full: dict[str, Visit]) -> None:
    wish(world, full["Cyn"])
    call_off(world, full["Ana"])
    with world.as_customer(full["Ana"]) as work:
        undo_cancel(work, get_visit(work.session, full["Ana"].id))
    world.until("09:00")
    assert offer_to(world, full["Cyn"]) is None


def test_an_offer_ends_with_the_visit_that_it_was_for(world: World, full: dict[str, Visit]) -> None:
    wish(world, full["Cyn"])
    call_off(world, full["Ana"])
    world.until("07:15")
    offer = the_offer(world, full["Cyn"])
    call_off(world, full["Cyn"])
    world.until("07:16")
    assert say(world, full["Cyn"], offer, take=True) is SoonerState.GONE
    with world.look() as work:
        assert not work.session.get_one(Hold, offer.hold_id).is_live(work.now)


def test_a_no_to_what_was_taken_is_refused(world: World, full: dict[str, Visit]) -> None:
    wish(world, full["Cyn"])
    call_off(world, full["Ana"])
    world.until("07:15")
    offer = the_offer(world, full["Cyn"])
    say(world, full["Cyn"], offer, take=True)
    assert say(world, full["Cyn"], offer, take=True) is SoonerState.TAKEN
    with pytest.raises(StateConflict, match="taken this time already"):
        say(world, full["Cyn"], offer, take=False)


def test_nothing_is_sooner_than_a_visit_that_is_under_way(world: World, full: dict[str, Visit]) -> None:
    world.until("07:50")
    with world.as_technician("Tom") as (work, tom):
        leave(work, tom, full["Ana"].id)
    with world.as_customer(full["Ana"]) as work, pytest.raises(StateConflict, match="no earlier time"):
        wish_sooner(work, get_visit(work.session, full["Ana"].id))


def test_the_promises_of_the_others_stand_as_they_stood(world: World, full: dict[str, Visit]) -> None:
    wish(world, full["Cyn"])
    call_off(world, full["Ana"])
    world.until("07:15")
    say(world, full["Cyn"], the_offer(world, full["Cyn"]), take=True)
    with world.look() as work:
        ben = current_promise(work.session, get_visit(work.session, full["Ben"].id))
        assert (ben.version, ben.state) == (1, PromiseState.OPEN)
    assert world.who_comes(full["Ben"]) == "Tom"


def test_a_promise_that_would_break_outranks_a_time_that_is_only_kept(
    workshop: Workshop, clock: SetClock
) -> None:
    """Una, who has only the morning, is sick. Tom could come instead, were ten o'clock not kept for Cyn."""
    world = one_slow_van(workshop, clock)
    with world.as_office() as work:
        town = work.session.get_one(type(world.territory), world.territory.id)
        short = {"start_at": "08:00", "end_at": "10:50", "overtime_until_at": "10:50", "breaks": ()}
        world.technicians["Una"] = a_technician(work, town, name="Una", home=near(km_east=5), **short)
    eve = world.book("Eve", "08:00", place=near(km_east=5), phone="+12025550165")
    assert world.who_comes(eve) == "Una"
    found = {
        name: world.book(name, window, phone=phone)
        for name, window, phone in (
            ("Ana", "08:00", "+12025550161"),
            ("Ben", "12:00", "+12025550162"),
            ("Cyn", "14:00", "+12025550163"),
        )
    }
    wish(world, found["Cyn"])
    call_off(world, found["Ana"])
    world.until("07:15")
    kept = the_offer(world, found["Cyn"])
    with world.as_technician("Una") as (work, una):
        call_out(work, una, AbsenceKind.SICK)
    world.until("07:16")
    assert world.who_comes(eve) == "Tom"
    assert promised(world, eve) == (1, "08:00")  # nothing broke
    assert world.fresh(eve).state is VisitState.BOOKED
    with world.look() as work:
        assert not work.session.get_one(Hold, kept.hold_id).is_live(work.now)
    assert say(world, found["Cyn"], kept, take=True) is SoonerState.GONE
    assert promised(world, found["Cyn"]) == (1, "14:00")


def test_no_more_gives_way_than_it_takes(workshop: Workshop, clock: SetClock) -> None:
    """Una is sick, and Eve's boiler needs gas, of which Vic knows nothing. Tom could come, were ten o'clock not kept
    for Cyn, who was asked first; Vic has it kept for Ida. Where Ida's gives way, Vic can have Cyn's: hers stays."""
    world = one_slow_van(workshop, clock)
    found = {
        name: world.book(name, window, phone=f"+120255501{number}")
        for name, window, number in (("Ana", "08:00", 61), ("Ben", "12:00", 62), ("Cyn", "14:00", 63))
    }
    with world.as_office() as work:
        boiler = a_service(work, code="boiler", duration_seconds=9000, skills={"gas": 1})
        town = work.session.get_one(type(world.territory), world.territory.id)
        work.session.get_one(Technician, world.technicians["Tom"].id).skills = {"gas": 1}
        world.technicians["Vic"] = a_technician(work, town, name="Vic", phone="+12025550119")
        short = {"start_at": "08:00", "end_at": "10:50", "overtime_until_at": "10:50", "breaks": ()}
        world.technicians["Una"] = a_technician(
            work, town, name="Una", home=near(km_east=5), skills={"gas": 1}, phone="+12025550118", **short
        )
    eve = world.book("Eve", "08:00", place=near(km_east=5), phone="+12025550165", service=boiler)
    assert world.who_comes(eve) == "Una"
    for name, window, number in (("Gus", "08:00", 66), ("Hal", "12:00", 67), ("Ida", "14:00", 68)):
        found[name] = world.book(name, window, phone=f"+120255501{number}")
        assert world.who_comes(found[name]) == "Vic"
    wish(world, found["Cyn"])
    wish(world, found["Ida"])
    call_off(world, found["Ana"])
    world.until("07:11")
    kept = {"Cyn": the_offer(world, found["Cyn"])}
    call_off(world, found["Gus"])
    world.until("07:22")
    kept["Ida"] = the_offer(world, found["Ida"])
    with world.as_technician("Una") as (work, una):
        call_out(work, una, AbsenceKind.SICK)
    world.until("07:23")
    assert world.who_comes(eve) == "Tom"
    assert is_kept(world, kept) == {"Cyn": True, "Ida": False}


def test_where_no_kept_time_would_help_all_are_kept(workshop: Workshop, clock: SetClock) -> None:
    """Una is sick, and nobody else knows gas."""
    world = one_slow_van(workshop, clock)
    with world.as_office() as work:
        boiler = a_service(work, code="boiler", duration_seconds=9000, skills={"gas": 1})
        town = work.session.get_one(type(world.territory), world.territory.id)
        short = {"start_at": "08:00", "end_at": "10:50", "overtime_until_at": "10:50", "breaks": ()}
        world.technicians["Una"] = a_technician(
            work, town, name="Una", home=near(km_east=5), skills={"gas": 1}, **short
        )
    eve = world.book("Eve", "08:00", place=near(km_east=5), phone="+12025550165", service=boiler)
    found = {
        name: world.book(name, window, phone=f"+120255501{number}")
        for name, window, number in (("Ana", "08:00", 61), ("Ben", "12:00", 62), ("Cyn", "14:00", 63))
    }
    assert world.who_comes(eve) == "Una"
    wish(world, found["Cyn"])
    call_off(world, found["Ana"])
    world.until("07:15")
    kept = {"Cyn": the_offer(world, found["Cyn"])}
    with world.as_technician("Una") as (work, una):
        call_out(work, una, AbsenceKind.SICK)
    world.until("07:16")
    assert world.fresh(eve).state is VisitState.FAILED
    assert is_kept(world, kept) == {"Cyn": True}


def is_kept(world: World, offers: dict[str, SoonerOffer]) -> dict[str, bool]:
    with world.look() as work:
        return {
            name: work.session.get_one(Hold, one.hold_id).is_live(work.now) for name, one in offers.items()
        }
