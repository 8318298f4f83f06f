"""Every fact worth telling, in the past tense.

Facts hold ids, instants, codes and commitments, never the text of people.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that happened; `visit_id` says in whose record it stands, if in anybody's."""

    visit_id: str | None = None

    @classmethod
    def kind(cls) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    def data(self) -> dict[str, Any]:
        """The fact's values as JSON: instants and dates in ISO 8601, instants in UTC."""
        pairs = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: plain(value) for name, value in pairs if name != "visit_id" and value is not None}


def plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


# --- who and what there is -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TerritoryOpened(Fact):
    territory_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatcherJoined(Fact):
    dispatcher_id: str
    territory_id: str
    commitment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatcherPictured(Fact):
    """The photo that customers see is another one, or, without a commitment, none."""

    dispatcher_id: str
    territory_id: str
    commitment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffChanged(Fact):
    """Somebody of the office has another role, or was switched off or on."""

    dispatcher_id: str
    territory_id: str
    role: str
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialsChosen(Fact):
    """A first or a new password, or a new second factor: what was before counts no more."""

    dispatcher_id: str
    territory_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn(Fact):
    dispatcher_id: str
    territory_id: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded(Fact):
    """By a person, before its time."""

    session_id: str
    subject_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOffered(Fact):
    service_id: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceChanged(Fact):
    """`changed` names the columns; visits that are booked keep what they were booked with."""

    service_id: str
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReworded(Fact):
    """From now on the text of that name reads in that language as its version says."""

    name: str
    language: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TerritoryChanged(Fact):
    territory_id: str
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoliciesSet(Fact):
    """`changed` names the knobs that now stand otherwise than before."""

    territory_id: str
    changed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianJoined(Fact):
    technician_id: str
    territory_id: str
    commitment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianChanged(Fact):
    """`changed` names the columns, `commitment` is to the name and phone as they are now."""

    technician_id: str
    changed: tuple[str, ...]
    commitment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianPictured(Fact):
    """The photo that customers see is another one, or, without a commitment, none."""

    technician_id: str
    commitment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursSet(Fact):
    """The weekly hours of these weekdays (Monday 0) are other ones from now on."""

    technician_id: str
    weekdays: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockCounted(Fact):
    """Somebody looked into the van: these parts are there in other numbers than we thought."""

    technician_id: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRecorded(Fact):
    customer_id: str
    commitment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonExported(Fact):
    """Somebody was given all that we hold about this person."""

    subject: str
    subject_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerErased(Fact):
    """At their request. The id stays as the pseudonym under which their visits stand."""

    customer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRecorded(Fact):
    address_id: str
    customer_id: str
    commitment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerInvited(Fact):
    invitation_id: str
    territory_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyMade(Fact):
    key_id: str
    scopes: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyRevoked(Fact):
    key_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkIssued(Fact):
    link_id: str
    scope: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneCodeAsked(Fact):
    code_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneProven(Fact):
    """Whoever is behind the visit's link entered the code that went to the phone on file."""

    code_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerChanged(Fact):
    """`commitment` is to the name and phone as they are now."""

    customer_id: str
    changed: tuple[str, ...]
    commitment: str


# --- a visit and its promises -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitBooked(Fact):
    """The first fact of every visit."""

    reference: str
    territory_id: str
    service_id: str
    customer_id: str
    address_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitStepped(Fact):
    """The visit's state moved along an arrow of its table."""

    signal: str
    from_state: str
    to_state: str
    technician_id: str | None = None
    reason: str | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitPlaceChanged(Fact):
    """The same visit and promise, at another address."""

    address_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteKept(Fact):
    note_id: str
    commitment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoKept(Fact):
    photo_id: str
    commitment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRated(Fact):
    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseMade(Fact):
    """What the customer was told: `version` replaces the one before it."""

    version: int
    start_at: datetime
    end_at: datetime
    zone: str
    agreed_by: str
    agreed_how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseSettled(Fact):
    version: int
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SoonerWished(Fact):
    """The customer would come up sooner, if something comes free."""

    wish_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SoonerWishEnded(Fact):
    """`how` is taken_back or granted."""

    wish_id: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SoonerOffered(Fact):
    """A time that came free is kept for this customer until `expires_at`."""

    offer_id: str
    start_at: datetime
    end_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SoonerSettled(Fact):
    """`outcome` is taken, declined, lapsed or gone; `how` says over what the answer came, or why there is none."""

    offer_id: str
    start_at: datetime
    end_at: datetime
    outcome: str
    how: str


# --- capacity and plans -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldMade(Fact):
    hold_id: str
    purpose: str
    start_at: datetime
    end_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldEnded(Fact):
    """`how` is consumed or released; a hold that merely ran out needs no fact: the clock says so."""

    hold_id: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPublished(Fact):
    plan_id: str
    territory_id: str
    day: date
    version: int
    base_version: int
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanKept(Fact):
    """A search ended and the current plan stands: it was better, or the answer was refused."""

    territory_id: str
    day: date
    version: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalAsked(Fact):
    """Somebody asked for a better day than this version."""

    proposal_id: str
    territory_id: str
    day: date
    base_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalMade(Fact):
    """A better plan was found and waits for a dispatcher."""

    proposal_id: str
    territory_id: str
    day: date
    base_version: int
    lines: int
    disturbed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRedrawn(Fact):
    """A dispatcher moved a visit in a plan that waits, or took a change out of it."""

    proposal_id: str
    territory_id: str
    day: date
    lines: int
    disturbed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalSettled(Fact):
    """Published, dismissed, overtaken, broken off, or nothing better was found."""

    proposal_id: str
    territory_id: str
    day: date
    state: str
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitAssigned(Fact):
    technician_id: str
    plan_version: int
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitLeftOut(Fact):
    """No place was found; a named person looks after it."""

    plan_version: int
    day: date
    reason: str
    owner_id: str | None


