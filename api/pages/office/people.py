"""Who works in the office, as what, and who is signed in: for admins. `/office/people`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form as FormBody
from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import AdminDep, ReadDep, RuntimeDep, WorkDep
from api.errors import status_of
from api.pages.again import shown_again
from api.pages.office.typed import Form, Reading, Typed
from api.pages.staff import staff_page
from api.principal import Principal
from api.runtime.starting import setup_link
from api.strict import router
from dispatch.access.sessions import end_session, list_sessions
from dispatch.access.signing_in import credentials_of
from dispatch.access.staff import change_role, email_address, set_email, switch_off, switch_on
from dispatch.access.tables import Credential, DoorSession
from dispatch.errors import DispatchError, NotFound
from dispatch.portraits import remove_portrait
from dispatch.technicians.queries import list_technicians
from dispatch.territories.actions import MOST_RUNGS, add_dispatcher
from dispatch.territories.queries import get_territory, list_ladder, list_office
from dispatch.territories.tables import Dispatcher, StaffRole
from dispatch.words import fold
from dispatch.work import Work

routes = router("/office/people", "office", include_in_schema=False, default_response_class=HTMLResponse)

ROLES = {
    StaffRole.DISPATCHER: ("Dispatcher", "the board, bookings, promises and plans"),
    StaffRole.SUPERVISOR: (
        "Supervisor",
        "also approves credits above the limit, and acts on many visits at once",
    ),
    StaffRole.MANAGER: ("Manager", "reads the reports"),
    StaffRole.ADMIN: ("Admin", "everything, with the set-up and the people"),
}
ROLE_WORDS = {role.value: words[0] for role, words in ROLES.items()}


@dataclass(frozen=True, slots=True)
class Signed:
    """One session, with whose it is."""

    session: DoorSession
    name: str
    is_own: bool


@routes.get("")
def show_all(request: Request, work: ReadDep, who: AdminDep) -> Response:
    return _list_page(request, work, who, _nobody(work, who))


@routes.post("")
def invite(
    request: Request,
    typed: Annotated[Typed, FormBody()],
    work: WorkDep,
    who: AdminDep,
    runtime: RuntimeDep,
) -> Response:
    """The link is shown once, here: no address of ours shows it again."""

    def again(fresh: Work, error: DispatchError) -> Response:
        return _list_page(request, fresh, who, _nobody(fresh, who).again(typed, error))

    with shown_again(again):
        reading = Reading(typed)
        name, phone = reading.words("person_name", "name"), reading.text("phone", 40)
        role = reading.one_of("role", ROLE_WORDS)
        ladder, email = reading.whole("ladder", 1, MOST_RUNGS), reading.text("email", 254)
        territory = get_territory(work.session, who.territory_id or "")
        if fold(name) in [fold(one.name) for one in list_ladder(work.session, territory.id)]:
            reading.note(
                "person_name", "name_taken", "Somebody of this name works here already: see the list above."
            )
        reading.require()
        person = add_dispatcher(work, territory, name, phone=phone, ladder=ladder, role=StaffRole(role))
        if email:
            set_email(work, person, email_address(email))
        work.session.flush()
        link = setup_link(work, runtime, person)
    return staff_page(request, work, who, "office_person_link.html", person=person, link=link)


@routes.post("/sessions/{session_id}/end")
def end(session_id: str, work: WorkDep, who: AdminDep) -> Response:
    """Whoever asks by it is signed out at their next request."""
    end_session(work, session_id, subject_ids=list(_names(work, who)))
    return RedirectResponse("/office/people#sessions", 303)


@routes.get("/{dispatcher_id}")
def show(dispatcher_id: str, request: Request, work: ReadDep, who: AdminDep, saved: bool = False) -> Response:
    return _person_page(request, work, who, dispatcher_id, saved=saved)


@routes.post("/{dispatcher_id}")
def change(
    dispatcher_id: str,
    request: Request,
    typed: Annotated[Typed, FormBody()],
    work: WorkDep,
    who: AdminDep,
) -> Response:
    def again(fresh: Work, error: DispatchError) -> Response:
        form = _stored(_mine(fresh, who, dispatcher_id)).again(typed, error, conflict_at="role")
        return _person_page(request, fresh, who, dispatcher_id, form=form)

    person = _mine(work, who, dispatcher_id)
    with shown_again(again):
        reading = Reading(typed)
        role = reading.one_of("role", ROLE_WORDS)
        reading.require()
        change_role(work, person, StaffRole(role))
    return RedirectResponse(f"/office/people/{dispatcher_id}?saved=1", 303)


@routes.post("/{dispatcher_id}/off")
def switch_one_off(dispatcher_id: str, request: Request, work: WorkDep, who: AdminDep) -> Response:
    def again(fresh: Work, error: DispatchError) -> Response:
        form = _stored(_mine(fresh, who, dispatcher_id))
        return _person_page(request, fresh, who, dispatcher_id, form=form.again(Typed(), error))

    person = _mine(work, who, dispatcher_id)
    with shown_again(again):
        switch_off(work, person)
        remove_portrait(work, person)
    return RedirectResponse(f"/office/people/{dispatcher_id}?saved=1", 303)


@routes.post("/{dispatcher_id}/on")
def switch_one_on(dispatcher_id: str, work: WorkDep, who: AdminDep) -> Response:
    switch_on(work, _mine(work, who, dispatcher_id))
    return RedirectResponse(f"/office/people/{dispatcher_id}?saved=1", 303)


@routes.post("/{dispatcher_id}/link")
def renew(
    dispatcher_id: str, request: Request, work: WorkDep, who: AdminDep, runtime: RuntimeDep
) -> Response:
    """For somebody who lost password or phone. Used, it resets both; until then nothing changes."""
    person = _mine(work, who, dispatcher_id)
    if not person.active:
        raise NotFound("Somebody who is switched off has no link: switch them on first.")
    link = setup_link(work, runtime, person)
    return staff_page(request, work, who, "office_person_link.html", person=person, link=link)


def _mine(work: Work, who: Principal, dispatcher_id: str) -> Dispatcher:
    """One of the people of this office, switched off or not. Raises NotFound for another territory's."""
    found = work.session.get(Dispatcher, dispatcher_id)
    if found is None or found.territory_id != who.territory_id:
        raise NotFound("There is nobody of that name in your office.")
    return found


