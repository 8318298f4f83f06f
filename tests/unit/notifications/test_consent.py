"""STOP, START and HELP as people write them, and who may be texted."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from notifications.consent import (
    IN,
    OUT,
    Word,
    consent_state,
    give_consent,
    may_text,
    read_word,
    withdraw_consent,
)
from notifications.inbox.tables import Consent
from notifications.messages import BOOKING_CONFIRMED, HELP, INBOX_ACK, STOP_CONFIRM, TECHNICIAN_PROMPT
from notifications.outbox.tables import Audience
from tests.conftest import OpenWork
from tests.unit.notifications.post import ANA


@pytest.mark.parametrize(
    "body",
    [
        "STOP", "stop.", " Stop ", "STOP!", "ＳＴＯＰ", "STOPALL", "stop all", "unsubscribe", "End", "quit",
        "cancel", "revoke", "opt out", "OPTOUT", "opt-out", "Stop please", "“stop”",
    ],
)  # fmt: skip
def test_the_agreed_words_alone_mean_stop(body: str) -> None:
    assert read_word(body) is Word.STOP


@pytest.mark.parametrize(
    "body",
    [
        "please stop texting me", "no mas", "no más", "arrêt", "stopp", "remove me", "leave me alone",
        "Stop sending me messages!", "don't text me", "do not contact me again", "take me off your list",
    ],
)  # fmt: skip
def test_a_wish_in_other_words_is_a_wish_all_the_same(body: str) -> None:
    assert read_word(body) is Word.WISH


@pytest.mark.parametrize(
    "body",
    [
        "don't stop by before 10", "I can't cancel my meeting", "the end unit", "please stop by the office",
        "don't stop texting me", "stop by and text me", "don't text me before 9", "can you start earlier",
        "", "🙂", "the quit button does not work", "1",
    ],
)  # fmt: skip
def test_the_words_inside_other_sentences_do_not(body: str) -> None:
    assert read_word(body) is None


@pytest.mark.parametrize(
    ("body", "word"),
    [("START", Word.START), ("unstop", Word.START), ("help!", Word.HELP), ("INFO", Word.HELP)],
)
def test_start_and_help_stand_alone(body: str, word: Word) -> None:
    assert read_word(body) is word
    assert read_word(f"{body} me move the sofa") is None


def test_customers_must_have_agreed_and_nobody_may_have_stopped() -> None:
    customer = Audience.CUSTOMER
    assert may_text(IN, BOOKING_CONFIRMED, customer).allowed
    assert may_text(None, BOOKING_CONFIRMED, customer).reason == "no_consent"
    assert may_text(OUT, BOOKING_CONFIRMED, customer).reason == "opted_out"
    assert may_text(None, TECHNICIAN_PROMPT, Audience.TECHNICIAN).allowed
    assert may_text(OUT, TECHNICIAN_PROMPT, Audience.TECHNICIAN).reason == "opted_out"


def test_who_wrote_to_us_is_answered_and_stop_is_confirmed_once() -> None:
    assert may_text(None, INBOX_ACK, Audience.CUSTOMER).allowed
    assert not may_text(OUT, INBOX_ACK, Audience.CUSTOMER).allowed
    assert may_text(OUT, STOP_CONFIRM, Audience.CUSTOMER).allowed
    assert may_text(OUT, HELP, Audience.STRANGER).allowed


def test_the_newest_word_counts_even_within_one_instant(work: OpenWork) -> None:
    with work() as w:
        assert consent_state(w, ANA) is None
        for _ in range(5):
            give_consent(w, ANA, "web")
            assert consent_state(w, ANA) == IN
            withdraw_consent(w, ANA, "sms")
            assert consent_state(w, ANA) == OUT


@pytest.mark.parametrize("change", ["UPDATE consents SET state = 'in'", "DELETE FROM consents"])
def test_what_was_said_is_never_rewritten(work: OpenWork, change: str) -> None:
    with work() as w:
        withdraw_consent(w, ANA, "sms")
    with pytest.raises(DBAPIError, match=r"only ever added to|never deleted or rewritten"), work() as w:
        w.session.execute(text(change))
    with work() as w:
        assert consent_state(w, ANA) == OUT


def test_a_yes_to_advertisements_is_no_yes_to_texts_about_visits(work: OpenWork) -> None:
    with work() as w:
        w.session.add(
            Consent(id=w.new_id(), phone=ANA, state=IN, source="web", purpose="marketing", at=w.now)
        )
        w.session.flush()
        assert consent_state(w, ANA) is None
