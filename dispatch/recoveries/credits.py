"""What a broken promise is worth, by rule and unasked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.policies import CreditRule


def credit_cents(
    rules: Iterable[CreditRule],
    failure: str,
    *,
    company_fault: bool,
    late_minutes: int,
    repeat: bool,
    repeat_percent: int,
) -> int:
    """The largest amount that a rule gives for this failure and lateness; more when it happened again.

    Only what the company caused earns a credit.
    """
    if not company_fault:
        return 0
    fitting = [
        rule.amount_cents for rule in rules if rule.failure == failure and rule.late_minutes <= late_minutes
    ]
    amount = max(fitting, default=0)
    return amount * repeat_percent // 100 if repeat else amount


MISSED = ("technician_absent", "late", "plan")  # nobody was at the door inside the window


@dataclass(frozen=True, slots=True)
class MissedRule:
    """What a regulator's rule gives for an appointment that the company missed, beside whatever the house gives.

    With `notice_seconds` an appointment that was taken back so long before its window is none; 0: however long.
    """

    owed_cents: int
    notice_seconds: int

    def counts(self, start_at: datetime, told_at: datetime | None) -> bool:
        """Whether a window that began at `start_at` was missed, its customer told at `told_at`, if ever."""
        if not self.notice_seconds or told_at is None:
            return True
        return told_at > start_at - timedelta(seconds=self.notice_seconds)

    def cents(
        self, failure: str, *, company_fault: bool, start_at: datetime, told_at: datetime | None
    ) -> int:
        """Somebody who came in time and could not finish has not missed it."""
        is_missed = company_fault and failure in MISSED and self.counts(start_at, told_at)
        return self.owed_cents if is_missed else 0


def credit_state(amount_cents: int, approval_above_cents: int) -> str:
    """`none`, `given`, or `waiting` for somebody's approval above the limit."""
    if amount_cents == 0:
        return "none"
    return "waiting" if amount_cents > approval_above_cents else "given"
