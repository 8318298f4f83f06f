"""The templates, reviewed like copy: signed, plain, short, and never asking for a dangerous word."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jinja2 import TemplateError
from jinja2.exceptions import SecurityError, UndefinedError

from notifications.messages import CATALOGUE, Kind
from notifications.render import ENVIRONMENT, FALLBACK, FIRST_TEXT, LANGUAGES, fill
from notifications.segments import measure, simplify

FILES = sorted(path.name for path in (LANGUAGES / FALLBACK).glob("*.txt"))
LINK = "https://book.alder-repairs.example/v/" + "x" * 22
INSTRUCTION = re.compile(
    r"\b(?:reply|text|answer|send)\b[^.:]*\b(?:CANCEL|END|QUIT|YES|REVOKE)\b", re.IGNORECASE
)

SAMPLE: dict[str, Any] = {
    "company": "Alder Crossing Repairs",
    "office_phone": "+12025550100",
    "link": LINK,
    "reference": "KYF7MJ3",
    "state": "booked",
    "window": "14:00-16:00 tomorrow",
    "full_window": "Wed 25 Mar, 14:00–16:00",
    "window_is_over": False,
    "technician": "Konstantin",
    "expected": "14:05-14:20 tomorrow",
    "late": True,
    "arrived": "14:03",
    "undo_until": "13:10",
    "person": "Dana Reed-Hollingsworth",
    "by_time": "14:20 tomorrow",
    "owner": "Dana Reed-Hollingsworth",
    "happened": {"kind": "plan", "technician": "Konstantin"},
    "offers": [
        {"window": "14:00-16:00 on Thu 26 Mar", "hours": "14:00-16:00", "technician": "Konstantin"},
        {"window": "16:00-18:00 on Fri 27 Mar", "hours": "16:00-18:00", "technician": "Una"},
    ],
    "told": True,
    "credit": "$25.00",
    "round": 1,
    "leave_by": "09:47",
    "references": ["KYF7MJ3", "ACDE233"],
    "gone": True,
    "again": False,
}  # fmt: skip
STATES = ("booked", "en_route", "on_site", "failed")
KINDS = ("technician_absent", "late", "plan", "customer_absent", "not_finished", "wrong_parts", "no_access")


def bodies(template: str) -> list[str]:
    """The template in every state, for every kind of failure, as a first and as a later text."""
    return [
        simplify(
            fill(
                FALLBACK,
                template,
                SAMPLE
                | {"state": state, "told": told, "happened": {"kind": kind, "technician": "Konstantin"}},
            )
        )
        for state in STATES
        for told in (True, False)
        for kind in KINDS
    ]


def test_every_kind_has_a_template_and_every_template_a_kind() -> None:
    kept = {kind.template for kind in CATALOGUE.values()} | {FIRST_TEXT, "_happened.txt"}
    assert set(FILES) == kept


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.purpose)
def test_every_text_is_signed_plain_and_short(kind: Kind) -> None:
    for body in bodies(kind.template):
        assert body.startswith(SAMPLE["company"])
        size = measure(body)
        assert size.alphabet == "GSM-7", body
        assert size.segments <= kind.segments, f"{size.segments}: {body}"
        assert "  " not in body
        assert not re.search(r" [.,:]|\.\.", body), body


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.purpose)
def test_every_link_is_ours_and_there_is_at_most_one(kind: Kind) -> None:
    for body in bodies(kind.template):
        assert re.findall(r"https?://\S+", body) in ([], [LINK])


@pytest.mark.parametrize("name", FILES)
def test_no_template_asks_for_a_word_that_means_stop_or_cancels(name: str) -> None:
    text = (LANGUAGES / FALLBACK / name).read_text()
    assert not re.search(r"\b(?:CANCEL|END|QUIT|YES|REVOKE)\b", text)
    assert not INSTRUCTION.search(text)


def test_the_linter_would_notice() -> None:
    assert INSTRUCTION.search("Reply YES to keep it")
    assert INSTRUCTION.search("please answer with cancel")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_value_is_never_sent_as_nothing(name: str) -> None:
    text = (LANGUAGES / FALLBACK / name).read_text()
    if "{{" in text:
        with pytest.raises(TemplateError):
            fill(FALLBACK, name, {})


def test_none_is_not_a_word() -> None:
    with pytest.raises(UndefinedError, match="missing"):
        fill(FALLBACK, "rate.txt", SAMPLE | {"link": None})


def test_the_sandbox_keeps_templates_from_the_machine() -> None:
    with pytest.raises(SecurityError):
        ENVIRONMENT.from_string("{{ ''.__class__.__mro__ }}").render()


def test_an_unknown_language_falls_back_to_english() -> None:
    assert fill("xx", "rate.txt", SAMPLE) == fill(FALLBACK, "rate.txt", SAMPLE)


def test_the_first_text_says_how_to_stop() -> None:
    assert "STOP" in fill(FALLBACK, FIRST_TEXT, SAMPLE)