# --- the technician's day ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceReported(Fact):
    absence_id: str
    technician_id: str
    absence: str
    start_at: datetime
    end_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceEnded(Fact):
    absence_id: str
    technician_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OvertimeGranted(Fact):
    technician_id: str
    day: date
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianPrompted(Fact):
    prompt_id: str
    technician_id: str
    leave_by_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianAnswered(Fact):
    prompt_id: str
    technician_id: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianFellSilent(Fact):
    technician_id: str
    since_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianHeardFrom(Fact):
    technician_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentAsked(Fact):
    """The office sends a technician's phone its link; `version` says which."""

    technician_id: str
    territory_id: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatingPaused(Fact):
    """The technician does not want to be located until then."""

    technician_id: str
    until_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatingResumed(Fact):
    technician_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianLate(Fact):
    """Running late: not free before then, they say."""

    technician_id: str
    free_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitDeclined(Fact):
    """This technician cannot take it; whoever can does."""

    technician_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepContested(Fact):
    """A phone reports a step that does not fit the record: `occurred_at` is its time, the entry's own is ours."""

    technician_id: str
    step: str
    occurred_at: datetime


# --- noticing -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitAtRisk(Fact):
    technician_id: str | None
    expected_at: datetime | None
    window_end_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitBackOnTrack(Fact):
    technician_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NobodyCameReported(Fact):
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureNoticed(Fact):
    failure_id: str
    promise_version: int
    failure: str
    fault: str
    noticed_by: str
    certain_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureContested(Fact):
    failure_id: str


# --- making good ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryOpened(Fact):
    recovery_id: str
    failure_id: str
    owner_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OffersMade(Fact):
    """What the customer can choose from; the first one is held."""

    recovery_id: str
    round: int
    offer_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTodayProved(Fact):
    """Nobody can come today: the proof stands with the recovery, a named dispatcher decides."""

    recovery_id: str
    blocks: int
    relaxations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyPutFirst(Fact):
    """A named dispatcher had somebody come at once; so many promises were broken for it, each noticed by itself."""

    technician_id: str
    payers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleAsked(Fact):
    """Several technicians would be out at once, and so many people would be told."""

    trouble_id: str
    technicians: int
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleDecided(Fact):
    trouble_id: str
    decision: str
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferWithheld(Fact):
    """The dial leaves it to a named dispatcher whether what was found (`found`) is offered."""

    recovery_id: str
    level: str
    found: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferTakenBack(Fact):
    """A named dispatcher overrode what the house offered by itself; `why` is one of a few codes that reports count."""

    recovery_id: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTodayDecided(Fact):
    recovery_id: str
    decision: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceMade(Fact):
    recovery_id: str
    choice: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferTaken(Fact):
    recovery_id: str
    offer_id: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferGone(Fact):
    """It was chosen and could no longer be served."""

    recovery_id: str
    offer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryHandedOver(Fact):
    """Overdue: the next person up owns it."""

    recovery_id: str
    owner_id: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditDecided(Fact):
    recovery_id: str
    amount_cents: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryClosed(Fact):
    recovery_id: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackPromised(Fact):
    callback_id: str
    dispatcher_id: str | None
    due_at: datetime
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackHandedOver(Fact):
    callback_id: str
    dispatcher_id: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackBriefed(Fact):
    """The customer said what the call is about, or showed it."""

    callback_id: str
    commitment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackMade(Fact):
    callback_id: str
    outcome: str


# --- words in and out -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageQueued(Fact):
    message_id: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSettled(Fact):
    message_id: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingStopped(Fact):
    """No text goes out until it is started again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingStarted(Fact):
    """Texts go out again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockBelieved(Fact):
    """Somebody has looked: the clock is right, and what stands on record as later is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQueued(Fact):
    """A machine rings because a text could not arrive."""

    call_id: str
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSettled(Fact):
    call_id: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextReceived(Fact):
    inbound_id: str
    intent: str
    commitment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentChanged(Fact):
    consent_id: str
    state: str
    source: str
    commitment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookChanged(Fact):
    """Another program is told of our facts, or no longer, or with another secret; `change` says which."""

    webhook_id: str
    territory_id: str
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsExported(Fact):
    """Somebody of the office took a file of all rows of that kind."""

    territory_id: str
    rows: str


def every_fact() -> list[type[Fact]]:
    """Each kind once: a class with slots is made anew, and Python remembers the one before it too."""
    return list({fact.kind(): fact for fact in Fact.__subclasses__()}.values())
