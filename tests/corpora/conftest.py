"""A quiet town whose texts go to the quiet channel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from dispatch.access.links import LinkKey
from dispatch.bookings.changes import cancel
from dispatch.clock import SetClock
from dispatch.customers.tables import Customer
from dispatch.visits.queries import get_visit
from dispatch.visits.tables import Visit
from dispatch.work import Reaction, Workshop
from notifications.people.erase import erase
from notifications.people.whose import the_customers_of
from notifications.reactions import Reactions
from notifications.render import Writer
from tests.unit.notifications.post import ANA, BASE_URL, COMPANY, Post
from tests.worlds import World, a_quiet_town

KEY = LinkKey(b"k" * 32)


@pytest.fixture
def reactions() -> Sequence[Reaction]:
    return (Reactions(KEY, BASE_URL, COMPANY),)


@pytest.fixture
def post(workshop: Workshop) -> Post:
    return Post(workshop, Writer(KEY, BASE_URL, COMPANY))


@pytest.fixture
def world(workshop: Workshop, clock: SetClock, post: Post) -> World:
    """Tom, and Ana who agreed to texts; it is nine o'clock."""
    world = a_quiet_town(workshop, clock, "Tom")
    post.agree(ANA)
    clock.at = world.at("09:00")
    return world


def erase_ana(world: World, visit: Visit) -> None:
    """Ana needs nobody any more, and asks to be erased."""
    with world.as_customer(visit) as work:
        cancel(work, get_visit(work.session, visit.id))
    world.clock.at += timedelta(minutes=11)
    with world.as_office() as work:
        erase(work, the_customers_of(work.session, work.session.get_one(Customer, visit.customer_id)))


@pytest.fixture
def visit(world: World, post: Post) -> Visit:
    """Ana's, this afternoon; she has its confirmation."""
    visit = world.book("Ana Cole", "14:00")
    post.send()
    return visit
