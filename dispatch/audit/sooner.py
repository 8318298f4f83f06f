"""A time that came free is kept for one customer at a time, and takes the promise's place in one stroke."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlalchemy.orm import aliased
from sqlmodel import col

from dispatch.audit.check import Check, Finding, pick
from dispatch.holds.tables import Hold
from dispatch.promises.tables import Promise
from dispatch.wishes.states import SoonerState
from dispatch.wishes.tables import SoonerOffer, Wish
from dispatch.work import Work

MAY_BE_LATE = dt.timedelta(minutes=5)


class EarlierTimesAreKept(Check):
    number = "I-54"
    rule = (
        "An earlier time that a customer may still take is kept for them, and no longer than was said; one that was "
        "taken became the next promise in the same moment, earlier than the one before it, and ended their waiting."
    )
    when_it_fires = (
        "Ring the customer and read back which time stands; keep the one that they remember. If several stay open "
        "past their time, the job that ends them does not run: `makegood doctor` says why."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        before, after = aliased(Promise), aliased(Promise)
        query = (
            pick(SoonerOffer, Wish, Hold, before, after)
            .outerjoin(Wish, col(Wish.id) == col(SoonerOffer.wish_id))
            .outerjoin(Hold, col(Hold.id) == col(SoonerOffer.hold_id))
            .outerjoin(
                before,
                (before.visit_id == col(SoonerOffer.visit_id))
                & (before.version == col(SoonerOffer.promise_version)),
            )
            .outerjoin(
                after,
                (after.visit_id == col(SoonerOffer.visit_id))
                & (after.version == col(SoonerOffer.promise_version) + 1),
            )
            .where(col(SoonerOffer.state).in_((SoonerState.OPEN, SoonerState.TAKEN)))
        )
        for offer, wish, hold, old, new in work.session.exec(query):
            is_open = offer.state is SoonerState.OPEN
            faults = _of_open(offer, hold, work.now) if is_open else _of_taken(offer, wish, old, new)
            for sentence in faults:
                yield self.finding(offer.id, f"The earlier time {sentence}")


def _of_open(offer: SoonerOffer, hold: Hold | None, now: dt.datetime) -> Iterator[str]:
    if offer.expires_at + MAY_BE_LATE < now:
        yield "can still be taken, and its minutes are over."
    if hold is None or (hold.day, hold.start_at, hold.end_at) != (offer.day, offer.start_at, offer.end_at):
        yield "is offered, and what is kept is another one."
    elif hold.consumed_at or hold.expires_at < offer.expires_at:
        yield "is offered for longer than it is kept."


def _of_taken(
    offer: SoonerOffer, wish: Wish | None, old: Promise | None, new: Promise | None
) -> Iterator[str]:
    if new is None:
        yield "was taken, and nothing was promised."
        return
    if (new.start_at, new.end_at) != (offer.start_at, offer.end_at):
        yield f"was taken, and promise {new.version} is another window."
    if new.made_at != offer.settled_at:
        yield f"was taken, and promise {new.version} was made at another moment."
    if old is None or old.start_at <= new.start_at:
        yield "is not earlier than what was promised before."
    if wish is None or wish.ended_at is None:
        yield "was taken, and its customer waits on."
