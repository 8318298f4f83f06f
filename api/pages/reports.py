"""How well broken promises were made good: pictures, tables, files, and the visits behind every number."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Query, Request, Response
from fastapi.responses import HTMLResponse

from api.deps import ReadDep, StaffDep
from api.pages import charts, report_tables, report_where
from api.pages.codes import BROKE, spell
from api.pages.render import since
from api.pages.report_tables import STEP_WORDS, Table, step_of
from api.pages.staff import staff_page
from api.policy import Action, Thing, may
from api.principal import Principal
from api.routers.reports import Days, gather_days, read_days
from api.schemas.base import DayIn
from api.schemas.reports import DayOut, ReportOut
from api.strict import router
from dispatch.board.card import cards_of
from dispatch.errors import DispatchError, Invalid
from dispatch.local_time import local_day
from dispatch.reports.behind import OF_GROUPS, visits_behind, whose
from dispatch.reports.breakdown import break_down
from dispatch.reports.making_good import sum_up
from dispatch.reports.material import Case, Material
from dispatch.services.queries import services_of
from dispatch.territories.queries import get_territory
from dispatch.work import Work

FromDay = Annotated[DayIn | None, Query(alias="from")]
ToDay = Annotated[DayIn | None, Query(alias="to")]
Figure = Annotated[str, Query(pattern=r"^[a-z_]+(:[a-z0-9_-]+){0,2}$", max_length=80)]
Sheet = Literal[
    "figures",
    "days",
    "causes",
    "steps",
    "since_certain",
    "absences",
    "overrides",
    "scores",
    "cases",
    "by_service",
    "by_area",
    "by_hour",
    "by_weekday",
    "by_cause",
    "by_fault",
]

TABS = (
    ("/reports", "Making good", Thing.REPORT),
    ("/reports/where", "Where it breaks", Thing.REPORT),
    ("/reports/punctuality", "Punctuality", Thing.REPORT),
    ("/reports/mending", "What to mend", Thing.REPORT),
    ("/reports/regulator", "For the regulator", Thing.REPORT),
    ("/reports/technicians", "By technician", Thing.CREW_REPORT),
)
PRESETS = (("Today", 1), ("Last 7 days", 7), ("Last 30 days", 30))
MOST_EMPTY_DAYS = 31  # a longer range shows only the days on which something broke
MOST_DRAWN_DAYS = 7  # in the picture of a longer range, days on which nothing broke are left out
MOST_STRIPS = 30
MOST_VISITS = 100
SHORT_STEPS = {"noticed": "noticed", "told": "told", "accepted": "accepted", "there": "there"}

routes = router("", "reports", include_in_schema=False, default_response_class=HTMLResponse)


@dataclass(frozen=True, slots=True)
class Asked:
    """The days that a page shows; a range that cannot be is said on it, and today shown instead."""

    days: Days
    error: DispatchError | None

    @property
    def status(self) -> int:
        return 422 if self.error else 200


def read_asked(work: Work, who: Principal, from_day: dt.date | None, to_day: dt.date | None) -> Asked:
    try:
        return Asked(read_days(work, who, from_day, to_day), None)
    except Invalid as refused:
        return Asked(read_days(work, who, None, None), refused)


def report_page(
    request: Request,
    work: Work,
    who: Principal,
    name: str,
    asked: Asked,
    *,
    tables: Sequence[Table],
    **values: Any,
) -> Response:
    """A page of the reports: with the days that it is about, and the way to the others."""
    return staff_page(
        request,
        work,
        who,
        name,
        status=asked.status,
        error=asked.error,
        days=asked.days,
        this=request.url.path,
        tabs=[(path, words) for path, words, thing in TABS if may(who, thing, Action.READ)],
        presets=_presets(work, who, asked.days),
        span=span_of(asked.days),
        tables={one.what: one for one in tables},
        **values,
    )


def span_of(days: Days) -> str:
    return f"from={days.first}&to={days.last}"


@routes.get("/reports")
def show(
    request: Request, work: ReadDep, who: StaffDep, from_day: FromDay = None, to_day: ToDay = None
) -> Response:
    """How well broken promises were made good, on one day or in a range."""
    asked = read_asked(work, who, from_day, to_day)
    days, material = asked.days, gather_days(work, who, asked.days)
    found = ReportOut.of(sum_up(material), days.first, days.last)
    return report_page(
        request,
        work,
        who,
        "reports.html",
        asked,
        tables=_tables(work, who, days, material),
        found=found,
        pictures=_pictures(found, days),
        strips=_strips(work, material.cases),
        quiet_left_out=days.count > MOST_DRAWN_DAYS,
        left_out=max(0, len(material.cases) - MOST_STRIPS),
    )


@routes.get("/reports/where")
def show_where(
    request: Request, work: ReadDep, who: StaffDep, from_day: FromDay = None, to_day: ToDay = None
) -> Response:
    """Which promises break: by service, part of town, hour, weekday, cause and fault."""
    asked = read_asked(work, who, from_day, to_day)
    material = gather_days(work, who, asked.days)
    services = _service_names(work, material)
    found, groups = (
        sum_up(material),
        {way: break_down(material.promises, way) for way, _ in report_where.WAYS},
    )
    return report_page(
        request,
        work,
        who,
        "report_where.html",
        asked,
        tables=_where(work, material),
        due=found.came_due,
        broken=found.due_broken,
        ways=report_where.WAYS,
        pictures={
            f"by_{way}": report_where.picture(way, title, groups[way], services)
            for way, title in report_where.WAYS
            if groups[way]
        },
    )


def _where(work: Work, material: Material) -> list[Table]:
    services = _service_names(work, material)
    return [
        report_where.table(way, title, break_down(material.promises, way), services)
        for way, title in report_where.WAYS
    ]


def service_names(work: Work, ids: Iterable[str]) -> dict[str, str]:
    return {id: one.name for id, one in services_of(work.session, set(ids)).items()}


def _service_names(work: Work, material: Material) -> dict[str, str]:
    return service_names(work, (one.service_id for one in material.promises))


@routes.get("/reports/visits")
def show_visits(
    request: Request,
    work: ReadDep,
    who: StaffDep,
    what: Figure,
    from_day: FromDay = None,
    to_day: ToDay = None,
) -> Response:
    """Every visit that a figure counts, in the asker's own territory."""
    days = read_days(work, who, from_day, to_day)
    material = gather_days(work, who, days)
    found = visits_behind(material, what)
    return visits_page(request, work, who, days, _title_of(work, material, what), found)


