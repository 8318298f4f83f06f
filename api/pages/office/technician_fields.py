"""A technician as fields of a form: from what was typed to values, and from rows to what is shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from babel import Locale

from api.csv.cells import Rest, say_number
from api.csv.places import place_of, require_commute
from api.pages.office.typed import Form, Reading, lines_of
from dispatch.local_time import midnight
from dispatch.technicians.hours import Hours
from dispatch.technicians.queries import (
    list_shifts,
    stock_of,
)
from dispatch.technicians.tables import Technician
from dispatch.territories.tables import Territory
from dispatch.travel.port import Point
from dispatch.work import Work
from notifications.languages import SHIPPED, SOURCE

LANGUAGES = {language: Locale.parse(language).get_language_name().capitalize() for language in SHIPPED}


def read_person(
    reading: Reading, work: Work, territory: Territory, known: Technician | None = None
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": reading.words("name", "name"),
        "phone": reading.text("phone", 40),
        "home": reading.place(),
        "skills": reading.levels("skill", 1, 10),
        "language": known.language if known else SOURCE,
    }
    if reading.text("language"):
        told["language"] = reading.one_of("language", LANGUAGES)
    home: Point = told["home"]
    if not reading.errors and (known is None or (known.home_lat, known.home_lng) != (home.lat, home.lng)):
        place_of({"lat": home.lat, "lng": home.lng}, territory)
        require_commute(work, territory, home)
    return told


def read_week(reading: Reading) -> dict[int, Hours]:
    """The weekdays whose fields are filled. Overtime that is left empty ends with the shift."""
    week = {}
    for day in range(7):
        names = [f"{part}-{day}" for part in ("start", "end", "limit", "breaks")]
        texts = [reading.text(name, 200) for name in names]
        if not any(texts):
            continue
        start_at, end_at = reading.clock(names[0]), reading.clock(names[1])
        limit = reading.clock(names[2]) if reading.text(names[2]) else end_at
        week[day] = Hours(start_at, end_at, limit, _breaks(reading.rests(names[3])))
    return week


def _breaks(rests: Sequence[Rest]) -> tuple[Mapping[str, Any], ...]:
    return tuple(
        {
            "id": "lunch" if len(rests) == 1 else f"break-{place}",
            "earliest": rest.earliest,
            "latest": rest.latest,
            "minutes": rest.minutes,
        }
        for place, rest in enumerate(rests, start=1)
    )


def read_span(
    reading: Reading, territory: Territory, now: dt.datetime
) -> tuple[dt.datetime, dt.datetime | None]:
    """From when and until when. Without times whole days are meant, without a last day no end is known yet."""
    first, last = reading.day("first_day"), reading.day("last_day")
    if first is None:
        if not reading.text("first_day"):
            reading.note("first_day", "cell_missing", "Please fill this in.")
        return now, None
    start_at = reading.moment("from", first, territory.zone) or midnight(first, territory.zone)
    if reading.text("until") and last is None:
        reading.note("last_day", "cell_missing", "To which day does this time belong?")
    if last is None:
        return start_at, None
    end_at = reading.moment("until", last, territory.zone) or midnight(
        last + dt.timedelta(days=1), territory.zone
    )
    if end_at <= max(start_at, now):
        reading.note("last_day", "window_empty", "An absence ends after it begins, and not in the past.")
    return start_at, end_at


def stored_person(technician: Technician) -> Form:
    stored = {
        "name": technician.name,
        "phone": technician.phone,
        "language": technician.language,
        "lat": say_number(technician.home_lat),
        "lng": say_number(technician.home_lng),
        **lines_of("skill", technician.skills),
    }
    return Form.of(stored, technician.row_version)


def stored_week(work: Work, technician_id: str) -> Form:
    stored: dict[str, str] = {}
    for shift in list_shifts(work.session, technician_id):
        rests = [Rest(rest["earliest"], rest["latest"], rest["minutes"]) for rest in shift.breaks]
        stored |= {
            f"start-{shift.weekday}": shift.start_at,
            f"end-{shift.weekday}": shift.end_at,
            f"limit-{shift.weekday}": shift.overtime_until_at,
            f"breaks-{shift.weekday}": " ".join(map(str, rests)),
        }
    return Form.of(stored)


def stored_van(work: Work, technician_id: str) -> Form:
    return Form.of(lines_of("part", stock_of(work.session, [technician_id]).get(technician_id, {})))
