"""Whatever is texted to us, row by row: what we understand, what it brings about, and what it must not."""

from __future__ import annotations

import pytest
from sqlmodel import select

from dispatch.callbacks.tables import Callback
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from notifications.consent import IN, OUT, consent_state
from tests.corpora.conftest import erase_ana
from tests.unit.notifications.post import ANA, COMPANY, Post
from tests.worlds import World

STRANGER = "+12025550177"


def consent(world: World, phone: str = ANA) -> str | None:
    with world.look() as work:
        return consent_state(work, phone)


def calls(world: World) -> list[str]:
    with world.look() as work:
        return [call.about for call in work.session.exec(select(Callback))]


# --- S1: the agreed words, and the trap among them ---------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "STOP", "stop.", " Stop ", "STOP!", "ＳＴＯＰ", "STOPALL", "unsubscribe", "End", "quit", "cancel", "revoke",
        "opt out", "OPTOUT", "opt-out",
    ],
)  # fmt: skip
def test_s1_stop_ends_the_texts_and_keeps_the_visit(
    world: World, visit: Visit, post: Post, body: str
) -> None:
    """One confirmation, a person who asks how to go on, and a second stop that changes nothing."""
    before = len(post.channel.read(ANA))
    for _ in range(2):
        post.write(ANA, body)
    assert consent(world) == OUT
    assert world.fresh(visit).state is VisitState.BOOKED
    assert len(post.read(ANA)) == before + 1
    assert calls(world) == [f"text_{'may_cancel' if body == 'cancel' else 'opted_out'}"]


def test_s1_nothing_goes_to_that_phone_from_then_on_but_a_person_rings(
    world: World, visit: Visit, post: Post
) -> None:
    post.write(ANA, "STOP")
    before = len(post.read(ANA))
    world.book("Ana Cole", "16:00")
    assert len(post.read(ANA)) == before
    assert post.rows("booking_confirmed")[-1].reason == "opted_out"


# --- S2 and S3: the same in other words, and other things in the same words ---------------------------------------


@pytest.mark.parametrize(
    "body", ["please stop texting me", "no mas", "arrêt", "stopp", "remove me", "leave me alone"]
)
def test_s2_a_wish_counts_and_a_person_hears_of_it(world: World, visit: Visit, post: Post, body: str) -> None:
    post.write(ANA, body)
    assert consent(world) == OUT
    assert calls(world) == ["text_opted_out"]


@pytest.mark.parametrize(
    "body",
    [
        "don't stop by before 10", "I can't cancel my meeting", "the end unit",
        "no paren antes de las 10", "Stopp an der Ecke", "l'arrêt de bus est devant", "basta suonare",
    ],
)  # fmt: skip
def test_s3_a_word_inside_a_sentence_is_read_by_a_person(
    world: World, visit: Visit, post: Post, body: str
) -> None:
    text = post.write(ANA, body)
    assert (consent(world), text.effect, calls(world)) == (IN, "to the inbox", ["inbox"])


# --- S4 and S5: back again, and help --------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["START", "UNSTOP", "YES"])
def test_s4_back_in_and_nothing_old_is_sent(world: World, visit: Visit, post: Post, body: str) -> None:
    post.write(ANA, "STOP")
    world.book("Ana Cole", "16:00")
    before = len(post.read(ANA))
    post.write(ANA, body)
    assert consent(world) == IN
    assert len(post.read(ANA)) == before + 1  # that they get texts again, and not the one that was withheld


def test_s4_yes_alone_is_for_a_person(world: World, visit: Visit, post: Post) -> None:
    assert post.write(ANA, "YES").effect == "to the inbox"


@pytest.mark.parametrize("stopped", [False, True])
def test_s5_help_is_always_answered_and_not_twice_in_ten_minutes(
    world: World, visit: Visit, post: Post, stopped: bool
) -> None:
    if stopped:
        post.write(ANA, "STOP")
    before = len(post.read(ANA))
    for _ in range(2):
        post.write(ANA, "HELP")
    texts = post.read(ANA)[before:]
    assert len(texts) == 1
    assert COMPANY in texts[0]
    assert "STOP" in texts[0]


# --- S6: answers (the words themselves are in test_parse) ------------------------------------------------------------


@pytest.mark.parametrize("body", ["1", "Y", "ok 👍", "1.", "I", "l", "yes but after 3"])
def test_s6_without_an_open_question_an_answer_is_for_a_person(
    world: World, visit: Visit, post: Post, body: str
) -> None:
    assert post.write(ANA, body).effect == "to the inbox"


# --- S7 and S9: the same again, and what no phone should send -----------------------------------------------------


def test_s7_the_same_text_has_one_effect_for_ever(world: World, visit: Visit, post: Post) -> None:
    first = post.write(ANA, "where are you?", sid="SM1")
    world.clock.advance(days=90)
    again = post.write(ANA, "STOP", sid="SM1")
    assert (again.id, consent(world)) == (first.id, IN)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("x" * 1600, id="1,600 characters"),
        pytest.param("", id="nothing"),
        pytest.param("a\x00b", id="NUL"),
        pytest.param("\ud83d half a sign", id="half an emoji"),
        pytest.param("🇩🇪🇫🇷🇮🇹", id="flags"),
        pytest.param("%00%0a", id="escapes"),
        pytest.param("' OR 1=1 --", id="SQL"),
        pytest.param("<script>alert(1)</script>{{ 7*7 }}", id="markup"),
    ],
)
def test_s9_whatever_comes_is_kept_and_a_person_has_it(
    world: World, visit: Visit, post: Post, body: str
) -> None:
    assert post.write(ANA, body).effect == "to the inbox"
    assert calls(world) == ["inbox"]


@pytest.mark.parametrize("sender", ["", "ACMEBANK", "72975", "not a phone"])
def test_s9_who_cannot_be_answered_is_kept_and_not_answered(world: World, post: Post, sender: str) -> None:
    assert post.write(sender, "hello").effect == "kept: nobody who could be answered"
    assert post.rows() == []


def test_s9_one_automatic_answer_to_a_phone_in_ten_minutes(world: World, post: Post) -> None:
    """Two machines that answer each other come to rest at once."""
    for number in range(20):
        post.write(STRANGER, f"I am out of office {number}")
    assert len(post.read(STRANGER)) == 1


# --- S10: who is meant --------------------------------------------------------------------------------------------


def test_s10_strangers_learn_nothing(world: World, visit: Visit, post: Post) -> None:
    post.write(STRANGER, f"When do you come to Ana? {visit.reference}")
    [answer] = post.read(STRANGER)
    for secret in ("Ana", visit.reference, "14:00", "Tom", "/v/"):
        assert secret not in answer


@pytest.mark.parametrize("body", ["1", "nobody came", "Is Ana's visit today?"])
def test_s10_an_erased_customer_is_a_stranger_to_us(
    world: World, visit: Visit, post: Post, body: str
) -> None:
    erase_ana(world, visit)
    before = len(post.read(ANA))
    text = post.write(ANA, body)
    [answer] = post.read(ANA)[before:]
    for secret in ("Ana", visit.reference, "14:00", "Tom", "/v/"):
        assert secret not in answer
    assert text.visit_id is None
    assert calls(world) == ["inbox"]


def test_s10_who_said_stop_before_they_were_erased_is_not_answered(
    world: World, visit: Visit, post: Post
) -> None:
    post.write(ANA, "STOP")
    erase_ana(world, visit)
    before = len(post.read(ANA))
    post.write(ANA, "Hello?")
    assert len(post.read(ANA)) == before
    assert consent(world) == OUT
    post.write(ANA, "START")
    assert consent(world) == IN
