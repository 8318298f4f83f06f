"""Ana asks to be erased: nothing of her is left anywhere, and what was promised to her stays."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlmodel import select

from api.migrations.tables import METADATA
from dispatch.access.invitations import invite
from dispatch.audit import run_audit
from dispatch.bookings.changes import cancel
from dispatch.bookings.tables import IdempotentAnswer
from dispatch.callbacks.actions import promise_callback
from dispatch.customers.tables import ERASED_NAME, Address, Customer
from dispatch.errors import Invalid, StateConflict
from dispatch.field.actions import arrive, call_out, finish, leave
from dispatch.ledger import broken_links
from dispatch.technicians.tables import AbsenceKind
from dispatch.territories.tables import Territory
from dispatch.visits.actions import keep_note
from dispatch.visits.queries import find_by_reference, get_visit
from dispatch.visits.tables import Visit
from dispatch.work import SYSTEM
from notifications.audit import ALL
from notifications.consent import OUT, consent_state, give_consent
from notifications.outbox.claiming import claim
from notifications.outbox.reports import hear
from notifications.outbox.sending import Result, settle
from notifications.outbox.states import MessageState, Outcome
from notifications.people.erase import erase, require_meant
from notifications.people.whose import the_customers_of
from notifications.witness.tables import LostPromise
from tests.builders import near
from tests.unit.notifications.post import ANA, BEN, Post
from tests.worlds import World


def everything(world: World) -> str:
    """Every value of every column of every table, as one text."""
    with world.look() as work:
        connection = work.session.connection()
        rows = [
            row._mapping for table in METADATA.sorted_tables for row in connection.execute(table.select())
        ]
        found = [json.dumps(dict(row), default=str, ensure_ascii=False) for row in rows]
    return "\n".join(found)


def erase_ana(world: World, visit: Visit) -> None:
    with world.as_office() as work:
        erase(work, the_customers_of(work.session, work.session.get_one(Customer, visit.customer_id)))


def audit(world: World) -> list[str]:
    with world.look() as work:
        return [f"{one.invariant} {one.subject} {one.sentence}" for one in run_audit(work, ALL)]


@pytest.fixture
def visit(world: World, post: Post) -> Visit:
    """Ana's, long over, with every trace that one can leave: and Ben's, which is none of hers."""
    post.agree(BEN)
    world.book("Ben Ode", "16:00", phone=BEN, place=near(km_north=-1))
    visit = world.book("Ana Cole", "14:00")
    post.send()
    post.write(ANA, "My dog Rexy bites, please ring the bell")
    with world.as_office() as work:
        keep_note(work, get_visit(work.session, visit.id), "Key under the Buddha")
        invite(work, work.session.get_one(Territory, world.territory.id), phone=ANA)
        promise_callback(work, territory_id=world.territory.id, about="customer_asked", phone=ANA)
        work.session.add(
            IdempotentAnswer(
                principal="import",
                route="visits",
                key="ana-cole-1",
                fingerprint="a" * 64,
                status=201,
                body={"reference": visit.reference, "customer": "Ana Cole"},
                visit_id=visit.id,
                answered_at=work.now,
            )
        )
        work.session.add(
            LostPromise(
                sid="SMlost",
                direction="out",
                phone=ANA,
                body="Hello Ana",
                at=work.now,
                found_at=work.now,
                message_id=post.rows()[0].id,
            )
        )
    world.clock.at = world.at("14:00")
    for action in (leave, arrive):
        with world.as_technician("Tom") as (work, tom):
            action(work, tom, visit.id)
    world.clock.at = world.at("14:30")
    with world.as_technician("Tom") as (work, tom):
        finish(work, tom, visit.id, note="Rexy is nice")
    post.send()
    post.write(ANA, "stop it, Rexy is asleep, no more texts")
    post.send()
    return visit


def test_nothing_of_her_is_left_in_any_table(world: World, visit: Visit, post: Post) -> None:
    before = everything(world)
    with world.look() as work:
        door = work.session.get_one(Address, visit.address_id)
    hers = (
        "Ana Cole",
        "ana cole",
        "Ana",
        ANA,
        "5550143",
        "Ana Cole's house",
        "Rexy",
        "rexy",
        "Buddha",
        "ana-cole-1",
        str(door.lat),
    )
    for words in hers:
        assert words in before, words
    erase_ana(world, visit)
    after = everything(world)
    assert [words for words in hers if words in after] == []
    for words in ("Ben Ode", BEN, "Ben Ode's house"):
        assert words in after, words
    assert audit(world) == []


def test_what_was_promised_and_done_stays(world: World, visit: Visit, post: Post) -> None:
    facts, texts = world.facts(visit), len(post.rows())
    erase_ana(world, visit)
    with world.look() as work:
        found = find_by_reference(work.session, visit.reference)
        assert found
        customer = work.session.get_one(Customer, found.customer_id)
        assert (customer.name, customer.phone, customer.erased_at) == (ERASED_NAME, "", world.clock.at)
        assert list(broken_links(work.session)) == []
    assert world.facts(visit)[: len(facts)] == facts
    assert len(post.rows()) == texts
    with pytest.raises(StateConflict, match="already"):
        erase_ana(world, visit)


def test_while_something_is_open_she_is_told_what_to_do(world: World, post: Post) -> None:
    visit = world.book("Ana Cole", "14:00")
    with pytest.raises(StateConflict, match="is not over: cancel it"):
        erase_ana(world, visit)
    with world.as_office() as work:
        cancel(work, get_visit(work.session, visit.id))
    with pytest.raises(StateConflict, match="is not over"):  # for ten minutes that can be taken back
        erase_ana(world, visit)
    world.clock.at += timedelta(minutes=11)
    erase_ana(world, visit)
    assert "Ana Cole" not in everything(world)


def test_a_broken_promise_is_made_good_first(world: World, post: Post) -> None:
    visit = world.book("Ana Cole", "14:00")
    with world.as_technician("Tom") as (work, tom):
        call_out(work, tom, AbsenceKind.SICK)
    with pytest.raises(StateConflict, match=r"not over|being made good"):
        erase_ana(world, visit)
    assert "Ana Cole" in everything(world)


def test_a_text_that_waits_is_withheld_and_one_in_flight_gets_its_outcome(
    world: World, visit: Visit, post: Post
) -> None:
    with world.as_office() as work:
        give_consent(work, ANA, "office")
    world.clock.at = world.at("15:00")
    late = world.book("Ana Cole", "16:00")
    with world.workshop.work(SYSTEM, "claim") as work:
        in_flight = claim(work, post.writer)
    [claimed] = [one for one in in_flight if "16:00" in one.body]
    with world.as_office() as work:
        cancel(work, get_visit(work.session, late.id))
    world.clock.at += timedelta(minutes=11)
    erase_ana(world, visit)
    with world.workshop.work(SYSTEM, "settle") as work:
        assert settle(work, claimed, Result(Outcome.ACCEPTED, "SMlate"))
    [sent] = [row for row in post.rows() if row.id == claimed.message_id]
    assert (sent.state, sent.provider_sid, sent.phone) == (MessageState.SENT, "SMlate", "")
    waiting = [row for row in post.rows("visit_cancelled") if row.visit_id == late.id]
    assert [(row.state, row.reason) for row in waiting] == [(MessageState.SUPPRESSED, "superseded:erased")]
    with world.workshop.work(SYSTEM, "hook") as work:
        assert hear(work, claimed.message_id, "SMlate", "undelivered", "30008")
    assert [row.state for row in post.rows() if row.id == claimed.message_id] == [MessageState.UNDELIVERED]
    assert audit(world) == []


def test_she_had_said_stop_and_that_outlives_her(world: World, visit: Visit, post: Post) -> None:
    erase_ana(world, visit)
    with world.look() as work:
        assert consent_state(work, ANA) == OUT
    before = len(post.channel.read(ANA))
    post.write(ANA, "Do you still know me?")
    assert len(post.read(ANA)) == before
    again = world.book("Ana Cole", "16:00")
    assert len(post.read(ANA)) == before  # nobody asked her again
    assert again.customer_id != visit.customer_id
    post.agree(ANA)
    with world.as_office() as work:
        cancel(work, get_visit(work.session, again.id))
    world.clock.at += timedelta(minutes=2)
    assert len(post.read(ANA)) > before


def test_who_had_agreed_is_asked_anew(world: World, post: Post) -> None:
    """The proof that she once agreed stays, about nobody; it is no consent to what she books later."""
    visit = world.book("Ana Cole", "14:00")
    with world.as_office() as work:
        cancel(work, get_visit(work.session, visit.id))
    world.clock.at += timedelta(minutes=11)
    erase_ana(world, visit)
    with world.look() as work:
        assert consent_state(work, ANA) is None
    assert '"state": "in"' in everything(world)


def test_what_is_typed_must_be_one_of_her_references(world: World, visit: Visit) -> None:
    with world.look() as work:
        who = the_customers_of(work.session, work.session.get_one(Customer, visit.customer_id))
        require_meant(work, who, f" {visit.reference.lower()} ")
        other = work.session.exec(select(Visit).where(Visit.customer_id != visit.customer_id)).first()
        assert other
        for typed in ("", "yes", other.reference):
            with pytest.raises(Invalid, match="Nothing was erased"):
                require_meant(work, who, typed)
