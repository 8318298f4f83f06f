"""Whoever no text reaches is rung by a machine, answers with a key, and else a named person rings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from sqlmodel import select

from dispatch.audit import run_audit
from dispatch.callbacks.tables import Callback
from dispatch.clock import SetClock
from dispatch.field.actions import call_out
from dispatch.promises.queries import current_promise
from dispatch.recoveries.choices import choose
from dispatch.technicians.tables import AbsenceKind
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import SYSTEM, Reaction, Workshop
from notifications.calls.actions import call_due
from notifications.calls.audit import OF_CALLS
from notifications.calls.claiming import claim
from notifications.calls.states import CallState
from notifications.channels.port import Never, TryLater, Unclear
from notifications.channels.voice_memory import NoVoice
from notifications.consent import give_consent, withdraw_consent
from notifications.languages import SHIPPED
from notifications.outbox.reports import hear
from notifications.outbox.states import MessageState
from notifications.outbox.tables import Message
from notifications.reactions import Reactions
from notifications.render import Writer
from notifications.wordings.actions import reword
from tests.unit.notifications.conftest import KEY
from tests.unit.notifications.post import ANA, BASE_URL, COMPANY, Post
from tests.worlds import World, a_quiet_town

LANDLINE, BRITISH_LANDLINE = "21614", "+442079460958"


@pytest.fixture
def reactions() -> Sequence[Reaction]:
    return (Reactions(KEY, BASE_URL, COMPANY),)


@pytest.fixture
def post(workshop: Workshop) -> Post:
    return Post(workshop, Writer(KEY, BASE_URL, COMPANY))


@pytest.fixture(autouse=True)
def _nothing_is_forgotten(workshop: Workshop) -> Iterator[None]:
    """However a call goes: after its time and a sweep the audit finds nothing."""
    yield
    with workshop.read() as work:
        assert run_audit(work, OF_CALLS) == []


@pytest.fixture
def world(workshop: Workshop, clock: SetClock, post: Post) -> World:
    """Tom and Una at work; Ana agreed to texts and calls, and her number is a landline."""
    world = a_quiet_town(workshop, clock, "Tom", "Una")
    post.agree(ANA)
    return world


@pytest.fixture
def visit(world: World, post: Post) -> Visit:
    """Ana's promise of 10:00–12:00 has just broken, and the text about it is refused."""
    world.clock.at = world.at("08:00")
    visit = world.book("Ana Cole", "10:00")
    post.send()
    world.clock.at = world.at("11:56")
    with world.as_technician(world.who_comes(visit)) as (work, technician):
        call_out(work, technician, AbsenceKind.SICK)
    post.channel.script = [Never(LANDLINE)]
    return visit


def tasks(world: World) -> list[str]:
    """What persons have to ring about, because nothing else reached the customer."""
    with world.look() as work:
        return [one.about for one in work.session.exec(select(Callback)) if one.done_at is None]


def states(post: Post) -> list[CallState]:
    return [call.state for call in post.calls()]


def test_a_landline_customer_is_rung_presses_1_and_has_the_visit_back_the_same_day(
    world: World, visit: Visit, post: Post
) -> None:
    assert post.ring() == 1
    said = post.pick_up()
    assert said.startswith("Alder Repairs: ")
    assert "can be with you today between 12 PM and 2 PM. To keep it, press 1." in said
    assert "https" not in said
    answer = post.press("1")
    assert "settled." in answer
    assert "today between 12 PM and 2 PM" in answer
    assert post.press("") == "Thank you. Goodbye."
    assert post.end()
    post.ring()
    assert states(post) == [CallState.TOLD]
    told = [*post.rows("recovery_offer"), *post.rows("recovery_arranged")]
    assert [row.state for row in told] == [MessageState.CALLED] * 2
    assert tasks(world) == []
    recovery = world.recovery(visit)
    assert (recovery.choice, recovery.told_at) == ("1", world.clock.at)
    with world.look() as work:
        assert current_promise(work.session, world.fresh(visit)).start_at == world.at("12:00")
    assert world.fresh(visit).state is VisitState.BOOKED
    assert "call_settled" in world.facts(visit)


