"""A day is locked once in a work, and again where what locked it was undone, on both databases."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine

from dispatch.plans.queries import find_day, lock_day
from dispatch.territories.tables import Territory
from tests import builders
from tests.asked import asked
from tests.conftest import OpenWork

MONDAY = dt.date(2026, 3, 2)


def test_a_day_is_locked_once_in_a_work(work: OpenWork, engine: Engine) -> None:
    with work() as w:
        territory = builders.a_territory(w)
        first = lock_day(w.session, territory.id, MONDAY)
        with asked(engine) as statements:
            assert lock_day(w.session, territory.id, MONDAY) is first
        assert statements == []


def test_a_day_whose_lock_was_undone_is_locked_again(work: OpenWork) -> None:
    """With the savepoint goes the lock, and the day's row if that was made within it."""
    with work() as w:
        territory = builders.a_territory(w)
        w.session.flush()
        savepoint = w.session.begin_nested()
        lock_day(w.session, territory.id, MONDAY)
        savepoint.rollback()
        assert lock_day(w.session, territory.id, MONDAY).version == 0
        territory_id = w.session.get_one(Territory, territory.id).id
    with work() as w:
        assert find_day(w.session, territory_id, MONDAY)
