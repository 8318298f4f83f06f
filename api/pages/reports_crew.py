"""Promises by technician, for whoever leads them: with what stood in the way, in no order that ranks anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from fastapi import Query, Request, Response
from fastapi.responses import HTMLResponse

from api.deps import ReadDep, StaffDep
from api.pages.report_tables import Cell, Table
from api.pages.reports import FromDay, ToDay, as_file, read_asked, report_page, visits_page
from api.principal import Principal
from api.routers.reports import Days, instants, read_days
from api.strict import router
from dispatch.errors import NotFound
from dispatch.reports.crew import (
    REASONS,
    Asking,
    CrewMaterial,
    Member,
    asking,
    by_technician,
    gather_crew,
    visits_of,
)
from dispatch.technicians.queries import technicians_of
from dispatch.work import Work

REASON_WORDS = {
    "plan": "The plan",
    "time": "Too little time or skill planned",
    "part": "A part was missing",
    "customer": "The customer or the door",
    "earlier": "The visit before took longer",
    "away": "Sick, or the van was down",
    "word": "Word against word",
    "nothing": "Nothing on record",
}
FIGURES = {  # of a technician, in words
    "kept": "Kept",
    "broken": "Broken",
    **REASON_WORDS,
    "done_after": "Done after a broken promise",
    "asked_after": "Of these asked",
    "done_else": "Done otherwise",
    "asked_else": "Of these asked",
}

UNCLEAR = ("word", "nothing")

routes = router("/reports", "reports", include_in_schema=False, default_response_class=HTMLResponse)


@routes.get("/technicians")
def show(
    request: Request, work: ReadDep, who: StaffDep, from_day: FromDay = None, to_day: ToDay = None
) -> Response:
    asked = read_asked(work, who, from_day, to_day)
    crew = _gather(work, who, asked.days)
    names, members = _names(work, crew), by_technician(crew.promises, crew.spells, crew.zone)
    return report_page(
        request,
        work,
        who,
        "report_crew.html",
        asked,
        tables=_tables(work, crew),
        members=members,
        broken=sum(one.broken for one in members),
        cleared=sum(n for one in members for reason, n in one.reasons.items() if reason not in UNCLEAR),
        asks_less=[names[one.technician_id] for one in asking(crew.done, crew.asked) if one.asks_less],
    )


@routes.get("/technicians/visits")
def show_visits(
    request: Request,
    work: ReadDep,
    who: StaffDep,
    what: Annotated[str, Query(pattern=r"^[0-9a-z]{26}:[a-z_]{1,20}$")],
    from_day: FromDay = None,
    to_day: ToDay = None,
) -> Response:
    """What a figure about a technician of the asker's own territory counts."""
    days = read_days(work, who, from_day, to_day)
    id, _, figure = what.partition(":")
    technician = technicians_of(work.session, [id]).get(id)
    if technician is None or technician.territory_id != who.territory_id:
        raise NotFound("There is no such figure.")
    found = visits_of(_gather(work, who, days), id, figure)
    title = f"{technician.name}, {FIGURES[figure]}"
    return visits_page(request, work, who, days, title, found, back="/reports/technicians")


@routes.get("/technicians.csv")
def save(
    work: ReadDep,
    who: StaffDep,
    what: Literal["technicians", "asking"],
    from_day: FromDay = None,
    to_day: ToDay = None,
) -> Response:
    days = read_days(work, who, from_day, to_day)
    return as_file(_tables(work, _gather(work, who, days)), what, days)


def _gather(work: Work, who: Principal, days: Days) -> CrewMaterial:
    return gather_crew(work.session, *instants(work, who, days), work.now)


def _names(work: Work, crew: CrewMaterial) -> Mapping[str, str]:
    ids = {one.technician_id for one in crew.promises} | {one.technician_id for one in crew.done}
    return {id: one.name for id, one in technicians_of(work.session, ids - {""}).items()}


def _tables(work: Work, crew: CrewMaterial) -> list[Table]:
    names = _names(work, crew)
    return [
        _members(by_technician(crew.promises, crew.spells, crew.zone), names),
        _asking(asking(crew.done, crew.asked), names),
    ]


def _members(members: Sequence[Member], names: Mapping[str, str]) -> Table:
    """By name. There is no rate: a few promises say nothing about anybody."""
    rows = [
        (
            Cell(names[one.technician_id]),
            Cell(one.kept, figure=f"{one.technician_id}:kept"),
            Cell(one.broken, figure=f"{one.technician_id}:broken"),
            *(Cell(one.reasons.get(reason, 0), figure=f"{one.technician_id}:{reason}") for reason in REASONS),
        )
        for one in sorted(members, key=lambda one: names[one.technician_id])
    ]
    head = ("Technician", "Kept", "Broken", *REASON_WORDS.values())
    return Table("technicians", "Promises, and what stood in the way", head, tuple(rows))


def _asking(found: Sequence[Asking], names: Mapping[str, str]) -> Table:
    rows = [
        (
            Cell(names[one.technician_id]),
            Cell(one.done_after, figure=f"{one.technician_id}:done_after"),
            Cell(one.asked_after, figure=f"{one.technician_id}:asked_after"),
            Cell(one.done_else, figure=f"{one.technician_id}:done_else"),
            Cell(one.asked_else, figure=f"{one.technician_id}:asked_else"),
            Cell("much less often" if one.asks_less else "as often"),
        )
        for one in sorted(found, key=lambda one: names[one.technician_id])
    ]
    head = ("Technician", "Done after a broken promise", "Of these asked", "Done otherwise", "Of these asked")
    return Table(
        "asking", "Whose customers were asked how it went", (*head, "After a broken promise"), tuple(rows)
    )
