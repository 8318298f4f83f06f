"""What to mend: the things that would have saved most promises, what speaks for each, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Query, Request, Response
from fastapi.responses import HTMLResponse

from api.deps import ReadDep, StaffDep
from api.pages import charts
from api.pages.render import since
from api.pages.report_tables import Cell, Table
from api.pages.report_where import AREAS
from api.pages.reports import FromDay, ToDay, as_file, read_asked, report_page, service_names, visits_page
from api.policy import Action, Thing, may
from api.principal import Principal
from api.routers.reports import Days, instants, read_days
from api.strict import router
from dispatch.reports.mending import (
    ENOUGH_DRIVES,
    UNLISTED,
    Duration,
    Mend,
    Mending,
    Roads,
    durations,
    gather_mending,
    roads,
    things_to_mend,
    visits_mended,
)
from dispatch.work import Work

MOST_SHOWN = 5
GONE = "A service that is gone"
SAVED = charts.Look("warn", "▲", "promises that it would have saved")

routes = router("/reports", "reports", include_in_schema=False, default_response_class=HTMLResponse)


@dataclass(frozen=True, slots=True)
class Told:
    """One thing to mend in words: what it is, what speaks for it, what to do, and where that is done."""

    figure: str
    count: int
    what: str
    why: str
    do: str
    path: str = ""


@routes.get("/mending")
def show(
    request: Request, work: ReadDep, who: StaffDep, from_day: FromDay = None, to_day: ToDay = None
) -> Response:
    asked = read_asked(work, who, from_day, to_day)
    found = _gather(work, who, asked.days)
    mends = things_to_mend(found)
    told = _told(work, who, found, mends)
    return report_page(
        request,
        work,
        who,
        "report_mending.html",
        asked,
        tables=_tables(work, who, found),
        broken=len(found.broken),
        saved=len({id for one in mends[:MOST_SHOWN] for id in one.visit_ids}),
        mends=told[:MOST_SHOWN],
        more=len(told) - MOST_SHOWN,
        pictures={"mends": _picture(told[:MOST_SHOWN])} if told else {},
    )


@routes.get("/mending/visits")
def show_visits(
    request: Request,
    work: ReadDep,
    who: StaffDep,
    what: Annotated[str, Query(min_length=1, max_length=120)],
    from_day: FromDay = None,
    to_day: ToDay = None,
) -> Response:
    days = read_days(work, who, from_day, to_day)
    found = _gather(work, who, days)
    behind = visits_mended(found, what)
    return visits_page(request, work, who, days, _title(work, what), behind, back="/reports/mending")


@routes.get("/mending.csv")
def save(
    work: ReadDep,
    who: StaffDep,
    what: Literal["mends", "durations", "roads"],
    from_day: FromDay = None,
    to_day: ToDay = None,
) -> Response:
    days = read_days(work, who, from_day, to_day)
    return as_file(_tables(work, who, _gather(work, who, days)), what, days)


def _gather(work: Work, who: Principal, days: Days) -> Mending:
    return gather_mending(work.session, *instants(work, who, days))


def _title(work: Work, figure: str) -> str:
    name, *details = figure.split(":", 2)
    key = details[-1]
    if name == "work":
        return f"Done: {service_names(work, [key]).get(key, GONE)}"
    if name == "drive":
        return f"Drives: {AREAS.get(key, key)}"
    return f"It would have saved these: {_what(details[0], key, service_names(work, [key]))}"


def _what(kind: str, key: str, names: Mapping[str, str]) -> str:
    if kind == "duration":
        return f"{names.get(key, GONE)} takes longer than planned"
    if kind == "area":
        return f"The drive takes longer than planned: {AREAS.get(key, key)}"
    if kind == "skill":
        return f"One person at most has the skill “{key}”"
    return "A part that its service does not list" if key == UNLISTED else f"The part “{key}” ran out"


def _told(work: Work, who: Principal, found: Mending, mends: Sequence[Mend]) -> list[Told]:
    names = service_names(work, (one.key for one in mends if one.kind == "duration"))
    took = {one.service_id: one for one in durations(found.spells)}
    slow = {one.area: one for one in roads(found.drives)}
    told = []
    for one in mends:
        words = _what(one.kind, one.key, names)
        why, do, path = _why(one, took, slow)
        figure = f"mend:{one.kind}:{one.key}"
        told.append(Told(figure, one.count, words, why, do, path if _may_change(who, one.kind) else ""))
    return told


def _may_change(who: Principal, kind: str) -> bool:
    """Whether they find behind the link what they need."""
    thing = {"duration": Thing.SERVICE, "area": Thing.POLICY}.get(kind, Thing.TECHNICIAN)
    return may(who, thing, Action.CHANGE)


def _why(one: Mend, took: Mapping[str, Duration], slow: Mapping[str, Roads]) -> tuple[str, str, str]:
    if one.kind == "duration":
        known = took.get(one.key)
        why = "None of it was finished in these days."
        if known:
            visits = f"{known.visits} visit{'' if known.visits == 1 else 's'}"
            why = (
                f"Planned {since(known.planned_seconds)}; of {visits} half took up to "
                f"{since(known.half_seconds)}, nine in ten up to {since(known.nine_in_ten_seconds)}."
            )
        do = "Give the service the time that half of the visits take, and the rest as its spread."
        return why, do, f"/office/services/{one.key}"
    if one.kind == "area":
        road = slow[one.key]
        why = f"{road.drives} drives took {road.times or 0:.1f} times as long as planned."
        do = "Bring the road map up to date, or let the plan reckon with a larger spread of the drive."
        return why, do, "/office/policies"
    if one.kind == "skill":
        do = "Teach a second person, or hire one: until then one sick call breaks every such promise."
        return "Whoever cannot come leaves nobody to send.", do, "/office/technicians"
    if one.key == UNLISTED:
        do = "Ask what was missing, and write it into the service: the plan only counts parts that it knows of."
        return "The service of these visits says that it needs no part.", do, "/office/services"
    do = "Load more of it before the day, and count the vans: the plan believes what the vans are said to hold."
    return "The van was planned to have it, and had not.", do, "/office/technicians"


def _tables(work: Work, who: Principal, found: Mending) -> list[Table]:
    took = durations(found.spells)
    names = service_names(work, (one.service_id for one in took))
    return [
        _mends(_told(work, who, found, things_to_mend(found))),
        _durations(took, names),
        _roads(roads(found.drives)),
    ]


def _mends(told: Sequence[Told]) -> Table:
    rows = [(Cell(one.what), Cell(one.count, figure=one.figure), Cell(one.why), Cell(one.do)) for one in told]
    head = ("What to mend", "Promises that it would have saved", "What speaks for it", "What to do")
    return Table("mends", "What to mend", head, tuple(rows))


def _durations(found: Sequence[Duration], names: Mapping[str, str]) -> Table:
    rows = [
        (
            Cell(names.get(one.service_id, GONE)),
            Cell(one.visits, figure=f"work:{one.service_id}"),
            *(
                Cell(round(seconds / 60, 1), since(seconds))
                for seconds in (one.planned_seconds, one.half_seconds, one.nine_in_ten_seconds)
            ),
            Cell("takes longer" if one.lies else "is enough"),
        )
        for one in found
    ]
    head = ("Service", "Done", "Planned (min)", "Half within (min)", "Nine in ten within (min)", "The plan")
    return Table("durations", "How long work takes", head, tuple(rows))


def _roads(found: Sequence[Roads]) -> Table:
    rows = [
        (
            Cell(AREAS[one.area]),
            Cell(one.drives, figure=f"drive:{one.area}"),
            Cell(round(one.planned_seconds / one.drives / 60, 1), since(one.planned_seconds / one.drives)),
            Cell(round(one.took_seconds / one.drives / 60, 1), since(one.took_seconds / one.drives)),
            Cell(None if one.times is None else round(one.times, 2)),
            Cell(
                "slower than planned"
                if one.is_slow
                else "as planned"
                if one.drives >= ENOUGH_DRIVES
                else "too few to say"
            ),
        )
        for one in found
    ]
    head = ("Part of town", "Drives", "Planned (min)", "Took (min)", "Times as long", "The drive is")
    return Table("roads", "How long drives take", head, tuple(rows))


def _picture(told: Sequence[Told]) -> charts.Picture:
    lines = [(one.what, str(one.count), [(SAVED, float(one.count), f"▲ {one.count}")]) for one in told]
    words = "; ".join(f"{label}: {value}" for label, value, _ in lines)
    return charts.picture("mends", "What would have saved most promises", f"{words}.", lines)
