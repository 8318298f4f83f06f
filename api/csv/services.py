"""Services, one a row, known by their code."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from api.csv.cells import code, levels, minutes, say_levels, say_minutes, words
from api.csv.columns import Column, Kind, Outcome, Values, optional
from dispatch.errors import Invalid
from dispatch.services.actions import change_service, offer_service
from dispatch.services.queries import find_by_code, list_services
from dispatch.services.tables import Service
from dispatch.work import Work

USUAL_SPREAD_SECONDS = 600
USUAL_WINDOW_SECONDS = 7200


def take(work: Work, values: Values) -> Outcome:
    """Offer the service, or bring a known one in line; visits that are booked keep what they were booked with."""
    service = find_by_code(work.session, values["code"])
    if service is None:
        offer_service(
            work,
            values["code"],
            values["name"],
            duration_seconds=values["duration_minutes"],
            spread_seconds=values.get("spread_minutes", USUAL_SPREAD_SECONDS),
            window_seconds=values.get("window_minutes", USUAL_WINDOW_SECONDS),
            skills=values.get("skills"),
            parts=values.get("parts"),
        )
        return Outcome.ACCEPTED
    if not service.active:
        raise Invalid.field("code", "service_withdrawn", f"{service.code} is not offered any more.")
    return _bring_in_line(work, service, values)


def _bring_in_line(work: Work, service: Service, values: Values) -> Outcome:
    told: dict[str, Any] = {
        field: values[column]
        for column, field in {
            "name": "name",
            "duration_minutes": "duration_seconds",
            "spread_minutes": "spread_seconds",
            "window_minutes": "window_seconds",
            "skills": "skills",
            "parts": "parts",
        }.items()
        if column in values
    }
    return Outcome.UPDATED if change_service(work, service, **told) else Outcome.UNCHANGED


def give(work: Work, territory_id: str | None = None) -> Iterator[dict[str, str]]:
    """All of them: services are the same for every territory."""
    for service in sorted(list_services(work.session), key=lambda one: one.code):
        yield {
            "code": service.code,
            "name": service.name,
            "duration_minutes": say_minutes(service.duration_seconds),
            "spread_minutes": say_minutes(service.spread_seconds),
            "window_minutes": say_minutes(service.window_seconds),
            "skills": say_levels(service.skills),
            "parts": say_levels(service.parts),
        }


SERVICES = Kind(
    name="services",
    columns=(
        Column("code", code),
        Column("name", words(120)),
        Column("duration_minutes", minutes(1, 12 * 60)),
        optional("spread_minutes", minutes(0, 4 * 60), USUAL_SPREAD_SECONDS),
        optional("window_minutes", minutes(15, 12 * 60), USUAL_WINDOW_SECONDS),
        optional("skills", levels(1, 10), {}),
        optional("parts", levels(0, 10_000), {}),
    ),
    open=lambda work, _rows: partial(take, work),
    give=give,
)
