"""The crew as forms: who they are, when they work, what is in the van, when they are away. `/office/technicians`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Form as FormBody
from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.csv.cells import say_weekdays
from api.deps import ReadDep, RuntimeDep, StaffDep, WorkDep
from api.errors import status_of
from api.pages.again import Show, shown_again
from api.pages.office.technician_fields import (
    LANGUAGES,
    read_person,
    read_span,
    read_week,
    stored_person,
    stored_van,
    stored_week,
)
from api.pages.office.typed import Form, Reading, Typed, known_names, say_lines
from api.pages.staff import staff_page
from api.principal import Principal
from api.routers.technicians import mine
from api.strict import router
from api.versions import require_seen
from dispatch.access.sessions import end_session, list_sessions
from dispatch.errors import DispatchError, NotFound
from dispatch.field.crew_changes import (
    let_go,
    recount,
    rewrite,
    rewrite_week,
    send_away,
    take_back,
    take_on_again,
)
from dispatch.local_time import local_day, midnight
from dispatch.portraits import find_portrait
from dispatch.services.queries import list_services
from dispatch.technicians.actions import ask_to_enrol, hire
from dispatch.technicians.calendars import find_address
from dispatch.technicians.hours import set_shift
from dispatch.technicians.queries import (
    absences_between,
    get_absence,
    list_absences,
    list_former,
    list_technicians,
    stock_of,
    weeks_of,
)
from dispatch.technicians.tables import AbsenceKind, Shift, Technician
from dispatch.territories.queries import get_territory
from dispatch.territories.tables import Territory
from dispatch.words import fold
from dispatch.work import Work

routes = router("/office/technicians", "office", include_in_schema=False, default_response_class=HTMLResponse)

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
KINDS = {
    "sick": "Sick",
    "van_down": "The van is down",
    "leave": "On leave",
    "weather": "Storm, or closed roads",
}
USUAL_DAYS = range(5)


@dataclass(frozen=True, slots=True)
class Row:
    """One technician in the list."""

    technician: Technician
    skills: str
    hours: tuple[str, ...]
    away: tuple[str, ...]


@routes.get("")
def show_all(request: Request, work: ReadDep, who: StaffDep) -> Response:
    territory = get_territory(work.session, who.territory_id or "")
    former = list_former(work.session, territory.id)
    return staff_page(
        request, work, who, "office_technicians.html", rows=_rows(work, territory), former=former
    )


@routes.get("/new")
def ask(request: Request, work: ReadDep, who: StaffDep) -> Response:
    return _new_page(request, work, who, Form.of({"usual": "yes"}))


@routes.post("/new")
def add(request: Request, typed: Annotated[Typed, FormBody()], work: WorkDep, who: StaffDep) -> Response:
    def again(fresh: Work, error: DispatchError) -> Response:
        return _new_page(request, fresh, who, Form.of({}).again(typed, error, conflict_at="phone"))

    with shown_again(again):
        territory = get_territory(work.session, who.territory_id or "")
        reading = Reading(typed)
        told, usual = read_person(reading, work, territory), reading.ticked("usual")
        crew = list_technicians(work.session, territory.id)
        if fold(told["name"]) in [fold(one.name) for one in crew]:
            reading.note(
                "name",
                "name_taken",
                "Somebody of this name is here already: the board could not tell them apart.",
            )
        reading.require()
        technician = hire(work, territory, told.pop("name"), **told)
        if usual:
            set_shift(work, technician, USUAL_DAYS)
    return RedirectResponse(f"/office/technicians/{technician.id}?saved=1", 303)


@routes.get("/{technician_id}")
def show(
    technician_id: str,
    request: Request,
    work: ReadDep,
    who: StaffDep,
    saved: bool = False,
    sent: bool = False,
) -> Response:
    return technician_page(request, work, who, technician_id, saved=saved, sent=sent)


@routes.post("/{technician_id}")
def change(
    technician_id: str,
    request: Request,
    typed: Annotated[Typed, FormBody()],
    work: WorkDep,
    who: StaffDep,
) -> Response:
    def again(fresh: Work, error: DispatchError) -> Response:
        form = stored_person(mine(fresh, who, technician_id)).again(typed, error)
        return technician_page(request, fresh, who, technician_id, person=form)

    technician = mine(work, who, technician_id)
    with shown_again(again):
        territory, reading = get_territory(work.session, technician.territory_id), Reading(typed)
        seen, told = reading.version(), read_person(reading, work, territory, technician)
        reading.require()
        require_seen(technician, seen)
        rewrite(work, technician, **told)
    return _saved(technician_id, "person")


@routes.post("/{technician_id}/week")
def change_week(
    technician_id: str,
    request: Request,
    typed: Annotated[Typed, FormBody()],
    work: WorkDep,
    who: StaffDep,
) -> Response:
    def again(fresh: Work, error: DispatchError) -> Response:
        form = stored_week(fresh, technician_id).again(typed, error)
        return technician_page(request, fresh, who, technician_id, week=form)

    technician = mine(work, who, technician_id)
    with shown_again(again):
        reading = Reading(typed)
        week = read_week(reading)
        reading.require()
        rewrite_week(work, technician, week)
    return _saved(technician_id, "week")


@routes.post("/{technician_id}/van")
def change_van(
    technician_id: str,
    request: Request,
    typed: Annotated[Typed, FormBody()],
    work: WorkDep,
    who: StaffDep,
) -> Response:
    def again(fresh: Work, error: DispatchError) -> Response:
        form = stored_van(fresh, technician_id).again(typed, error)
        return technician_page(request, fresh, who, technician_id, van=form)

    technician = mine(work, who, technician_id)
    with shown_again(again):
        reading = Reading(typed)
        found = reading.levels("part", 0, 10_000)
        reading.require()
        recount(work, technician, found)
    return _saved(technician_id, "van")


@routes.post("/{technician_id}/absences")
def add_absence(
    technician_id: str,
    request: Request,
    typed: Annotated[Typed, FormBody()],
    work: WorkDep,
    who: StaffDep,
) -> Response:
    def again(fresh: Work, error: DispatchError) -> Response:
        return technician_page(request, fresh, who, technician_id, away=Form.of({}).again(typed, error))

    technician = mine(work, who, technician_id)
    with shown_again(again):
        territory, reading = get_territory(work.session, technician.territory_id), Reading(typed)
        kind = reading.one_of("kind", KINDS)
        start_at, end_at = read_span(reading, territory, work.now)
        reading.require()
        send_away(work, technician, AbsenceKind(kind), start_at=start_at, end_at=end_at)
    return _saved(technician_id, "away")


@routes.post("/{technician_id}/absences/{absence_id}/end")
def end(technician_id: str, absence_id: str, work: WorkDep, who: StaffDep) -> Response:
    technician, absence = mine(work, who, technician_id), get_absence(work.session, absence_id)
    if absence.technician_id != technician.id:
        raise NotFound("There is no such absence.")
    take_back(work, technician, absence)
    return _saved(technician_id, "away")


@routes.post("/{technician_id}/text-link")
def text_link(
    technician_id: str, request: Request, work: WorkDep, who: StaffDep, runtime: RuntimeDep
) -> Response:
    """A fresh link to the technician's own phone: whoever holds that phone is the technician."""
    with shown_again(_refused(request, who, technician_id)):
        ask_to_enrol(work, runtime.key, mine(work, who, technician_id))
    return RedirectResponse(f"/office/technicians/{technician_id}?sent=1#phones", 303)


