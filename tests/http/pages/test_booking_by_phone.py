"""Whoever has no link yet: a text with any word that means "book", or a number on the open page, brings one."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from api.runtime.runtime import Runtime
from dispatch.visits.queries import search
from dispatch.work import SYSTEM
from notifications.inbox.parse import Intent, parse
from notifications.inbox.receive import receive
from notifications.outbox.actions import send_due
from tests.http.pages.reading import Reader
from tests.worlds import World

ANA = "+12025550143"
HOUSE = {"address": "12 Old Mill Lane", "lat": "40.009", "lng": "-77.0"}


@pytest.mark.parametrize(
    ("body", "language"),
    [
        *(
            (body, "en")
            for body in (
                "Book",
                "BOOK!",
                "please book",
                "Appointment",
                "I'd like to book",
                "can I book a visit?",
            )
        ),
        *((body, "de") for body in ("Termin", "Termin buchen", "Ich möchte gerne einen Termin vereinbaren")),
        *((body, "es") for body in ("Cita", "reservar", "Quiero reservar una visita", "pedir cita")),
        *((body, "fr") for body in ("RDV", "rendez-vous", "Je voudrais prendre rendez-vous")),
        *((body, "it") for body in ("prenotare", "appuntamento", "Vorrei prenotare una visita")),
    ],
)
def test_any_word_for_booking_is_understood(body: str, language: str) -> None:
    reply = parse(body)
    assert (reply.intent, reply.language) == (Intent.BOOK, language)


@pytest.mark.parametrize(
    "body",
    [
        "I can't make the appointment",
        "who booked this?",
        "did you book my visit?",
        "the phone book fell down",
        "we need to reschedule the appointment",
        "Termin absagen",
        "cancel the booking please",
        "nobody came to the appointment",
    ],
)
def test_what_only_sounds_like_it_is_not_taken_for_booking(body: str) -> None:
    assert parse(body).intent is not Intent.BOOK


def newest_text(world: World, runtime: Runtime, phone: str) -> str:
    send_due(world.workshop, runtime.channel, runtime.writer)
    return runtime.channel.read(phone)[-1]  # type: ignore[attr-defined, no-any-return]


def link_in(text: str) -> str:
    found = re.search(r"https?://\S+", text)
    assert found, text
    return urlsplit(found[0]).path


def write(world: World, sid: str, body: str) -> str:
    with world.workshop.work(SYSTEM, "text") as work:
        return receive(work, provider_sid=sid, phone=ANA, body=body).effect


def test_a_text_brings_a_link_that_books(client: TestClient, world: World, runtime: Runtime) -> None:
    assert write(world, "SM1", "Termin bitte") == "sent a link to book with"
    text = newest_text(world, runtime, ANA)
    assert "Hier buchen Sie Ihren Termin: http" in text
    assert write(world, "SM2", "Termin") == "has a link to book with"  # one in ten minutes
    ana = Reader(client).open(link_in(text)).press("Show me the times", service="repair", **HOUSE)
    ana.press("Keep this time", start_at=ana.choices("start_at")[0])
    (phone,) = (box for box in ana.page.every("input") if box.attributes.get("name") == "phone")
    assert phone.attributes["value"] == ANA
    ana.press("Book this visit", name="Ana Cole", consent=True)
    with world.look() as work:
        (visit,) = search(work.session, "Cole")

    # On the screen, in the text and in the calendar at once, under the same reference.
    reference = f"{visit.reference[:3]}-{visit.reference[3:]}"
    assert reference in ana.text
    assert visit.reference in newest_text(world, runtime, ANA).replace("-", "")
    assert visit.reference in client.get(ana.link("calendar")).text.replace("-", "")


def test_the_open_page_texts_a_link_and_says_the_same_to_everybody(
    client: TestClient, world: World, runtime: Runtime
) -> None:
    ana = Reader(client).open("/book")
    assert ana.h1 == "Book a visit in a minute"
    assert ana.press("Text me the link", phone="12").status == 422
    ana.open("/book").press("Español").press("Envíenme el enlace", phone="202 555 0143")
    assert ana.h1 == "Mire su teléfono."
    text = newest_text(world, runtime, ANA)
    assert "para reservar su visita" in text
    assert Reader(client).open(link_in(text)).h1 == "¿Qué necesita y dónde?"
    for _ in range(2):
        ana.open("/book").press("Envíenme el enlace", phone="202 555 0143")
    again = ana.open("/book").press("Envíenme el enlace", phone="202 555 0143")
    assert (again.status, "No se puede hacer tan a menudo." in again.text) == (429, True)
    assert len(runtime.channel.read(ANA)) <= 3  # type: ignore[attr-defined]


def test_the_office_has_squares_for_paper(office: Reader) -> None:
    office.open("/board/invite")
    assert "/book" in office.link("/book")
    assert len([one for one in office.page.every("svg") if "viewbox" in one.attributes]) >= 1
    office.press("Make the link", phone="")
    assert "The link is ready" in office.text