def _nobody(work: Work, who: Principal) -> Form:
    """The form for the next person: below everybody who is there."""
    ladder = list_ladder(work.session, who.territory_id or "")
    rung = min(MOST_RUNGS, max((one.ladder for one in ladder), default=0) + 1)
    return Form.of({"ladder": str(rung), "role": StaffRole.DISPATCHER.value})


def _stored(person: Dispatcher) -> Form:
    return Form.of({"role": person.role.value})


def _names(work: Work, who: Principal) -> Mapping[str, str]:
    """Everybody of this territory who can be signed in, office and crew."""
    territory_id = who.territory_id or ""
    office, crew = list_office(work.session, territory_id), list_technicians(work.session, territory_id)
    return {one.id: one.name for one in office} | {one.id: f"{one.name} (technician)" for one in crew}


def _signed_in(work: Work, who: Principal) -> list[Signed]:
    names = _names(work, who)
    found = list_sessions(work.session, list(names), work.now)
    return [Signed(one, names[one.subject_id], one.id == who.session_id) for one in found]


def _credentials(work: Work, people: Sequence[Dispatcher]) -> Mapping[str, Credential]:
    return credentials_of(work.session, [one.id for one in people])


def _list_page(request: Request, work: Work, who: Principal, form: Form) -> Response:
    people = list_office(work.session, who.territory_id or "")
    return staff_page(
        request,
        work,
        who,
        "office_people.html",
        status=status_of(form.error) if form.error else 200,
        people=people,
        credentials=_credentials(work, people),
        signed=_signed_in(work, who),
        roles=ROLES,
        form=form,
        most_rungs=MOST_RUNGS,
    )


def _person_page(
    request: Request,
    work: Work,
    who: Principal,
    dispatcher_id: str,
    *,
    form: Form | None = None,
    saved: bool = False,
) -> Response:
    person = _mine(work, who, dispatcher_id)
    form = form or _stored(person)
    return staff_page(
        request,
        work,
        who,
        "office_person.html",
        status=status_of(form.error) if form.error else 200,
        person=person,
        credential=_credentials(work, [person]).get(person.id),
        signed=[one for one in _signed_in(work, who) if one.session.subject_id == person.id],
        roles=ROLES,
        form=form,
        saved=saved,
    )
