"""The office says something otherwise: from the next text on, in versions, and never something that must not go out."""

from __future__ import annotations

import pytest

from dispatch.clock import SetClock
from dispatch.errors import Invalid, NotFound
from dispatch.ledger import since
from dispatch.work import Actor, Work, Workshop
from notifications.languages import SHIPPED
from notifications.wordings.actions import reword, say_again, say_as_shipped
from notifications.wordings.queries import list_versions, own_wording, wording_of
from notifications.wordings.tables import WordingVersion
from tests.unit.notifications.post import ANA, BASE_URL, COMPANY, Post
from tests.worlds import World, a_quiet_town

NAME = "booking_confirmed.txt"
DANA = Actor("dispatcher", "dana")
OURS = "{{ company }}: fest gebucht, {{ full_window }}. {{ link }}"
BETTER = "{{ company }}: fest gebucht. {{ technician|begin }} kommt am {{ full_window }}. {{ link }}"

BROKEN = (
    "{{ a_value_of_last_year }}",
    "{{ 1 // 0 }}",
    "{{ company + 1 }}",
    "{{ company.__class__ }}",
    "{{ 'x' * 2 ** 40 }}",
)


def say(workshop: Workshop, text: str, language: str = "de", name: str = NAME) -> bool:
    with workshop.work(DANA, "office") as work:
        return reword(work, language, name, text, company=COMPANY, base_url=BASE_URL)


def again(work: Work, version: int) -> bool:
    return say_again(work, "de", NAME, version, company=COMPANY, base_url=BASE_URL)


def test_the_next_text_reads_as_the_office_says(workshop: Workshop, clock: SetClock, post: Post) -> None:
    world: World = a_quiet_town(workshop, clock, "Tom")
    post.agree(ANA)
    clock.at = world.at("08:00")
    assert say(workshop, OURS)
    world.book("Jörg Groß", "10:00", language="de")
    assert post.read(ANA)[-1].startswith(
        "Alder Repairs: fest gebucht, Mo., 2. März zwischen 10:00 und 12:00 Uhr. https://texts.example/v/"
    )


def test_other_languages_and_texts_stay_as_they_were(workshop: Workshop) -> None:
    say(workshop, OURS)
    with workshop.read() as work:
        assert own_wording(work.session, "de") == {NAME: OURS}
        assert wording_of(work.session, "de") == {**SHIPPED["de"], NAME: OURS}
        assert wording_of(work.session, "en") == SHIPPED["en"]


def test_every_version_is_kept_with_who_and_when_and_the_ledger_knows(
    workshop: Workshop, clock: SetClock
) -> None:
    first_at = clock.at
    say(workshop, OURS)
    clock.advance(minutes=5)
    say(workshop, BETTER)
    with workshop.read() as work:
        newest, oldest = list_versions(work.session, "de", NAME)
        facts = [entry.data for entry in since(work.session, 0, limit=100) if entry.kind == "text_reworded"]
    assert (newest.version, newest.text, newest.by, newest.at) == (2, BETTER, "dispatcher:dana", clock.at)
    assert (oldest.version, oldest.text, oldest.at) == (1, OURS, first_at)
    assert [(fact["name"], fact["language"], fact["version"]) for fact in facts] == [
        (NAME, "de", 1),
        (NAME, "de", 2),
    ]
    assert OURS not in str(facts)


def test_saying_the_same_twice_is_one_version(workshop: Workshop) -> None:
    assert [say(workshop, OURS), say(workshop, OURS)] == [True, False]
    assert not say(workshop, SHIPPED["de"]["rate.txt"], name="rate.txt")
    with workshop.read() as work:
        assert len(list_versions(work.session, "de", NAME)) == 1
        assert list_versions(work.session, "de", "rate.txt") == []


def test_an_earlier_version_and_the_shipped_text_can_be_said_again(workshop: Workshop) -> None:
    say(workshop, OURS)
    say(workshop, BETTER)
    with workshop.work(DANA, "office") as work:
        assert again(work, 1)
        assert own_wording(work.session, "de") == {NAME: OURS}
        assert say_as_shipped(work, "de", NAME)
        assert own_wording(work.session, "de") == {}
        assert not say_as_shipped(work, "de", NAME)
        assert again(work, 2)
        assert again(work, 4)  # the version that was the shipped text
        assert [row.text for row in list_versions(work.session, "de", NAME)] == [
            None,
            BETTER,
            None,
            OURS,
            BETTER,
            OURS,
        ]
        with pytest.raises(NotFound):
            again(work, 9)


def test_what_must_not_go_out_is_refused_with_every_reason(workshop: Workshop) -> None:
    with pytest.raises(Invalid) as refused:
        say(workshop, "Antworten Sie mit YES. {{ link }} https://bit.ly/x")
    said = " ".join(error.detail for error in refused.value.errors)
    assert "business name" in said
    assert "the word YES" in said
    assert "https://bit.ly/x is not ours" in said
    with workshop.read() as work:
        assert own_wording(work.session, "de") == {}


def test_what_is_only_told_does_not_stand_in_the_way(workshop: Workshop) -> None:
    assert say(workshop, OURS + " ✓")


@pytest.mark.parametrize("broken", BROKEN)
def test_a_wording_that_can_no_longer_be_filled_in_gives_way_to_the_shipped_one(
    workshop: Workshop, clock: SetClock, post: Post, broken: str
) -> None:
    """As after an update in which a value has another name: a customer gets a text, not silence."""
    world = a_quiet_town(workshop, clock, "Tom")
    post.agree(ANA)
    clock.at = world.at("08:00")
    with workshop.work(DANA, "office") as work:
        work.session.add(
            WordingVersion(
                id=work.new_id(),
                language="en",
                name=NAME,
                version=1,
                text=f"{{{{ company }}}}: {broken}",
                at=work.now,
                by="dispatcher:dana",
            )
        )
    world.book("Ana Cole", "10:00")
    assert post.read(ANA)[-1].startswith("Alder Repairs: booked. Tom comes Mon 2 Mar, 10:00-12:00.")
