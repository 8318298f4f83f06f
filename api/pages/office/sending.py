"""How texts leave the house, and the one switch that stops them all. `/office/sending`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form as FormBody
from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import ReadDep, StaffDep, WorkDep, the_runtime
from api.errors import status_of
from api.pages.again import shown_again
from api.pages.office.typed import Form, Reading, Typed
from api.pages.staff import staff_page
from api.principal import Principal
from api.strict import router
from dispatch.errors import DispatchError
from dispatch.territories.queries import find_dispatcher
from dispatch.work import Work
from notifications.outbox.lane import get_lane, start_sending, stop_sending
from notifications.outbox.queries import count_in, oldest_waiting, share_filtered
from notifications.outbox.states import MessageState

routes = router("/office/sending", "office", include_in_schema=False, default_response_class=HTMLResponse)


@routes.get("")
def show(request: Request, work: ReadDep, who: StaffDep) -> Response:
    return _page(request, work, who, Form())


@routes.post("/stop")
def stop(request: Request, typed: Annotated[Typed, FormBody()], work: WorkDep, who: StaffDep) -> Response:
    def again(fresh: Work, error: DispatchError) -> Response:
        return _page(request, fresh, who, Form().again(typed, error, conflict_at="why"))

    with shown_again(again):
        reading = Reading(typed)
        why = reading.words("why", "reason", 200)
        reading.require()
        stop_sending(work, why)
    return RedirectResponse("/office/sending", 303)


@routes.post("/start")
def start(request: Request, work: WorkDep, who: StaffDep) -> Response:
    def again(fresh: Work, error: DispatchError) -> Response:
        return _page(request, fresh, who, Form(error=error))

    with shown_again(again):
        start_sending(work)
    return RedirectResponse("/office/sending", 303)


def _page(request: Request, work: Work, who: Principal, form: Form) -> Response:
    session, runtime = work.session, the_runtime(request)
    lane = get_lane(session)
    role, _, id = lane.stopped_by.partition(":")
    person = find_dispatcher(session, id) if role == "dispatcher" else None
    return staff_page(
        request,
        work,
        who,
        "office_sending.html",
        status=status_of(form.error) if form.error else 200,
        form=form,
        lane=lane,
        stopped_by=person.name if person else "Makegood itself",
        channel=runtime.channel,
        waiting=count_in(session, MessageState.PENDING),
        unsure=count_in(session, MessageState.UNKNOWN),
        oldest=oldest_waiting(session, work.now),
        filtered=share_filtered(session, work.now),
        sent_today=lane.day_segments if lane.day == work.now.date() else 0,
    )
