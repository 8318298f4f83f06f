"""Reactions that write texts, a quiet channel, and a post office that joins the two."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dispatch.access.links import LinkKey
from dispatch.work import Reaction, Workshop
from notifications.reactions import Reactions
from notifications.render import Writer
from tests.unit.notifications.post import BASE_URL, COMPANY, Post

KEY = LinkKey(b"k" * 32)


@pytest.fixture
def reactions() -> Sequence[Reaction]:
    return (Reactions(KEY, BASE_URL, COMPANY),)


@pytest.fixture
def post(workshop: Workshop) -> Post:
    return Post(workshop, Writer(KEY, BASE_URL, COMPANY))
