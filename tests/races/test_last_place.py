"""The last place of a day: many customers, one of them gets it, and nobody who lost it is left without an answer."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from functools import partial

from httpx2 import Response

from api.runtime.embedded import Embedded
from dispatch.territories.tables import Territory
from tests.conftest import MONDAY_AT_SEVEN
from tests.races.doors import STORM, House, Person, at_once

ROUNDS, CLIENTS = (100, 200) if STORM else (2, 60)
FILLINGS = 20 if STORM else 1
EIGHT = MONDAY_AT_SEVEN + dt.timedelta(hours=1)

# Tom drives 266 s to the customer and works for 45 minutes: by 09:30 that is possible once.
ONE_VISIT = {"start_at": "08:00", "end_at": "09:30", "overtime_until_at": "09:30", "breaks": ()}


def open_town(house: House) -> Territory:
    """One technician whose day has one place left."""
    return house.open_town("Tom", **ONE_VISIT)


def hold_and_book(person: Person) -> Response:
    held = person.hold(EIGHT)
    return person.book(held.json()["id"]) if held.status_code == 201 else held


def assert_told_what_else_there_is(refused: Response) -> None:
    body = refused.json()
    assert body["type"] == "/problems/slot-taken"
    assert len(body["alternatives"]) == 3
    for other in body["alternatives"]:
        assert dt.datetime.fromisoformat(other["start_at"]) > EIGHT
        assert other["text"]


def test_one_place_goes_to_one_customer_and_the_others_learn_what_else_there_is(house: House) -> None:
    with Embedded(house.runtime):
        for _ in range(ROUNDS):
            town = open_town(house)
            people = house.visitors(town, CLIENTS)
            answers = at_once(*(partial(hold_and_book, person) for person in people))
            assert Counter(answer.status_code for answer in answers) == {201: 1, 409: CLIENTS - 1}
            for answer in answers:
                if answer.status_code == 409:
                    assert_told_what_else_there_is(answer)
            assert house.count_visits(town) == 1
            assert house.audit() == []


def test_who_holds_the_place_does_not_lose_it_to_those_who_ask_while_they_book(house: House) -> None:
    town = open_town(house)
    first, *others = house.visitors(town, 30)
    held = first.hold(EIGHT)
    booked, *refused = at_once(
        partial(first.book, held.json()["id"]), *(partial(person.hold, EIGHT) for person in others)
    )
    assert booked.status_code == 201
    for answer in refused:
        assert answer.status_code == 409
        assert_told_what_else_there_is(answer)
    assert house.count_visits(town) == 1
    assert house.audit() == []


def test_a_hold_of_somebody_else_is_nobodys(house: House) -> None:
    town = open_town(house)
    first, *others = house.visitors(town, 11)
    held = first.hold(EIGHT).json()["id"]
    answers = at_once(partial(first.book, held), *(partial(person.book, held) for person in others))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 404: 10}
    assert house.count_visits(town) == 1


def test_whose_hold_ran_out_learns_what_else_there_is(house: House) -> None:
    [person] = house.visitors(open_town(house), 1)
    held = person.hold(EIGHT).json()["id"]
    house.clock.advance(minutes=11)
    late = person.book(held)
    assert late.status_code == 409
    assert "run out" in late.json()["detail"]
    assert_told_what_else_there_is(late)


def test_one_hold_is_booked_once_however_often_its_owner_taps(house: House) -> None:
    """Ten taps under ten keys: one visit, also where there is room for more; the others hear it was used."""
    town = house.open_town("Tom", "Uma")
    [person] = house.visitors(town, 1)
    held = person.hold(EIGHT).json()["id"]
    answers = at_once(*(partial(person.book, held, key=f"tap {number}") for number in range(10)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 9}
    assert house.count_visits(town) == 1
    assert house.audit() == []


def test_ten_times_the_same_key_is_one_visit_and_one_answer(house: House) -> None:
    town = open_town(house)
    [person] = house.visitors(town, 1)
    held = at_once(*(partial(person.hold, EIGHT) for _ in range(10)))
    assert {answer.status_code for answer in held} == {201}
    assert len({answer.content for answer in held}) == 1
    booked = at_once(*(partial(person.book, held[0].json()["id"]) for _ in range(10)))
    assert {answer.status_code for answer in booked} == {201}
    assert len({answer.content for answer in booked}) == 1
    assert house.count_visits(town) == 1
    assert house.audit() == []


def test_a_window_with_room_for_some_is_filled_and_not_overfilled(house: House) -> None:
    """Everybody holds, moves the others' places in the route about, and books while that goes on."""
    for _ in range(FILLINGS):
        town = house.open_town("Tom", "Uma", "Vic")
        people = house.visitors(town, 40)
        answers = at_once(*(partial(hold_and_book, person) for person in people))
        told = Counter(answer.status_code for answer in answers)
        assert set(told) == {201, 409}
        assert told[201] == house.count_visits(town)
        assert house.audit() == []
