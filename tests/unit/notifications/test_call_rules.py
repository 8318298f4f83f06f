"""When a machine may ring, and what a key means: row by row."""

from __future__ import annotations

import pytest

from notifications.calls.rules import may_call, may_help, read_key
from notifications.consent import CONSENT_WORDS, CURRENT_WORDS, IN, OUT, SPEAK_OF_CALLS
from notifications.messages import (
    BOOKING_CONFIRMED,
    CALLBACK_PROMISED,
    CATALOGUE,
    NO_WORD,
    RECOVERY,
    RECOVERY_DAYS,
    RECOVERY_NOT_TODAY,
    RECOVERY_OFFER,
    TECHNICIAN_PROMPT,
    Kind,
    Question,
)

SPOKEN_OF = {
    "en": "automated voice",
    "es": "voz automática",
    "de": "automatischen Stimme",
    "fr": "voix automatique",
    "it": "voce automatica",
}


def test_a_machine_rings_about_promises_of_today_that_broke() -> None:
    assert {purpose for purpose, kind in CATALOGUE.items() if kind.is_called} == {
        *("recovery_offer", "recovery_days", "offer_gone", "recovery_not_today", "recovery_in_hands"),
        *("nothing_found", "recovery_arranged", "recovery_kept_by_policy"),
    }


@pytest.mark.parametrize(
    ("kind", "reason", "helps"),
    [
        (RECOVERY_OFFER, "rejected:21614", True),
        (RECOVERY_OFFER, "rejected:21612", True),
        (RECOVERY_OFFER, "rejected:21635", True),
        (RECOVERY_OFFER, "rejected:21211", False),  # no number at all
        (RECOVERY_OFFER, "rejected:400", False),
        (RECOVERY_NOT_TODAY, "undelivered:30006", True),
        (RECOVERY_NOT_TODAY, "undelivered:30003", True),
        (RECOVERY_NOT_TODAY, "undelivered", True),
        (RECOVERY_NOT_TODAY, "undelivered:30004", False),  # blocked: they want none of us
        (RECOVERY_OFFER, "landline", True),
        (BOOKING_CONFIRMED, "landline", False),
        (RECOVERY_OFFER, "opted_out", False),
        (RECOVERY_OFFER, "no_consent", False),
        (RECOVERY_OFFER, "quiet_hours", False),
        (RECOVERY_OFFER, "unsure", False),  # it may lie on the phone
        (BOOKING_CONFIRMED, "rejected:21614", False),
        (NO_WORD, "rejected:21614", False),  # a person rings about that anyway
        (CALLBACK_PROMISED, "rejected:21614", False),
        (TECHNICIAN_PROMPT, "rejected:21614", False),
    ],
)
def test_what_a_call_can_help(kind: Kind, reason: str, helps: bool) -> None:
    assert may_help(kind, reason) is helps


def test_nobody_is_rung_who_did_not_agree_to_calls() -> None:
    assert may_call(IN, CURRENT_WORDS)
    assert not may_call(IN, "en-1")
    assert not may_call(IN, "start")
    assert not may_call(OUT, CURRENT_WORDS)
    assert not may_call(None, "")
    assert {version.partition("-")[0] for version in SPEAK_OF_CALLS} == set(SPOKEN_OF)
    for version in SPEAK_OF_CALLS:
        assert SPOKEN_OF[version.partition("-")[0]] in CONSENT_WORDS[version]


@pytest.mark.parametrize(
    ("digits", "asked", "means"),
    [
        ("1", RECOVERY, "1"),
        ("2", RECOVERY, "2"),
        ("3", RECOVERY, "another_day"),
        ("3", RECOVERY_DAYS, "again"),
        ("4", RECOVERY, "person"),
        ("4", None, "person"),
        ("0", RECOVERY, "person"),
        ("0", None, "person"),
        ("1", None, "again"),
        ("9", RECOVERY, "again"),
        ("12", RECOVERY, "again"),
        ("#", RECOVERY, "again"),
        ("\u0661", RECOVERY, "again"),
        ("", RECOVERY, "none"),
    ],
)
def test_what_a_key_means(digits: str, asked: Question | None, means: str) -> None:
    assert read_key(digits, asked.answers if asked else {}) == means
