"""What a broken promise is worth, by rule and unasked."""

from __future__ import annotations

from collections.abc import Iterable

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


def missed_payment_cents(owed_cents: int, failure: str, *, company_fault: bool) -> int:
    """What a regulator's rule gives for an appointment that the company missed, beside whatever the house gives.

    Somebody who came in time and could not finish has not missed it.
    """
    return owed_cents if company_fault and failure in MISSED else 0


def credit_state(amount_cents: int, approval_above_cents: int) -> str:
    """`none`, `given`, or `waiting` for somebody's approval above the limit."""
    if amount_cents == 0:
        return "none"
    return "waiting" if amount_cents > approval_above_cents else "given"
