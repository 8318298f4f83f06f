"""A visit as a calendar file: one event that keeps its identity when the window moves."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from dispatch.board.card import Card
from dispatch.visits.states import VisitState

GONE = (VisitState.CANCELLED, VisitState.CLOSED)


def calendar_file(card: Card, now: datetime, *, company: str) -> bytes:
    """iCalendar (RFC 5545) in the visit's own zone. UID is stable, SEQUENCE is the promise's version."""
    zone = ZoneInfo(card.time_zone)
    event = Event()
    event.add("uid", f"{card.visit_id}@makegood")
    event.add("sequence", card.promise_version)
    event.add("dtstamp", now)
    event.add("dtstart", card.start_at.astimezone(zone))
    event.add("dtend", card.end_at.astimezone(zone))
    event.add("summary", f"{company}: {card.service}")
    event.add("description", f"Reference {card.reference}. Somebody arrives in this window.")
    event.add("location", card.address)
    event.add("status", "CANCELLED" if card.state in GONE else "CONFIRMED")
    calendar = Calendar()
    calendar.add("prodid", "-//Makegood//visits//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())
