"""The customer's pages in every language: nothing is left in English, and no sentence loses what it is filled with."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from api.pages.explaining import explained
from api.pages.tongue import ENGLISH, WORDS, Tongue, catalogue_of
from dispatch.errors import Invalid, OutOfArea
from notifications.languages import SHIPPED, SOURCE
from tests.architecture.draw_catalogues import page_catalogue
from tests.architecture.page_words import sentences

OTHERS = sorted(set(SHIPPED) - {SOURCE})
MARCH = datetime(2026, 3, 2, 15, tzinfo=UTC)


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_told_in_every_language(language: str) -> None:
    assert catalogue_of(language).read_text() == page_catalogue(language), (
        "python -m tests.architecture.draw_catalogues"
    )
    told = WORDS[language]
    assert [one for one in sentences() if one not in told] == []
    holes = {one: re.findall(r"{\w+}", one) for one in told}
    assert [
        one for one, names in holes.items() if sorted(names) != sorted(re.findall(r"{\w+}", told[one]))
    ] == []


def test_days_hours_and_amounts_are_told_as_the_language_has_them() -> None:
    until, zone = MARCH.replace(hour=17), "America/New_York"
    told = {one: Tongue(one).window(MARCH, until, zone).replace("\u00a0", " ") for one in sorted(SHIPPED)}
    assert told == {
        "de": "Mo., 2. März, 10:00–12:00",
        "en": "Mon 2 Mar, 10:00–12:00",
        "es": "lun, 2 mar, 10:00–12:00",
        "fr": "lun. 2 mars, 10:00–12:00",
        "it": "lun 2 mar, 10:00–12:00",
    }
    german = Tongue("de")
    assert german.day_name(MARCH, zone) == "Montag, 2. März"
    assert german.money(2500, "US").replace("\u00a0", " ") == "25,00 $"
    assert "Ostküstenzeit" in german.zone_words(zone)
    assert ENGLISH.zone_words(zone) == "New York time"


def test_a_refusal_is_told_in_the_readers_language_and_in_its_own_words_in_english() -> None:
    far = OutOfArea("This address is 99 km away.")
    phone = Invalid.field("phone", "phone_invalid", "'12345' is not a number that can be texted.")
    unforeseen = Invalid.field("score", "int_parsing", "score: not a number")
    assert explained(far, ENGLISH) == ("We do not serve this address", "This address is 99 km away.")
    assert explained(far, Tongue("de"))[1] == "So weit kommen wir nicht."
    assert explained(phone, Tongue("es"))[1] == "Este no es un número al que se puedan enviar mensajes."
    assert explained(unforeseen, Tongue("it"))[1] == "Rilegga ciò che ha compilato."
