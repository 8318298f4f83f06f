"""Who guesses waits, longer each time; counted for all processes together."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from dispatch.access.tables import Tries
from dispatch.access.waits import (
    Guessed,
    account,
    forget_old,
    forgive,
    network,
    second_factor,
    take_back,
    take_try,
    wait_seconds,
)
from dispatch.clock import SetClock
from dispatch.errors import RateLimited
from tests.conftest import OpenWork

DANA = account("dana@alder.example")


def test_the_wait_doubles_up_to_a_quarter_of_an_hour() -> None:
    waits = [wait_seconds(failures, free=5) for failures in range(13)]
    assert waits == [0, 0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]
    assert wait_seconds(10_000, free=5) == 900


def guess(work: OpenWork, guessed: Guessed) -> int:
    """Seconds to wait, 0 for a try that is looked at."""
    try:
        with work() as w:
            take_try(w, guessed)
    except RateLimited as error:
        return int(error.details["retry_after_seconds"])
    return 0


def test_five_are_free_then_each_costs_a_longer_wait(work: OpenWork, clock: SetClock) -> None:
    assert [guess(work, DANA) for _ in range(6)] == [0, 0, 0, 0, 0, 30]
    clock.advance(seconds=29)
    assert guess(work, DANA) == 1
    clock.advance(seconds=1)
    assert guess(work, DANA) == 0
    assert guess(work, DANA) == 60


def test_asking_during_the_wait_does_not_make_it_longer(work: OpenWork, clock: SetClock) -> None:
    for _ in range(5):
        guess(work, DANA)
    assert [guess(work, DANA) for _ in range(10)] == [30] * 10


def test_accounts_and_factors_and_networks_wait_by_themselves(work: OpenWork) -> None:
    for _ in range(5):
        guess(work, DANA)
    assert guess(work, account("eve@alder.example")) == 0
    assert guess(work, second_factor("dana@alder.example")) == 0
    assert [guess(work, network("192.0.2.1")) for _ in range(21)] == [0] * 20 + [30]


def test_whoever_proves_who_they_are_begins_anew(work: OpenWork) -> None:
    for _ in range(5):
        guess(work, DANA)
    with work() as w:
        forgive(w, DANA)
    assert [guess(work, DANA) for _ in range(5)] == [0] * 5


def test_a_right_try_is_taken_back_and_no_more(work: OpenWork) -> None:
    home = network("192.0.2.1")
    for _ in range(19):
        guess(work, home)
    guess(work, home)
    with work() as w:
        take_back(w, home)
    assert guess(work, home) == 0
    assert guess(work, home) == 30


def test_a_day_later_nobody_remembers(work: OpenWork, clock: SetClock) -> None:
    for _ in range(5):
        guess(work, DANA)
    clock.advance(days=1, seconds=1)
    assert [guess(work, DANA) for _ in range(5)] == [0] * 5
    clock.advance(days=2)
    with work() as w:
        forget_old(w)
    with work() as w:
        assert w.session.exec(select(Tries)).all() == []


def test_of_many_in_the_same_moment_five_are_looked_at(work: OpenWork) -> None:
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: guess(work, DANA), range(16)))
    assert waits.count(0) == 5
    assert set(waits) == {0, 30}


def test_what_was_typed_is_not_kept(work: OpenWork) -> None:
    guess(work, account("my password in the wrong field"))
    with work() as w:
        (kept,) = w.session.exec(select(Tries)).all()
    assert "password" not in kept.model_dump_json()


def test_one_connection_has_many_long_addresses() -> None:
    assert network("2001:db8:1:2::7") == network("2001:db8:1:2:ffff::9")
    assert network("2001:db8:1:2::7") != network("2001:db8:1:3::7")
    assert network("192.0.2.1") != network("192.0.2.2")


@pytest.mark.parametrize("address", ["unknown", "testclient", "", "::ffff:192.0.2.1"])
def test_an_address_that_is_none_counts_too(work: OpenWork, address: str) -> None:
    assert [guess(work, network(address)) for _ in range(21)][-1] == 30
