"""Fourteen months later: what has had its time is gone, and what says that something was promised is still there."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import func
from sqlmodel import select

from api.migrations.tables import METADATA
from dispatch.access.tables import DoorSession, Link
from dispatch.audit import run_audit
from dispatch.bookings.changes import cancel
from dispatch.field.actions import be_at
from dispatch.technicians.tables import Position
from dispatch.visits.queries import get_visit
from dispatch.visits.tables import Visit
from notifications.audit import ALL
from notifications.consent import IN, consent_state
from notifications.inbox.tables import Consent, InboundText
from notifications.outbox.tables import Message, SendAttempt
from notifications.people.keeping import is_due, keep_house
from tests.builders import near
from tests.unit.notifications.post import ANA, Post
from tests.worlds import World

MONTH = timedelta(days=30)


@pytest.fixture
def visit(world: World, post: Post) -> Visit:
    """Ana's, called off; texts went both ways, Tom was seen, somebody was signed in."""
    visit = world.book("Ana Cole", "14:00")
    post.write(ANA, "Is the dog a problem?")
    with world.as_technician("Tom") as (work, tom):
        assert be_at(work, tom, near(km_east=1), at=work.now)
        work.session.add(
            DoorSession(
                id=work.new_id(),
                token_hash="f" * 64,
                role="technician",
                subject_id=tom.id,
                created_at=work.now,
                expires_at=work.now + timedelta(hours=12),
            )
        )
    post.send()
    with world.as_customer(visit) as work:
        cancel(work, get_visit(work.session, visit.id))
    world.clock.at += timedelta(minutes=11)
    post.send()
    return visit


def keep(world: World, later: timedelta) -> int:
    world.clock.at += later
    return keep_house(world.workshop)


def count(world: World, table: type) -> int:
    with world.look() as work:
        found: int = work.session.exec(select(func.count()).select_from(table)).one()
        return found


def everything(world: World) -> str:
    with world.look() as work:
        connection = work.session.connection()
        rows = [row._mapping for one in METADATA.sorted_tables for row in connection.execute(one.select())]
    return "\n".join(json.dumps(dict(row), default=str) for row in rows)


def test_nothing_is_too_old_yet(world: World, visit: Visit) -> None:
    assert keep(world, timedelta(days=59)) == 0
    assert count(world, Position) == 1


def test_positions_go_after_sixty_days(world: World, visit: Visit) -> None:
    assert keep(world, timedelta(days=61)) == 1
    assert count(world, Position) == 0


def test_after_fourteen_months_the_words_are_gone(world: World, visit: Visit, post: Post) -> None:
    texts, attempts = len(post.rows()), count(world, SendAttempt)
    links = count(world, Link)
    assert "Is the dog a problem?" in everything(world)
    keep(world, 14 * MONTH)
    with world.look() as work:
        assert {one.phone for one in work.session.exec(select(Message))} == {""}
        assert {(one.phone, one.body, one.salt) for one in work.session.exec(select(InboundText))} == {
            ("", "", "")
        }
        tried = work.session.exec(select(SendAttempt)).all()
        assert all(one.commitment for one in tried)  # the hash stays
        assert consent_state(work, ANA) == IN
    assert "dog" not in everything(world)
    assert (len(post.rows()), count(world, SendAttempt)) == (texts, attempts)
    assert links > 0
    assert (count(world, Link), count(world, DoorSession)) == (0, 0)
    assert "Ana Cole" in everything(world)  # the relation lasts until she says otherwise
    with world.look() as work:
        assert run_audit(work, ALL) == []
    assert keep_house(world.workshop) == 0


def test_consents_last_five_years_after_the_last_contact(world: World, visit: Visit) -> None:
    keep(world, timedelta(days=4 * 365))
    with world.look() as work:
        assert work.session.exec(select(Consent.phone)).all() == [ANA]
    keep(world, timedelta(days=2 * 366))
    with world.look() as work:
        assert work.session.exec(select(Consent.phone)).all() == [""]


def test_many_rows_go_a_few_at_a_time(world: World, visit: Visit) -> None:
    with world.as_technician("Tom") as (work, tom):
        for minute in range(7):
            assert be_at(work, tom, near(km_east=1), at=work.now - timedelta(minutes=minute))
    world.clock.at += timedelta(days=61)
    assert keep_house(world.workshop, batch=3) == 8
    assert count(world, Position) == 0


def test_it_is_due_once_a_day(world: World, visit: Visit) -> None:
    def due() -> bool:
        with world.look() as work:
            return is_due(work)

    assert due()
    keep(world, timedelta(0))
    assert not due()
    world.clock.at += timedelta(days=1)
    assert due()
