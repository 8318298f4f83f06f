"""What was texted to a phone on a day, and what came back: found, read, taken along. `/office/record`.

A number never stands in an address, where logs and histories would keep it: whoever looks one up posts it, and is led
to the id of a row that knows the phone. Looking changes nothing.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from fastapi import Form, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from pydantic import Field

from api.deps import ReadDep, RuntimeDep, StaffDep, WorkDep
from api.errors import status_of
from api.pages.again import Sent, shown_again
from api.pages.agreeing import LANGUAGES, TextsForm, scripts, settle_texts
from api.pages.office.record_file import record_csv, record_json, title_of
from api.pages.staff import staff_page
from api.principal import Principal
from api.runtime.runtime import Runtime
from api.schemas.base import DayIn
from api.strict import router
from dispatch.customers.queries import list_by_phone
from dispatch.errors import DispatchError, Invalid
from dispatch.local_time import local_day
from dispatch.territories.queries import get_territory
from dispatch.territories.tables import Territory
from dispatch.work import Work
from notifications.consent import consent_state, words_in
from notifications.record.lines import Kind, say_consent
from notifications.record.phones import find_phone, phone_of
from notifications.record.rows import Record, newest_day, record_of

routes = router("/office/record", "office", include_in_schema=False, default_response_class=HTMLResponse)

FARTHEST = dt.timedelta(days=3653)
Day = Annotated[DayIn | None, Query()]


class FindForm(Sent):
    q: str = Field(default="", max_length=40)
    day: str = Field(default="", max_length=10)


class DeskForm(TextsForm):
    how: Literal["office", "paper"] = "office"


@routes.get("")
def ask(request: Request, work: ReadDep, who: StaffDep) -> Response:
    return _asked(request, work, who, FindForm())


@routes.post("")
def find(request: Request, form: Annotated[FindForm, Form()], work: ReadDep, who: StaffDep) -> Response:
    """To the page of that phone; with no day, to the newest one with a text."""

    def again(fresh: Work, error: DispatchError) -> Response:
        return _asked(request, fresh, who, form, error)

    with shown_again(again):
        name = find_phone(work.session, form.q, _territory(work, who))
        query = f"?day={_typed_day(form.day).isoformat()}" if form.day else ""
    return RedirectResponse(f"/office/record/{name}{query}", 303)


@routes.get("/{name}")
def show(
    name: str, request: Request, work: ReadDep, who: StaffDep, runtime: RuntimeDep, day: Day = None
) -> Response:
    return _shown(request, work, who, runtime, name, day)


def _shown(
    request: Request,
    work: Work,
    who: Principal,
    runtime: Runtime,
    name: str,
    day: dt.date | None,
    error: DispatchError | None = None,
) -> Response:
    record = _record(work, who, runtime, name, day)
    today = local_day(work.now, record.day.zone)
    customers = list_by_phone(work.session, record.phone)
    return staff_page(
        request,
        work,
        who,
        "record.html",
        status=status_of(error) if error else 200,
        error=error,
        wants=consent_state(work, record.phone),
        words=words_in(customers[0].language if customers else "en"),
        scripts=scripts(runtime.settings.company),
        versions={word: words_in(language) for language, word in LANGUAGES.items()},
        record=record,
        titled=[(title_of(line), line) for line in record.lines],
        base=f"/office/record/{name}",
        today=today,
        before=record.on - dt.timedelta(days=1),
        after=record.on + dt.timedelta(days=1),
        consent=say_consent(record.consent),
        has_texts=any(line.kind in (Kind.TEXT, Kind.REPLY) for line in record.lines),
    )


@routes.post("/{name}/consent")
def agree(
    name: str,
    request: Request,
    form: Annotated[DeskForm, Form()],
    work: WorkDep,
    who: StaffDep,
    runtime: RuntimeDep,
) -> Response:
    """What the phone's owner told us just now, or gave us on paper."""
    with shown_again(lambda fresh, error: _shown(request, fresh, who, runtime, name, None, error)):
        phone = phone_of(work.session, name, _territory(work, who))
        settle_texts(work, phone, form, source=form.how)
    return RedirectResponse(f"/office/record/{name}#consent", 303)


@routes.get("/{name}/texts.csv")
def as_csv(name: str, work: ReadDep, who: StaffDep, runtime: RuntimeDep, day: Day = None) -> Response:
    record = _record(work, who, runtime, name, day)
    return Response(record_csv(record), media_type="text/csv; charset=utf-8", headers=_kept_as(record, "csv"))


@routes.get("/{name}/texts.json")
def as_json(name: str, work: ReadDep, who: StaffDep, runtime: RuntimeDep, day: Day = None) -> Response:
    record = _record(work, who, runtime, name, day)
    return JSONResponse(record_json(record), headers=_kept_as(record, "json"))


def _record(work: Work, who: Principal, runtime: Runtime, name: str, day: dt.date | None) -> Record:
    territory = _territory(work, who)
    phone = phone_of(work.session, name, territory)
    today = local_day(work.now, territory.zone)
    on = day or newest_day(work.session, phone, territory, today)
    if abs(on - today) > FARTHEST:
        raise Invalid.field("day", "date_out_of_range", "The record shows ten years back and ahead.")
    return record_of(work, runtime.writer, territory, phone, on)


def _territory(work: Work, who: Principal) -> Territory:
    return get_territory(work.session, who.territory_id or "")


def _typed_day(typed: str) -> dt.date:
    try:
        return dt.date.fromisoformat(typed)
    except ValueError:
        raise Invalid.field("day", "date_invalid", f"{typed!r} is not a day like 2027-04-03.") from None


def _kept_as(record: Record, kind: str) -> dict[str, str]:
    """Under the day alone: the name of a file is told on, too."""
    return {"Content-Disposition": f'attachment; filename="texts-{record.on.isoformat()}.{kind}"'}


def _asked(
    request: Request, work: Work, who: Principal, form: FindForm, error: DispatchError | None = None
) -> Response:
    status = status_of(error) if error else 200
    return staff_page(request, work, who, "record_find.html", status=status, form=form, error=error)
