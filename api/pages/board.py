"""The dispatch board: broken promises first, then calls, texts, and the day by technician."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.deps import ReadDep, RuntimeDep, StaffDep, WorkDep, the_runtime
from api.pages.again import Sent, shown_again
from api.pages.on_paper import square
from api.pages.picture import drawn, say_chance
from api.pages.staff import staff_page
from api.principal import Principal
from api.routers import inbox, recoveries
from api.routers.invitations import InvitationOut, invitation_link
from api.routers.technicians import enrolment_link
from api.schemas.recoveries import OutcomeIn
from api.strict import router
from dispatch.board.by_itself import done_by_itself
from dispatch.board.card import Card, cards_of
from dispatch.board.contested import to_settle
from dispatch.board.picture import Bar, Picture, picture
from dispatch.board.snapshot import snapshot
from dispatch.callbacks.briefs import briefs_of
from dispatch.callbacks.queries import find_callback
from dispatch.errors import DispatchError, Invalid
from dispatch.field.mass_trouble import list_waiting
from dispatch.local_time import local_day
from dispatch.plans.diff import say
from dispatch.plans.proposals import sums_of
from dispatch.plans.queries import find_open_proposal
from dispatch.technicians.queries import get_technician
from dispatch.territories.queries import get_territory
from dispatch.territories.tables import Territory
from dispatch.visits.queries import search
from dispatch.wishes.queries import list_waiting as list_wishes
from dispatch.wishes.queries import open_offers
from dispatch.wishes.tables import SoonerOffer
from dispatch.work import Work
from notifications.inbox.queries import list_inbox
from notifications.witness.queries import list_lost
from notifications.witness.tables import LostPromise

routes = router("/board", "board", include_in_schema=False, default_response_class=HTMLResponse)


FARTHEST = dt.timedelta(days=3653)
ON_WALL = 10
MOST_CALLS = 30
LIVE = "/api/v1/events/stream"


class OutcomeForm(Sent):
    outcome: str = Field(min_length=1, max_length=40)


class PhoneForm(Sent):
    phone: str = Field(default="", max_length=40)


@routes.get("")
def show(
    request: Request, work: ReadDep, who: StaffDep, day: dt.date | None = None, whole: bool = False
) -> Response:
    """`whole` also lists every visit of the day and every call, of which there may be many hundreds."""
    territory = get_territory(work.session, who.territory_id or "")
    today = local_day(work.now, territory.zone)
    if day and abs(day - today) > FARTHEST:
        raise Invalid.field("day", "date_out_of_range", "The board shows ten years back and ahead.")
    seen = snapshot(work, territory, day)
    shown = picture(work, territory, seen)
    draft = find_open_proposal(work.session, territory.id, seen.day)
    sums = sums_of(draft) if draft else None
    return staff_page(
        request,
        work,
        who,
        "board.html",
        seen=seen,
        picture=drawn(shown, seen, territory, draft),
        draft=say(sums) if sums else None,
        chances={bar.visit_id: say_chance(bar.chance) for bar in shown.bars if bar.chance},
        tight=[(bar.card, _hangs_on(shown, bar)) for bar in shown.tight],
        today=today,
        before=seen.day - dt.timedelta(days=1),
        after=seen.day + dt.timedelta(days=1),
        briefs=briefs_of(work.session, [card.id for card, _, _ in seen.callbacks]),
        acts=done_by_itself(work, territory),
        troubles=list_waiting(work, territory),
        contested=to_settle(work, territory),
        waiting=_waiting(work, territory),
        texts=list_inbox(work.session, territory.id),
        lost=_lost_by_call(work, [card.id for card, _, _ in seen.callbacks]),
        whole=whole,
        otherwise=_otherwise(request, whole=whole),
        most_calls=MOST_CALLS,
        refresh=15,
        news=LIVE,
    )


def _otherwise(request: Request, *, whole: bool) -> str:
    """The address of the same board with the long lists, or without them again."""
    url = request.url.remove_query_params("whole")
    if not whole:
        url = url.include_query_params(whole=1)
    return f"{url.path}?{url.query}" if url.query else url.path


def _waiting(work: Work, territory: Territory) -> list[tuple[Card, SoonerOffer | None]]:
    """Who would be visited sooner, whoever has asked for longest first, and what is kept for them now."""
    found = list_wishes(work.session, territory.id, work.now)
    offers = open_offers(work.session, [one.visit.id for one in found])
    cards = cards_of(work, [one.visit.id for one in found])
    return [(card, offers.get(card.visit_id)) for card in cards]


@routes.get("/wall")
def show_on_wall(request: Request, work: ReadDep, who: StaffDep) -> Response:
    """For a screen that everybody in the room sees: what is open, without a customer's name, phone or address."""
    territory = get_territory(work.session, who.territory_id or "")
    seen = snapshot(work, territory)
    overdue = sum(call.overdue for call, _, _ in seen.callbacks)
    out = sum(row.absent is not None or row.silent_since_at is not None for row in seen.crew)
    done = seen.counts["done"]
    figures = [
        ("calls overdue", overdue, overdue > 0),
        ("calls to make", len(seen.callbacks), False),
        ("technicians out or silent", out, out > 0),
        ("visits without a technician", len(seen.left_out), bool(seen.left_out)),
        (f"of {sum(seen.counts.values()) - seen.counts['cancelled']} visits done", done, False),
    ]
    return staff_page(
        request, work, who, "wall.html", seen=seen, figures=figures, most=ON_WALL, refresh=15, news=LIVE
    )


