"""The whole record of one visit for paper: nothing to press, and a square that leads back to the page. `/v/{token}`"""

from __future__ import annotations

import segno
from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from api.deps import ReadDep, RuntimeDep, TrackDep
from api.pages.headline import headline, reported_at, window
from api.pages.proving import may_see_all
from api.pages.render import render_page
from api.pages.speaking import tongue_about
from api.pages.tracking import base_of, theirs
from api.pages.words import record
from api.strict import router
from dispatch.board.card import card_of
from dispatch.board.seen import for_link
from dispatch.ledger import history
from dispatch.territories.queries import get_territory
from notifications.record.own_page import told_about

routes = router("/v/{token}", "tracking", include_in_schema=False, default_response_class=HTMLResponse)


@routes.get("/record")
def show_record(token: str, request: Request, work: ReadDep, who: TrackDep, runtime: RuntimeDep) -> Response:
    visit = theirs(work, who)
    tongue, territory = tongue_about(request, work, visit), get_territory(work.session, visit.territory_id)
    card, entries = card_of(work, visit.id), history(work.session, visit.id)
    card = card if may_see_all(request, work, who) else for_link(card)
    return render_page(
        request,
        "on_paper.html",
        tongue=tongue,
        base=base_of(token),
        card=card,
        window=window(card, tongue),
        headline=headline(card, work.now, reported_at(card, entries), tongue),
        lines=record(work.session, entries, territory, tongue),
        texts=told_about(work, visit, entries, tongue),
        now=work.now,
        square=square(f"{runtime.settings.base_url}{base_of(token)}"),
    )


def square(url: str) -> str:
    """The address as a drawing that a phone reads."""
    return segno.make(url, error="m").svg_inline(border=2, light="#fff", omitsize=True)
