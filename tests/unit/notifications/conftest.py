"""Reactions that write texts, a quiet channel, and a post office that joins the two."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dispatch.access.links import LinkKey
from dispatch.clock import SetClock
from dispatch.work import Reaction, Workshop
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