def visits_page(
    request: Request,
    work: Work,
    who: Principal,
    days: Days,
    title: str,
    found: Sequence[str],
    *,
    back: str = "/reports",
) -> Response:
    """The visits that a figure counts, and the way back to it."""
    counts = Counter(found)
    shown = list(counts)[:MOST_VISITS]
    cards = {card.visit_id: card for card in cards_of(work, shown)}
    return staff_page(
        request,
        work,
        who,
        "report_visits.html",
        title=title,
        back=back,
        days=days,
        day_words=report_tables.day_words,
        span=span_of(days),
        cards=[(cards[id], counts[id]) for id in shown],
        count=counts.total(),
        visits=len(counts),
    )


@routes.get("/reports.csv")
def save(
    work: ReadDep, who: StaffDep, what: Sheet, from_day: FromDay = None, to_day: ToDay = None
) -> Response:
    """One table as a file for a spreadsheet."""
    days = read_days(work, who, from_day, to_day)
    material = gather_days(work, who, days)
    found = _where(work, material) if what.startswith("by_") else _tables(work, who, days, material)
    return as_file(found, what, days)


def as_file(tables: Sequence[Table], what: str, days: Days) -> Response:
    """The table of that name."""
    (table,) = (one for one in tables if one.what == what)
    name = f"{what}-{days.first}-{days.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(table.csv(), media_type="text/csv; charset=utf-8", headers=headers)


def _title_of(work: Work, material: Material, figure: str) -> str:
    name, *details = figure.split(":")
    if name in OF_GROUPS:
        way, key = details
        return report_where.title_of(name, way, key, _service_names(work, material))
    return report_tables.title_of(figure)


def _tables(work: Work, who: Principal, days: Days, material: Material) -> list[Table]:
    found = ReportOut.of(sum_up(material), days.first, days.last)
    country = get_territory(work.session, who.territory_id or "").country
    names = whose(work.session, [one.visit_id for one in material.cases])
    return [
        report_tables.figures(found, country),
        report_tables.days(_day_by_day(found, days)),
        report_tables.causes(found),
        report_tables.steps(found),
        report_tables.since_certain(found),
        report_tables.absences(found),
        report_tables.overrides(found),
        report_tables.scores(found),
        report_tables.cases(reversed(material.cases), names),
    ]


def _day_by_day(found: ReportOut, days: Days) -> list[DayOut]:
    known = {one.day: one for one in found.days}
    if days.count > MOST_EMPTY_DAYS:
        return list(known.values())
    every = (days.first + dt.timedelta(days=number) for number in range(days.count))
    return [known.get(day, DayOut(day=day, broken=0, recovered_same_day=0, still_open=0)) for day in every]


def _pictures(found: ReportOut, days: Days) -> dict[str, charts.Picture]:
    """Those that have something to show."""
    shown: dict[str, charts.Picture] = {}
    if found.broken:
        words = {kind: BROKE.get(kind, spell(kind)) for kind in found.by_cause}
        by_day = [
            (report_tables.day_words(one.day), one.broken, one.recovered_same_day, one.still_open)
            for one in _day_by_day(found, days)
            if one.broken or days.count <= MOST_DRAWN_DAYS
        ]
        shown |= {"days": charts.days(by_day), "causes": charts.causes(found.by_cause, words)}
    lines = []
    for name, step_words in STEP_WORDS.items():
        step = step_of(found, name)
        known = (step.median_seconds, step.nine_in_ten_seconds, step.slowest_seconds)
        seconds = [one for one in known if one is not None]
        if len(seconds) == len(known):
            lines.append((step_words, seconds, [since(one) for one in seconds]))
    if lines:
        shown["speeds"] = charts.speeds(lines)
    if found.ratings:
        shown["scores"] = charts.scores(found.ratings)
    return shown


def _strips(work: Work, cases: Sequence[Case]) -> list[tuple[str, str, str, charts.Strip]]:
    """The newest broken promises step by step: visit id, reference, what it was, and the strip."""
    newest = list(reversed(cases))[:MOST_STRIPS]
    names = whose(work.session, [one.visit_id for one in newest])
    found = []
    for number, one in enumerate(newest):
        reference, customer = names[one.visit_id]
        steps = [
            (words, since(took) if (took := one.took(name)) is not None else None)
            for name, words in SHORT_STEPS.items()
        ]
        title = f"{customer}: {BROKE.get(one.kind, spell(one.kind))}"
        found.append((one.visit_id, reference, title, charts.strip(f"strip-{number}", title, steps)))
    return found


def _presets(work: Work, who: Principal, days: Days) -> list[dict[str, Any]]:
    today = local_day(work.now, get_territory(work.session, who.territory_id or "").zone)
    found = []
    for words, count in PRESETS:
        first = today - dt.timedelta(days=count - 1)
        current = (days.first, days.last) == (first, today)
        found.append({"words": words, "span": f"from={first}&to={today}", "current": current})
    return found
