"""Reads and writes `makegood-day/1`. Unknown keys are ignored; an error names the field it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any, TypeVar

import numpy as np

from optimizer.day import Break, Day, Planned, Technician, Travel, Visit, Weights, Window
from optimizer.travel import straight_line_seconds

FORMAT = "makegood-day/1"

T = TypeVar("T")


def read_day(document: Mapping[str, Any]) -> Day:
    """The day a parsed day file describes.

    Raises ValueError naming the field that is missing, of the wrong type or contradicts another.
    """
    if _need(document, "format", "day") != FORMAT:
        raise ValueError(f"format: {document['format']!r} is not {FORMAT!r}")
    return Day(
        name=_text(_need(document, "name", "day"), "name"),
        now=_whole(_need(document, "now", "day"), "now"),
        travel=_travel(_mapping(_need(document, "travel", "day"), "travel")),
        technicians=_each(document, "technicians", _technician, where=""),
        visits=_each(document, "visits", _visit, where=""),
        weights=_weights(_mapping(document.get("weights", {}), "weights")),
        change_tolerance=_whole(document.get("change_tolerance", 1800), "change_tolerance"),
        travel_spread=_number(document.get("travel_spread", 0), "travel_spread"),
    )


def day_to_json(day: Day) -> dict[str, Any]:
    """The day as a `makegood-day/1` document, travel as a matrix."""
    return {
        "format": FORMAT,
        "name": day.name,
        "now": day.now,
        "travel": {"seconds": day.travel.tolist()},
        "weights": asdict(day.weights),
        "change_tolerance": day.change_tolerance,
        "travel_spread": day.travel_spread,
        "technicians": [_technician_json(technician) for technician in day.technicians],
        "visits": [_visit_json(visit) for visit in day.visits],
    }


def read_visit(document: Mapping[str, Any], *, where: str = "visit") -> Visit:
    """One visit as it stands in a day file; errors name the field after `where`."""
    return _visit(document, where)


def _technician(item: Any, where: str) -> Technician:
    one = _mapping(item, where)
    ready = _mapping(_need(one, "ready", where), f"{where}.ready")
    return Technician(
        id=_text(_need(one, "id", where), f"{where}.id"),
        shift=_window(_need(one, "shift", where), f"{where}.shift"),
        overtime_until=_whole(_need(one, "overtime_until", where), f"{where}.overtime_until"),
        ready_at=_whole(_need(ready, "at", f"{where}.ready"), f"{where}.ready.at"),
        ready_location=_whole(_need(ready, "location", f"{where}.ready"), f"{where}.ready.location"),
        end_location=_optional(one, "end_location", _whole, where=where),
        skills=_levels(one, "skills", where),
        parts=_levels(one, "parts", where),
        breaks=_each(one, "breaks", _break, where=f"{where}."),
        absent=_flag(one.get("absent", False), f"{where}.absent"),
        route=_each(one, "route", _text, where=f"{where}."),
        start_location=_optional(one, "start_location", _whole, where=where),
        ready_spread=_whole(ready.get("spread", 0), f"{where}.ready.spread"),
    )


def _visit(item: Any, where: str) -> Visit:
    one = _mapping(item, where)
    return Visit(
        id=_text(_need(one, "id", where), f"{where}.id"),
        location=_whole(_need(one, "location", where), f"{where}.location"),
        duration=_whole(_need(one, "duration", where), f"{where}.duration"),
        state=_need(one, "state", where),
        windows=_each(one, "windows", _window, where=f"{where}."),
        may_move=_each(one, "may_move", _window, where=f"{where}."),
        skills=_levels(one, "skills", where),
        parts=_levels(one, "parts", where),
        priority=_whole(one.get("priority", 1), f"{where}.priority"),
        technician=_optional(one, "technician", _text, where=where),
        exclude=_each(one, "exclude", _text, where=f"{where}."),
        planned=_optional(one, "planned", _planned, where=where),
        locked=_flag(one.get("locked", False), f"{where}.locked"),
        duration_spread=_whole(one.get("duration_spread", 0), f"{where}.duration_spread"),
    )


def _break(item: Any, where: str) -> Break:
    one = _mapping(item, where)
    return Break(
        _text(_need(one, "id", where), f"{where}.id"),
        _window(_need(one, "window", where), f"{where}.window"),
        _whole(_need(one, "duration", where), f"{where}.duration"),
    )


def _planned(item: Any, where: str) -> Planned:
    one = _mapping(item, where)
    return Planned(
        _text(_need(one, "technician", where), f"{where}.technician"),
        _whole(_need(one, "start", where), f"{where}.start"),
    )


def _weights(item: Mapping[str, Any]) -> Weights:
    known = {one.name for one in fields(Weights)}
    return Weights(**{name: _number(item[name], f"weights.{name}") for name in item if name in known})


def _travel(item: Mapping[str, Any]) -> Travel:
    if "seconds" in item:
        return _matrix(item["seconds"])
    places = _each(item, "locations", _place, where="travel.")
    return straight_line_seconds(
        places,
        kmh=_number(_need(item, "kmh", "travel"), "travel.kmh"),
        detour=_number(_need(item, "detour", "travel"), "travel.detour"),
        stop_seconds=_whole(_need(item, "stop_seconds", "travel"), "travel.stop_seconds"),
    )


def _matrix(rows: Any) -> Travel:
    try:
        matrix = np.array(rows)
    except ValueError as error:
        raise ValueError("travel.seconds: rows differ in length") from error
    if matrix.size == 0:
        return np.zeros((0, 0), dtype=np.int64)
    if not np.issubdtype(matrix.dtype, np.integer):
        raise ValueError("travel.seconds: must hold whole seconds")
    return matrix


def _place(item: Any, where: str) -> tuple[float, float]:
    if not isinstance(item, (list, tuple)) or len(item) != 2:
        raise ValueError(f"{where}: {item!r} is not a [lat, lon] pair")
    return _number(item[0], where), _number(item[1], where)


def _window(item: Any, where: str) -> Window:
    if not isinstance(item, (list, tuple)) or len(item) != 2:
        raise ValueError(f"{where}: {item!r} is not a pair of seconds")
    return _whole(item[0], where), _whole(item[1], where)


def _each(one: Mapping[str, Any], key: str, read: Callable[[Any, str], T], *, where: str) -> tuple[T, ...]:
    items = one.get(key) or []
    if not isinstance(items, (list, tuple)):
        raise ValueError(f"{where}{key}: must be a list")
    return tuple(read(item, f"{where}{key}[{index}]") for index, item in enumerate(items))


def _optional(one: Mapping[str, Any], key: str, read: Callable[[Any, str], T], *, where: str) -> T | None:
    return None if one.get(key) is None else read(one[key], f"{where}.{key}")


def _levels(one: Mapping[str, Any], key: str, where: str) -> dict[str, int]:
    items = _mapping(one.get(key) or {}, f"{where}.{key}")
    return {str(name): _whole(level, f"{where}.{key}.{name}") for name, level in items.items()}


def _need(one: Mapping[str, Any], key: str, where: str) -> Any:
    if key not in one:
        raise ValueError(f"{where}.{key}: is missing")
    return one[key]


def _mapping(item: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(item, Mapping):
        raise ValueError(f"{where}: must be an object")
    return item


def _text(item: Any, where: str) -> str:
    if not isinstance(item, str):
        raise ValueError(f"{where}: {item!r} is not text")
    return item


def _whole(item: Any, where: str) -> int:
    if type(item) is not int:
        raise ValueError(f"{where}: {item!r} is not a whole number")
    return item


def _number(item: Any, where: str) -> float:
    if type(item) not in (int, float):
        raise ValueError(f"{where}: {item!r} is not a number")
    number: float = item
    return number


def _flag(item: Any, where: str) -> bool:
    if type(item) is not bool:
        raise ValueError(f"{where}: {item!r} is not true or false")
    return item


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
    return document
