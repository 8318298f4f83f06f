"""Days, hours and amounts in every language, by the clock of the place."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.local_time import say_window
from notifications.segments import simplify
from notifications.speech import Speech

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 24, 8, 0, tzinfo=UTC)  # Tuesday, 09:00 in Berlin
TWO = NOW.replace(hour=13)  # 14:00 in Berlin
HOUR = timedelta(hours=1)


def speech(language: str) -> Speech:
    return Speech(language, BERLIN, NOW)


@pytest.mark.parametrize(
    ("language", "today", "tomorrow", "later"),
    [
        ("en", "14:00-16:00 today", "14:00-16:00 tomorrow", "14:00-16:00 on Mon 30 Mar"),
        (
            "de",
            "heute zwischen 14:00 und 16:00 Uhr",
            "morgen zwischen 14:00 und 16:00 Uhr",
            "am Mo., 30. März zwischen 15:00 und 17:00 Uhr",
        ),
        (
            "es",
            "hoy entre las 14:00 y las 16:00",
            "mañana entre las 14:00 y las 16:00",
            "el lun, 30 mar, entre las 15:00 y las 17:00",
        ),
        (
            "fr",
            "aujourd'hui entre 14:00 et 16:00",
            "demain entre 14:00 et 16:00",
            "le lun. 30 mars entre 15:00 et 17:00",
        ),
        (
            "it",
            "oggi tra le 14:00 e le 16:00",
            "domani tra le 14:00 e le 16:00",
            "lun 30 mar tra le 15:00 e le 17:00",
        ),
    ],
)
def test_a_window_is_told_by_its_day_and_the_clock_there(
    language: str, today: str, tomorrow: str, later: str
) -> None:
    """The clocks of Berlin go forward on the Sunday between: the same instant of the day is an hour later."""
    say, monday = speech(language), TWO + timedelta(days=6)
    assert say.span(TWO, TWO + 2 * HOUR) == today
    assert say.span(TWO + 24 * HOUR, TWO + 26 * HOUR) == tomorrow
    told = say.span(monday, monday + 2 * HOUR)
    assert told == (later if language != "en" else later.replace("14:00-16:00", "15:00-17:00"))


@pytest.mark.parametrize(
    ("language", "near", "far"),
    [
        ("en", "14:00", "14:00 on Thu 26 Mar"),
        ("de", "14:00 Uhr", "Do., 26. März um 14:00 Uhr"),
        ("es", "14:00", "14:00 del jue, 26 mar"),
        ("fr", "14:00", "le jeu. 26 mars à 14:00"),
        ("it", "le 14:00", "gio 26 mar alle 14:00"),
    ],
)
def test_a_deadline_is_told_with_its_day_unless_that_is_today(language: str, near: str, far: str) -> None:
    assert speech(language).by(TWO) == near
    assert speech(language).by(TWO + 48 * HOUR) == far


@pytest.mark.parametrize(
    ("language", "amount"),
    [("en", "€25.00"), ("de", "25,00 €"), ("es", "25,00 €"), ("fr", "25,00 €"), ("it", "25,00 €")],
)
def test_money_is_the_countrys_and_written_as_the_language_writes_it(language: str, amount: str) -> None:
    assert simplify(speech(language).money(2500, "DE")) == amount


def test_english_tells_a_promise_as_it_was_kept_at_booking() -> None:
    for day in range(0, 400, 3):
        start_at = TWO + timedelta(days=day)
        kept = say_window(start_at, start_at + 2 * HOUR, BERLIN)
        assert speech("en").window(start_at, start_at + 2 * HOUR) == simplify(kept)
