"""Who comes without a link, from a leaflet or our website: we text one to their phone. `/book`"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.auth.devices import address_of
from api.deps import ReadDep, RuntimeDep, WorkDep
from api.errors import status_of
from api.pages.again import Sent, shown_again
from api.pages.render import render_page
from api.pages.speaking import tongue_for
from api.strict import router
from dispatch.access.invitations import ask_to_book
from dispatch.errors import DispatchError, NotFound
from dispatch.territories.queries import list_territories
from dispatch.territories.tables import Territory
from dispatch.work import Work
from notifications import messages
from notifications.outbox.queueing import queue, to_stranger

routes = router("", "booking", include_in_schema=False, default_response_class=HTMLResponse)


class PhoneForm(Sent):
    phone: str = Field(min_length=3, max_length=40)
    territory: str = Field(default="", max_length=26)


@routes.get("/book")
def ask_phone(request: Request, work: ReadDep, sent: Annotated[bool, Query()] = False) -> Response:
    return _page(request, work, sent=sent)


@routes.post("/book")
def send_link(
    request: Request, form: Annotated[PhoneForm, Form()], work: WorkDep, runtime: RuntimeDep
) -> Response:
    """The answer is the same for every phone: nobody learns here whose is known to us."""

    def again(fresh: Work, error: DispatchError) -> Response:
        return _page(request, fresh, phone=form.phone, error=error)

    asked = request.app.state.links_asked
    with shown_again(again):
        asked.require_patience(address_of(request))
        asked.note(address_of(request))
        territory = _territory(list_territories(work.session), form.territory)
        invitation = ask_to_book(work, territory, form.phone)
        language = tongue_for(request).language
        to = replace(to_stranger(invitation.phone, territory.id), language=language)
        params = {"invitation_id": invitation.id}
        queue(work, messages.BOOKING_LINK, to, round=invitation.id, params=params, direct=True)
    return RedirectResponse("/book?sent=true", 303)


def _territory(known: Sequence[Territory], wanted: str) -> Territory:
    """The one that was chosen, or the only one there is."""
    found = [one for one in known if one.id == wanted or len(known) == 1]
    if not found:
        raise NotFound("Please choose where you are.")
    return found[0]


def _page(
    request: Request,
    work: Work,
    *,
    sent: bool = False,
    phone: str = "",
    error: DispatchError | None = None,
) -> Response:
    return render_page(
        request,
        "book_phone.html",
        status=status_of(error) if error else 200,
        tongue=tongue_for(request),
        sent=sent,
        phone=phone,
        territories=list_territories(work.session),
        error=error,
    )
