"""A dispatcher reads a proposal without JavaScript: asks, waits, publishes or dismisses, and takes it back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from api.runtime.jobs import plan
from api.runtime.runtime import Runtime
from dispatch.field.actions import Hindrance, arrive, call_out, cannot_finish
from dispatch.technicians.tables import AbsenceKind, Technician
from dispatch.visits.tables import Visit
from dispatch.work import Work
from optimizer import Solved, repair
from tests.builders import near
from tests.http.pages.reading import Reader
from tests.stories.detour import TUESDAY, a_day_with_a_detour, book, one_van
from tests.worlds import World

PAGE = f"/board/proposals?day={TUESDAY}"


@pytest.fixture
def runtime(runtime: Runtime) -> Runtime:
    return replace(runtime, solver=one_van)


@pytest.fixture
def visits(world: World) -> list[Visit]:
    """Two customers whom one van could serve and two do."""
    found = a_day_with_a_detour(world)
    world.clock.at = world.at("07:11")
    return found


def reloads(reader: Reader) -> bool:
    return any("http-equiv" in node.attributes for node in reader.page.every("meta"))


def test_a_day_without_proposals_helps(office: Reader, world: World) -> None:
    office.open(f"/board?day={TUESDAY}").follow("Proposals for this day")
    assert office.h1 == "Proposals for Tuesday 3 March"
    assert "Nobody has asked for a better plan" in office.text
    assert "No search and no repair has changed this day" in office.text
    assert office.buttons.count("Look for a better plan") == 1


def test_ask_wait_read_publish_and_undo(office: Reader, visits: list[Visit], runtime: Runtime) -> None:
    office.open(PAGE).press("Look for a better plan")
    assert office.h1 == "Looking for a better plan for Tuesday 3 March"
    assert "Searching since 07:11, for 0 s now." in office.text
    assert reloads(office)
    plan(runtime)
    office.open(PAGE)
    assert office.h1 == "A better plan for Tuesday 3 March waits for you"
    assert not reloads(office), "nobody who reads is interrupted"
    assert "58 minutes less driving; 1 person gets another technician; no promise is touched." in office.text
    assert re.search(r"The visit of Ana I+ goes from \w+ \w+ at \d\d:\d\d to \w+ \w+ at ", office.text)
    for words in ("Another technician", "Promise kept", "no text", "asked for by Dana Reed"):
        assert words in office.text
    office.press("Publish this plan")
    assert "Published by Dana Reed" in office.text
    assert "a proposal, published" in office.text
    office.press("Undo plan")
    assert office.status == 200
    assert "the one before, taken back" in office.text
    assert [button for button in office.buttons if button.startswith("Undo")] == []


def test_dismissed_and_asked_again(
    office: Reader, visits: list[Visit], runtime: Runtime, world: World
) -> None:
    office.open(PAGE).press("Look for a better plan")
    office.press("Stop waiting for it")
    assert "dismissed by Dana Reed" in office.text
    world.clock.advance(minutes=1)
    office.press("Look for a better plan")
    plan(runtime)
    world.clock.advance(minutes=1)
    office.open(PAGE).press("Look again, from this one")
    plan(runtime)
    office.open(PAGE).press("Dismiss it")
    assert "The plan stands as it was." in office.text
    assert "asked again" in office.text


def test_a_day_that_changed_in_between(
    office: Reader, visits: list[Visit], runtime: Runtime, world: World
) -> None:
    """The page was left open while somebody booked: the button on it is refused kindly, with what changed."""
    office.open(PAGE).press("Look for a better plan")
    plan(runtime)
    office.open(PAGE)
    late = book(world, "Late Lee", TUESDAY, "14:00", near(km_east=0.1))
    office.press("Publish this plan")
    assert office.status == 409
    assert "The plan has changed." in office.text
    assert f"{late.reference[:3]}-{late.reference[3:]}" in office.text
    office.open(PAGE).press("Look for a better plan")
    plan(runtime)
    assert "waits for you" in office.open(PAGE).h1


def test_nothing_better_is_said_with_the_prices(office: Reader, world: World, runtime: Runtime) -> None:
    book(world, "Ana Cole", TUESDAY, "10:00", near(km_north=1))
    office.open(PAGE).press("Look for a better plan")
    plan(runtime)
    assert "Nothing better was found" in office.open(PAGE).text


def test_a_search_that_died_is_said(office: Reader, visits: list[Visit], runtime: Runtime) -> None:
    office.open(PAGE).press("Look for a better plan")
    died = replace(
        runtime,
        solver=lambda day, seconds, start: Solved(repair(day), "repair", "the child died (exit code -9)"),
    )
    plan(died)
    office.open(PAGE)
    assert "The search broke off: the child died (exit code -9)." in office.text
    assert "Look for a better plan" in office.buttons


def test_a_day_that_is_over_is_refused_on_the_page(office: Reader, world: World) -> None:
    office.open("/board/proposals?day=2026-03-01").press("Look for a better plan")
    assert office.status == 409
    assert "This day is over" in office.text


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_are_only_days_without_a_plan(
    office: Reader, world: World, day: str
) -> None:
    assert office.open(f"/board/proposals?day={day}").status == 200
    assert office.press("Look for a better plan").status == 409
    for way in ("undo", "undo-repair"):
        assert office.client.post(f"/board/proposals/{day}/{way}").status_code == 409


def test_routes_that_were_mended_are_put_back_from_the_board(
    office: Reader, world: World, on_the_phone: Callable[[str], Reader]
) -> None:
    visit = world.book("Ana Cole", "10:00")
    had = world.who_comes(visit)
    world.until("08:00")
    with world.as_technician(had) as (work, technician):
        call_out(work, technician, AbsenceKind.SICK)
    has = world.who_comes(visit)
    office.open("/board")
    assert "mended the routes for Mon 2" in office.text
    office.follow("Look, or undo")
    assert "routes mended, to make good what broke" in office.text
    assert f"{had} is not working." in office.text
    assert "Undo plan" not in " ".join(office.buttons)
    late = office.client.post("/board/proposals/2026-03-02/undo-repair")  # from a page that was open before
    assert late.status_code == 409
    assert f"{had} is not working." in late.text
    office.open(f"/office/technicians/{world.technicians[had].id}").press("Back at work")
    office.open("/board").follow("Look, or undo").press("Undo plan")
    assert "the mending before, taken back" in office.text
    assert world.who_comes(visit) == had
    assert "Look, or undo" not in office.open("/board").text
    told = on_the_phone(has).open("/day").text
    assert "Off your list: Ana Cole" in told
    assert "the office put the routes back" in told


def test_a_time_that_was_kept_for_silence_is_changed_from_the_board(office: Reader, world: World) -> None:
    visit = world.book("Ana Cole", "08:00")
    name = world.who_comes(visit)
    for time, step in (("08:05", arrive), ("09:00", give_up)):
        world.until(time)
        with world.as_technician(name) as (work, technician):
            step(work, technician, visit.id)
    assert "Take it back…" in office.open("/board").text
    world.until("09:30")
    office.open("/board")
    assert "kept the first time, nobody having answered, for Ana Cole" in office.text
    assert office.follow("Another time…").path == f"/board/visits/{visit.id}/change"
    assert office.choices("start_at")


def give_up(work: Work, technician: Technician, visit_id: str) -> None:
    cannot_finish(work, technician, visit_id, hindrance=Hindrance.NEEDS_MORE_TIME)


def test_a_visit_is_moved_by_hand_without_a_mouse_and_left_as_it_was(
    office: Reader, visits: list[Visit], world: World
) -> None:
    """The board says that a draft waits; with the last change taken out there is none."""
    visit = visits[0]
    other = next(name for name in ("Tom Hale", "Uma Lund") if name != world.who_comes(visit))
    office.open(f"{PAGE}&visit={visit.id}")
    office.press("Put it there", technician_id=world.technicians[other].id, visit_id=visit.id)
    assert office.h1.endswith("plan for Tuesday 3 March waits for you")
    assert "Another technician" in office.text
    board = office.open(f"/board?day={TUESDAY}").text
    assert "A draft waits" in board
    office.follow("Read it, publish it or dismiss it")
    label = next(button for button in office.buttons if button.startswith("Leave "))
    office.press(label)
    assert "dismissed" in office.text
    assert "A draft waits" not in office.open(f"/board?day={TUESDAY}").text


def test_a_move_that_changes_nothing_is_answered_on_the_page(
    office: Reader, visits: list[Visit], world: World
) -> None:
    visit = visits[0]
    office.open(PAGE)
    stays = world.technicians[world.who_comes(visit) or ""].id
    office.press("Put it there", technician_id=stays, visit_id=visit.id)
    assert office.status == 409
    assert "the visit is there already" in office.text
