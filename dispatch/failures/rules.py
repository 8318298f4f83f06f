"""Whether a promise is at risk, certain to break, or broken: from the clock and plain values alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from dispatch.failures.tables import FailureKind, Fault


class Outlook(StrEnum):
    """How an unstarted visit stands at one moment."""

    FINE = "fine"
    AT_RISK = "at_risk"  # past the latest leave with the spread
    UNREACHABLE = "unreachable"  # not in time even without the spread, by the technician it stands with
    OVER = "over"  # the window is over and nobody is there


@dataclass(frozen=True, slots=True)
class Sighting:
    """One unstarted visit seen from now: when work would start, when it must, and how sure that is.

    `expected_at` is None when nobody is coming. `first` says that it is the technician's next stop
    and that they have not left for it yet.
    """

    visit_id: str
    technician_id: str | None
    expected_at: dt.datetime | None
    window_end_at: dt.datetime
    spread_seconds: int
    en_route: bool = False
    first: bool = False
    absent: bool = False

    @property
    def slack_seconds(self) -> float:
        """How much later than expected work could start and still be in time; negative when too late."""
        if self.expected_at is None:
            return float("-inf")
        return (self.window_end_at - self.expected_at) / dt.timedelta(seconds=1)


def judge(sighting: Sighting, now: dt.datetime, *, grace_seconds: int = 0) -> Outlook:
    """*At risk*: the window is missed if the usual spread comes on top. *Unreachable*: it is missed anyway.

    *Over*: the window and its grace have passed without an arrival.
    """
    if now >= sighting.window_end_at + dt.timedelta(seconds=grace_seconds):
        return Outlook.OVER
    if sighting.slack_seconds < 0:
        return Outlook.UNREACHABLE
    if sighting.slack_seconds < sighting.spread_seconds:
        return Outlook.AT_RISK
    return Outlook.FINE


def next_look_at(sighting: Sighting, now: dt.datetime, *, grace_seconds: int = 0) -> dt.datetime:
    """The earliest instant at which the outlook could be worse if nobody does anything.

    Slack shrinks by at most a second a second, so nothing can have happened before.
    """
    over_at = sighting.window_end_at + dt.timedelta(seconds=grace_seconds)
    slack = sighting.slack_seconds
    if slack < 0:
        return over_at
    wait = slack - sighting.spread_seconds if slack >= sighting.spread_seconds else slack
    return min(over_at, now + dt.timedelta(seconds=max(1.0, wait + 1)))


def latest_leave_at(sighting: Sighting, now: dt.datetime) -> dt.datetime:
    """Until when the technician may leave and still keep the window with the usual spread."""
    spare = sighting.slack_seconds - sighting.spread_seconds
    return now + dt.timedelta(seconds=spare) if spare > float("-inf") else now


def classify(sighting: Sighting, outlook: Outlook) -> FailureKind:
    """Which kind of failure it is that nobody comes in time."""
    if sighting.en_route:
        return FailureKind.LATE
    if sighting.absent or sighting.first or outlook is Outlook.OVER:
        return FailureKind.TECHNICIAN_ABSENT
    return FailureKind.PLAN


def certain_since(
    sighting: Sighting,
    outlook: Outlook,
    now: dt.datetime,
    *,
    changed_at: dt.datetime | None = None,
    grace_seconds: int = 0,
) -> dt.datetime:
    """Since when it has been certain: the end of the window and its grace, or when the slack ran out.

    Slack runs out by itself only since `changed_at`: what somebody did then may have taken it all at one blow.
    """
    if outlook is Outlook.OVER:
        return min(now, sighting.window_end_at + dt.timedelta(seconds=grace_seconds))
    if sighting.expected_at is None:
        return now
    ran_out_at = now + dt.timedelta(seconds=sighting.slack_seconds)
    return min(now, max(ran_out_at, changed_at or ran_out_at))


def no_word_since(arrived_at: dt.datetime, *, work_seconds: int, day_ends_at: dt.datetime) -> dt.datetime:
    """From when on it is a failure that nobody says how the work went: the day is over, and so is its usual time."""
    return max(day_ends_at, arrived_at + dt.timedelta(seconds=work_seconds))


FAULT_OF: dict[FailureKind, Fault] = {
    FailureKind.TECHNICIAN_ABSENT: Fault.COMPANY,
    FailureKind.LATE: Fault.COMPANY,
    FailureKind.PLAN: Fault.COMPANY,
    FailureKind.CUSTOMER_ABSENT: Fault.CUSTOMER,
    FailureKind.NOT_FINISHED: Fault.COMPANY,
    FailureKind.NO_WORD: Fault.UNKNOWN,
    FailureKind.WRONG_PARTS: Fault.COMPANY,
    FailureKind.NO_ACCESS: Fault.THIRD_PARTY,
}


def absence_evidence_gaps(
    *,
    distance_metres: float | None,
    dwell_seconds: int,
    contacted: bool,
    near_metres: int,
    least_seconds: int,
) -> list[str]:
    """What is missing before 'the customer was not at home' may be said; empty when it may."""
    gaps = []
    if distance_metres is None or distance_metres > near_metres:
        gaps.append(f"a position within {near_metres} m of the address")
    if dwell_seconds < least_seconds:
        wait = -(-(least_seconds - dwell_seconds) // 60)
        gaps.append(f"{wait} more minutes at the door")
    if not contacted:
        gaps.append("an attempt to reach the customer")
    return gaps
