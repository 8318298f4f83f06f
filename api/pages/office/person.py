"""All that we hold about one person: found, and given to them as a file. `/office/person`.

A number never stands in an address: whoever looks somebody up posts it, and is led to the id of that person.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from pydantic import Field

from api.deps import ReadDep, RuntimeDep, StaffDep, WorkDep
from api.errors import status_of
from api.pages.again import Sent, shown_again
from api.pages.staff import staff_page
from api.principal import Principal
from api.strict import router
from dispatch.customers.queries import customers_of
from dispatch.customers.tables import Customer
from dispatch.errors import DispatchError, NotFound
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import get_territory
from dispatch.visits.queries import list_visits
from dispatch.work import Work
from notifications.people.erase import erase, require_meant, why_not_yet
from notifications.people.export import count_rows, export_person
from notifications.people.looked import Told, list_looked
from notifications.people.whose import find_subject, get_subject, subject_of

routes = router("/office/person", "office", include_in_schema=False, default_response_class=HTMLResponse)

Person = Customer | Technician
AT_WHAT = {
    "held": "this page",
    "records": "the texts",
    "recoveries": "a broken promise",
    "technicians": "the technician's page",
    "people": "the page of a colleague",
    "messages": "the texts about a visit",
}
BY_LINK = {"customer": "they themselves, by their link", "visitor": "somebody with a link"}


class FindForm(Sent):
    q: str = Field(default="", max_length=40)


class EraseForm(Sent):
    reference: str = Field(default="", max_length=40)


@routes.get("")
def ask(request: Request, work: ReadDep, who: StaffDep) -> Response:
    return _asked(request, work, who, FindForm())


@routes.post("")
def find(request: Request, form: Annotated[FindForm, Form()], work: ReadDep, who: StaffDep) -> Response:
    """To the page of whoever has that phone, that reference, or that id."""

    def again(fresh: Work, error: DispatchError) -> Response:
        return _asked(request, fresh, who, form, error)

    with shown_again(again):
        found = find_subject(work.session, form.q, get_territory(work.session, who.territory_id or ""))
    return RedirectResponse(f"/office/person/{found.id}", 303)


@routes.get("/{id}")
def show(id: str, request: Request, work: ReadDep, who: StaffDep) -> Response:
    return person_page(request, work, who, id)


@routes.post("/{id}/file")
def give(id: str, work: WorkDep, who: StaffDep, runtime: RuntimeDep) -> Response:
    """The file. That it was made, and by whom, stands in the ledger."""
    person = person_of(work, who, id)
    body = export_person(work, runtime.writer, subject_of(work.session, person))
    return JSONResponse(body, headers=saved_as("person.json"))


@routes.get("/{id}/erase")
def ask_erase(id: str, request: Request, work: ReadDep, who: StaffDep) -> Response:
    return _erase_page(request, work, who, id)


@routes.post("/{id}/erase")
def erase_them(
    id: str, request: Request, form: Annotated[EraseForm, Form()], work: WorkDep, who: StaffDep
) -> Response:
    """The second step, with a reference typed. There is no third, and no way back."""

    def again(fresh: Work, error: DispatchError) -> Response:
        return _erase_page(request, fresh, who, id, form=form, error=error)

    with shown_again(again):
        subject = subject_of(work.session, person_of(work, who, id))
        require_meant(work, subject, form.reference)
        erase(work, subject)
    return RedirectResponse(f"/office/person/{id}", 303)


def saved_as(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def person_of(work: Work, who: Principal, id: str) -> Person:
    return get_subject(work.session, id, get_territory(work.session, who.territory_id or ""))


def person_page(request: Request, work: Work, who: Principal, id: str) -> Response:
    person = person_of(work, who, id)
    subject = subject_of(work.session, person)
    family = customers_of(work.session, subject.customer_ids)
    return staff_page(
        request,
        work,
        who,
        "person.html",
        person=person,
        kind=subject.kind,
        names=sorted({one.name for one in family.values()} or {person.name}),
        references=sorted(visit.reference for visit in list_visits(work.session, subject.visit_ids)),
        counts=count_rows(work.session, subject),
        looked=_in_words(work, who, list_looked(work.session, subject)),
        base=f"/office/person/{person.id}",
    )


def _in_words(work: Work, who: Principal, looks: list[Told]) -> list[dict[str, Any]]:
    zone = get_territory(work.session, who.territory_id or "").zone
    return [
        {
            "who": f"{one.name} ({one.role})" if one.name else BY_LINK.get(one.role, one.role),
            "what": AT_WHAT.get(one.thing, "a visit"),
            "when": f"{one.first_at.astimezone(zone):%d %b %Y %H:%M}",
            "times": one.times,
        }
        for one in looks
    ]


def _erase_page(
    request: Request,
    work: Work,
    who: Principal,
    id: str,
    *,
    form: EraseForm | None = None,
    error: DispatchError | None = None,
) -> Response:
    person = person_of(work, who, id)
    subject = subject_of(work.session, person)
    if not isinstance(person, Customer) or person.erased_at is not None:
        raise NotFound("There is nobody to erase here.")
    return staff_page(
        request,
        work,
        who,
        "person_erase.html",
        status=status_of(error) if error else 200,
        names=sorted({one.name for one in customers_of(work.session, subject.customer_ids).values()}),
        has_visits=bool(subject.visit_ids),
        not_yet=why_not_yet(work, subject),
        base=f"/office/person/{person.id}",
        form=form or EraseForm(),
        error=error,
    )


def _asked(
    request: Request, work: Work, who: Principal, form: FindForm, error: DispatchError | None = None
) -> Response:
    status = status_of(error) if error else 200
    return staff_page(request, work, who, "person_find.html", status=status, form=form, error=error)
