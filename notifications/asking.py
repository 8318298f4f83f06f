"""From when on somebody may be asked, by text, what can just as well be left unasked."""

from __future__ import annotations

from datetime import datetime, timedelta

from dispatch.customers.queries import get_customer
from dispatch.local_time import local_day, midnight
from dispatch.territories.queries import get_territory
from dispatch.visits.tables import Visit
from dispatch.words import is_landline
from dispatch.work import Work
from notifications.consent import consent_state, may_text
from notifications.hours import next_opening, usual_hours
from notifications.messages import SOONER_OFFER
from notifications.outbox.claiming import MOST_A_DAY, MOST_ABOUT_A_VISIT_IN_AN_HOUR
from notifications.outbox.lane import get_lane
from notifications.outbox.queries import count_texts
from notifications.outbox.tables import Audience

HOUR = timedelta(hours=1)


def when_to_ask(work: Work, visit: Visit) -> datetime | None:
    """Now, when the usual hours begin, or None: no phone, a landline, no consent, enough texts, or none go out.

    Whoever cannot be told is not made to wait for, with a place that is kept for them.
    """
    customer = get_customer(work.session, visit.customer_id)
    phone = customer.phone
    if customer.erased_at or not phone or is_landline(phone) or get_lane(work.session).stopped_at:
        return None
    if not may_text(consent_state(work, phone), SOONER_OFFER, Audience.CUSTOMER).allowed:
        return None
    territory = get_territory(work.session, visit.territory_id)
    today = midnight(local_day(work.now, territory.zone), territory.zone)
    if count_texts(work.session, phone, today) >= MOST_A_DAY:
        return None
    if count_texts(work.session, phone, work.now - HOUR, visit.id) >= MOST_ABOUT_A_VISIT_IN_AN_HOUR:
        return work.now + HOUR
    return next_opening(work.now, usual_hours(territory.policies, territory.zone, phone))
