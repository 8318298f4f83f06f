"""A customer who thinks again, or has something to say: ten minutes to take a change back, and words that are read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from dispatch.failures.queries import list_for_visit
from dispatch.field.actions import arrive, leave, nobody_home
from dispatch.holds.queries import find_undo_hold, live_holds
from dispatch.promises.queries import current_promise
from dispatch.promises.states import Agreed
from dispatch.visits.queries import list_notes
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from notifications.consent import give_consent
from tests.builders import PHONE, near
from tests.http.pages.reading import Reader
from tests.worlds import World

Track = Callable[[Visit], str]


@pytest.fixture
def visit(world: World) -> Visit:
    """Ana, who agreed to texts: nobody has to ring her about anything."""
    with world.as_office() as work:
        give_consent(work, PHONE, "web")
    return world.book("Ana Cole", "10:00")


def stands(world: World, visit: Visit) -> tuple[str, int]:
    with world.look() as work:
        promise = current_promise(work.session, world.fresh(visit))
        return f"{promise.start_at:%d %H:%M}", promise.version


def test_a_change_can_be_taken_back_for_ten_minutes(
    client: TestClient, world: World, visit: Visit, track: Track
) -> None:
    came = world.who_comes(visit)
    ana = Reader(client).open(track(visit))
    home = ana.path
    assert "Back to the time before" not in ana.buttons

    def move_to(at: str) -> None:
        ana.open(home).follow("Choose another time")
        ana.press("Come at this time", start_at=next(one for one in ana.choices("start_at") if at in one))

    move_to("03-03T14")
    assert ana.h1 == "We come Tue 3 Mar, 14:00–16:00."
    assert "The time before is kept for you until 07:10" in ana.text
    with world.look() as work:
        [one] = live_holds(work.session, world.territory.id, world.at("10:00").date(), now=work.now)
        assert (one.visit_id, one.technician_id) == (visit.id, world.technicians[came].id)
    ana.press("Back to the time before")
    assert stands(world, visit) == ("02 10:00", 3)
    assert world.who_comes(visit) == came
    assert "Back to the time before" not in ana.buttons  # taking back is not itself taken back
    with world.look() as work:
        assert current_promise(work.session, world.fresh(visit)).agreed_by is Agreed.CUSTOMER
        assert find_undo_hold(work.session, visit.id, work.now) is None

    # Of two changes only the newest can be undone, and cancelling in between keeps the newest place alone.
    move_to("03-03T14")
    move_to("03-03T08")
    with world.look() as work:
        days = [world.at("10:00").date().replace(day=day) for day in (2, 3)]
        kept = [
            one for day in days for one in live_holds(work.session, world.territory.id, day, now=work.now)
        ]
        assert [f"{one.start_at:%d %H}" for one in kept] == ["03 14"]
    ana.follow("I do not need this visit").press("Cancel the visit", sure=True)
    assert world.fresh(visit).state is VisitState.CANCELLED
    ana.press("Take the cancellation back")
    assert stands(world, visit)[0] == "03 08:00"

    move_to("03-03T14")
    world.clock.advance(minutes=11)
    assert "Back to the time before" not in ana.open(home).buttons
    late = client.post(f"{home}/undo-change")
    assert late.status_code == 409
    assert "The ten minutes are over." in late.text


def test_what_it_is_about_is_said_once_and_read_by_whoever_rings(
    client: TestClient, world: World, visit: Visit, track: Track, office: Reader
) -> None:
    ana = Reader(client).open(track(visit))
    ana.press("Talk to a person: ring me", note="The cellar door\nsticks; come by the garden.")
    assert "Dana Reed rings you by 07:20." in ana.text
    assert "you need not say it again" in ana.text
    assert "cellar" not in ana.text  # the link may have been passed on
    assert "The cellar door" in office.open(f"/board/visits/{visit.id}").text
    paper = ana.follow("The record to print")
    assert "A note was kept." in paper.text
    assert "Dana Reed rings by 07:20." in paper.text
    assert [form.attributes["action"] for form in paper.page.every("form")] == ["/language"]
    assert len(list(paper.page.every("svg"))) >= 1
    assert ana.follow("Back to the visit").status == 200


def test_who_was_at_home_says_so_with_a_line_about_it(
    client: TestClient, world: World, visit: Visit, track: Track
) -> None:
    came = world.who_comes(visit)
    for time, step in (("10:00", leave), ("10:10", arrive)):
        world.until(time)
        with world.as_technician(came) as (work, technician):
            step(work, technician, visit.id)
    world.until("10:40")
    with world.as_technician(came) as (work, technician):
        nobody_home(work, technician, visit.id, contacted=True, place=near(km_north=1))
    ana = Reader(client).open(track(visit)).press("I was at home", note="The bell is broken.")
    assert "We believe you." in ana.text
    with world.look() as work:
        [failure] = list_for_visit(work.session, visit.id)
        assert failure.contested_at
        assert [note.text for note in list_notes(work.session, visit.id)] == ["The bell is broken."]
