"""The ground that every other test stands on."""

from __future__ import annotations

import socket

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from dispatch import ledger
from dispatch.work import Workshop
from tests import builders
from tests.conftest import MONDAY_AT_SEVEN, OpenWork


@pytest.mark.parametrize("_twice", [1, 2])
def test_each_test_starts_empty_and_builders_fit_together(
    work: OpenWork, engine: Engine, _twice: int
) -> None:
    with work() as w:
        assert ledger.since(w.session, 0) == []
        territory = builders.a_territory(w)
        builders.a_dispatcher(w, territory)
        builders.a_service(w)
        builders.a_technician(w, territory, stock={"valve": 2})
        builders.an_address(w, builders.a_customer(w), territory)
    with Session(engine) as session:
        kinds = [entry.kind for entry in ledger.since(session, 0)]
        assert kinds[:2] == ["territory_opened", "dispatcher_joined"]
        assert list(ledger.broken_links(session)) == []
        counted = session.connection().execute(text("SELECT inserted FROM row_counts WHERE name = 'ledger'"))
        assert counted.scalar_one() == len(kinds)


def test_the_clock_stands_on_a_monday_at_seven(workshop: Workshop) -> None:
    with workshop.read() as w:
        assert w.now == MONDAY_AT_SEVEN
        assert w.now.weekday() == 0


def test_a_kilometre_takes_267_seconds(workshop: Workshop) -> None:
    # 120 s to park and walk, 1000 m x 1.3 at 32 km/h = 146.25 s, rounded up.
    assert workshop.travel.seconds(builders.near(), builders.near(km_north=1)) == pytest.approx(267, abs=1)
    assert workshop.travel.seconds(builders.near(), builders.near(km_east=1)) == pytest.approx(267, abs=1)


def test_nobody_reaches_the_outside() -> None:
    with pytest.raises(RuntimeError, match=r"192\.0\.2\.1"), socket.socket() as outside:
        outside.connect(("192.0.2.1", 80))
