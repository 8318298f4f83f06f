"""Sample visits: what a text may have to tell, so that its wording can be read and judged before it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from notifications.speech import Speech

Values = dict[str, Any]

LINK_SIGNS = 22
NOW = datetime(2026, 3, 23, 9, 5, tzinfo=UTC)
FAILURES = (
    "technician_absent",
    "late",
    "plan",
    "customer_absent",
    "not_finished",
    "no_word",
    "wrong_parts",
    "no_access",
)
_ORDINARY: dict[str, Values] = {
    "a visit tomorrow": {},
    "a visit today": {"days": 0},
    "a visit in two weeks": {"days": 16},
    "told before": {"told": True},
    "only one option": {"options": 1},
    "no credit": {"credit": ""},
    "an office without a phone": {"office_phone": ""},
    "the time to take it back is over": {"undo_until": ""},
    "the option is gone": {"gone": True, "told": True},
    "expected late": {"late": True},
    "nobody knows when": {"expected": ""},
    "the window is over": {"expected": "", "window_is_over": True},
    "on the way": {"state": "en_route"},
    "on the way and late": {"state": "en_route", "late": True},
    "on the way, nobody knows when": {"state": "en_route", "expected": ""},
    "at the door": {"state": "on_site"},
    "at night": {"at_night": True},
    "failed": {"state": "failed"},
    "the same technician comes later": {"kind": "technician_absent", "absent": "Konstantin"},
}
_BROKEN: dict[str, Values] = {f"failed: {kind.replace('_', ' ')}": {"kind": kind} for kind in FAILURES}

# What only some texts must be able to do without: the value that such a visit lacks, and the texts.
_LACKING: dict[str, tuple[Values, str, tuple[str, ...]]] = {
    "nobody was asked to ring": ({}, "person", ("recovery_not_today", "recovery_in_hands", "nothing_found")),
    "failed, not yet in anybody's hands": (
        {"state": "failed"},
        "owner",
        ("running_late_answer", "nobody_came_answer"),
    ),
    "about no visit": ({}, "reference", ("callback_promised",)),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One visit, by what is special about it, and all that a text about it may name."""

    name: str
    values: Values


def list_samples(purpose: str, language: str, company: str, base_url: str) -> list[Sample]:
    """Every situation of which that text may have to tell, in one of our languages.

    The visit is in `days` days from a Monday morning in March.
    """
    said, spoken = purpose.removeprefix("spoken_"), purpose.startswith("spoken_")
    found = [
        Sample(name, _values(language, company, base_url, spoken, **special))
        for name, special in (_ORDINARY | _BROKEN).items()
    ]
    for name, (special, lacks, purposes) in _LACKING.items():
        if said in purposes:
            values = _values(language, company, base_url, spoken, **special)
            found.append(Sample(name, {key: value for key, value in values.items() if key != lacks}))
    return found


def _values(
    language: str,
    company: str,
    base_url: str,
    spoken: bool = False,
    *,
    days: int = 1,
    options: int = 2,
    kind: str = "plan",
    absent: str = "Una",
    **special: Any,
) -> Values:
    speech = Speech(language, ZoneInfo("UTC"), NOW, spoken)
    start_at = NOW.replace(hour=14, minute=0) + timedelta(days=days)
    end_at = start_at + timedelta(hours=2)
    return {
        "company": company,
        "office_phone": "+12025550100",
        "code": "481516",
        "link": f"{base_url}/v/{'x' * LINK_SIGNS}",
        "reference": "KYF7MJ3",
        "references": ["KYF7MJ3", "ACDE233"],
        "state": "booked",
        "window": speech.span(start_at, end_at),
        "full_window": speech.window(start_at, end_at),
        "window_is_over": False,
        "technician": "Konstantin",
        "expected": speech.span(start_at + timedelta(minutes=5), start_at + timedelta(minutes=20)),
        "late": False,
        "arrived": speech.time(start_at + timedelta(minutes=3)),
        "undo_until": speech.time(start_at - timedelta(minutes=50)),
        "leave_by": speech.time(start_at - timedelta(minutes=13)),
        "person": "Dana Reed-Hollingsworth",
        "by_time": speech.by(start_at + timedelta(minutes=20)),
        "owner": "Dana Reed-Hollingsworth",
        "happened": {"kind": kind, "technician": absent},
        "offers": list(_offers(speech, end_at))[:options],
        "sooner": {
            "window": speech.span(
                NOW.replace(hour=10) + timedelta(days=days), NOW.replace(hour=12) + timedelta(days=days)
            ),
            "technician": "Konstantin",
        },
        "answer_by": speech.time(NOW + timedelta(minutes=30)),
        "told": False,
        "gone": False,
        "at_night": False,
        "credit": speech.money(2500, "US"),
    } | special


def _offers(speech: Speech, after: datetime) -> Iterator[Values]:
    for name, hours in (("Konstantin", 0), ("Una", 26)):
        start_at = after + timedelta(hours=hours)
        end_at = start_at + timedelta(hours=2)
        yield {
            "window": speech.span(start_at, end_at),
            "hours": speech.hours(start_at, end_at),
            "technician": name,
        }
