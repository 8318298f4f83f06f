"""A customer who wants German has a German day, also where it goes wrong; whom we know no language of gets English."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from dispatch.access.links import LinkKey
from dispatch.clock import SetClock
from dispatch.customers.actions import record_customer
from dispatch.field.actions import call_out, leave
from dispatch.technicians.tables import AbsenceKind, Technician
from dispatch.visits.tables import Visit
from dispatch.work import Reaction, Workshop
from notifications.reactions import Reactions
from notifications.render import Writer
from tests.unit.notifications.post import ANA, BASE_URL, COMPANY, Post
from tests.worlds import World, a_quiet_town

KEY = LinkKey(b"k" * 32)
STRANGER = "+12025550199"


@pytest.fixture
def reactions() -> Sequence[Reaction]:
    return (Reactions(KEY, BASE_URL, COMPANY),)


@pytest.fixture
def post(workshop: Workshop) -> Post:
    return Post(workshop, Writer(KEY, BASE_URL, COMPANY))


@pytest.fixture
def world(workshop: Workshop, clock: SetClock, post: Post) -> World:
    """Tom and Una at work, at eight in the morning, texts agreed."""
    world = a_quiet_town(workshop, clock, "Tom", "Una")
    post.agree(ANA)
    world.clock.at = world.at("08:00")
    return world


def go(world: World, name: str, action: Callable[..., object], *args: Any) -> None:
    with world.as_technician(name) as (work, technician):
        action(work, technician, *args)


def test_booked_broken_offered_answered_and_arranged_in_german(world: World, post: Post) -> None:
    visit = world.book("Jörg Groß", "10:00", language="de")
    [booked] = post.read(ANA)
    name = world.who_comes(visit)
    other = next(one for one in world.technicians if one != name)
    assert booked.startswith(
        f"Alder Repairs: Gebucht. {name} kommt am Mo., 2. März zwischen 10:00 und 12:00 Uhr. "
        f"Referenz {visit.reference}. Ansehen, ändern oder absagen: {BASE_URL}/v/"
    )
    assert booked.endswith("Mit STOP bekommen Sie keine Nachrichten mehr, mit HELP Hilfe.")

    world.clock.at = world.at("11:56")
    go(world, name, call_out, AbsenceKind.SICK)
    offered = post.read(ANA)[-1]
    assert offered.startswith(
        f"Alder Repairs: {name} kann die zugesagte Zeit nicht einhalten. Das tut uns leid. "
        f"{other} kann heute zwischen 12:00 und 14:00 Uhr bei Ihnen sein. Antworten Sie mit 1, "
    )
    assert "3 für einen anderen Tag, 4 für ein Gespräch. Dana Reed kümmert sich darum: " in offered

    post.write(ANA, "3")
    assert (
        "An anderen Tagen können wir kommen: morgen zwischen 08:00 und 10:00 Uhr oder " in post.read(ANA)[-1]
    )
    world.clock.advance(minutes=2)
    assert post.write(ANA, "1.").effect == "chose 1"
    arranged = post.read(ANA)[-1]
    assert " kommt morgen zwischen 08:00 und 10:00 Uhr. " in arranged
    assert "schreiben wir Ihnen 50,00 $ gut." in arranged
    assert {row.language for row in post.rows() if row.customer_id} == {"de"}


def test_a_question_is_answered_in_german(world: World, post: Post) -> None:
    visit = world.book("Jörg Groß", "10:00", language="de-AT")
    world.clock.at = world.at("09:55")
    go(world, world.who_comes(visit), leave, visit.id)
    post.send()
    world.clock.advance(minutes=2)
    post.write(ANA, "where are you?")
    assert "ist unterwegs und sollte heute zwischen 10:00 und 10:10 Uhr bei Ihnen sein." in post.read(ANA)[-1]


def test_whoever_books_again_is_texted_as_before_unless_they_ask_for_another_language(world: World) -> None:
    with world.as_office() as work:
        languages = [
            record_customer(work, "Jörg Groß", ANA, country="US", language=asked).language
            for asked in ("de", None, "it", None)
        ]
        somebody = record_customer(work, "Ana Cole", ANA, country="US")
    assert languages == ["de", "de", "it", "it"]
    assert somebody.language == "en"


def test_a_language_that_we_lack_is_english(world: World, post: Post) -> None:
    world.book("Jan Kowalski", "10:00", language="pl")
    assert "Mon 2 Mar, 10:00-12:00" in post.read(ANA)[0]


def test_technicians_and_strangers_are_told_in_english(world: World, post: Post) -> None:
    visit: Visit = world.book("Jörg Groß", "10:00", language="de")
    post.write(STRANGER, "wann kommen Sie?")
    assert post.read(STRANGER)[-1].startswith("Alder Repairs: thank you for your text.")
    technician: Technician = world.technicians[world.who_comes(visit)]
    world.until("10:20")
    told = [row for row in post.rows() if row.technician_id == technician.id]
    assert {row.language for row in told} == {"en"}
