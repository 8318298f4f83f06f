"""Keys with which other programs read and write here: made, listed, taken back. `/office/keys`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Form as FormBody
from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import ReadDep, StaffDep, WorkDep
from api.errors import status_of
from api.pages.again import shown_again
from api.pages.office.typed import Form, Reading, Typed
from api.pages.staff import staff_page
from api.policy import SCOPES
from api.principal import Principal
from api.strict import router
from dispatch.access.keys import list_keys, make_key, revoke_key
from dispatch.errors import DispatchError
from dispatch.territories.queries import list_territories
from dispatch.work import Work

REACH = {"own": "This territory", "all": "All territories"}
USUAL_DAYS, MOST_DAYS = 90, 366

routes = router("/office/keys", "office", include_in_schema=False, default_response_class=HTMLResponse)


@routes.get("")
def show(request: Request, work: ReadDep, who: StaffDep) -> Response:
    return _page(request, work, who, Form({"days": str(USUAL_DAYS), "reach": "own"}))


@routes.post("")
def make(request: Request, typed: Annotated[Typed, FormBody()], work: WorkDep, who: StaffDep) -> Response:
    """The key is shown once, here: no address of ours shows it again."""

    def again(fresh: Work, error: DispatchError) -> Response:
        return _page(request, fresh, who, Form().again(typed, error))

    with shown_again(again):
        reading = Reading(typed)
        name, days = reading.words("name", "name"), reading.whole("days", 1, MOST_DAYS)
        reach = reading.one_of("reach", REACH)
        scopes = [scope for scope in SCOPES if reading.ticked(scope)]
        if not scopes:
            reading.note("scopes", "choice_missing", "Tick at least one thing that the key is for.")
        reading.require()
        territory_id = who.territory_id if reach == "own" else None
        expires_at = work.now + timedelta(days=days)
        key, secret = make_key(work, name, scopes, territory_id=territory_id, expires_at=expires_at)
    return staff_page(
        request,
        work,
        who,
        "office_key.html",
        key=key,
        secret=secret,
        territories=list_territories(work.session),
    )


@routes.post("/{key_id}/revoke")
def revoke(key_id: str, work: WorkDep, who: StaffDep) -> Response:
    revoke_key(work, who.territory_id or "", key_id)
    return RedirectResponse("/office/keys", 303)


def _page(request: Request, work: Work, who: Principal, form: Form) -> Response:
    return staff_page(
        request,
        work,
        who,
        "office_keys.html",
        status=status_of(form.error) if form.error else 200,
        form=form,
        keys=list_keys(work.session, who.territory_id or ""),
        nouns=sorted({scope.partition(":")[0] for scope in SCOPES}),
        scopes=SCOPES,
        reach=REACH,
    )
