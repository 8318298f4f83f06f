"""What a regulator asks, with the definition beside each number: payments for missed appointments, and quarters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from api.deps import ReadDep, StaffDep
from api.pages import charts
from api.pages.report_tables import Cell, Table, day_words
from api.pages.reports import Figure, FromDay, ToDay, as_file, read_asked, report_page, visits_page
from api.pages.tongue import ENGLISH
from api.principal import Principal
from api.routers.reports import Days, instants, read_days
from api.strict import router
from dispatch.policies import Policies
from dispatch.reports.behind import whose
from dispatch.reports.regulator import (
    LATE,
    Asked,
    Missed,
    Payments,
    Quarter,
    gather_asked_by_regulator,
    payments,
    visits_asked,
)
from dispatch.territories.queries import get_territory
from dispatch.work import Work

STATES: Mapping[str, str] = {
    "in_time": "Given in time",
    "given_late": "Given late",
    "short": "Given, but too little",
    "waiting": "Not given yet, in time",
    "overdue": "Not given, overdue",
}
LOOKS: Mapping[str, charts.Look] = {
    "kept": charts.Look("good", "✓", "kept"),
    "missed": charts.Look("bad", "!", "missed"),
    "left_out": charts.Look("gone", "◆", "left out"),
}
DEFINITIONS: Mapping[str, str] = {
    "kept": "Somebody was at the door inside the promised window, and the promise was not broken afterwards.",
    "missed": "The promise broke by our fault, or nobody knows by whose.",
    "left_out": "It broke by the customer’s or somebody else’s doing: such appointments count for nothing.",
}
PAID: Mapping[str, str] = {
    "in_time": "The credit was given by the last day, and is at least what is owed.",
    "given_late": "The credit is at least what is owed, and was given after the last day.",
    "short": "A credit was given that is less than what is owed.",
    "waiting": "No credit was given, and the last day is not over.",
    "overdue": "No credit was given, and the last day is over.",
}

routes = router("/reports", "reports", include_in_schema=False, default_response_class=HTMLResponse)


@routes.get("/regulator")
def show(
    request: Request, work: ReadDep, who: StaffDep, from_day: FromDay = None, to_day: ToDay = None
) -> Response:
    asked = read_asked(work, who, from_day, to_day)
    found = _gather(work, who, asked.days)
    policies, country = _rules(work, who)
    table = found.table()
    newest = table[-1]
    return report_page(
        request,
        work,
        who,
        "report_regulator.html",
        asked,
        tables=_tables(work, who, found),
        owed=ENGLISH.money(policies.missed_payment_cents, country) if policies.missed_payment_cents else "",
        working_days=policies.missed_payment_working_days,
        percent=policies.appointments_kept_percent,
        definitions=[(LOOKS[name], words) for name, words in DEFINITIONS.items()],
        newest=newest,
        newest_words=quarter_words(newest.name),
        missed=len(found.missed),
        overdue=sum(one.state == "overdue" for one in found.missed),
        pictures={"quarters": _picture(table)} if any(one.percent is not None for one in table) else {},
    )


@routes.get("/regulator/visits")
def show_visits(
    request: Request,
    work: ReadDep,
    who: StaffDep,
    what: Figure,
    from_day: FromDay = None,
    to_day: ToDay = None,
) -> Response:
    days = read_days(work, who, from_day, to_day)
    found = visits_asked(_gather(work, who, days), what)
    return visits_page(request, work, who, days, _title(what), found, back="/reports/regulator")


@routes.get("/regulator.csv")
def save(
    work: ReadDep,
    who: StaffDep,
    what: Literal["quarters", "payments", "missed"],
    from_day: FromDay = None,
    to_day: ToDay = None,
) -> Response:
    days = read_days(work, who, from_day, to_day)
    return as_file(_tables(work, who, _gather(work, who, days)), what, days)


def quarter_words(name: str) -> str:
    """`2026q1` as people say it."""
    year, _, number = name.partition("q")
    return f"Quarter {number} of {year}"


def _gather(work: Work, who: Principal, days: Days) -> Asked:
    return gather_asked_by_regulator(work.session, *instants(work, who, days), work.now)


def _rules(work: Work, who: Principal) -> tuple[Policies, str]:
    territory = get_territory(work.session, who.territory_id or "")
    return territory.policies, territory.country


def _title(figure: str) -> str:
    name, *details = figure.split(":")
    if name == "quarter":
        words = LOOKS[details[1]].word if details[1] in LOOKS else "came due"
        return f"{quarter_words(details[0])}, appointments that were {words}"
    words = {**STATES, "late": "Given late, or overdue"}.get(details[0], "all")
    return f"Missed appointments: {words.lower()}"


def _tables(work: Work, who: Principal, found: Asked) -> list[Table]:
    policies, country = _rules(work, who)
    return [
        _quarters(found.table(), policies.appointments_kept_percent),
        _payments(payments(found.missed), policies, country),
        _missed(found.missed, whose(work.session, [one.visit_id for one in found.missed]), country),
    ]


def _quarters(found: Sequence[Quarter], percent: int) -> Table:
    rows = [
        (
            Cell(quarter_words(one.name)),
            *(Cell(getattr(one, name), figure=f"quarter:{one.name}:{name}") for name in LOOKS),
            Cell(None if one.percent is None else round(one.percent, 2), figure=f"quarter:{one.name}:due"),
            Cell("–" if one.percent is None else "yes" if one.percent >= percent else "no"),
        )
        for one in found
    ]
    words = (look.word.capitalize() for look in LOOKS.values())
    return Table(
        "quarters",
        "Appointments kept, quarter by quarter",
        ("Quarter", *words, "Kept, of 100 that were kept or missed", f"At least {percent}"),
        tuple(rows),
    )


def _payments(found: Sequence[Payments], policies: Policies, country: str) -> Table:
    """Each number with what it counts."""
    again = policies.missed_payment_again_cents
    late = sum(one.count for one in found if one.state in LATE)
    rows = [
        (
            Cell(STATES[one.state]),
            Cell(one.count, figure=f"missed:{one.state}"),
            _money(one.owed_cents, country),
            _money(one.given_cents, country),
            Cell(PAID[one.state]),
        )
        for one in found
    ]
    owed, given = sum(one.owed_cents for one in found), sum(one.given_cents for one in found)
    rows.append(
        (
            Cell("All"),
            Cell(sum(one.count for one in found), figure="missed:all"),
            _money(owed, country),
            _money(given, country),
            Cell("Nobody was at the door inside the window, by our fault."),
        )
    )
    if again:
        rows.append(
            (
                Cell("On top, for what was late"),
                Cell(late, figure="missed:late"),
                _money(late * again, country),
                Cell(None),
                Cell("Once for each that was given late or is overdue. Give it by hand."),
            )
        )
    head = ("Missed appointments", "How many", "Owed", "Given", "What it counts")
    return Table("payments", "Payments for missed appointments", head, tuple(rows))


def _missed(found: Sequence[Missed], names: Mapping[str, tuple[str, str]], country: str) -> Table:
    rows = [
        (
            Cell(names[one.visit_id][0]),
            Cell(names[one.visit_id][1]),
            Cell(one.day.isoformat(), day_words(one.day)),
            _money(one.owed_cents, country),
            Cell(one.due_on.isoformat(), day_words(one.due_on)),
            _money(one.given_cents, country),
            Cell(one.given_on.isoformat(), day_words(one.given_on)) if one.given_on else Cell(None),
            Cell(STATES[one.state]),
        )
        for one in found
    ]
    head = ("Visit", "Customer", "Window on", "Owed", "By", "Given", "On", "Stands")
    return Table("missed", "Every missed appointment", head, tuple(rows))


def _money(cents: int, country: str) -> Cell:
    return Cell(cents / 100, ENGLISH.money(cents, country))


def _picture(found: Sequence[Quarter]) -> charts.Picture:
    lines = []
    for one in found:
        parts = [
            (look, getattr(one, name), f"{look.shape} {getattr(one, name)}") for name, look in LOOKS.items()
        ]
        value = "none came due" if one.percent is None else f"{one.percent:.1f} of 100 kept"
        lines.append((quarter_words(one.name), value, parts))
    told = "; ".join(f"{label}: {value}" for label, value, _ in lines)
    return charts.picture("quarters", "Appointments kept, quarter by quarter", f"{told}.", lines)
