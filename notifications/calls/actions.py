"""The sweep over the calls: a few short Works, and the network only between them."""

from __future__ import annotations

from dispatch.work import CLOCK, Work, Workshop
from notifications.calls.claiming import BATCH, Claimed, claim
from notifications.calls.ending import give_to_person
from notifications.calls.looking import list_doubts, look, resolve
from notifications.calls.placing import Result, place, release_lost, settle, why_not_now
from notifications.calls.port import VoiceChannel
from notifications.calls.queries import is_any_live, list_overdue, list_waiting
from notifications.calls.states import Signal

CAUSE = "calls"


def call_due(workshop: Workshop, channel: VoiceChannel) -> int:
    """Ring where that is due; the number of calls that were accepted. Where nobody can ring, persons do at once."""
    with workshop.read() as read:
        if not is_any_live(read.session):
            return 0
    if channel.delivers:
        _settle_doubts(workshop, channel)
    with workshop.work(CLOCK, CAUSE) as work:
        release_lost(work)
        hand_over(work)
        if not channel.delivers:
            for call in list_waiting(work.session):
                give_to_person(work, call, "no_voice")
            return 0
        batch = claim(work)
    return sum(_place_one(workshop, channel, claimed) for claimed in batch)


def hand_over(work: Work, limit: int = 10 * BATCH) -> None:
    """Whatever has told nobody at its deadline goes to a named person."""
    for call in list_overdue(work.session, work.now, limit):
        give_to_person(work, call, "too_late")


def _place_one(workshop: Workshop, channel: VoiceChannel, claimed: Claimed) -> bool:
    with workshop.read() as read:
        why_not = why_not_now(read, claimed)
    result = Result(Signal.PUT_OFF, None, f"not tried: {why_not}") if why_not else place(channel, claimed)
    with workshop.work(CLOCK, CAUSE) as work:
        settle(work, claimed, result)
    return result.signal is Signal.ACCEPT


def _settle_doubts(workshop: Workshop, channel: VoiceChannel) -> None:
    with workshop.read() as read:
        doubts = list_doubts(read)
    for doubt in doubts:
        log = look(channel, doubt)
        with workshop.work(CLOCK, CAUSE) as work:
            resolve(work, doubt, log)
        if log is None:  # nor will it say anything about the others
            return
