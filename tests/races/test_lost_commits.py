"""The line to the database breaks during a commit: it was done once, or not at all, and who asks again learns which."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from api.runtime.engine import build_engine
from dispatch.ledger import LedgerEntry
from dispatch.visits.queries import get_visit
from dispatch.visits.states import VisitState
from tests.conftest import MONDAY_AT_SEVEN
from tests.races.cutting import Cut, Line, a_line_to
from tests.races.doors import House, Person

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgres"], indirect=True),
]
AT_TEN = MONDAY_AT_SEVEN.replace(hour=10)


@pytest.fixture
def through(database_url: str) -> Iterator[tuple[str, Line]]:
    with a_line_to(database_url) as found:
        yield found


@pytest.fixture
def line(through: tuple[str, Line]) -> Line:
    return through[1]


@pytest.fixture
def engine(through: tuple[str, Line]) -> Iterator[Engine]:
    engine = build_engine(through[0])
    yield engine
    engine.dispose()


@pytest.fixture
def person(house: House) -> Person:
    [person] = house.visitors(house.open_town("Tom"), 1)
    return person


@pytest.mark.parametrize("cut", Cut)
def test_who_sent_a_key_hears_of_the_one_visit_and_nothing_of_the_trouble(
    house: House, person: Person, line: Line, cut: Cut
) -> None:
    hold = person.hold(AT_TEN).json()["id"]
    line.cut = cut
    booked = person.book(hold)
    assert (booked.status_code, line.cuts) == (201, 1)
    assert ("idempotency-replayed" in booked.headers) == (cut is Cut.AFTER_THE_COMMIT)
    again = person.book(hold)
    assert again.json()["reference"] == booked.json()["reference"]
    assert booked_visits(house) == 1
    assert house.audit() == []


@pytest.mark.parametrize("cut", Cut)
def test_while_the_database_is_away_nobody_knows_and_the_same_key_finds_out(
    house: House, person: Person, line: Line, cut: Cut
) -> None:
    hold = person.hold(AT_TEN).json()["id"]
    line.cut, line.stays_down = cut, True
    doubtful = person.book(hold)
    assert (doubtful.status_code, doubtful.json()["type"]) == (503, "/problems/outcome-unknown")
    assert doubtful.headers["retry-after"]
    away = person.book(hold)
    assert (away.status_code, away.json()["type"]) == (503, "/problems/temporarily-unavailable")
    line.is_down = False
    booked = person.book(hold)
    assert booked.status_code == 201
    assert ("idempotency-replayed" in booked.headers) == (cut is Cut.AFTER_THE_COMMIT)
    assert booked_visits(house) == 1
    assert house.audit() == []


@pytest.mark.parametrize("cut", Cut)
def test_without_a_key_it_is_not_done_again_by_itself(
    house: House, person: Person, line: Line, cut: Cut
) -> None:
    visit_id = person.book(person.hold(AT_TEN).json()["id"]).json()["visit_id"]
    with house.runtime.read() as work:
        customer = house.customer_of(get_visit(work.session, visit_id))
    line.cut = cut
    doubtful = customer.post(f"/visits/{visit_id}/cancel")
    assert (doubtful.status_code, doubtful.json()["type"]) == (503, "/problems/outcome-unknown")
    with house.runtime.read() as work:
        state = get_visit(work.session, visit_id).state
    assert state is (VisitState.CANCELLED if cut is Cut.AFTER_THE_COMMIT else VisitState.BOOKED)
    assert customer.post(f"/visits/{visit_id}/cancel").status_code == 200
    assert house.audit() == []


def booked_visits(house: House) -> int:
    with house.runtime.read() as work:
        booked = select(LedgerEntry.seq).where(col(LedgerEntry.kind) == "visit_booked")
        return len(work.session.exec(booked).all())
