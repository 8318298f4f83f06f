"""What the house did today without a person's word: which times it offered or kept, which routes it mended."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import Session, col, select

from dispatch.board.card import Card, cards_of
from dispatch.local_time import local_day, midnight
from dispatch.plans.tables import Plan
from dispatch.plans.undo import REPAIR, SEARCH
from dispatch.recoveries.states import RecoveryState
from dispatch.recoveries.tables import Recovery
from dispatch.territories.tables import Territory
from dispatch.work import Work

OFFERED, KEPT, BETTER, MENDED = "offered", "kept", "better", "mended"
MOST = 30
_OF_CAUSE = {"planning": BETTER, "repair": MENDED}


@dataclass(frozen=True, slots=True)
class Act:
    """One act: a time that was `offered` or `kept`, with its visit and recovery, or a plan that was made `better` or
    was `mended`. `can_take_back` a time while the customer has not answered, and of plans the newest of its day."""

    at: dt.datetime
    kind: str
    card: Card | None = None
    recovery_id: str | None = None
    day: dt.date | None = None
    version: int | None = None
    can_take_back: bool = False


def done_by_itself(work: Work, territory: Territory) -> list[Act]:
    """Today's acts, the newest first, at most MOST."""
    since = midnight(local_day(work.now, territory.zone), territory.zone)
    found = [*_times(work, territory, since), *_plans(work.session, territory, since)]
    return sorted(found, key=lambda act: act.at, reverse=True)[:MOST]


def _times(work: Work, territory: Territory, since: dt.datetime) -> list[Act]:
    """Nobody decided about these: the house found a time and wrote, and kept it where nobody answered."""
    query = select(Recovery).where(
        Recovery.territory_id == territory.id,
        Recovery.noticed_at >= since,
        Recovery.round > 0,
        col(Recovery.decided_by).is_(None),
        col(Recovery.repaired_at).is_not(None),
    )
    rows = work.session.exec(query.order_by(col(Recovery.noticed_at))).all()
    cards = {card.visit_id: card for card in cards_of(work, {row.visit_id for row in rows})}
    acts = []
    for row in rows:
        card, waits = cards[row.visit_id], row.state is RecoveryState.OFFERED
        acts.append(Act(row.repaired_at or row.noticed_at, OFFERED, card, row.id, can_take_back=waits))
        if row.arranged_at and (row.arranged_by or "").startswith("policy"):
            acts.append(Act(row.arranged_at, KEPT, card, row.id))
    return acts


def _plans(session: Session, territory: Territory, since: dt.datetime) -> list[Act]:
    query = select(Plan.published_at, Plan.cause, col(Plan.day), Plan.version).where(
        Plan.territory_id == territory.id,
        col(Plan.cause).in_((*SEARCH.history, *REPAIR.history)),
        Plan.published_at >= since,
    )
    acts, newest = [], set()
    for at, cause, day, version in session.exec(query.order_by(col(Plan.version).desc())):
        group = (day, cause in REPAIR.history)
        is_last, kind = group not in newest, _OF_CAUSE.get(cause)
        newest.add(group)
        if kind:
            acts.append(Act(at, kind, day=day, version=version, can_take_back=is_last and version > 1))
    return acts
