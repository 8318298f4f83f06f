"""The application behind a real port, on each kind of database, and many people at its doors at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import httpx2
import pytest
from sqlalchemy import Engine

from api.runtime.runtime import Bell, Runtime
from api.runtime.settings import Settings
from dispatch.access.links import LinkKey
from dispatch.chance import Chance
from dispatch.clock import SetClock
from dispatch.travel.straight import StraightLine
from dispatch.work import Reaction, Workshop
from notifications.channels.pocket import Pocket
from notifications.reactions import Reactions
from notifications.render import Writer
from optimizer import repair
from tests.races.doors import AT_ONCE, House, serving

KEY, BASE = LinkKey(b"a secret for tests, of forty bytes and more"), "http://127.0.0.1:8000"


@pytest.fixture
def reactions() -> Sequence[Reaction]:
    return (Reactions(KEY, BASE, "Makegood"),)


@pytest.fixture
def runtime(engine: Engine, clock: SetClock, reactions: Sequence[Reaction], tmp_path: Path) -> Runtime:
    """Its phones lie in the database: a list in memory is nothing that two threads may write to."""
    bell = Bell()
    workshop = Workshop(
        engine, clock, Chance(Random(7)), StraightLine(), reactions=reactions, nudge=bell.ring
    )
    return Runtime(
        Settings.model_validate({"MAKEGOOD_DATA": tmp_path, "MAKEGOOD_TRUSTED_PROXY": "127.0.0.1"}),
        workshop,
        Pocket(engine, clock),
        KEY,
        writer=Writer(KEY, BASE, "Makegood"),
        solver=lambda day, seconds, start: repair(day),
        bell=bell,
    )


@pytest.fixture
def house(runtime: Runtime, clock: SetClock) -> Iterator[House]:
    limits = httpx2.Limits(max_connections=AT_ONCE)
    with serving(runtime) as address, httpx2.Client(base_url=address, limits=limits, timeout=120) as client:
        yield House(runtime, clock, client)
