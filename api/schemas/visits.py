"""Slots, holds and visits, as customers, technicians and the office send and see them."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, fields
from typing import Any, Literal

from pydantic import Field

from api.schemas.base import Code, Id, In, Instant, InstantIn, Name, Out, PhonesClock, Place
from dispatch.board.card import Card
from dispatch.bookings.slots import Slot
from dispatch.holds.tables import Hold
from dispatch.ledger import LedgerEntry
from dispatch.local_time import say_window
from dispatch.territories.tables import Territory

Step = Literal["leave", "arrive", "finish", "nobody_home", "cannot_finish", "decline"]
HindranceIn = Literal["needs_more_time", "wrong_parts", "no_access", "needs_somebody_else"]


class SlotOut(Out):
    """A window that can be served. `price` is what it adds to the plan, where that was computed."""

    day: dt.date
    start_at: Instant
    end_at: Instant
    text: str
    near: bool
    price: float | None

    @classmethod
    def of(cls, slot: Slot, territory: Territory, *, priced: bool) -> SlotOut:
        return cls(
            day=slot.day,
            start_at=slot.start_at,
            end_at=slot.end_at,
            text=say_window(slot.start_at, slot.end_at, territory.zone),
            near=slot.near,
            price=slot.price if priced else None,
        )


class SlotsOut(Out):
    """`times_are_estimates`: travel is computed without roads."""

    time_zone: str
    times_are_estimates: bool
    slots: list[SlotOut]


class HoldIn(In):
    service: Code
    place: Place
    start_at: InstantIn


class HoldOut(Out):
    id: str
    start_at: Instant
    end_at: Instant
    text: str
    expires_at: Instant

    @classmethod
    def of(cls, hold: Hold, territory: Territory) -> HoldOut:
        return cls(
            id=hold.id,
            start_at=hold.start_at,
            end_at=hold.end_at,
            text=say_window(hold.start_at, hold.end_at, territory.zone),
            expires_at=hold.expires_at,
        )


class VisitIn(In):
    """Turns a hold into a visit. `consent`: the customer agreed to texts about the appointment."""

    hold_id: Id
    name: Name
    phone: str = Field(min_length=3, max_length=40)
    address: str = Field(min_length=1, max_length=240)
    language: str | None = Field(
        default=None,
        pattern=r"^[a-z]{2}(-[A-Z]{2})?$",
        description="In which the customer is texted; without one as before, or in English.",
    )
    note: str = Field(default="", max_length=2000)
    consent: bool


class RescheduleIn(In):
    hold_id: Id


class StepIn(In):
    """A technician's step. `place` is where the phone is; `contacted` that the customer was tried.

    To decline needs the reason as `note`.
    """

    step: Step
    place: Place | None = None
    occurred_at: PhonesClock | None = None
    note: str = Field(default="", max_length=2000)
    contacted: bool = False
    hindrance: HindranceIn | None = None


class RatingIn(In):
    score: int = Field(ge=1, le=5)


class NobodyCameIn(In):
    """Empty: the link or the session says who reports it."""


class VisitOut(Out):
    """A visit as this reader may see it: fields that are not theirs are null."""

    visit_id: str
    reference: str
    state: str
    service: str
    customer: str
    phone: str | None
    address: str
    place: dict[str, float] | None
    time_zone: str
    window: str
    start_at: Instant
    end_at: Instant
    promise_version: int
    promise_state: str
    agreed_by: str
    expected: str | None
    technician: str | None
    at_risk: bool
    undo_until_at: Instant | None
    recovery: dict[str, Any] | None
    callback: dict[str, Any] | None
    rating: int | None
    tracking_url: str | None = None

    @classmethod
    def of(cls, card: Card, role: str, *, tracking_url: str | None = None) -> VisitOut:
        known = {field.name: getattr(card, field.name) for field in fields(card)}
        inside = role != "customer"
        recovery = asdict(card.recovery) if card.recovery else None
        if recovery and role != "dispatcher":
            del recovery["withheld"]  # names other people's visits
        known |= {
            "window": card.window_text,
            "expected": card.expected_text,
            "phone": card.phone or None if inside else None,
            "place": {"lat": card.lat, "lng": card.lng} if inside else None,
            "at_risk": card.at_risk if role == "dispatcher" else False,
            "rating": card.rating if role != "technician" else None,
            "recovery": recovery if role != "technician" else None,
            "callback": asdict(card.callback) if card.callback and role != "technician" else None,
            "tracking_url": tracking_url,
        }
        return cls.model_validate({name: known[name] for name in cls.model_fields})


class VisitsOut(Out):
    visits: list[VisitOut]


class EntryOut(Out):
    """One fact of the visit's record."""

    seq: int
    at: Instant
    kind: str
    actor: str
    data: dict[str, Any]

    @classmethod
    def of(cls, entry: LedgerEntry) -> EntryOut:
        return cls(
            seq=entry.visit_seq or 0,
            at=entry.at,
            kind=entry.kind,
            actor=entry.actor.partition(":")[0],
            data=entry.data,
        )


class HistoryOut(Out):
    reference: str
    entries: list[EntryOut]
