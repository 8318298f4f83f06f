"""The languages of the customer's pages: English is the source, each other one a gettext catalogue beside it.

A page is told in one language from its title to its last line, dates and amounts included. What is not translated is
told in English; a test keeps that from happening to what we ship.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, get_timezone_name
from babel.messages.pofile import read_po
from babel.numbers import format_currency, get_territory_currencies

from notifications.languages import SHIPPED as TEXTED
from notifications.languages import SOURCE
from notifications.speech import pattern_of

CATALOGUES = Path(__file__).parent / "locale"
WHOLE_DAYS = {"de": "EEEE, d. MMMM", "es": "EEEE, d 'de' MMMM", "fr": "EEEE d MMMM", "it": "EEEE d MMMM"}
NAMES = {language: Locale.parse(language).get_language_name().capitalize() for language in TEXTED}


def term(text: str) -> str:
    """Marks a sentence that stands in a table and is translated where it is told."""
    return text


def catalogue_of(language: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / "pages.po"


def _read(language: str) -> Mapping[str, str]:
    with catalogue_of(language).open("rb") as file:
        found = read_po(file)
    return {str(one.id): str(one.string) for one in found if one.id and one.string and not one.fuzzy}


WORDS: Mapping[str, Mapping[str, str]] = {
    language: {} if language == SOURCE else _read(language) for language in TEXTED
}


@dataclass(frozen=True, slots=True)
class Tongue:
    """Tells sentences, days and amounts in `language`; times are those of the zone that is given with them."""

    language: str = SOURCE

    def __call__(self, text: str, **values: Any) -> str:
        """`text` in this language, with `{name}` filled in."""
        told = WORDS[self.language].get(text, text)
        return told.format(**values) if values else told

    @property
    def is_source(self) -> bool:
        return self.language == SOURCE

    def moment(self, at: datetime, zone: str) -> str:
        """`Mon 2 Mar, 14:05`."""
        return f"{self._day(at, zone)}, {clock(at, zone)}"

    def day_name(self, at: datetime, zone: str) -> str:
        """`Monday 2 March`."""
        local = at.astimezone(ZoneInfo(zone))
        if self.is_source:
            return f"{local:%A} {local.day} {local:%B}"
        return str(format_date(local.date(), WHOLE_DAYS[self.language], locale=self.language))

    def window(self, start_at: datetime, end_at: datetime, zone: str) -> str:
        """`Mon 2 Mar, 14:00–16:00`."""
        return f"{self._day(start_at, zone)}, {clock(start_at, zone)}–{clock(end_at, zone)}"

    def date(self, at: datetime, zone: str) -> str:
        """`2 Mar`."""
        local = at.astimezone(ZoneInfo(zone))
        if self.is_source:
            return f"{local.day} {local:%b}"
        return str(format_date(local.date(), pattern_of("MMMd", self.language), locale=self.language))

    def zone_words(self, zone: str) -> str:
        """`New York time` for America/New_York; other languages call the zone by its own name."""
        if self.is_source:
            return f"{zone.rpartition('/')[2].replace('_', ' ')} time"
        if zone == "UTC":
            return zone
        return str(get_timezone_name(zone, width="long", zone_variant="generic", locale=self.language))

    def money(self, cents: int, country: str) -> str:
        """An amount in the money of the place."""
        return str(format_currency(cents / 100, get_territory_currencies(country)[-1], locale=self.language))

    def _day(self, at: datetime, zone: str) -> str:
        local = at.astimezone(ZoneInfo(zone))
        if self.is_source:
            return f"{local:%a} {local.day} {local:%b}"
        return str(format_date(local.date(), pattern_of("MMMEd", self.language), locale=self.language))


def clock(at: datetime, zone: str) -> str:
    """`14:05`, on the wall clock of that place; all our languages write it so."""
    return f"{at.astimezone(ZoneInfo(zone)):%H:%M}"


ENGLISH = Tongue()