def test_a_number_known_as_a_landline_is_never_texted_and_is_rung_all_the_same(
    world: World, post: Post
) -> None:
    """In Britain the number itself says so: the confirmation is for a person, the broken promise for the machine."""
    post.agree(BRITISH_LANDLINE)
    world.clock.at = world.at("08:00")
    visit = world.book("Ana Cole", "10:00", phone=BRITISH_LANDLINE)
    post.send()
    assert tasks(world) == ["text_landline"]
    world.clock.at = world.at("11:56")
    with world.as_technician(world.who_comes(visit)) as (work, technician):
        call_out(work, technician, AbsenceKind.SICK)
    assert post.ring() == 1
    assert "can be with you today between 12 PM and 2 PM. To keep it, press 1." in post.pick_up()
    assert post.channel.read(BRITISH_LANDLINE) == []


def test_a_key_that_is_told_again_has_no_second_effect(world: World, visit: Visit, post: Post) -> None:
    post.ring()
    post.pick_up()
    offer = post.calls()[0].saying_id
    post.press("1", offer)
    facts = world.facts(visit)
    for key in ("1", "3", "4", ""):
        assert "settled." in post.press(key, offer)
    assert world.facts(visit) == facts


def test_9_says_it_again_and_changes_nothing(world: World, visit: Visit, post: Post) -> None:
    post.ring()
    said = post.pick_up()
    assert post.press("9") == said
    assert post.press("7") == said
    assert world.recovery(visit).choice is None


def test_another_day_is_offered_and_taken_in_one_call(world: World, visit: Visit, post: Post) -> None:
    post.ring()
    post.pick_up()
    days = post.press("3")
    assert "We can come " in days
    assert "press 1" in days
    assert "settled. " in post.press("1")
    with world.look() as work:
        promise = current_promise(work.session, world.fresh(visit))
    assert promise.start_at >= world.at("00:00") + timedelta(days=1)
    assert tasks(world) == []


@pytest.mark.parametrize("key", ["0", "4"])
def test_a_person_is_a_key_away(world: World, visit: Visit, post: Post, key: str) -> None:
    post.ring()
    post.pick_up()
    assert "Dana Reed will ring you by 12:16 PM" in post.press(key)
    assert tasks(world) == ["customer_asked"]
    assert post.press("") == "Thank you. Goodbye."
    assert tasks(world) == ["customer_asked"]


def test_who_hears_it_to_the_end_was_told(world: World, visit: Visit, post: Post) -> None:
    post.ring()
    post.pick_up()
    assert world.recovery(visit).told_at is None
    assert post.press("") == "Thank you. Goodbye."
    assert world.recovery(visit).told_at == world.clock.at
    assert tasks(world) == []


@pytest.mark.parametrize("end", ["no-answer", "busy", "failed", "a machine"])
def test_not_reached_it_rings_once_more_and_then_a_person(
    world: World, visit: Visit, post: Post, end: str
) -> None:
    def not_reached() -> None:
        if end == "a machine":
            assert post.pick_up("machine_start") == ""
        assert post.end("completed" if end == "a machine" else end)
        post.end("no-answer")

    post.ring()
    not_reached()
    assert states(post) == [CallState.MISSED, CallState.WAITING]
    assert tasks(world) == []
    world.clock.advance(seconds=299)
    assert post.ring() == 0
    world.clock.advance(seconds=1)
    assert post.ring() == 1
    assert tasks(world) == []
    not_reached()
    assert states(post) == [CallState.MISSED] * 2
    assert tasks(world) == [f"text_rejected:{LANDLINE}"]
    world.clock.advance(seconds=600)
    post.ring()
    assert len(post.voice.rung) == 2


def test_who_hangs_up_is_not_rung_by_a_machine_again(world: World, visit: Visit, post: Post) -> None:
    post.ring()
    post.pick_up()
    post.end()
    assert states(post) == [CallState.HUNG_UP]
    assert tasks(world) == [f"text_rejected:{LANDLINE}"]
    assert world.recovery(visit).told_at is None


def test_a_key_that_was_slower_than_the_report_of_the_end_still_counts(
    world: World, visit: Visit, post: Post
) -> None:
    post.ring()
    post.pick_up()
    post.end()
    post.press("1")
    assert world.recovery(visit).choice == "1"


def test_what_did_not_arrive_after_all_is_said_on_the_phone(world: World, visit: Visit, post: Post) -> None:
    post.channel.script = []
    post.send()
    offer = post.rows("recovery_offer")[0]
    with world.workshop.work(SYSTEM, "report") as work:
        hear(work, offer.id, offer.provider_sid or "", "undelivered", "30006")
    assert tasks(world) == []
    assert post.ring() == 1
    assert "press 1" in post.pick_up()


