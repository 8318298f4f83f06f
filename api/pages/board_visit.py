"""One visit as the office sees it: the whole card, the record, every text, every note."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.deps import ReadDep, StaffDep, WorkDep
from api.pages.again import Sent
from api.pages.codes import OVERRIDE
from api.pages.headline import can_do, headline, reported_at
from api.pages.staff import staff_page
from api.pages.tracking import sooner_of
from api.pages.words import record
from api.routers import recoveries, visits
from api.schemas.recoveries import BendIn, ChoiceIn, CreditIn, ReasonIn, TakeBackIn
from api.schemas.visits import NobodyCameIn
from api.strict import router
from dispatch.board.card import card_of
from dispatch.board.contested import contested_steps
from dispatch.callbacks.briefs import briefs_of
from dispatch.ledger import history
from dispatch.plans.queries import find_assignment
from dispatch.recoveries.decisions import DECIDABLE
from dispatch.recoveries.queries import get_recovery
from dispatch.recoveries.states import RecoveryState
from dispatch.technicians.queries import get_technician, list_declines
from dispatch.territories.queries import find_dispatcher, get_territory
from dispatch.visits.photos import list_photos
from dispatch.visits.queries import list_notes
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work
from notifications.inbox.queries import list_for_visit as texts_in
from notifications.inbox.tables import InboundText
from notifications.outbox.queries import list_for_visit as texts_out
from notifications.outbox.tables import Message

routes = router("/board", "board", include_in_schema=False, default_response_class=HTMLResponse)


class ChoiceForm(Sent):
    choice: str = Field(max_length=20)


class ReasonForm(Sent):
    reason: str = Field(min_length=3, max_length=300)


class TakeBackForm(Sent):
    why: str = Field(max_length=20)
    reason: str = Field(default="", max_length=300)


class BendForm(ReasonForm):
    relaxation: int = Field(ge=0, le=100)


class CreditForm(Sent):
    approved: bool


@routes.get("/visits/{visit_id}")
def show(visit_id: str, request: Request, work: ReadDep, who: StaffDep) -> Response:
    visit = visits.theirs(work, who, visit_id)
    card, entries = card_of(work, visit.id), history(work.session, visit.id)
    told = reported_at(card, entries)
    return staff_page(
        request,
        work,
        who,
        "board_visit.html",
        base=f"/board/visits/{visit.id}",
        card=card,
        headline=headline(card, work.now, told),
        can=can_do(card, work.now, told, kept_by_rule=False),
        lines=record(work.session, entries, get_territory(work.session, visit.territory_id)),
        placed=find_assignment(work.session, visit.id),
        texts=_texts(work, visit.id),
        notes=list_notes(work.session, visit.id),
        photos=list_photos(work, visit.id),
        sooner=sooner_of(work, visit, card),
        told_of_call=briefs_of(work.session, [card.callback.id]).get(card.callback.id)
        if card.callback
        else None,
        contested=contested_steps(work.session, visit),
        declines=[
            (get_technician(work.session, one.technician_id).name, one.reason, one.declined_at)
            for one in list_declines(work.session, visit.id)
        ],
        overrides=OVERRIDE,
        **_decision(work, card.recovery.id if card.recovery else None, visit),
    )


@routes.post("/visits/{visit_id}/nobody-came")
def nobody_came(visit_id: str, work: WorkDep, who: StaffDep) -> Response:
    visits.nobody_came(visit_id, NobodyCameIn(), work, who)
    return _to_visit(visit_id)


@routes.post("/visits/{visit_id}/at-home")
def at_home(visit_id: str, work: WorkDep, who: StaffDep) -> Response:
    visits.contest_absence(visit_id, work, who)
    return _to_visit(visit_id)


@routes.post("/recoveries/{recovery_id}/take-over")
def own(recovery_id: str, work: WorkDep, who: StaffDep) -> Response:
    return _to_visit(recoveries.own(recovery_id, work, who).visit_id)


@routes.post("/recoveries/{recovery_id}/choice")
def answer(recovery_id: str, form: Annotated[ChoiceForm, Form()], work: WorkDep, who: StaffDep) -> Response:
    """For a caller."""
    body = ChoiceIn.model_construct(choice=form.choice)  # `choose` itself refuses what is no choice
    return _to_visit(recoveries.answer(recovery_id, body, work, who).visit_id)


@routes.post("/recoveries/{recovery_id}/go-ahead")
def go_ahead(recovery_id: str, work: WorkDep, who: StaffDep) -> Response:
    return _to_visit(recoveries.offer(recovery_id, work, who).visit_id)


@routes.post("/recoveries/{recovery_id}/take-back")
def take_back(
    recovery_id: str, form: Annotated[TakeBackForm, Form()], work: WorkDep, who: StaffDep
) -> Response:
    body = TakeBackIn.model_construct(
        why=form.why, reason=form.reason
    )  # `take_back` refuses what is no reason
    return _to_visit(recoveries.withdraw(recovery_id, body, work, who).visit_id)


@routes.post("/recoveries/{recovery_id}/bend")
def bend(recovery_id: str, form: Annotated[BendForm, Form()], work: WorkDep, who: StaffDep) -> Response:
    body = BendIn(relaxation=form.relaxation, reason=form.reason)
    return _to_visit(recoveries.bend(recovery_id, body, work, who).visit_id)


@routes.post("/recoveries/{recovery_id}/not-today")
def not_today(
    recovery_id: str, form: Annotated[ReasonForm, Form()], work: WorkDep, who: StaffDep
) -> Response:
    done = recoveries.give_today_up(recovery_id, ReasonIn(reason=form.reason), work, who)
    return _to_visit(done.visit_id)


@routes.post("/recoveries/{recovery_id}/close")
def close(recovery_id: str, form: Annotated[ReasonForm, Form()], work: WorkDep, who: StaffDep) -> Response:
    return _to_visit(recoveries.end(recovery_id, ReasonIn(reason=form.reason), work, who).visit_id)


@routes.post("/recoveries/{recovery_id}/credit")
def credit(recovery_id: str, form: Annotated[CreditForm, Form()], work: WorkDep, who: StaffDep) -> Response:
    done = recoveries.decide_credit(recovery_id, CreditIn(approved=form.approved), work, who)
    return _to_visit(done.visit_id)


@dataclass(frozen=True, slots=True)
class Text:
    """One line of the conversation: theirs with their words, ours with its purpose."""

    at: datetime
    theirs: InboundText | None = None
    ours: Message | None = None


def _texts(work: Work, visit_id: str) -> list[Text]:
    """Both sides in the order in which they were written."""
    into = [Text(one.received_at, theirs=one) for one in texts_in(work.session, visit_id)]
    out = [Text(one.sent_at or one.queued_at, ours=one) for one in texts_out(work.session, visit_id)]
    return sorted([*into, *out], key=lambda one: one.at)


def _decision(work: Work, recovery_id: str | None, visit: Visit) -> dict[str, Any]:
    """What a dispatcher may decide about the newest recovery, and what somebody decided."""
    if recovery_id is None:
        return {"proof": None, "decidable": False, "closable": False, "decided": None}
    row = get_recovery(work.session, recovery_id)
    role, _, id = (row.decided_by or "").partition(":")
    person = find_dispatcher(work.session, id) if role == "dispatcher" else None
    decided = (person.name if person else role, row.decided_reason or "") if row.decided_by else None
    return {
        "proof": row.proof,
        "decidable": row.state in DECIDABLE and visit.state is VisitState.FAILED,
        "closable": row.state is not RecoveryState.CLOSED and visit.state is VisitState.FAILED,
        "decided": decided,
    }


def _to_visit(visit_id: str) -> Response:
    return RedirectResponse(f"/board/visits/{visit_id}", 303)
