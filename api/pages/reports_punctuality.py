"""Ranges that customers were told against arrivals, windows against what they needed, and visits that were enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from api.deps import ReadDep, StaffDep
from api.pages import charts
from api.pages.codes import spell
from api.pages.render import since
from api.pages.report_tables import Cell, Table
from api.pages.reports import (
    Figure,
    FromDay,
    ToDay,
    as_file,
    read_asked,
    report_page,
    service_names,
    visits_page,
)
from api.principal import Principal
from api.routers.reports import Days, instants, read_days
from api.strict import router
from dispatch.reports.punctuality import (
    Fixed,
    Lead,
    Needed,
    Punctuality,
    calibrate,
    gather_punctuality,
    needed,
    visits_told,
)
from dispatch.work import Work

LEAD_WORDS = {
    "soon": "Up to 30 minutes before",
    "within_2_hours": "Up to 2 hours before",
    "within_8_hours": "Up to 8 hours before",
    "long_before": "Longer before",
}
VERDICTS = {"true": "as it should be", "narrow": "too narrow", "wide": "too wide", "few": "too few to say"}
OUTCOMES = {
    "held": charts.Look("good", "✓", "inside the range"),
    "early": charts.Look("calm", "◀", "before it"),
    "late": charts.Look("bad", "▶", "after it"),
    "nobody": charts.Look("gone", "✕", "nobody came"),
}
ALL = "all"

routes = router("/reports", "reports", include_in_schema=False, default_response_class=HTMLResponse)


@routes.get("/punctuality")
def show(
    request: Request, work: ReadDep, who: StaffDep, from_day: FromDay = None, to_day: ToDay = None
) -> Response:
    asked = read_asked(work, who, from_day, to_day)
    found = _gather(work, who, asked.days)
    leads = calibrate(found.ranges)
    return report_page(
        request,
        work,
        who,
        "report_punctuality.html",
        asked,
        tables=_tables(work, found),
        told=len(found.ranges),
        held=sum(one.held for one in leads),
        done=len(found.fixed),
        at_once=sum(one.at_once for one in found.fixed),
        pictures={"ranges": _picture(leads)} if found.ranges else {},
        wrong=[(LEAD_WORDS[one.name], one) for one in leads if one.verdict in ("narrow", "wide")],
    )


@routes.get("/punctuality/visits")
def show_visits(
    request: Request,
    work: ReadDep,
    who: StaffDep,
    what: Figure,
    from_day: FromDay = None,
    to_day: ToDay = None,
) -> Response:
    days = read_days(work, who, from_day, to_day)
    found = visits_told(_gather(work, who, days), what)
    return visits_page(request, work, who, days, _title(work, what), found, back="/reports/punctuality")


@routes.get("/punctuality.csv")
def save(
    work: ReadDep,
    who: StaffDep,
    what: Literal["ranges", "windows", "first_time"],
    from_day: FromDay = None,
    to_day: ToDay = None,
) -> Response:
    days = read_days(work, who, from_day, to_day)
    return as_file(_tables(work, _gather(work, who, days)), what, days)


def _gather(work: Work, who: Principal, days: Days) -> Punctuality:
    return gather_punctuality(work.session, *instants(work, who, days))


def _title(work: Work, figure: str) -> str:
    name, *details = figure.split(":")
    if name == "range":
        outcome, lead = details
        words = OUTCOMES[outcome].word if outcome in OUTCOMES else "told"
        return f"Ranges {LEAD_WORDS.get(lead, spell(lead)).lower()}: {words}"
    service = service_names(work, details[-1:]).get(details[-1], "every service")
    if name == "window":
        return f"Windows with an arrival: {service}"
    enough = {"at_once": ": the first visit was enough", "again": ": more than one visit was needed"}
    return f"Done, {service}{enough.get(details[0], '')}"


def _tables(work: Work, found: Punctuality) -> list[Table]:
    ids = [*(one.service_id for one in found.windows), *(one.service_id for one in found.fixed)]
    names = service_names(work, ids)
    return [
        _ranges(calibrate(found.ranges)),
        _windows(needed(found.windows), names),
        _first_time(found.fixed, names),
    ]


def _ranges(leads: Sequence[Lead]) -> Table:
    rows = [
        (
            Cell(LEAD_WORDS[one.name]),
            Cell(one.told, figure=f"range:told:{one.name}"),
            *(Cell(getattr(one, name), figure=f"range:{name}:{one.name}") for name in OUTCOMES),
            Cell(
                None if one.held_of_hundred is None else round(one.held_of_hundred, 1),
                figure=f"range:told:{one.name}",
            ),
            Cell(VERDICTS[one.verdict]),
        )
        for one in leads
    ]
    words = (look.word.capitalize() for look in OUTCOMES.values())
    head = ("Told", "Ranges", *words, "Held, of 100 (75–85 is true)", "The ranges are")
    return Table("ranges", "Ranges that customers were told, against arrivals", head, tuple(rows))


def _windows(found: Sequence[Needed], names: Mapping[str, str]) -> Table:
    rows = [
        (
            Cell(names.get(one.service_id, "A service that is gone")),
            Cell(one.windows, figure=f"window:{one.service_id}"),
            _minutes(one.promised_seconds),
            _minutes(one.needed_seconds),
            _minutes(one.promised_seconds - one.needed_seconds),
        )
        for one in found
    ]
    head = (
        "Service",
        "Windows with an arrival",
        "Promised, on average (min)",
        "Needed (min)",
        "To spare (min)",
    )
    return Table("windows", "How long windows are, and how long they need to be", head, tuple(rows))


def _minutes(seconds: float) -> Cell:
    minutes = round(seconds / 60, 1)
    return Cell(minutes, since(seconds) if seconds >= 0 else f"−{since(-seconds)}")


def _first_time(done: Sequence[Fixed], names: Mapping[str, str]) -> Table:
    groups = [
        (names.get(id, "A service that is gone"), id) for id in sorted({one.service_id for one in done})
    ]
    rows = []
    for words, id in [*groups, ("All", ALL)]:
        mine = [one.at_once for one in done if id in (one.service_id, ALL)]
        share = Cell(round(100 * sum(mine) / len(mine), 1) if mine else None, figure=f"fixed:all:{id}")
        rows.append(
            (
                Cell(words),
                Cell(len(mine), figure=f"fixed:all:{id}"),
                Cell(sum(mine), figure=f"fixed:at_once:{id}"),
                Cell(len(mine) - sum(mine), figure=f"fixed:again:{id}"),
                share,
            )
        )
    head = ("Service", "Done", "At the first visit", "Needed more than one", "At the first visit, of 100")
    return Table("first_time", "Done at the first visit", head, tuple(rows))


def _picture(leads: Sequence[Lead]) -> charts.Picture:
    """Each lead's ranges as hundredths, so that few are seen beside many."""
    lines = []
    for one in leads:
        if one.held_of_hundred is not None:
            parts = [
                (look, 100 * getattr(one, name) / one.told, f"{look.shape} {getattr(one, name)}")
                for name, look in OUTCOMES.items()
            ]
            value = f"{one.held} of {one.told} held"
            lines.append((LEAD_WORDS[one.name], value, parts))
    told = "; ".join(
        f"{LEAD_WORDS[one.name]}: {one.held} of {one.told} held, {VERDICTS[one.verdict]}"
        for one in leads
        if one.held_of_hundred is not None
    )
    return charts.picture(
        "ranges", "How often ranges held, by how long before they were told", f"{told}.", lines
    )
