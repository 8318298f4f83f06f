"""The front page: what this is. In the demo also its doors and the panel that breaks things."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from sqlmodel import col, select

from api.deps import ReadDep, RuntimeDep
from api.pages.render import render_page
from api.runtime.moving_time import read_clock
from api.strict import router
from dispatch.board.card import cards_of
from dispatch.technicians.queries import list_technicians
from dispatch.territories.queries import list_ladder, list_territories
from dispatch.visits.states import LIVE
from dispatch.visits.tables import Visit
from dispatch.work import Work

MOST_VISITS = 200

routes = router("", "front", include_in_schema=False, default_response_class=HTMLResponse)


@routes.get("/")
def show(request: Request, work: ReadDep, runtime: RuntimeDep) -> Response:
    if not runtime.settings.dev:
        return render_page(request, "front.html")
    now, rate = read_clock(runtime)
    return render_page(
        request,
        "demo.html",
        now=now,
        rate=rate,
        breaks=list(reversed(request.app.state.breaks))[:10],
        texts_down=runtime.pocket is not None and runtime.pocket.is_down(),
        **_people(work),
    )


def _people(work: Work) -> dict[str, Any]:
    territories = list_territories(work.session)
    live = select(Visit).where(col(Visit.state).in_(LIVE)).order_by(col(Visit.booked_at).desc())
    cards = cards_of(work, list(work.session.exec(live.limit(MOST_VISITS))))
    ids = [place.id for place in territories]
    return {
        "zone": territories[0].time_zone if territories else "UTC",
        "dispatchers": [(one.id, one.name) for id in ids for one in list_ladder(work.session, id)],
        "technicians": [(one.id, one.name) for id in ids for one in list_technicians(work.session, id)],
        "visits": [
            (card.visit_id, f"{card.window_text} {card.customer}, {card.state.replace('_', ' ')}")
            for card in sorted(cards, key=lambda card: card.start_at)
        ],
    }
