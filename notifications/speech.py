"""How days, hours and amounts are told: in the language of the reader, by the clock of the place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, match_skeleton
from babel.numbers import format_currency, get_territory_currencies

from dispatch.local_time import local_day
from notifications.languages import SHIPPED

_DAYS = {0: "today", 1: "tomorrow"}


@cache
def pattern_of(skeleton: str, language: str) -> str:
    """The pattern that a language has for a skeleton of Unicode's: looking for the nearest is slow."""
    known = Locale.parse(language).datetime_skeletons
    return str(known[skeleton if skeleton in known else match_skeleton(skeleton, known)])


@dataclass(frozen=True, slots=True)
class Speech:
    """Tells what lies around `now` in one of our languages; times are those of `zone`."""

    language: str
    zone: ZoneInfo
    now: datetime
    spoken: bool = False

    def phrase(self, name: str, **values: str) -> str:
        return SHIPPED[self.language][name].format(**values)

    def time(self, at: datetime) -> str:
        """`14:00`; as an American voice says it, `2 PM`."""
        if self.spoken and self.language == "en":
            whole = at.astimezone(self.zone).minute == 0
            return str(format_datetime(at, "h a" if whole else "h:mm a", tzinfo=self.zone, locale="en"))
        return str(
            format_datetime(at, pattern_of("Hm", self.language), tzinfo=self.zone, locale=self.language)
        )

    def hours(self, start_at: datetime, end_at: datetime) -> str:
        """`14:00-16:00`."""
        return self.phrase(self._hours, start=self.time(start_at), end=self.time(end_at))

    def span(self, start_at: datetime, end_at: datetime) -> str:
        """`14:00-16:00 today`, `… tomorrow`, else with its date."""
        return self._near(self._hours, start_at, start=self.time(start_at), end=self.time(end_at))

    def window(self, start_at: datetime, end_at: datetime) -> str:
        """`Mon 2 Mar, 14:00-16:00`: with its date, however near it is."""
        start, end = self.time(start_at), self.time(end_at)
        return self.phrase("window", day=self._day(start_at), start=start, end=end)

    def by(self, at: datetime) -> str:
        """What follows "by": `14:20`, `14:20 tomorrow`, else with its date."""
        return self._near("by", at, time=self.time(at))

    def money(self, cents: int, country: str) -> str:
        """The amount in the money of the country."""
        currency = get_territory_currencies(country)[-1]
        return str(format_currency(cents / 100, currency, locale=self.language))

    @property
    def _hours(self) -> str:
        return "spoken_hours" if self.spoken else "hours"

    def _near(self, phrase: str, at: datetime, **values: str) -> str:
        days = (local_day(at, self.zone) - local_day(self.now, self.zone)).days
        return self.phrase(f"{phrase}_{_DAYS.get(days, 'on')}", day=self._day(at), **values)

    def _day(self, at: datetime) -> str:
        """`Mon 2 Mar`, or as the language has it."""
        day = local_day(at, self.zone)
        if self.spoken:
            return str(format_date(day, pattern_of("MMMMEEEEd", self.language), locale=self.language))
        if self.language == "en":
            return str(format_date(day, "EEE d MMM", locale=self.language))
        return str(format_date(day, pattern_of("MMMEd", self.language), locale=self.language))