def _hangs_on(shown: Picture, tight: Bar) -> str | None:
    """Whose visit, earlier on the route, sways the tight one most."""
    cause = tight.chance.cause_visit_id if tight.chance else None
    return next((bar.card.customer for bar in shown.bars if bar.visit_id == cause), None)


def _lost_by_call(work: Work, callback_ids: list[str]) -> dict[str, list[LostPromise]]:
    """The texts that only the provider knows, by the call that is to be made about them."""
    found: dict[str, list[LostPromise]] = {}
    for lost in list_lost(work.session, callback_ids):
        found.setdefault(lost.callback_id or "", []).append(lost)
    return found


@routes.get("/find")
def find(
    request: Request, work: ReadDep, who: StaffDep, q: Annotated[str, Query(max_length=120)] = ""
) -> Response:
    """By reference (also a misheard one), phone, name or address."""
    wanted = q.strip()
    found = search(work.session, wanted) if len(wanted) > 1 else []
    cards = cards_of(work, [visit.id for visit in found if visit.territory_id == who.territory_id])
    return staff_page(request, work, who, "find.html", q=wanted, cards=cards)


@routes.post("/callbacks/{callback_id}/done")
def called(callback_id: str, form: Annotated[OutcomeForm, Form()], work: WorkDep, who: StaffDep) -> Response:
    recoveries.called(callback_id, OutcomeIn(outcome=form.outcome), work, who)
    return RedirectResponse("/board#calls", 303)


@routes.post("/inbox/{inbound_id}/handled")
def handled(inbound_id: str, work: WorkDep, who: StaffDep) -> Response:
    inbox.handled(inbound_id, work, who)
    return RedirectResponse("/board#texts", 303)


@routes.get("/invite")
def ask_invitation(
    request: Request, work: ReadDep, who: StaffDep, call: Annotated[str, Query(max_length=26)] = ""
) -> Response:
    """For `call`, a call to be made, the phone stands there already: no phone is part of an address."""
    found = find_callback(work.session, call, who.territory_id or "")
    return _invitation_page(request, work, who, phone=found.phone if found else "")


@routes.post("/invite")
def invite(
    request: Request, form: Annotated[PhoneForm, Form()], work: WorkDep, who: StaffDep, runtime: RuntimeDep
) -> Response:
    """The link is shown once, here: no address of ours shows it again."""

    def again(fresh: Work, error: DispatchError) -> Response:
        return _invitation_page(request, fresh, who, phone=form.phone, error=error, status=422)

    with shown_again(again):
        link = invitation_link(work, who, form.phone, runtime)
    return _invitation_page(request, work, who, phone=form.phone, link=link)


def _invitation_page(
    request: Request,
    work: Work,
    who: Principal,
    *,
    phone: str,
    link: InvitationOut | None = None,
    error: DispatchError | None = None,
    status: int = 200,
) -> Response:
    book_url = f"{the_runtime(request).settings.base_url}/book"
    squares = {"book_square": square(book_url), "link_square": square(link.url) if link else ""}
    return staff_page(
        request,
        work,
        who,
        "invite.html",
        status=status,
        error=error,
        phone=phone,
        link=link,
        book_url=book_url,
        **squares,
    )


@routes.post("/technicians/{technician_id}/enrol")
def enrol(
    technician_id: str, request: Request, work: WorkDep, who: StaffDep, runtime: RuntimeDep
) -> Response:
    link = enrolment_link(work, who, technician_id, runtime)
    name = get_technician(work.session, technician_id).name
    return staff_page(request, work, who, "enrolment.html", technician=name, link=link)