@routes.post("/{technician_id}/phones/{session_id}/end")
def end_phone(technician_id: str, session_id: str, work: WorkDep, who: StaffDep) -> Response:
    """A phone that was lost shows nothing from its next request on."""
    end_session(work, session_id, subject_ids=[mine(work, who, technician_id).id])
    return _saved(technician_id, "phones")


@routes.post("/{technician_id}/off")
def switch_off(technician_id: str, work: WorkDep, who: StaffDep) -> Response:
    let_go(work, mine(work, who, technician_id))
    return _saved(technician_id, "")


@routes.post("/{technician_id}/on")
def switch_on(technician_id: str, request: Request, work: WorkDep, who: StaffDep) -> Response:
    with shown_again(_refused(request, who, technician_id)):
        take_on_again(work, mine(work, who, technician_id))
    return _saved(technician_id, "")


def _refused(request: Request, who: Principal, technician_id: str) -> Show:
    return lambda fresh, error: technician_page(request, fresh, who, technician_id, refusal=error)


def _rows(work: Work, territory: Territory) -> list[Row]:
    crew = list_technicians(work.session, territory.id)
    ids, today = [one.id for one in crew], local_day(work.now, territory.zone)
    tomorrow = midnight(today + dt.timedelta(days=1), territory.zone)
    weeks = weeks_of(work.session, ids)
    away = absences_between(work.session, ids, work.now, tomorrow)
    return [
        Row(
            one,
            say_lines(one.skills),
            tuple(say_hours(weeks.get(one.id, []))),
            tuple(KINDS[absence.kind.value] for absence in away.get(one.id, [])),
        )
        for one in crew
    ]


