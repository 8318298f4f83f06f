"""Reads and writes `makegood-day/1`. Unknown keys are ignored; what is refused is named by its pointer."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

import numpy as np

from optimizer.day import (
    STATES,
    Break,
    Day,
    Limits,
    Place,
    Planned,
    Technician,
    Travel,
    Visit,
    Weights,
    Window,
)
from optimizer.fields import MOST_SECONDS, Field, shown
from optimizer.travel import straight_line_seconds

FORMAT = "makegood-day/1"
MOST_LOCATIONS = 4_000  # a matrix of 16 million entries
MOST_TECHNICIANS = 2_000
MOST_BREAKS = 6  # the schedule tries every order in which they can be taken
MOST_WINDOWS = 200


def read_day(document: Any) -> Day:
    """The day a parsed day file describes.

    Raises DayFileError with the pointer of what is missing, of the wrong type or contradicts another.
    """
    whole = Field(document)
    if (name := whole.need("format")).value != FORMAT:
        name.refuse(f"must be {FORMAT!r}, not {shown(name.value)}")
    parts: dict[str, Any] = {
        "name": whole.need("name").text(),
        "now": whole.need("now").whole(),
        "travel": _travel(whole.need("travel")),
        "places": _places(whole.need("travel")),
        "technicians": whole.each("technicians", _technician, most=MOST_TECHNICIANS),
        "visits": whole.each("visits", _visit),
        "weights": whole.get("weights", _weights, Weights()),
        "change_tolerance": whole.get("change_tolerance", Field.whole, 1800),
        "limits": whole.get("limits", _limits, Limits()),
        "travel_spread": whole.get("travel_spread", Field.number, 0.0),
    }
    return whole.build(lambda: Day(**parts))


def day_to_json(day: Day) -> dict[str, Any]:
    """The day as a `makegood-day/1` document, travel as a matrix; known places stand beside it."""
    travel: dict[str, Any] = {"seconds": day.travel.tolist()}
    if day.places is not None:
        travel["locations"] = [list(place) for place in day.places]
    document: dict[str, Any] = {
        "format": FORMAT,
        "name": day.name,
        "now": day.now,
        "travel": travel,
        "weights": asdict(day.weights),
        "change_tolerance": day.change_tolerance,
        "travel_spread": day.travel_spread,
        "technicians": [_technician_json(technician) for technician in day.technicians],
        "visits": [_visit_json(visit) for visit in day.visits],
    }
    caps = {name: cap for name, cap in asdict(day.limits).items() if cap is not None}
    return {**document, "limits": caps} if caps else document


def read_visit(document: Any) -> Visit:
    """One visit as it stands in a day file; DayFileError with the pointer of what is wrong."""
    return _visit(Field(document))


def _technician(one: Field) -> Technician:
    ready = one.need("ready")
    parts: dict[str, Any] = {
        "id": one.need("id").name(),
        "shift": _window(one.need("shift")),
        "overtime_until": one.need("overtime_until").whole(),
        "ready_at": ready.need("at").whole(),
        "ready_location": ready.need("location").whole(),
        "end_location": one.get("end_location", Field.whole, None),
        "skills": _levels(one, "skills"),
        "parts": _levels(one, "parts", low=-MOST_SECONDS),
        "breaks": one.each("breaks", _break, most=MOST_BREAKS),
        "absent": one.get("absent", Field.flag, False),
        "route": one.each("route", Field.name),
        "start_location": one.get("start_location", Field.whole, None),
        "ready_spread": ready.get("spread", Field.whole, 0),
    }
    return one.build(lambda: Technician(**parts))


def _visit(one: Field) -> Visit:
    parts: dict[str, Any] = {
        "id": one.need("id").name(),
        "location": one.need("location").whole(),
        "duration": one.need("duration").whole(),
        "state": _state(one.need("state")),
        "windows": one.each("windows", _window, most=MOST_WINDOWS),
        "may_move": one.each("may_move", _window, most=MOST_WINDOWS),
        "skills": _levels(one, "skills"),
        "parts": _levels(one, "parts"),
        "priority": one.get("priority", Field.whole, 1),
        "technician": one.get("technician", Field.name, None),
        "exclude": one.each("exclude", Field.name),
        "planned": one.get("planned", _planned, None),
        "locked": one.get("locked", Field.flag, False),
        "prefer": one.each("prefer", Field.name),
        "frozen": one.get("frozen", Field.flag, False),
        "assistant": one.get("assistant", Field.whole_numbers, None),
        "after": one.each("after", Field.name),
        "duration_spread": one.get("duration_spread", Field.whole, 0),
    }
    return one.build(lambda: Visit(**parts))


def _levels(one: Field, key: str, *, low: int = 0) -> dict[str, int]:
    """Less than nothing is in a van from which more was used than it was said to have."""
    found = one.find(key)
    return {} if found is None else found.whole_numbers(low)


def _state(one: Field) -> str:
    if one.value not in STATES:
        one.refuse(f"must be one of {', '.join(STATES)}, not {shown(one.value)}")
    return one.text()


def _break(one: Field) -> Break:
    parts = (one.need("id").name(), _window(one.need("window")), one.need("duration").whole())
    return one.build(lambda: Break(*parts))


def _planned(one: Field) -> Planned:
    return Planned(one.need("technician").name(), one.need("start").whole())


def _weights(one: Field) -> Weights:
    known = {weight.name for weight in fields(Weights)}
    return Weights(**{name: one.need(name).number() for name in one.members() if name in known})


def _limits(one: Field) -> Limits:
    return Limits(**{part.name: one.get(part.name, Field.whole, None) for part in fields(Limits)})


def _window(one: Field) -> Window:
    return one.pair(Field.whole, "seconds")


def _travel(one: Field) -> Travel:
    seconds = one.find("seconds")
    if seconds is not None:
        return _matrix(seconds)
    one.need("locations")
    found = straight_line_seconds(
        _places(one) or (),
        kmh=one.need("kmh").number(0.1),
        detour=one.need("detour").number(),
        stop_seconds=one.need("stop_seconds").whole(),
    )
    if found.size and int(found.max()) > MOST_SECONDS:
        one.refuse(f"takes more than {MOST_SECONDS} seconds between some locations; check them and kmh")
    return found


def _places(travel: Field) -> tuple[Place, ...] | None:
    """Where the locations lie, also where a matrix says how far apart they are."""
    places = travel.find("locations")
    return None if places is None else tuple(_place(place) for place in places.items(MOST_LOCATIONS))


def _place(one: Field) -> Place:
    latitude, longitude = one.pair(lambda degrees: degrees.number(-180, 180), "degrees: [lat, lon]")
    if abs(latitude) > 90:
        one.refuse(f"has a latitude of {latitude}; write [lat, lon], the latitude from -90 to 90 first")
    return latitude, longitude


def _matrix(one: Field) -> Travel:
    rows = one.items(MOST_LOCATIONS)
    for row in rows:
        _require_row(row, size=len(rows))
    return np.array(one.value, dtype=np.int64).reshape(len(rows), len(rows))


def _require_row(row: Field, *, size: int) -> None:
    """Each entry looked at only where the row as a whole is not in order: there may be millions."""
    cells = row.value
    if not isinstance(cells, (list, tuple)) or len(cells) != size:
        row.refuse(f"must be a list of {size} seconds, one for each row, not {shown(cells)}")
    if {type(cell) for cell in cells} <= {int} and (
        not cells or 0 <= min(cells) <= max(cells) <= MOST_SECONDS
    ):
        return
    for cell in row.items(size):
        if cell.value is None or (type(cell.value) in (int, float) and cell.value < 0):
            here, there = cell.pointer.split("/")[-2:]
            cell.refuse(
                f"there is no way between locations {here} and {there}; give the seconds of some way round, "
                "or leave out what is there"
            )
        cell.whole()


def _technician_json(one: Technician) -> dict[str, Any]:
    return {
        "id": one.id,
        "shift": list(one.shift),
        "overtime_until": one.overtime_until,
        "start_location": one.start_location,
        "end_location": one.end_location,
        "skills": dict(one.skills),
        "parts": dict(one.parts),
        "breaks": [{"id": b.id, "window": list(b.window), "duration": b.duration} for b in one.breaks],
        "ready": {"at": one.ready_at, "location": one.ready_location, "spread": one.ready_spread},
        "absent": one.absent,
        "route": list(one.route),
    }


def _visit_json(one: Visit) -> dict[str, Any]:
    document: dict[str, Any] = {
        "id": one.id,
        "location": one.location,
        "duration": one.duration,
        "state": one.state,
        "windows": [list(window) for window in one.windows],
        "may_move": [list(window) for window in one.may_move],
        "skills": dict(one.skills),
        "parts": dict(one.parts),
        "priority": one.priority,
        "technician": one.technician,
        "exclude": list(one.exclude),
        "locked": one.locked,
        "duration_spread": one.duration_spread,
    }
    if one.planned is not None:
        document["planned"] = {"technician": one.planned.technician, "start": one.planned.start}
    return document | _beyond(one)


def _beyond(one: Visit) -> dict[str, Any]:
    """The fields of docs/optimizer.md, those in use."""
    document: dict[str, Any] = {}
    if one.prefer:
        document["prefer"] = list(one.prefer)
    if one.frozen:
        document["frozen"] = True
    if one.assistant is not None:
        document["assistant"] = dict(one.assistant)
    if one.after:
        document["after"] = list(one.after)
    return document
