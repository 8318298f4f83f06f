"""What is happening now, in one sentence for a worried customer, and what they can do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from api.pages.tongue import ENGLISH, Tongue, term
from api.pages.words import BROKE
from dispatch.board.card import Card, RecoveryCard
from dispatch.ledger import LedgerEntry
from dispatch.local_time import local_day, say_time
from dispatch.recoveries.states import RecoveryState
from dispatch.visits.states import Signal, VisitState, allowed

OVER = (VisitState.DONE, VisitState.CLOSED, VisitState.CANCELLED)
SORRY = ("technician_absent", "late", "plan", "not_finished", "no_word", "wrong_parts")


@dataclass(frozen=True, slots=True)
class Headline:
    """`sentence` is the largest thing on the page, `more` what follows it in ordinary size.

    `sure` says in words how far the times in it can be relied on.
    """

    sentence: str
    more: tuple[str, ...] = ()
    sure: str = ""


@dataclass(frozen=True, slots=True)
class CanDo:
    """Which buttons there are: what the table of states and the time allow."""

    choose: bool
    keep: bool
    another_day: bool
    nobody_came: bool
    contest: bool
    change: bool
    cancel: bool
    undo: bool
    undo_change: bool
    rate: bool
    person: bool


def headline(card: Card, now: datetime, reported_at: datetime | None, say: Tongue = ENGLISH) -> Headline:
    who = card.technician or say("Our technician")
    if card.state is VisitState.CANCELLED:
        more = say("Nobody will come. We have told our technician.")
        return Headline(say("This visit is cancelled."), (more,))
    if card.state is VisitState.CLOSED:
        return Headline(say("This visit is closed."), (say("Nobody will come any more."),))
    if card.state is VisitState.DONE:
        thanks = (say("Thank you for your patience."),) if card.failures else ()
        return Headline(say("The work is done."), thanks)
    if card.state is VisitState.ON_SITE:
        return Headline(say("{who} is with you.", who=who))
    if card.state is VisitState.EN_ROUTE:
        return _on_the_way(card, who, say)
    if card.state is VisitState.FAILED:
        return _broken(card, say)
    return _booked(card, who, now, reported_at, say)


def says_when(card: Card, now: datetime) -> bool:
    """Whether the headline tells between when and when somebody arrives."""
    if not card.expected or card.state is VisitState.EN_ROUTE:
        return card.expected is not None
    is_today = local_day(now, ZoneInfo(card.time_zone)) == local_day(card.start_at, ZoneInfo(card.time_zone))
    return card.state is VisitState.BOOKED and is_today and now < card.end_at and card.technician is not None


def _on_the_way(card: Card, who: str, say: Tongue) -> Headline:
    if not card.expected:
        return Headline(say("{who} is on the way to you.", who=who))
    more: tuple[str, ...] = ()
    if card.expected[1] > card.end_at:
        words = term("That may be later than we promised ({window}). We are sorry.")
        more = (say(words, window=window(card, say)),)
    start, end = between(card)
    sentence = say(
        "{who} is on the way and should be with you between {start} and {end}.", who=who, start=start, end=end
    )
    return Headline(sentence, more, say("Quite sure: counted from when {who} set off.", who=who))


def between(card: Card) -> tuple[str, ...]:
    """`08:00` and `08:15`"""
    return tuple(say_time(at, ZoneInfo(card.time_zone)) for at in card.expected or ())


def window(card: Card, say: Tongue) -> str:
    """The promised window: in English as it was promised."""
    return card.window_text if say.is_source else say.window(card.start_at, card.end_at, card.time_zone)


def _booked(card: Card, who: str, now: datetime, reported_at: datetime | None, say: Tongue) -> Headline:
    zone = ZoneInfo(card.time_zone)
    more: list[str] = []
    if card.recovery and card.recovery.state is RecoveryState.ARRANGED:
        more.append(_arranged(card.recovery, say))
    if reported_at:
        at = say_time(reported_at, zone)
        words = term("You told us at {time} that nobody has come. We asked {who} at once where they are.")
        more.append(say(words, time=at, who=who))
    if now >= card.end_at:
        return Headline(say("We are late, and we know it."), (say("We are finding out right now."), *more))
    if local_day(now, zone) != local_day(card.start_at, zone):
        return Headline(say("We come {window}.", window=window(card, say)), tuple(more))
    if says_when(card, now):
        start, end = between(card)
        sentence = say("{who} should be with you between {start} and {end}.", who=who, start=start, end=end)
        words = term("Not sure: something before you takes longer than planned.")
        if not card.at_risk:
            words = term("An estimate; it gets surer once {who} has set off.")
        return Headline(sentence, tuple(more), say(words, who=who))
    hours = f"{say_time(card.start_at, zone)}–{say_time(card.end_at, zone)}"
    return Headline(say("We come today, {hours}.", hours=hours), tuple(more))


def _arranged(recovery: RecoveryCard, say: Tongue) -> str:
    if (recovery.arranged_by or "").startswith("policy"):
        return say("We broke our first promise. We kept this time for you; you can still change it.")
    return say("We broke our first promise. This is the new one.")


def _broken(card: Card, say: Tongue) -> Headline:
    """What happened, then what is being done about it and by whom."""
    recovery = card.recovery
    if recovery is None:
        return Headline(say("Something went wrong. Our office is looking after it."))
    happened = say(_what_happened(card, recovery))
    sorry = (say("We are sorry."),) if recovery.kind in SORRY and not recovery.contested else ()
    owner = recovery.owner or say("Our office")
    if recovery.contested:
        sorry = (say("You told us that you were at home. We believe you."),)
    doing = {
        RecoveryState.OPEN: term("We are looking for somebody for you right now."),
        RecoveryState.OFFERED: term("Please choose what suits you."),
        RecoveryState.DECIDING: term(
            "Nobody has a free place today. {owner} is looking for a way and will tell you."
        ),
        RecoveryState.TALKING: term("{owner} is looking after it with you."),
    }.get(recovery.state, term("{owner} is looking after it."))
    if recovery.state is RecoveryState.DECIDING and recovery.withheld:
        doing = term("{owner} is arranging another time for you and will tell you.")
    return Headline(happened, (*sorry, *_found(card, say), say(doing, owner=owner)))


def _found(card: Card, say: Tongue) -> tuple[str, ...]:
    """Who comes and when, where the recovery has found it and keeps it."""
    offers = card.recovery.offers if card.recovery and card.recovery.state is RecoveryState.OFFERED else ()
    kept = next((one for one in offers if one.held), None)
    if kept is None:
        return ()
    who = kept.technician or say("Our technician")
    when = say.window(kept.start_at, kept.end_at, card.time_zone)
    return (say("{who} can come {window}; we keep that time for you.", who=who, window=when),)


def _what_happened(card: Card, recovery: RecoveryCard) -> str:
    """Nobody is told that somebody did not come before the window is over."""
    if recovery.kind != "technician_absent":
        return BROKE.get(recovery.kind, term("Something went wrong."))
    if recovery.noticed_at < card.end_at:
        return term("We cannot keep the time we promised you.")
    return term("Our technician did not come.")


def can_do(card: Card, now: datetime, reported_at: datetime | None, *, kept_by_rule: bool) -> CanDo:
    recovery, signals = card.recovery, allowed(card.state)
    alive = recovery is not None and recovery.state is not RecoveryState.CLOSED
    choosing = alive and card.state in (VisitState.FAILED, VisitState.BOOKED, VisitState.EN_ROUTE)
    waits = card.state in (VisitState.BOOKED, VisitState.EN_ROUTE, VisitState.ON_SITE)
    return CanDo(
        choose=choosing and bool(recovery and recovery.offers),
        keep=choosing and kept_by_rule,
        another_day=choosing and card.state is VisitState.FAILED,
        nobody_came=waits and now >= card.start_at and reported_at is None,
        contest=recovery is not None and recovery.contestable,
        change=card.state is VisitState.BOOKED,
        cancel=Signal.CANCEL in signals,
        undo=card.undo_until_at is not None and card.state is VisitState.CANCELLED,
        undo_change=card.undo_until_at is not None and card.state is VisitState.BOOKED,
        rate=card.state is VisitState.DONE and card.rating is None,
        person=card.callback is None,
    )


def reported_at(card: Card, entries: Sequence[LedgerEntry]) -> datetime | None:
    """When the customer said that nobody came, since the promise that stands was made."""
    told: datetime | None = None
    for entry in entries:
        if entry.kind == "promise_made" and entry.data["version"] == card.promise_version:
            told = None
        if entry.kind == "nobody_came_reported":
            told = entry.at
    return told


def refresh_seconds(card: Card, now: datetime) -> int | None:
    """Where things move the page asks again by itself."""
    if card.state in OVER and card.undo_until_at is None:
        return None
    soon = card.state is not VisitState.BOOKED or (card.start_at - now).total_seconds() < 12 * 3600
    return 30 if soon else 600
