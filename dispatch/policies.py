"""The knobs of the house. A territory's row overrides some of them; these are the defaults."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import time
from enum import StrEnum
from functools import lru_cache
from typing import Any

from dispatch.errors import FieldError, Invalid


@dataclass(frozen=True, slots=True)
class CreditRule:
    """`amount_cents` for a company-caused failure of this kind once it cost at least `late_minutes`."""

    failure: str
    late_minutes: int
    amount_cents: int


class Level(StrEnum):
    """How far the house goes by itself when a promise broke."""

    SHOW = "show"  # a person is named, and decides
    PROPOSE = "propose"  # a time is found, and a person says whether it is offered
    ACT_ALONE = "act_alone"  # offered at once where nobody else's visit is touched, else proposed
    ACT = "act"  # found, held and offered at once


@dataclass(frozen=True, slots=True)
class DialRule:
    """From `from_at` until before `until_at`, over midnight where that comes first, a broken promise of this kind
    (any, where it is empty) is handled at `level`."""

    failure: str
    from_at: str
    until_at: str
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """All durations in seconds unless the name says otherwise; times are local to the territory."""

    # booking
    planning_horizon_days: int = 14
    booking_horizon_days: int = 60
    first_window_at: str = "08:00"
    last_window_end_at: str = "18:00"
    booking_notice_seconds: int = 3600
    hold_seconds: int = 600
    cancel_undo_seconds: int = 600
    capacity_share_percent: int = 70
    sooner_answer_seconds: int = 1800

    # the day's watch
    prompt_answer_seconds: int = 600
    grace_seconds: int = 0
    moving_metres: int = 200
    rescue_notice_seconds: int = 300
    travel_spread_percent: int = 20
    tight_below_percent: int = 80

    # making good
    recovery_notice_seconds: int = 900
    recovery_soon_seconds: int = 10800
    recovery_latest_at: str = "20:00"
    recovery_window_seconds: int = 7200
    answer_seconds: int = 900
    silence_keeps: bool = True
    may_disturb: bool = True
    owner_seconds: int = 900
    callback_seconds: int = 1200
    callback_escalation_seconds: int = 900
    absent_near_metres: int = 500
    absent_dwell_seconds: int = 600
    change_tolerance_seconds: int = 1800
    dial: tuple[DialRule, ...] = ()  # the first that fits counts; where none does, the house acts

    approval_above_people: int = 20  # what tells more people at once needs a second person's yes

    # credit, unasked
    credits: tuple[CreditRule, ...] = (
        CreditRule("technician_absent", 0, 2500),
        CreditRule("technician_absent", 240, 5000),
        CreditRule("late", 60, 1500),
        CreditRule("plan", 0, 1500),
        CreditRule("not_finished", 0, 1000),
        CreditRule("wrong_parts", 0, 1500),
    )
    credit_repeat_percent: int = 200
    credit_approval_above_cents: int = 7500

    # what a regulator asks, where one does
    missed_payment_cents: int = 0  # owed for an appointment that we missed; 0: no rule says so
    missed_payment_again_cents: int = 0  # owed on top where it was not paid in time
    missed_payment_working_days: int = 10
    missed_payment_notice_seconds: int = 0  # taken back with so much notice it is none; 0: however long
    appointments_kept_percent: int = 95  # of a quarter's

    # texts
    texts_from_at: str = "08:00"
    texts_until_at: str = "21:00"
    texts_by_area_code: bool = True

    # planning
    evening_planning_at: str = "18:00"
    replan_quiet_seconds: int = 300
    planning_seconds: int = 5
    safety_worth_seconds: int = 18000  # of driving, for one promise fewer that is expected to break
    planning_publishes: bool = True  # when not, a better day waits for a dispatcher

    def clock_time(self, name: str) -> time:
        return time.fromisoformat(getattr(self, name))

    def overrides(self) -> dict[str, Any]:
        """What differs from the defaults, as JSON: the territory's row keeps only that."""
        mine, plain = asdict(self), asdict(Policies())
        return {name: value for name, value in mine.items() if value != plain[name]}


RULES: dict[str, type[CreditRule] | type[DialRule]] = {"credits": CreditRule, "dial": DialRule}


# What rules of that kind ask, as policies to set. The amounts move every year: look them up. These are of 2026: £32.31
# unless cancelled with 24 hours' notice (Ofcom's automatic compensation); £40 within ten working days and as much again
# when late, unless with a working day's notice (Standards of Performance of electricity and gas, as British Gas says).
OFCOM_LIKE: Mapping[str, Any] = {
    "missed_payment_cents": 3231,
    "missed_payment_working_days": 20,
    "missed_payment_notice_seconds": 86_400,
}
OFGEM_LIKE: Mapping[str, Any] = {
    "missed_payment_cents": 4000,
    "missed_payment_again_cents": 4000,
    "missed_payment_working_days": 10,
    "missed_payment_notice_seconds": 86_400,
}


def read_policies(overrides: dict[str, Any]) -> Policies:
    """Policies from a territory's JSON. Raises Invalid naming every unknown or unfit knob."""
    known = {field.name: getattr(Policies(), field.name) for field in fields(Policies)}
    errors: list[FieldError] = []
    values: dict[str, Any] = {}
    for name, value in overrides.items():
        problem = _problem(name, value, known)
        if problem:
            errors.append(FieldError(f"/policies/{name}", "policy_invalid", problem))
        else:
            rule_type = RULES.get(name)
            values[name] = tuple(rule_type(**rule) for rule in value) if rule_type else value
    if errors:
        raise Invalid(errors)
    return Policies(**values)


def policies_of(overrides: dict[str, Any]) -> Policies:
    """The same, remembered: a day asks for its policies a thousand times."""
    return _remembered(json.dumps(overrides, sort_keys=True))


@lru_cache(maxsize=256)
def _remembered(overrides: str) -> Policies:
    return read_policies(json.loads(overrides))


def _problem(name: str, value: Any, known: dict[str, Any]) -> str | None:
    if name not in known:
        return f"there is no policy called {name}"
    if name in RULES:
        return _problem_of_rules(name, value)
    if name.endswith("_at") and not _is_clock_time(value):
        return f"{name} is a time like 08:00"
    if name in ("texts_from_at", "texts_until_at"):
        return (
            None if _is_decent(value) else f"{name} lies between 08:00 and 21:00: nobody is texted at night"
        )
    if name.endswith("_at"):
        return None
    if type(value) is not type(known[name]) or (isinstance(value, int) and value < 0):
        return f"{name} is a {'yes or no' if isinstance(known[name], bool) else 'whole number from 0 up'}"
    return None


def _problem_of_rules(name: str, value: Any) -> str | None:
    parts = [field.name for field in fields(RULES[name])]
    rows = value if isinstance(value, list | tuple) else (None,)
    if not all(isinstance(row, dict) and set(row) == set(parts) for row in rows):
        return f"{name} are rows of {', '.join(parts)}"
    if name == "dial" and not all(_is_dial_rule(row) for row in rows):
        return f"a row of the dial has times like 08:00 and one of the levels {', '.join(Level)}"
    return None


def _is_dial_rule(row: dict[str, Any]) -> bool:
    return row["level"] in set(Level) and _is_clock_time(row["from_at"]) and _is_clock_time(row["until_at"])


def _is_decent(value: str) -> bool:
    return time(8) <= time.fromisoformat(value) <= time(21)


def _is_clock_time(value: Any) -> bool:
    try:
        return isinstance(value, str) and time.fromisoformat(value).tzinfo is None
    except ValueError:
        return False
