"""The front page: what this is. In the demo also its doors, its clock, and the panel that breaks things."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from sqlmodel import Session, col, select

from api.deps import ReadDep, RuntimeDep
from api.pages.broken import what_was_broken
from api.pages.codes import say
from api.pages.render import render_page
from api.pages.victims import victims
from api.routers.dev_break import broken_ids
from api.routers.dev_clock import pace_of
from api.runtime.moving_time import read_clock
from api.runtime.runtime import Runtime
from api.strict import router
from dispatch.board.card import cards_of
from dispatch.customers.tables import Customer
from dispatch.promises.tables import Promise
from dispatch.technicians.queries import list_technicians
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import list_ladder, list_territories
from dispatch.visits.states import LIVE
from dispatch.visits.tables import Visit
from dispatch.work import Work

MOST_VISITS = 200
NEWS = "/panel/live"
SPEEDS = (1, 10, 60, 300)
STEPS = ((1, "+ 1 min"), (10, "+ 10 min"), (60, "+ 1 hour"))

routes = router("", "front", include_in_schema=False, default_response_class=HTMLResponse)


@routes.get("/")
def show(request: Request, work: ReadDep, runtime: RuntimeDep) -> Response:
    if not runtime.settings.dev:
        return render_page(request, "front.html")
    return render_page(
        request,
        "demo.html",
        **clock_values(request, runtime),
        **_people(work),
        **_one_click(request, work),
        breaks=what_was_broken(work, runtime, request.app.state.breaks),
        news=NEWS,
        texts_down=runtime.pocket is not None and runtime.pocket.is_down(),
    )


def clock_values(request: Request, runtime: Runtime) -> dict[str, Any]:
    """What the clock's controls show."""
    now, rate = read_clock(runtime)
    pace = pace_of(request)
    if pace.is_lived and pace.wanted is not None:
        rate = pace.wanted  # the people may hold it for a moment
    return {
        "now": now,
        "rate": rate,
        "resume_at": pace.resume_at,
        "step_to": pace.step_to if pace.step_to and pace.step_to > now else None,
        "speeds": SPEEDS,
        "steps": STEPS,
    }


def _one_click(request: Request, work: Work) -> dict[str, Any]:
    """Whom each door and each break means when nobody is picked."""
    found = victims(work, broken_ids(request))
    named = [one.id for one in (found.coming_up, found.absent_at, found.emergency_at) if one]
    cards = {card.visit_id: card for card in cards_of(work, named)}
    technician = work.session.get(Technician, found.at_work_id) if found.at_work_id else None
    return {
        "missed_soonest": found.missed_soonest,
        "leaving": found.leaving,
        "coming_up": cards[found.coming_up.id] if found.coming_up else None,
        "absent_at": cards[found.absent_at.id] if found.absent_at else None,
        "emergency_at": cards[found.emergency_at.id] if found.emergency_at else None,
        "at_work": technician,
    }


def _people(work: Work) -> dict[str, Any]:
    territories = list_territories(work.session)
    ids = [place.id for place in territories]
    return {
        "zone": territories[0].time_zone if territories else "UTC",
        "dispatchers": [(one.id, one.name) for id in ids for one in list_ladder(work.session, id)],
        "technicians": [(one.id, one.name) for id in ids for one in list_technicians(work.session, id)],
        "visits": [
            (promise.visit_id, f"{promise.local_text} {name}, {say(state, 'visits')}")
            for promise, name, state in sorted(_to_come(work.session), key=lambda row: row[0].start_at)
        ],
    }


def _to_come(session: Session) -> Sequence[tuple[Promise, str, str]]:
    """Promise, customer and state of the visits booked last: only what their line in a list needs."""
    query = (
        select(Promise, Customer.name, Visit.state)
        .join(Visit, col(Visit.id) == col(Promise.visit_id))
        .join(Customer, col(Customer.id) == col(Visit.customer_id))
        .where(col(Visit.state).in_(LIVE), Promise.version == Visit.promise_version)
        .order_by(col(Visit.booked_at).desc())
        .limit(MOST_VISITS)
    )
    return session.exec(query).all()
