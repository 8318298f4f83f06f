"""An option is taken once, in time, and takes the broken promise's place in one stroke."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy.orm import aliased
from sqlmodel import col

from dispatch.audit.check import Check, Finding, pick
from dispatch.failures.tables import Failure
from dispatch.holds.tables import Hold
from dispatch.promises.states import PromiseState
from dispatch.promises.tables import Promise
from dispatch.recoveries.states import OfferState
from dispatch.recoveries.tables import Offer, Recovery
from dispatch.work import Work


class OffersTakenOnce(Check):
    number = "I-34"
    rule = (
        "An offer is taken once and before it expires; in the same moment its window becomes the next promise, "
        "its hold is used, the broken promise is settled and the recovery arranged."
    )
    when_it_fires = (
        "Ring the customer and read back what is arranged. Keep the promise that they remember, and give back "
        "what is held twice."
    )

    def check(self, work: Work) -> Iterator[Finding]:
        made, broken = aliased(Promise), aliased(Promise)
        query = (
            pick(Offer, Recovery, Hold, made, broken.state)
            .join(Recovery, col(Recovery.id) == col(Offer.recovery_id))
            .join(Failure, col(Failure.id) == col(Recovery.failure_id))
            .outerjoin(Hold, col(Hold.id) == col(Offer.hold_id))
            .outerjoin(
                made, (made.visit_id == col(Offer.visit_id)) & (made.version == col(Offer.promise_version))
            )
            .outerjoin(
                broken,
                (broken.visit_id == col(Failure.visit_id)) & (broken.version == col(Failure.promise_version)),
            )
            .where(Offer.state == OfferState.TAKEN)
        )
        versions: Counter[tuple[str, int | None]] = Counter()
        for offer, recovery, hold, promise, old in work.session.exec(query):
            versions[offer.visit_id, offer.promise_version] += 1
            if versions[offer.visit_id, offer.promise_version] > 1:
                yield self.finding(offer.id, f"Promise {offer.promise_version} came from two offers.")
            for sentence in _faults(offer, recovery, hold, promise, old):
                yield self.finding(offer.id, f"Offer {offer.rank} of round {offer.round} {sentence}")


def _faults(
    offer: Offer, recovery: Recovery, hold: Hold | None, promise: Promise | None, old: PromiseState | None
) -> Iterator[str]:
    """What is wrong with an offer that was taken."""
    if offer.settled_at is None or offer.settled_at >= offer.expires_at:
        yield "was taken after it had expired."
    if promise is None:
        yield "was taken and promised nothing."
    elif (promise.start_at, promise.end_at) != (offer.start_at, offer.end_at):
        yield f"was taken, and promise {promise.version} is another window."
    elif promise.made_at != offer.settled_at:
        yield f"was taken, and promise {promise.version} was made at another moment."
    if hold is not None and hold.consumed_by_visit_id != offer.visit_id:
        yield "was taken, and its hold was not used for it."
    if old is not PromiseState.BROKEN:
        yield f"was taken for a promise that is {old}, not broken."
    if recovery.arranged_at is None:
        yield "was taken, and the recovery does not know it."
