"""The office's view of one territory now: broken promises first, then the day, the calls and the routes."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from dispatch.board.card import (
    CallbackCard,
    Card,
    RecoveryCard,
    callback_card,
    card_from,
    recovery_cards,
)
from dispatch.board.card_rows import CardRows, read_cards
from dispatch.callbacks.queries import list_open
from dispatch.callbacks.tables import Callback
from dispatch.local_time import midnight
from dispatch.plans.problem import today
from dispatch.plans.queries import current_plan
from dispatch.plans.tables import Plan
from dispatch.promises.queries import ids_promised_between
from dispatch.recoveries.queries import list_unfinished
from dispatch.recoveries.tables import Recovery
from dispatch.technicians.queries import absences_between, list_technicians
from dispatch.territories.queries import dispatchers_of
from dispatch.territories.tables import Territory
from dispatch.visits.states import VisitState
from dispatch.work import Work

LeftOut = tuple[Card, str, str | None]


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
    paused_at: dt.datetime | None
    pause_reason: str
    skills: tuple[str, ...]
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`rows` are those that the cards were made of, for whoever draws the same day in the same work."""

    territory_id: str
    territory: str
    time_zone: str
    day: dt.date
    now: dt.datetime
    plan: Plan | None
    open: tuple[Open, ...]
    callbacks: tuple[tuple[CallbackCard, Card | None, str], ...]
    crew: tuple[CrewRow, ...]
    left_out: tuple[LeftOut, ...]
    counts: Mapping[str, int]
    rows: CardRows

    @property
    def plan_version(self) -> int:
        return self.plan.version if self.plan else 0


def snapshot(work: Work, territory: Territory, day: dt.date | None = None) -> Snapshot:
    """Everything a dispatcher needs for `day` (today when left out): one question a kind of row."""
    session, day = work.session, day or today(work, territory)
    unfinished, calls = list_unfinished(session, territory.id), list_open(session, territory.id)
    promised = _promised(session, territory, day)
    concerned = {one.visit_id for one in unfinished} | {one.visit_id for one in calls if one.visit_id}
    rows = read_cards(session, [*promised, *sorted(concerned.difference(promised))])
    seen = {id: card_from(rows, id, work.now) for id in rows.visits}
    cards = {id: seen[id] for id in promised}
    return Snapshot(
        territory_id=territory.id,
        territory=territory.name,
        time_zone=territory.time_zone,
        day=day,
        now=work.now,
        plan=current_plan(session, territory.id, day),
        open=tuple(_open(session, unfinished, seen)),
        callbacks=tuple(_callbacks(work, territory, calls, seen)),
        crew=tuple(_crew(work, territory, day, cards, rows)),
        left_out=tuple(_left_out(session, cards, rows)),
        counts={state.value: sum(card.state is state for card in cards.values()) for state in VisitState},
        rows=rows,
    )


def _promised(session: Session, territory: Territory, day: dt.date) -> Sequence[str]:
    start, end = midnight(day, territory.zone), midnight(day + dt.timedelta(days=1), territory.zone)
    return ids_promised_between(session, territory.id, from_at=start, until_at=end)


def _open(session: Session, unfinished: Sequence[Recovery], seen: Mapping[str, Card]) -> Iterator[Open]:
    for recovery, card in zip(unfinished, recovery_cards(session, unfinished), strict=True):
        yield Open(
            card=seen[recovery.visit_id],
            recovery=card,
            proof=recovery.proof,
            owner_due_at=recovery.owner_due_at,
        )


def _callbacks(
    work: Work, territory: Territory, calls: Sequence[Callback], seen: Mapping[str, Card]
) -> Iterator[tuple[CallbackCard, Card | None, str]]:
    callers = dispatchers_of(work.session, {one.dispatcher_id for one in calls if one.dispatcher_id})
    for one in calls:
        card = callback_card(one, territory.zone, callers.get(one.dispatcher_id or ""), work.now)
        yield card, seen.get(one.visit_id or ""), one.phone


def _crew(
    work: Work, territory: Territory, day: dt.date, cards: Mapping[str, Card], rows: CardRows
) -> Iterator[CrewRow]:
    """Everybody's row, in the order of the plan."""
    session = work.session
    start, end = midnight(day, territory.zone), midnight(day + dt.timedelta(days=1), territory.zone)
    crew = list_technicians(session, territory.id)
    away = absences_between(session, [one.id for one in crew], max(start, min(work.now, end)), end)
    theirs: dict[str, list[Card]] = defaultdict(list)
    for card in sorted(cards.values(), key=lambda card: _begins(rows, card)):
        theirs[card.technician_id or ""].append(card)
    for one in crew:
        yield CrewRow(
            id=one.id,
            name=one.name,
            absent=next((absence.kind.value for absence in away.get(one.id, ())), None),
            silent_since_at=one.silent_since_at,
            paused_at=one.paused_at if one.is_paused(work.now) else None,
            pause_reason=one.pause_reason,
            skills=tuple(sorted(one.skills)),
            cards=tuple(theirs[one.id]),
        )


def _begins(rows: CardRows, card: Card) -> dt.datetime:
    return rows.visits[card.visit_id].planned_start_at or card.start_at


def _left_out(session: Session, cards: Mapping[str, Card], rows: CardRows) -> Iterator[LeftOut]:
    """The day's visits that nobody does, why, and who looks after them."""
    left = [rows.visits[id] for id in sorted(cards) if rows.visits[id].is_left_out]
    owners = dispatchers_of(session, {row.left_out_owner_id for row in left if row.left_out_owner_id})
    for row in left:
        owner = owners.get(row.left_out_owner_id or "")
        yield cards[row.visit_id], row.left_out_detail or "", owner.name if owner else None
