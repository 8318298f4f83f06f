"""The sweep over the outbox: a few short Works, and the network only between them."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from dispatch.work import CLOCK, Work, Workshop
from notifications.channels.port import SmsChannel
from notifications.outbox.claimed import Claimed
from notifications.outbox.claiming import BATCH, claim
from notifications.outbox.polling import list_unreported, look_up, note
from notifications.outbox.queries import find_refusal, is_any_due, list_overdue
from notifications.outbox.queueing import hand_to_person
from notifications.outbox.reconciling import list_doubts, look, resolve
from notifications.outbox.sending import Result, release_lost, send, settle, why_not_now
from notifications.outbox.states import MessageState, Outcome
from notifications.render import Writer
from notifications.witness.queries import get_state

LOG = logging.getLogger("makegood.texts")
CAUSE = "texts"
ROUNDS = 10
ASK_AGAIN = timedelta(seconds=60)
HEARD_BY = timedelta(minutes=15)


def send_due(workshop: Workshop, channel: SmsChannel, writer: Writer) -> int:
    """Send what is due; the number of texts that were accepted. A channel that does not deliver keeps the rows.

    So does a restored database, until the witness has compared it with the provider's log.
    """
    with workshop.read() as read:
        if not channel.delivers or not is_any_due(read.session, read.now):
            return 0
        held_since_at = get_state(read.session).held_since_at
    if held_since_at:
        _hand_over_what_is_held(workshop, held_since_at)
        return 0
    _settle_doubts(workshop, channel)
    _ask_after_unreported(workshop, channel)
    with workshop.work(CLOCK, CAUSE) as work:
        release_lost(work)
        hand_over(work)
        if _is_stopped(work):
            return 0
    accepted = 0
    for _ in range(ROUNDS):
        with workshop.work(CLOCK, CAUSE) as work:
            batch = claim(work, writer, pace=channel.pace)
        results = _send_batch(workshop, channel, batch)
        accepted += sum(result.outcome is Outcome.ACCEPTED for result in results)
        if not batch or any(result.is_down for result in results):
            break
    return accepted


def _hand_over_what_is_held(workshop: Workshop, since_at: datetime) -> None:
    """The provider's log says what of it went out. Where it stays silent for long, a person asks instead."""
    with workshop.work(CLOCK, CAUSE) as work:
        if work.now - since_at >= HEARD_BY:
            hand_over(work)


def _is_stopped(work: Work) -> bool:
    """Where our own settings were refused, one text a minute finds out whether they are mended."""
    refused = find_refusal(work.session)
    return bool(refused and refused.finished_at and work.now - refused.finished_at < ASK_AGAIN)


def hand_over(work: Work, limit: int = 10 * BATCH) -> int:
    """Whatever is still not known to be accepted at its deadline goes to a named person, and is not sent."""
    overdue = list_overdue(work.session, work.now, limit)
    for message in overdue:
        hand_to_person(work, message, "unsure" if message.state is MessageState.UNKNOWN else "too_late")
    return len(overdue)


def _send_batch(workshop: Workshop, channel: SmsChannel, batch: list[Claimed]) -> list[Result]:
    """Send one by one; once the provider is down, the rest of the batch is not even tried."""
    results: list[Result] = []
    for claimed in batch:
        if results and results[-1].is_down:
            result = replace(results[-1], detail="not tried: the provider is down")
        else:
            result = _send_one(workshop, channel, claimed)
        results.append(result)
        with workshop.work(CLOCK, CAUSE) as work:
            settle(work, claimed, result)
    return results


def _send_one(workshop: Workshop, channel: SmsChannel, claimed: Claimed) -> Result:
    with workshop.read() as read:
        why_not = why_not_now(read, claimed)
    if why_not:
        return Result(Outcome.NOT_ACCEPTED, None, f"not tried: {why_not}")
    result = send(channel, claimed)
    if result.outcome is Outcome.MISCONFIGURED:
        LOG.error("no text goes out, %s refuses our settings: %s", channel.name, result.detail)
    return result


def _settle_doubts(workshop: Workshop, channel: SmsChannel) -> None:
    with workshop.read() as read:
        doubts = list_doubts(read)
    for doubt in doubts:
        log = look(channel, doubt)
        with workshop.work(CLOCK, CAUSE) as work:
            resolve(work, doubt, log)
        if log is None:  # nor will it say anything about the others
            return


def _ask_after_unreported(workshop: Workshop, channel: SmsChannel) -> None:
    with workshop.read() as read:
        unreported = list_unreported(read)
    for one in unreported:
        report = look_up(channel, one)
        with workshop.work(CLOCK, CAUSE) as work:
            note(work, one, report)
        if report is None:
            return
