"""The arrival ranges that a customer is told are kept as they were told: by the page, and by the text on the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlmodel import col, select

from api.runtime.jobs import RANGES, run_job, sweep
from api.runtime.runtime import Runtime
from dispatch.field.actions import leave
from dispatch.plans.ranges import lead_of
from dispatch.plans.tables import ToldRange
from dispatch.visits.tables import Visit
from notifications.consent import give_consent
from tests.builders import PHONE
from tests.http.pages.reading import Reader
from tests.worlds import World


@pytest.fixture
def visit(world: World) -> Visit:
    with world.as_office() as work:
        give_consent(work, PHONE, "office")
    return world.book("Ana Cole", "10:00")


@pytest.fixture
def page(
    office: Reader, visit: Visit, track: Callable[[Visit], str], runtime: Runtime
) -> Callable[[], Reader]:
    path = track(visit)
    return lambda: office.open(path)


def kept(world: World) -> list[tuple[str, str, str, str, str]]:
    """By what, with which lead, told when, from when until when."""
    query = select(ToldRange).order_by(col(ToldRange.told_at), col(ToldRange.told_by))
    with world.look() as work:
        return [
            (one.told_by, one.lead, *(f"{at:%H:%M}" for at in (one.told_at, one.from_at, one.until_at)))
            for one in work.session.exec(query)
        ]


def test_what_the_page_says_first_with_each_lead_is_kept(
    world: World, page: Callable[[], Reader], runtime: Runtime
) -> None:
    """At seven three hours before the window, at 07:30 with the same lead, at 09:45 a quarter of an hour before."""
    for clock in ("07:00", "07:30", "09:45"):
        world.clock.at = world.at(clock)
        assert "between 10:00 and 10:10" in page().h1
    assert kept(world) == [], "a page that is read writes nothing"
    assert run_job(runtime, RANGES) == 2
    assert run_job(runtime, RANGES) == 0
    expected = [
        ("page", "within_8_hours", "07:00", "10:00", "10:10"),
        ("page", "soon", "09:45", "10:00", "10:10"),
    ]
    assert kept(world) == expected
    world.clock.at = world.at("09:50")
    page()
    assert run_job(runtime, RANGES) == 1, "another process, say, that does not know what was written"
    assert kept(world) == expected


def test_what_the_text_on_the_way_says_is_kept_once_it_went_out(
    world: World, visit: Visit, runtime: Runtime
) -> None:
    """He sets out at 09:55, and the drive takes 266 s: from ten on, by the promise, and until the spread is over."""
    sweep(runtime)
    assert kept(world) == [], "the text that it is booked says the window, and no range"
    world.clock.at = world.at("09:55")
    with world.as_technician(world.who_comes(visit)) as (work, technician):
        leave(work, technician, visit.id)
    sweep(runtime)
    assert kept(world) == [("en_route", "soon", "09:55", "10:00", "10:10")]


def test_a_page_without_a_range_keeps_none(
    world: World, page: Callable[[], Reader], runtime: Runtime
) -> None:
    """Once the window is over it says no time any more."""
    world.clock.at = world.at("12:00")
    assert "We are late" in page().h1
    assert run_job(runtime, RANGES) == 0


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (-5, "soon"),
        (30, "soon"),
        (31, "within_2_hours"),
        (120, "within_2_hours"),
        (480, "within_8_hours"),
        (481, "long_before"),
    ],
)
def test_leads(minutes: int, expected: str) -> None:
    assert lead_of(dt.timedelta(minutes=minutes)) == expected