def test_what_arrives_after_all_is_not_rung_about(world: World, visit: Visit, post: Post) -> None:
    post.channel.script = []
    post.send()
    offer = post.rows("recovery_offer")[0]
    for word, code in (("undelivered", "30006"), ("delivered", "")):
        with world.workshop.work(SYSTEM, "report") as work:
            hear(work, offer.id, offer.provider_sid or "", word, code)
    assert post.ring() == 0
    assert states(post) == [CallState.WITHDRAWN]
    assert tasks(world) == []


def test_the_offices_own_words_are_said(world: World, visit: Visit, post: Post) -> None:
    name = "spoken_recovery_offer.txt"
    ours = SHIPPED["en"][name].replace("To keep it", "If that suits you")
    with world.as_office() as work:
        assert reword(work, "en", name, ours, company=COMPANY, base_url=BASE_URL)
    post.ring()
    assert "If that suits you, press 1." in post.pick_up()


def test_what_cannot_be_said_is_hung_up_on_and_a_person_has_it(
    world: World, visit: Visit, post: Post
) -> None:
    post.ring()
    with world.workshop.work(SYSTEM, "damage") as work:
        message = work.session.get_one(Message, post.calls()[0].saying_id)
        message.purpose = "callback_promised"  # which nobody promised: there is nobody to name
        work.session.add(message)
    assert post.pick_up() == ""
    post.end()
    assert tasks(world) == [f"text_rejected:{LANDLINE}"]


def test_a_blocked_text_is_for_a_person(world: World, visit: Visit, post: Post) -> None:
    post.channel.script = []
    post.send()
    offer = post.rows("recovery_offer")[0]
    with world.workshop.work(SYSTEM, "report") as work:
        hear(work, offer.id, offer.provider_sid or "", "undelivered", "30004")
    assert post.ring() == 0
    assert tasks(world) == ["text_undelivered"]


def test_an_opted_out_phone_gets_a_person_and_no_machine(world: World, visit: Visit, post: Post) -> None:
    with world.workshop.work(SYSTEM, "stop") as work:
        withdraw_consent(work, ANA, "desk")
    assert post.ring() == 0
    assert tasks(world) == ["text_opted_out"]


def test_who_agreed_to_texts_alone_is_rung_by_a_person(world: World, visit: Visit, post: Post) -> None:
    with world.workshop.work(SYSTEM, "consent") as work:
        give_consent(work, ANA, "web", "en-1")
    assert post.ring() == 0
    assert post.calls() == []
    assert tasks(world) == [f"text_rejected:{LANDLINE}"]


def test_stop_between_the_refusal_and_the_call_is_obeyed(world: World, visit: Visit, post: Post) -> None:
    post.send()
    with world.workshop.work(SYSTEM, "stop") as work:
        withdraw_consent(work, ANA, "desk")
    assert post.ring() == 0
    assert post.voice.rung == []
    assert tasks(world) == ["text_opted_out", f"text_rejected:{LANDLINE}"]


def test_where_nobody_can_ring_by_machine_a_person_does_at_once(
    world: World, visit: Visit, post: Post
) -> None:
    post.send()
    call_due(world.workshop, NoVoice())
    assert states(post) == [CallState.HANDED_OVER]
    assert tasks(world) == [f"text_rejected:{LANDLINE}"]


def test_what_the_customer_settled_meanwhile_is_not_rung_about(
    world: World, visit: Visit, post: Post
) -> None:
    post.send()
    with world.as_customer(visit) as work:
        choose(work, world.recovery(visit).id, "another_day", how="web")
    post.channel.script = [Never(LANDLINE)]
    post.ring()
    assert sorted(states(post)) == [
        CallState.RINGING,
        CallState.WITHDRAWN,
    ]  # about the days, not the old offer
    [(_, rung)] = post.voice.rung
    assert "We can come " in post.pick_up()
    assert next(call.id for call in post.calls() if call.state is CallState.TALKING) == rung.call_id


