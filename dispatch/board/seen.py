"""What of a visit's card is shown to whom: a customer's home to nobody who only has a link, a phone while it is needed.

Which fields of it each role is sent at all stands in `api/schemas/visits.py`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from dispatch.board.card import Card
from dispatch.local_time import local_day
from dispatch.technicians.queries import get_technician, shifts_on
from dispatch.technicians.rules import working_day
from dispatch.territories.queries import get_territory
from dispatch.visits.states import VisitState
from dispatch.work import Work

REACHABLE_AFTER_DONE = timedelta(hours=24)
AREA_DEGREES = 0.005
UNDER_WAY = (VisitState.EN_ROUTE, VisitState.ON_SITE)


def may_ring(card: Card, *, shift_start_at: datetime | None, now: datetime) -> bool:
    """A technician has the customer's phone from the start of the day's shift until a day after the work is done."""
    if card.done_at is not None:
        return now < card.done_at + REACHABLE_AFTER_DONE
    return card.state in UNDER_WAY or (shift_start_at is not None and shift_start_at <= now)


def for_technician(work: Work, technician_id: str, card: Card) -> Card:
    """The card without the phone while the technician does not need it."""
    shift_start_at = _shift_start(work, technician_id)
    is_shown = may_ring(card, shift_start_at=shift_start_at, now=work.now)
    return card if is_shown else replace(card, phone="")


def for_link(card: Card) -> Card:
    """The card for whoever holds the customer's link, which may have been forwarded: `12 … Street`."""
    lat, lng = area_of(card.lat, card.lng)
    return replace(card, address=shorten(card.address), lat=lat, lng=lng)


def may_see_portrait(card: Card) -> bool:
    """A customer sees who comes while somebody is to come: not once the work is done, or nobody comes any more."""
    return card.technician_id is not None and card.state in (VisitState.BOOKED, *UNDER_WAY)


def shorten(address: str) -> str:
    """`12 … Street`: enough to recognise one's own door, little for whoever finds a forwarded link."""
    words = address.split()
    return " … ".join((words[0], words[-1])) if len(words) > 2 else f"{words[0]} …"


def area_of(lat: float, lng: float) -> tuple[float, float]:
    """The nearest crossing of a net of half a kilometre: the part of town, never the house."""
    return round(round(lat / AREA_DEGREES) * AREA_DEGREES, 3), round(
        round(lng / AREA_DEGREES) * AREA_DEGREES, 3
    )


def _shift_start(work: Work, technician_id: str) -> datetime | None:
    """When today's shift begins; None on a day off."""
    technician = get_technician(work.session, technician_id)
    zone = get_territory(work.session, technician.territory_id).zone
    day = local_day(work.now, zone)
    shift = shifts_on(work.session, [technician.id], day.weekday()).get(technician.id)
    return working_day(shift, day, zone).start_at if shift else None
