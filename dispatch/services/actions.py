"""Offering a kind of work."""

from __future__ import annotations

from collections.abc import Mapping

from dispatch.errors import FieldError, Invalid, StateConflict
from dispatch.events import ServiceOffered
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
