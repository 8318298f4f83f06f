"""What became of the work that a technician could not finish today: who comes now, and when."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import col, select

from dispatch.board.card import Card, cards_of
from dispatch.failures.tables import Failure, FailureKind
from dispatch.local_time import local_day, midnight
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import get_territory
from dispatch.visits.states import UNSTARTED, VisitState
from dispatch.work import Work

COULD_NOT = (FailureKind.NOT_FINISHED, FailureKind.WRONG_PARTS, FailureKind.NO_ACCESS)


@dataclass(frozen=True, slots=True)
class HandedOn:
    """`who` comes in that window; `asked` while the customer may still choose otherwise.

    Without a window nothing is found yet, and `owner` looks after it.
    """

    customer: str
    who: str | None
    start_at: dt.datetime | None
    end_at: dt.datetime | None
    asked: bool
    owner: str | None


def handed_on(work: Work, technician: Technician) -> list[HandedOn]:
    """Today's, in the order in which they were said; what is done or called off since needs no word."""
    zone = get_territory(work.session, technician.territory_id).zone
    query = select(Failure).where(
        Failure.technician_id == technician.id,
        col(Failure.kind).in_(COULD_NOT),
        Failure.noticed_at >= midnight(local_day(work.now, zone), zone),
    )
    ids = [one.visit_id for one in work.session.exec(query.order_by(col(Failure.noticed_at)))]
    cards = cards_of(work, dict.fromkeys(ids))
    return [one for card in cards if (one := _stands(card)) is not None]


def _stands(card: Card) -> HandedOn | None:
    owner = card.recovery.owner if card.recovery else None
    if card.state in UNSTARTED:
        return HandedOn(card.customer, card.technician, card.start_at, card.end_at, False, owner)
    if card.state is not VisitState.FAILED:
        return None
    kept = next((one for one in card.recovery.offers if one.held), None) if card.recovery else None
    if kept is None:
        return HandedOn(card.customer, None, None, None, False, owner)
    return HandedOn(card.customer, kept.technician, kept.start_at, kept.end_at, True, owner)
