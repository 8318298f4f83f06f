"""The invariants as code: each says its rule, looks at the live database, and tells what to do when it fires.

Those that need the outbox live in `notifications.audit`, which knows all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from dispatch.audit.broken import FailuresAreMadeGood, LateIsAFailure
from dispatch.audit.capacity import HoldsEndOnce, OneDoorAtATime, OnePlaceAtATime
from dispatch.audit.check import Check, Finding, run_audit
from dispatch.audit.counted import BookedOnce, NoMoreThanThereIs
from dispatch.audit.instants import InstantsAreUtc
from dispatch.audit.keepers import EveryDayCloses, EveryVisitHasAKeeper
from dispatch.audit.ledger_fold import History, HistoryExplainsState, fold
from dispatch.audit.moves import LegalMovesOnly
from dispatch.audit.offers import OffersTakenOnce
from dispatch.audit.plans import OnePlanADay, PlansHoldEverybody
from dispatch.audit.positions import LocatedOnShiftOnly
from dispatch.audit.promises import OldPromisesStay, WordsMatchInstants
from dispatch.audit.records import NothingDeleted, ReferenceForEver, SameAnswer
from dispatch.audit.sooner import EarlierTimesAreKept

ALL: Sequence[Check] = (
    ReferenceForEver(),
    NothingDeleted(),
    HistoryExplainsState(),
    LegalMovesOnly(),
    EveryVisitHasAKeeper(),
    EveryDayCloses(),
    OldPromisesStay(),
    OnePlaceAtATime(),
    NoMoreThanThereIs(),
    HoldsEndOnce(),
    BookedOnce(),
    OneDoorAtATime(),
    LateIsAFailure(),
    FailuresAreMadeGood(),
    WordsMatchInstants(),
    OffersTakenOnce(),
    OnePlanADay(),
    PlansHoldEverybody(),
    LocatedOnShiftOnly(),
    SameAnswer(),
    InstantsAreUtc(),
    EarlierTimesAreKept(),
)

__all__ = ["ALL", "Check", "Finding", "History", "fold", "run_audit"]
