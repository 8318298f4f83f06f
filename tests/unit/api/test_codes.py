"""No code of ours reaches a person: every family of codes that the office reads has words for all its members."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import get_args

import pytest

from api.pages.codes import SAID, say
from dispatch.failures.tables import FailureKind, Fault
from dispatch.plans.states import ProposalState
from dispatch.promises.states import Agreed
from dispatch.recoveries.states import RecoveryState
from notifications.messages import CATALOGUE
from notifications.outbox.states import MessageState
from notifications.record.sentences import REASONS
from optimizer.fits import Code
from optimizer.relaxations import Kind
from tests.architecture.source import every_file

FAMILIES = {
    "broke": FailureKind,
    "fault": Fault,
    "recovery": RecoveryState,
    "who": Agreed,
    "became": MessageState,
    "proposal": ProposalState,
    "text": CATALOGUE,
    "rule": get_args(Code),
    "bends": get_args(Kind),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_code_that_the_office_reads_has_words(family: str) -> None:
    codes: Iterable[str] = FAMILIES[family]
    assert [code for code in codes if str(code) not in SAID[family]] == []


def test_whatever_a_call_can_be_about_has_words() -> None:
    """Each that stands in the code as a word; those about texts begin with `text_`, and say why none came."""
    about = {
        keyword.value.value
        for _, tree in every_file("dispatch", "notifications", "api")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "about" and isinstance(keyword.value, ast.Constant)
    }
    assert {"inbox", "customer_asked", "not_today"} <= about
    assert sorted(about - set(SAID["call"])) == []
    assert sorted({code.partition(":")[0] for code in REASONS} - set(SAID["why_not"])) == []


@pytest.mark.parametrize(
    ("code", "family", "words"),
    [
        ("wrong_parts", "broke", "A part was missing"),
        ("rejected:21211", "why_not", "the provider refused it (21211)"),
        ("text_opted_out", "call", "a text could not reach them: they want no texts"),
        ("lost_promise", "call", "knows something from us that we have lost"),
        ("something_new", "call", "something new"),
    ],
)
def test_what_follows_a_colon_stays_and_an_unknown_code_is_spelled(
    code: str, family: str, words: str
) -> None:
    assert say(code, family) == words
