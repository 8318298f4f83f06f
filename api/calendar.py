"""Visits as calendar files (RFC 5545): events that keep their identity when they move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from fastapi import Response
from icalendar import Calendar, Event

from dispatch.board.card import Card
from dispatch.board.coming import Coming
from dispatch.local_time import say_time
from dispatch.visits.states import VisitState


class CalendarFile(Response):
    media_type = "text/calendar"


GONE = (VisitState.CANCELLED, VisitState.CLOSED)
READ_AGAIN_AFTER = timedelta(minutes=30)


def calendar_file(card: Card, now: datetime, *, company: str) -> bytes:
    """A customer's visit in its own zone. UID is stable, SEQUENCE is the promise's version."""
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
    return _file(_calendar(), [event])


def technicians_calendar(visits: Sequence[Coming], *, name: str) -> bytes:
    """What stands with a technician, from when they arrive: whoever reads it is another company's server.

    So there is nobody's name or phone in it, and no note of the visit. The same rows make the same bytes.
    """
    calendar = _calendar()
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", READ_AGAIN_AFTER, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT30M")
    return _file(calendar, map(_stop, visits))


def _stop(visit: Coming) -> Event:
    card, zone = visit.card, ZoneInfo(visit.card.time_zone)
    told = f"The customer was told {card.window_text}. Reference {card.reference}."
    event = Event()
    event.add("uid", f"{card.visit_id}.technician@makegood")
    event.add("sequence", visit.revision)
    event.add("dtstamp", visit.changed_at)
    event.add("dtstart", visit.start_at.astimezone(zone).replace(second=0))
    event.add("dtend", visit.end_at.astimezone(zone).replace(second=0))
    event.add("summary", card.service)
    event.add("description", f"Leave at {say_time(visit.leave_at, zone)}. {told}")
    event.add("location", card.address)
    event.add("status", "CONFIRMED")
    return event


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Makegood//visits//EN")
    calendar.add("version", "2.0")
    return calendar


def _file(calendar: Calendar, events: Iterable[Event]) -> bytes:
    for event in events:
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())
