"""Which arrival range a text told, once it went out."""

from __future__ import annotations

from datetime import datetime

from dispatch.plans.expected import expect_arrival
from dispatch.plans.ranges import keep_ranges, told
from dispatch.promises.queries import current_promise
from dispatch.territories.queries import get_territory
from dispatch.visits.queries import get_visit
from dispatch.work import Work
from notifications.languages import known_language
from notifications.outbox.tables import Message
from notifications.segments import simplify
from notifications.speech import Speech


def keep_told_range(work: Work, message: Message, body: str, at: datetime) -> None:
    """Keep the range that the rows gave at that instant, if the text says it in its own words."""
    if message.visit_id is None:
        return
    visit = get_visit(work.session, message.visit_id)
    arrival = expect_arrival(work.session, visit, current_promise(work.session, visit), at)
    if arrival is None:
        return
    zone = get_territory(work.session, visit.territory_id).zone
    words = Speech(known_language(message.language), zone, at).span(arrival.from_at, arrival.until_at)
    if simplify(words) in body:
        keep_ranges(work, [told(visit, arrival, at, message.purpose)])
