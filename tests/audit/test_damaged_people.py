"""What is held about people, broken on purpose around the application: that invariant fires, and no other."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import Session

from dispatch.customers.tables import Customer
from dispatch.travel.straight import StraightLine
from dispatch.visits.queries import get_visit
from dispatch.work import SYSTEM, Work
from notifications.people.audit import ErasedIsNowhere
from notifications.people.erase import erase
from notifications.people.whose import the_customers_of
from tests.audit.damage import Damaged
from tests.audit.town import MONDAY, instant


def erase_ana(copy: Damaged) -> None:
    """Rightly, by the application; her visit is done."""
    with Session(copy.connection) as session:
        now, chance = copy.town.world.clock.at, copy.town.workshop.chance
        work = Work(session, now=now, chance=chance, travel=StraightLine(), actor=SYSTEM, cause="erase")
        customer = session.get_one(Customer, get_visit(session, copy.visit("Ana")).customer_id)
        erase(work, the_customers_of(session, customer))
        session.commit()


def test_customer_who_is_erased_in_name_only(copy: Damaged) -> None:
    customer = copy.ask("SELECT customer_id FROM visits WHERE id = :id", id=copy.visit("Ana"))
    copy.run(
        "UPDATE customers SET erased_at = :at WHERE id = :id",
        at=copy.at(copy.town.world.clock.at),
        id=customer,
    )
    copy.only("I-46", customer)


def test_phone_that_stayed_on_a_text(copy: Damaged) -> None:
    erase_ana(copy)
    assert copy.audit((ErasedIsNowhere(),)) == []
    text = copy.ask("SELECT id FROM outbox WHERE visit_id = :id LIMIT 1", id=copy.visit("Ana"))
    copy.run("UPDATE outbox SET phone = '+12025551000' WHERE id = :id", id=text)
    copy.only("I-46", text)


def test_answer_that_still_says_who_it_was(copy: Damaged) -> None:
    erase_ana(copy)
    copy.run("UPDATE idempotent_answers SET body = :body", body='{"name": "Ana Reed"}')
    copy.only("I-46", "tap-1")


def test_visit_that_was_booked_for_somebody_erased(copy: Damaged) -> None:
    erase_ana(copy)
    copy.run(
        "UPDATE visits SET customer_id = (SELECT customer_id FROM visits WHERE id = :ana), "
        "address_id = (SELECT address_id FROM visits WHERE id = :ana) WHERE id = :joe",
        ana=copy.visit("Ana"),
        joe=copy.visit("Joe"),
    )
    assert copy.visit("Joe") in {one.subject for one in copy.audit((ErasedIsNowhere(),))}


@pytest.mark.parametrize(
    ("day", "time"),
    [
        pytest.param(MONDAY, "21:00", id="after the shift and its overtime"),
        pytest.param(MONDAY - timedelta(days=64), "10:00", id="long ago"),
    ],
)
def test_position_that_should_not_be_there(copy: Damaged, day: date, time: str) -> None:
    copy.run(
        "INSERT INTO positions (id, technician_id, at, received_at, lat, lng, accuracy_metres, is_suspicious) "
        "VALUES ('there', :who, :at, :at, 40.0, -77.0, 0, :no)",
        who=copy.town.with_whom("Joe"),
        at=copy.at(instant(day, time)),
        no=False,
    )
    copy.only("I-39", "there")


def test_position_of_a_shift_is_in_order(copy: Damaged) -> None:
    copy.run(
        "INSERT INTO positions (id, technician_id, at, received_at, lat, lng, accuracy_metres, is_suspicious) "
        "VALUES ('there', :who, :at, :at, 40.0, -77.0, 0, :no)",
        who=copy.town.with_whom("Joe"),
        at=copy.at(instant(MONDAY, "10:00")),
        no=False,
    )
    assert copy.audit() == []
