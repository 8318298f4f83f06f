"""Saying no, or yes again, to our texts: on the customer's own page and at the desk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from api.runtime.settings import Settings
from dispatch.callbacks.queries import list_open
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from notifications.consent import IN, OUT, consent_state, give_consent
from notifications.inbox.tables import Consent
from tests.builders import PHONE
from tests.http.pages.reading import FORM, Reader
from tests.worlds import World

HOUSE = {"address": "12 Old Mill Lane", "lat": "40.009", "lng": "-77.0"}


@pytest.fixture
def visit(world: World) -> Visit:
    with world.as_office() as work:
        give_consent(work, PHONE, "web")
    return world.book("Ana Cole", "08:00")


@pytest.fixture
def ana(client: TestClient, visit: Visit, track: Callable[[Visit], str]) -> Reader:
    """Ana with her visit's page open."""
    return Reader(client).open(track(visit))


def rows(world: World) -> list[Consent]:
    with world.look() as work:
        found = list(work.session.exec(select(Consent).order_by(col(Consent.at))))
        work.session.expunge_all()
    return found


def test_no_more_texts_from_the_own_page_keeps_the_visit_and_has_a_person_ring(
    world: World, visit: Visit, ana: Reader
) -> None:
    ana.press("No more texts")
    assert "You asked for no more texts: we ring you on the phone that ends in 143." in ana.text
    assert world.fresh(visit).state is VisitState.BOOKED
    with world.look() as work:
        assert consent_state(work.session, PHONE) == OUT
        assert [call.about for call in list_open(work.session, world.territory.id)] == ["text_opted_out"]
    newest = rows(world)[-1]
    assert (newest.source, newest.by.partition(":")[0]) == ("page", "customer")


def test_text_me_again_wants_the_box_beside_the_words(world: World, visit: Visit, ana: Reader) -> None:
    ana.press("No more texts").follow("Text me again").press("Text me")
    assert ana.status == 422
    assert "Please tick the box beside the words" in ana.text
    ana.press("Text me", agreed="true")
    newest = rows(world)[-1]
    assert (newest.state, newest.source, newest.words) == (IN, "page", "en-2")
    assert newest.seen_from.startswith("testclient")
    assert "We text the phone that ends in 143." in ana.text


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A company with terms; its privacy notice stands nowhere yet."""
    terms = {"MAKEGOOD_TERMS_URL": "https://alder.example/terms"}
    return Settings.model_validate({"MAKEGOOD_DATA": tmp_path, **terms})


def test_the_terms_stand_beside_the_box(ana: Reader) -> None:
    ana.press("No more texts").follow("Text me again")
    assert ana.link("Terms") == "https://alder.example/terms"
    assert "Privacy" not in ana.text


def test_twice_the_same_is_written_once(world: World, visit: Visit, ana: Reader) -> None:
    for _ in range(2):
        ana.client.post(f"{ana.path}/texts", content="texts=no", headers=FORM)
    assert [row.state for row in rows(world)] == [IN, OUT]


def test_the_desk_takes_a_no_and_a_yes_by_voice_or_on_paper(
    world: World, visit: Visit, office: Reader
) -> None:
    page = f"/office/record/{visit.customer_id}"
    office.open(page).press("They want no more texts")
    assert "Its owner wants no texts: we ring them." in office.text
    office.press("Text them again", words="de-2", how="paper")
    assert office.status == 422
    assert [row.state for row in rows(world)] == [IN, OUT]
    office.press("Text them again", words="de-2", how="paper", agreed="true")
    newest = rows(world)[-1]
    assert (newest.state, newest.source, newest.words, newest.language) == (IN, "paper", "de-2", "de")
    assert newest.by.startswith("dispatcher:")
    assert "Agreed to texts, on paper that our office keeps." in office.text


def test_the_words_can_be_read_out_in_the_callers_language(office: Reader) -> None:
    office.open("/board/book").press("Show me the times", service="repair", **HOUSE)
    office.press("Keep this time", start_at=office.choices("start_at")[0])
    assert "Deutsch. " in office.text
    assert "darf mir SMS zu meinem Termin schicken" in office.text