def test_who_picks_up_when_it_is_settled_is_told_so(world: World, visit: Visit, post: Post) -> None:
    post.ring()
    with world.as_customer(visit) as work:
        choose(work, world.recovery(visit).id, "another_day", how="web")
    round = world.recovery(visit).round
    assert "has been settled in the meantime" in post.pick_up()
    assert "has been settled in the meantime" in post.press("1")
    assert world.recovery(visit).round == round
    assert post.press("") == "Thank you. Goodbye."
    assert states(post)[0] is CallState.WITHDRAWN


# --- what nobody knows ---------------------------------------------------------------------------------


def test_a_call_of_which_nobody_knows_is_looked_for_and_not_placed_again(
    world: World, visit: Visit, post: Post
) -> None:
    post.voice.script, post.voice.accepts_unclear = [Unclear("timed out")], True
    assert post.ring() == 0
    assert states(post) == [CallState.UNKNOWN]
    world.clock.advance(seconds=60)
    post.ring()
    assert states(post) == [CallState.RINGING]
    assert "press 1" in post.pick_up()
    assert len(post.voice.rung) == 1


def test_a_page_that_is_asked_for_settles_the_doubt(world: World, visit: Visit, post: Post) -> None:
    post.voice.script, post.voice.accepts_unclear = [Unclear("timed out")], True
    post.ring()
    assert "press 1" in post.pick_up()
    assert (post.calls()[0].state, post.calls()[0].provider_sid) == (CallState.TALKING, "call-1")


def test_found_nowhere_twice_it_may_ring(world: World, visit: Visit, post: Post) -> None:
    post.voice.script = [Unclear("timed out")]
    post.ring()
    for _ in range(2):
        world.clock.advance(seconds=60)
        post.ring()
    assert states(post) == [CallState.MISSED, CallState.WAITING]
    world.clock.advance(seconds=300)
    assert post.ring() == 1


def test_while_nobody_can_say_nobody_rings_and_at_the_deadline_a_person_does(
    world: World, visit: Visit, post: Post
) -> None:
    post.voice.script, post.voice.accepts_unclear = [Unclear("timed out")], True
    post.ring()
    post.voice.down = True
    for _ in range(14):
        world.clock.advance(seconds=60)
        post.ring()
    assert tasks(world) == []
    world.clock.advance(seconds=60)
    post.ring()
    assert states(post) == [CallState.HANDED_OVER]
    assert tasks(world) == [f"text_rejected:{LANDLINE}"]
    assert len(post.voice.rung) == 1


def test_a_sender_that_dies_before_the_request_leaves_no_call_behind(
    world: World, visit: Visit, post: Post
) -> None:
    post.send()
    with world.workshop.work(SYSTEM, "died") as work:
        assert len(claim(work)) == 1
    assert post.ring() == 0
    for _ in range(3):
        world.clock.advance(seconds=60)
        post.ring()
    assert states(post) == [CallState.MISSED, CallState.WAITING]


def test_a_call_of_which_no_report_comes_is_asked_after(world: World, visit: Visit, post: Post) -> None:
    post.ring()
    post.voice.ended["call-1"] = "no-answer"
    world.clock.advance(seconds=119)
    post.ring()
    assert states(post) == [CallState.RINGING]
    world.clock.advance(seconds=1)
    post.ring()
    assert states(post) == [CallState.MISSED, CallState.WAITING]


def test_put_off_it_is_tried_again_until_a_person_has_it(world: World, visit: Visit, post: Post) -> None:
    post.voice.script = [TryLater("busy"), None]
    assert post.ring() == 0
    assert states(post) == [CallState.WAITING]
    world.clock.advance(seconds=1)
    assert post.ring() == 1


def test_refused_for_good_it_is_for_a_person(world: World, visit: Visit, post: Post) -> None:
    post.voice.script = [Never("21211")]
    post.ring()
    assert tasks(world) == [f"text_rejected:{LANDLINE}"]


def test_in_the_night_no_machine_rings(world: World, visit: Visit, post: Post) -> None:
    post.send()
    world.clock.at = world.at("11:56") + timedelta(minutes=5)
    with world.workshop.work(SYSTEM, "late") as work:
        call = work.session.get_one(type(post.calls()[0]), post.calls()[0].id)
        call.deadline_at = world.at("23:59")
        work.session.add(call)
    world.clock.at = world.at("21:31")
    assert post.ring() == 0
    assert post.voice.rung == []
    assert states(post)[0] in (CallState.HANDED_OVER, CallState.WITHDRAWN)
