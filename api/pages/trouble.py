"""Many technicians out at once: one page that sorts who is told what, and a second person's yes where it is many."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import Form as FormBody
from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import ReadDep, StaffDep, WorkDep
from api.errors import status_of
from api.pages.again import shown_again
from api.pages.office.technicians import KINDS
from api.pages.office.typed import Form, Reading, Typed
from api.pages.staff import staff_page
from api.policy import Action, Thing, may
from api.principal import Principal
from api.strict import router
from dispatch.errors import DispatchError
from dispatch.field.mass_trouble import (
    Told,
    What,
    approve,
    ask,
    dismiss,
    find_trouble,
    foresee,
    told_again,
)
from dispatch.field.tables import Trouble, TroubleState
from dispatch.local_time import instant, local_day
from dispatch.technicians.queries import list_technicians
from dispatch.technicians.tables import AbsenceKind
from dispatch.territories.queries import find_dispatcher, get_territory
from dispatch.territories.tables import Territory
from dispatch.work import Work

routes = router("/board/trouble", "board", include_in_schema=False, default_response_class=HTMLResponse)


@routes.get("")
def choose(request: Request, work: ReadDep, who: StaffDep) -> Response:
    """Who is out? Nothing is searched yet."""
    return _page(request, work, who, Form.of({}))


@routes.post("")
def look_or_do(
    request: Request, typed: Annotated[Typed, FormBody()], work: WorkDep, who: StaffDep
) -> Response:
    """`look` shows what it would mean and writes nothing; `do` does it, or keeps it for a second person."""

    def again(fresh: Work, error: DispatchError) -> Response:
        return _page(request, fresh, who, Form.of({}).again(typed, error))

    territory = get_territory(work.session, who.territory_id or "")
    with shown_again(again):
        reading = Reading(typed)
        names = [one.id for one in list_technicians(work.session, territory.id)]
        out = [id for id in names if reading.ticked(f"out-{id}")]
        chosen = reading.one_of("kind", KINDS)
        end_at = _end_of(reading, territory, work.now)
        do, reason = reading.text("do"), reading.words("reason", "reason", 300)
        reading.require()
        kind = AbsenceKind(chosen)
        if do:
            trouble = ask(work, territory, out, kind, end_at, reason=reason)
            return RedirectResponse(f"/board/trouble/{trouble.id}", 303)
        told = foresee(work, territory, out, kind, end_at)
    return _page(request, work, who, Form.of(typed.values), told=told)


@routes.get("/{trouble_id}")
def show(trouble_id: str, request: Request, work: ReadDep, who: StaffDep) -> Response:
    return _asked(request, work, who, trouble_id)


@routes.post("/{trouble_id}/approve")
def say_yes(trouble_id: str, request: Request, work: WorkDep, who: StaffDep) -> Response:
    _decide(request, work, who, trouble_id, approve)
    return RedirectResponse(f"/board/trouble/{trouble_id}", 303)


@routes.post("/{trouble_id}/dismiss")
def say_no(trouble_id: str, request: Request, work: WorkDep, who: StaffDep) -> Response:
    _decide(request, work, who, trouble_id, dismiss)
    return RedirectResponse("/board", 303)


def _decide(
    request: Request,
    work: Work,
    who: Principal,
    trouble_id: str,
    decide: Callable[[Work, Territory, str], Trouble],
) -> None:
    """A refusal is told on the page of what was asked."""

    def again(fresh: Work, error: DispatchError) -> Response:
        return _asked(request, fresh, who, trouble_id, error=error)

    territory = get_territory(work.session, who.territory_id or "")
    with shown_again(again):
        decide(work, territory, find_trouble(work.session, territory, trouble_id).id)


def _end_of(reading: Reading, territory: Territory, now: dt.datetime) -> dt.datetime | None:
    """Until that time of today; without one, until somebody says that they are back."""
    if not reading.text("until"):
        return None
    return instant(
        local_day(now, territory.zone), dt.time.fromisoformat(reading.clock("until")), territory.zone
    )


def _page(
    request: Request, work: Work, who: Principal, form: Form, *, told: Sequence[Told] | None = None
) -> Response:
    territory = get_territory(work.session, who.territory_id or "")
    people = sum(one.what is not What.KEPT for one in told or ())
    return staff_page(
        request,
        work,
        who,
        "trouble.html",
        status=status_of(form.error) if form.error else 200,
        form=form,
        kinds=KINDS,
        crew=list_technicians(work.session, territory.id),
        told=told,
        people=people,
        needs_two=people > territory.policies.approval_above_people,
        limit=territory.policies.approval_above_people,
        counts=_counts(told or ()),
    )


def _asked(
    request: Request, work: Work, who: Principal, trouble_id: str, *, error: DispatchError | None = None
) -> Response:
    territory = get_territory(work.session, who.territory_id or "")
    trouble = find_trouble(work.session, territory, trouble_id)
    told = told_again(work.session, trouble)
    return staff_page(
        request,
        work,
        who,
        "trouble_asked.html",
        status=status_of(error) if error else 200,
        trouble=trouble,
        kind=KINDS[trouble.kind.value],
        told=told,
        counts=_counts(told),
        out=_names(work, trouble),
        asked_by=find_dispatcher(work.session, trouble.asked_by),
        decided_by=find_dispatcher(work.session, trouble.decided_by),
        waits=trouble.state is TroubleState.ASKED,
        may_say_yes=may(who, Thing.TROUBLE, Action.DECIDE) and who.subject_id != trouble.asked_by,
        error=error,
    )


def _names(work: Work, trouble: Trouble) -> list[str]:
    crew = list_technicians(work.session, trouble.territory_id)
    return [one.name for one in crew if one.id in trouble.technician_ids]


def _counts(told: Sequence[Told]) -> dict[str, Any]:
    found = Counter(one.what for one in told)
    return {what.value: found[what] for what in What}