def say_hours(shifts: Sequence[Shift]) -> list[str]:
    """`Mon-Fri 08:00–17:00`, one line for each kind of day."""
    same: dict[tuple[str, str], list[int]] = {}
    for shift in shifts:
        same.setdefault((shift.start_at, shift.end_at), []).append(shift.weekday)
    return [f"{say_weekdays(days)} {start}–{end}" for (start, end), days in same.items()]


def _new_page(request: Request, work: Work, who: Principal, form: Form) -> Response:
    return staff_page(
        request,
        work,
        who,
        "office_technician_new.html",
        status=status_of(form.error) if form.error else 200,
        form=form,
        **_known(work, who),
    )


def technician_page(
    request: Request,
    work: Work,
    who: Principal,
    technician_id: str,
    *,
    person: Form | None = None,
    week: Form | None = None,
    van: Form | None = None,
    away: Form | None = None,
    refusal: DispatchError | None = None,
    saved: bool = False,
    sent: bool = False,
) -> Response:
    technician = mine(work, who, technician_id)
    refused = [form.error for form in (person, week, van, away) if form and form.error]
    refused += [refusal] if refusal else []
    return staff_page(
        request,
        work,
        who,
        "office_technician.html",
        status=status_of(refused[0]) if refused else 200,
        technician=technician,
        person=person or stored_person(technician),
        week=week or stored_week(work, technician.id),
        van=van or stored_van(work, technician.id),
        away=away or Form.of({}),
        absences=list_absences(work.session, technician.id, after=work.now),
        days=DAYS,
        kinds=KINDS,
        live=find_address(work, technician),
        portrait=find_portrait(work, Technician, technician.id),
        phones=list_sessions(work.session, [technician.id], work.now),
        refusal=refusal,
        saved=saved,
        sent=sent,
        **_known(work, who),
    )


def _known(work: Work, who: Principal) -> dict[str, Any]:
    """What fields offer: the names of skills and parts that are in use, and the languages of our texts."""
    crew, offered = list_technicians(work.session, who.territory_id or ""), list_services(work.session)
    vans = stock_of(work.session, [one.id for one in crew])
    return {
        "languages": LANGUAGES,
        "known_skills": list(known_names(*(one.skills for one in crew), *(one.skills for one in offered))),
        "known_parts": list(known_names(*vans.values(), *(one.parts for one in offered))),
    }


def _saved(technician_id: str, section: str) -> Response:
    return RedirectResponse(f"/office/technicians/{technician_id}?saved=1#{section}", 303)
