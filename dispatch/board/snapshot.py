"""The office's view of one territory now: broken promises first, then the day, the calls and the routes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dispatch.board.card import CallbackCard, Card, RecoveryCard, card_of, recovery_card
from dispatch.callbacks.queries import list_open
from dispatch.local_time import midnight, say_time
from dispatch.plans.problem import today
from dispatch.plans.queries import current_plan, list_assignments
from dispatch.promises.queries import promised_between
from dispatch.recoveries.queries import list_unfinished
from dispatch.technicians.queries import absences_between, list_technicians
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import find_dispatcher
from dispatch.territories.tables import Territory
from dispatch.visits.queries import get_visit
from dispatch.visits.states import VisitState
from dispatch.work import Work


@dataclass(frozen=True, slots=True)
class Open:
    """A broken promise that is not good again: the visit, what is done, and the proof where today failed."""

    card: Card
    recovery: RecoveryCard
    proof: Mapping[str, Any] | None
    owner_due_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class CrewRow:
    """One technician's row of the day."""

    id: str
    name: str
    absent: str | None
    silent_since_at: dt.datetime | None
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    territory_id: str
    territory: str
    time_zone: str
    day: dt.date
    now: dt.datetime
    plan_version: int
    open: tuple[Open, ...]
    callbacks: tuple[tuple[CallbackCard, Card | None, str], ...]
    crew: tuple[CrewRow, ...]
    left_out: tuple[tuple[Card, str, str | None], ...]
    counts: Mapping[str, int]


def snapshot(work: Work, territory: Territory, day: dt.date | None = None) -> Snapshot:
    """Everything a dispatcher needs for `day` (today when left out)."""
    day = day or today(work, territory)
    plan = current_plan(work.session, territory.id, day)
    cards = _cards(work, territory, day)
    rows = list_assignments(work.session, territory.id, day)
    order = {row.visit_id: row.start_at for row in rows if row.start_at}
    left = [row for row in rows if row.active and row.technician_id is None and row.visit_id in cards]
    return Snapshot(
        territory_id=territory.id,
        territory=territory.name,
        time_zone=territory.time_zone,
        day=day,
        now=work.now,
        plan_version=plan.version if plan else 0,
        open=tuple(_open(work, territory)),
        callbacks=tuple(_callbacks(work, territory)),
        crew=tuple(
            _crew_row(work, technician, territory, day, cards=cards, order=order)
            for technician in list_technicians(work.session, territory.id)
        ),
        left_out=tuple((cards[row.visit_id], row.detail, _name(work, row.owner_id)) for row in left),
        counts={state.value: sum(card.state is state for card in cards.values()) for state in VisitState},
    )


def _cards(work: Work, territory: Territory, day: dt.date) -> dict[str, Card]:
    start, end = midnight(day, territory.zone), midnight(day + dt.timedelta(days=1), territory.zone)
    rows = promised_between(work.session, territory.id, from_at=start, until_at=end, states=list(VisitState))
    return {visit.id: card_of(work, visit) for visit, _ in rows}


def _open(work: Work, territory: Territory) -> list[Open]:
    return [
        Open(
            card=card_of(work, get_visit(work.session, recovery.visit_id)),
            recovery=recovery_card(work.session, recovery, territory),
            proof=recovery.proof,
            owner_due_at=recovery.owner_due_at,
        )
        for recovery in list_unfinished(work.session, territory.id)
    ]


def _callbacks(work: Work, territory: Territory) -> list[tuple[CallbackCard, Card | None, str]]:
    found = []
    for one in list_open(work.session, territory.id):
        card = CallbackCard(
            id=one.id,
            person=_name(work, one.dispatcher_id),
            due_at=one.due_at,
            due_text=say_time(one.due_at, territory.zone),
            about=one.about,
            overdue=one.due_at <= work.now or one.escalations > 0,
        )
        visit = card_of(work, get_visit(work.session, one.visit_id)) if one.visit_id else None
        found.append((card, visit, one.phone))
    return found


def _crew_row(
    work: Work,
    technician: Technician,
    territory: Territory,
    day: dt.date,
    *,
    cards: Mapping[str, Card],
    order: Mapping[str, dt.datetime],
) -> CrewRow:
    start, end = midnight(day, territory.zone), midnight(day + dt.timedelta(days=1), territory.zone)
    away = absences_between(work.session, [technician.id], max(start, min(work.now, end)), end)
    kinds = [absence.kind.value for absence in away.get(technician.id, [])]
    mine = [card for card in cards.values() if card.technician_id == technician.id]
    return CrewRow(
        id=technician.id,
        name=technician.name,
        absent=kinds[0] if kinds else None,
        silent_since_at=technician.silent_since_at,
        cards=tuple(sorted(mine, key=lambda card: order.get(card.visit_id, card.start_at))),
    )


def _name(work: Work, dispatcher_id: str | None) -> str | None:
    person = find_dispatcher(work.session, dispatcher_id)
    return person.name if person else None
