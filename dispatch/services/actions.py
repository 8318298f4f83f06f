"""Offering a kind of work, and changing what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dispatch.errors import FieldError, Invalid, StateConflict
from dispatch.events import ServiceChanged, ServiceOffered
from dispatch.services.queries import find_by_code
from dispatch.services.tables import Service
from dispatch.words import clean
from dispatch.work import Work


def offer_service(
    work: Work,
    code: str,
    name: str,
    *,
    duration_seconds: int,
    spread_seconds: int,
    window_seconds: int = 7200,
    skills: Mapping[str, int] | None = None,
    parts: Mapping[str, int] | None = None,
) -> Service:
    """A new service. Raises Invalid for a duration, spread or window that cannot be, StateConflict for a taken code."""
    _require_sensible(duration_seconds, spread_seconds, window_seconds)
    kept = clean(code, "code", limit=40)
    if find_by_code(work.session, kept):
        raise StateConflict(f"There is already a service called {kept}.", current_state="exists")
    service = Service(
        id=work.new_id(),
        code=kept,
        name=clean(name, "name"),
        duration_seconds=duration_seconds,
        spread_seconds=spread_seconds,
        window_seconds=window_seconds,
        skills=dict(skills or {}),
        parts=dict(parts or {}),
    )
    work.session.add(service)
    work.record(ServiceOffered(service_id=service.id, code=service.code))
    return service


def change_service(
    work: Work,
    service: Service,
    *,
    name: str | None = None,
    duration_seconds: int | None = None,
    spread_seconds: int | None = None,
    window_seconds: int | None = None,
    skills: Mapping[str, int] | None = None,
    parts: Mapping[str, int] | None = None,
) -> bool:
    """What is given becomes so for bookings to come; visits and holds keep what they were made with.

    Whether anything is new. Raises Invalid as `offer_service` does.
    """
    told: dict[str, Any] = {
        "name": None if name is None else clean(name, "name"),
        "duration_seconds": duration_seconds,
        "spread_seconds": spread_seconds,
        "window_seconds": window_seconds,
        "skills": None if skills is None else dict(skills),
        "parts": None if parts is None else dict(parts),
    }
    wanted = {column: getattr(service, column) if value is None else value for column, value in told.items()}
    _require_sensible(wanted["duration_seconds"], wanted["spread_seconds"], wanted["window_seconds"])
    changed = tuple(column for column, value in wanted.items() if getattr(service, column) != value)
    for column in changed:
        setattr(service, column, wanted[column])
    if changed:
        work.session.add(service)
        work.record(ServiceChanged(service_id=service.id, changed=changed))
    return bool(changed)


def _require_sensible(duration_seconds: int, spread_seconds: int, window_seconds: int) -> None:
    limits = {
        "duration_seconds": (duration_seconds, 60, 12 * 3600),
        "spread_seconds": (spread_seconds, 0, 4 * 3600),
        "window_seconds": (window_seconds, 900, 12 * 3600),
    }
    errors = [
        FieldError(f"/{name}", "number_out_of_range", f"{name} lies between {least} and {most}.")
        for name, (value, least, most) in limits.items()
        if not least <= value <= most
    ]
    if errors:
        raise Invalid(errors)
