"""What the clock has made due. The rows are the truth: running this late, or twice, changes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dispatch.callbacks.actions import escalate
from dispatch.callbacks.queries import get_callback, list_overdue
from dispatch.callbacks.queries import next_due_at as next_callback_at
from dispatch.failures.watch import needs_watch, next_at, watch
from dispatch.recoveries.actions import close, hand_over
from dispatch.recoveries.choices import keep_for_silence
from dispatch.recoveries.queries import list_of_cancelled, list_owner_overdue, list_unanswered, lock_recovery
from dispatch.recoveries.queries import next_due_at as next_recovery_at
from dispatch.territories.queries import get_territory, list_territories
from dispatch.wishes.actions import WhenToAsk, end_sooner, look_for_sooner
from dispatch.wishes.looking import days_to_look, next_look_at
from dispatch.wishes.queries import list_over, next_over_at
from dispatch.work import CLOCK, POLICY, Actor, Work, Workshop


@dataclass(frozen=True, slots=True)
class Item:
    """Something to do, by whom; `is_due` is asked first, in a read, where looking is worth a look."""

    cause: str
    about: str
    actor: Actor
    action: Callable[[Work], None]
    is_due: Callable[[Work], bool] | None = None


def run_due(workshop: Workshop) -> int:
    """Do everything that is due now, each item in a Work of its own; returns how many left a trace.

    An item that fails keeps no other from its turn: what failed is raised together at the end.
    """
    done, failed = 0, []
    with workshop.read() as work:
        items = list(_items(work, workshop.when_to_ask))
    for item in items:
        try:
            done += _do(workshop, item)
        except Exception as error:  # one bad row must not stop the others; the job runner logs and retries
            error.add_note(f"{item.cause} {item.about}")  # the row, for whoever mends it
            failed.append(error)
    if failed:
        raise ExceptionGroup("some of what is due could not be done", failed)
    return done


def _do(workshop: Workshop, item: Item) -> bool:
    """Whether the item left a trace."""
    if item.is_due:
        with workshop.read() as work:
            if not item.is_due(work):
                return False

    def act(work: Work) -> Work:
        item.action(work)
        return work

    return bool(workshop.whole(item.actor, item.cause, act).facts)


def next_due_at(workshop: Workshop) -> dt.datetime | None:
    """The next instant at which `run_due` could find something; None when nothing is in sight."""
    with workshop.read() as work:
        territories = list_territories(work.session)
        found = [next_at(work, territory) for territory in territories]
        found += [next_look_at(work, territory) for territory in territories]
        found += [next_over_at(work.session, work.now)]
        found += [next_recovery_at(work.session, work.now), next_callback_at(work.session, work.now)]
    return min((at for at in found if at), default=None)


def _items(work: Work, when_to_ask: WhenToAsk) -> Iterator[Item]:
    """Small values first read together; each action checks again, in its own Work, that it is still due."""
    for territory in list_territories(work.session):
        yield Item("watch", territory.id, CLOCK, _watch(territory.id), is_due=_needs_watch(territory.id))
    for recovery in list_unanswered(work.session, work.now):
        yield Item("silence", recovery.id, POLICY, _keep(recovery.id))
    for recovery in list_owner_overdue(work.session, work.now):
        yield Item("owner overdue", recovery.id, CLOCK, _hand_over(recovery.id))
    for recovery in list_of_cancelled(work.session, work.now):
        yield Item("cancelled", recovery.id, CLOCK, _close(recovery.id))
    for callback in list_overdue(work.session, work.now):
        yield Item("callback overdue", callback.id, CLOCK, _escalate(callback.id))
    for offer in list_over(work.session, work.now):
        yield Item("sooner over", offer.id, POLICY, _end_sooner(offer.id))
    for territory in list_territories(work.session):
        for day in days_to_look(work, territory):
            look = _look_for_sooner(territory.id, day, when_to_ask)
            yield Item("sooner", f"{territory.id} {day}", POLICY, look)


def _needs_watch(territory_id: str) -> Callable[[Work], bool]:
    return lambda work: needs_watch(work, get_territory(work.session, territory_id))


def _watch(territory_id: str) -> Callable[[Work], None]:
    return lambda work: watch(work, get_territory(work.session, territory_id))


def _keep(recovery_id: str) -> Callable[[Work], None]:
    return lambda work: keep_for_silence(work, recovery_id)


def _hand_over(recovery_id: str) -> Callable[[Work], None]:
    return lambda work: hand_over(work, lock_recovery(work.session, recovery_id))


def _close(recovery_id: str) -> Callable[[Work], None]:
    return lambda work: close(work, lock_recovery(work.session, recovery_id), "customer_cancelled")


def _escalate(callback_id: str) -> Callable[[Work], None]:
    return lambda work: escalate(work, get_callback(work.session, callback_id))


def _end_sooner(offer_id: str) -> Callable[[Work], None]:
    return lambda work: end_sooner(work, offer_id)


def _look_for_sooner(territory_id: str, day: dt.date, when_to_ask: WhenToAsk) -> Callable[[Work], None]:
    return lambda work: look_for_sooner(work, territory_id, day, when_to_ask)
