"""After "I cannot finish": who comes and when stands on both phones; and the page reads well aloud."""

from __future__ import annotations

from collections.abc import Callable

from fastapi.testclient import TestClient

from dispatch.field.actions import Hindrance, arrive, cannot_finish, leave
from dispatch.visits.tables import Visit
from tests.http.pages.reading import Reader
from tests.worlds import World

Track = Callable[[Visit], str]


def left_unfinished(world: World) -> tuple[Visit, str]:
    """Whoever came at eight needs more time than there is; the other one is free."""
    visit = world.book("Ana Cole", "08:00")
    name = world.who_comes(visit)
    world.until("08:00")
    with world.as_technician(name) as (work, known):
        leave(work, known, visit.id)
    world.until("08:10")
    with world.as_technician(name) as (work, known):
        arrive(work, known, visit.id)
    with world.as_technician(name) as (work, known):
        cannot_finish(work, known, visit.id, hindrance=Hindrance.NEEDS_MORE_TIME, note="")
    return visit, name


def test_the_customer_and_the_technician_read_who_comes_and_when(
    client: TestClient, world: World, track: Track, on_the_phone: Callable[[str], Reader]
) -> None:
    visit, name = left_unfinished(world)
    kept = world.offers(visit)[0]
    who = next(one for one in world.technicians.values() if one.id == kept.technician_id).first_name
    start = f"{kept.start_at:%H:%M}"
    ana = Reader(client).open(track(visit))
    assert ana.h1 == "The work could not be finished."
    assert f"{who} can come Mon 2 Mar, {start}" in ana.text
    assert "we keep that time for you." in ana.text
    technician = on_the_phone(name).open("/day")
    assert "Ana Cole:" in technician.text
    assert f"{who} comes Mon 2 Mar, {start}" in technician.text
    assert "It is kept; the customer has been asked." in technician.text


def test_once_the_customer_has_chosen_it_is_settled_on_the_technicians_page_too(
    client: TestClient, world: World, track: Track, on_the_phone: Callable[[str], Reader]
) -> None:
    visit, name = left_unfinished(world)
    start = f"{world.offers(visit)[0].start_at:%H:%M}"
    client.post(f"{track(visit)}/choice", data={"choice": "1"})
    technician = on_the_phone(name).open("/day")
    assert f"comes Mon 2 Mar, {start}" in technician.text
    assert "the customer has been asked" not in technician.text


def test_what_changes_in_the_headline_is_read_aloud(client: TestClient, world: World, track: Track) -> None:
    ana = Reader(client).open(track(world.book("Ana Cole", "08:00")))
    (live,) = [one for one in ana.page.every("div") if one.attributes.get("aria-live") == "polite"]
    assert next(live.every("h1")).text == ana.h1
    assert live.attributes["aria-atomic"] == "true"


def test_beside_a_range_stands_in_words_how_sure_it_is(
    client: TestClient, world: World, track: Track
) -> None:
    visit = world.book("Ana Cole", "08:00")
    name, page = world.who_comes(visit), track(visit)
    ana = Reader(client).open(page)
    first = name.split()[0]
    assert f"An estimate; it gets surer once {first} has set off." in ana.text
    with world.as_technician(name) as (work, known):
        leave(work, known, visit.id)
    assert f"Quite sure: counted from when {first} set off." in ana.open(page).text
