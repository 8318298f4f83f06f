"""No code of ours reaches a person: every family of codes that the office reads has words for all its members."""

from __future__ import annotations

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
from optimizer.fits import Code
from optimizer.relaxations import Kind

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
