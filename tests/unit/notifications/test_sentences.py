"""No code of texts reaches a person bare: each that the code can write into a row has its sentence."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import get_args

import pytest

from api.pages.office.record import DeskForm
from notifications.calls.states import CallState
from notifications.consent import IN, OUT
from notifications.inbox.parse import Intent
from notifications.messages import CATALOGUE
from notifications.outbox.states import MessageState, Outcome
from notifications.outbox.tables import Audience
from notifications.record.sentences import (
    CONSENT,
    OUTCOMES,
    REASONS,
    RUNG,
    SETTLED,
    SOURCES,
    STATES,
    TOLD,
    TOLD_YOU,
    UNDERSTOOD,
    say_code,
    say_reason,
    say_told,
    say_why,
)
from tests.architecture.source import dotted, every_file

CODE = re.compile(r"[a-z]+(_[a-z]+)*")
GIVEN_A_REASON = ("suppress", "hand_to_person", "ask_person", "tell_otherwise")
NEWER = "superseded"


def constants(node: ast.AST) -> Iterator[str]:
    """The codes that an expression may come to; of `f"rejected:{code}"` the head."""
    if isinstance(node, ast.IfExp):
        yield from (*constants(node.body), *constants(node.orelse))
    elif isinstance(node, ast.BoolOp):
        yield from (code for value in node.values for code in constants(value))
    elif isinstance(node, ast.JoinedStr | ast.Subscript):
        yield from (code for child in ast.iter_child_nodes(node) for code in constants(child))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        head = node.value.partition(":")[0]
        if CODE.fullmatch(head):
            yield head


def written_reasons() -> set[str]:
    """Every reason that stands as a word in the code that withholds, gives away, or hears of what was lost."""
    found: set[str] = set()
    for _, tree in every_file("notifications"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and dotted(node.func) in GIVEN_A_REASON:
                found.update(constants(node.args[2]))
            elif isinstance(node, ast.Call) and dotted(node.func) == "Permission" and len(node.args) > 1:
                found.update(constants(node.args[1]))
            elif isinstance(node, ast.Assign) and any(
                isinstance(target, ast.Attribute) and target.attr == "reason" for target in node.targets
            ):
                found.update(constants(node.value))
            elif isinstance(node, ast.FunctionDef) and node.name.startswith(("why_stale", "_when_")):
                found.update(f"{NEWER}:{code}" for code in returned(node))
            elif isinstance(node, ast.FunctionDef) and node.name.startswith(("why_", "_why_")):
                found.update(returned(node))
    return found


def returned(function: ast.FunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and node.value is not None:
            yield from constants(node.value)


def consent_sources() -> set[str]:
    """How somebody agreed or not: the third thing that whoever writes it down says, or their page, or the desk."""
    desk = set(get_args(DeskForm.model_fields["how"].annotation))
    return desk | {
        code
        for _, tree in every_file("notifications", "api")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for said in _says_how(node)
        for code in constants(said)
    }


def _says_how(call: ast.Call) -> list[ast.expr]:
    if dotted(call.func) in ("give_consent", "withdraw_consent"):
        return [call.args[2]]
    return [one.value for one in call.keywords if one.arg == "source" and dotted(call.func) == "settle_texts"]


def test_every_reason_that_the_code_writes_has_a_sentence_for_both() -> None:
    found = written_reasons()
    assert {"opted_out", "no_phone", "too_late", "rejected", "undelivered", f"{NEWER}:promise"} <= found
    assert sorted(found - set(REASONS)) == []
    for said in REASONS.values():
        for sentence in (said.office, said.customer):
            assert sentence.endswith(".")
            assert "_" not in sentence


def test_every_way_of_agreeing_has_words() -> None:
    assert consent_sources() == set(SOURCES)
    assert {IN, OUT, None} == set(CONSENT)


def test_every_state_outcome_and_intent_has_words() -> None:
    assert set(STATES) == set(TOLD_YOU) == set(MessageState)
    assert set(OUTCOMES) == {None, *Outcome}
    assert set(UNDERSTOOD) == set(Intent)
    assert set(RUNG) == set(CallState)
    final = {
        MessageState.DELIVERED,
        MessageState.UNDELIVERED,
        MessageState.SUPPRESSED,
        MessageState.HANDED_OVER,
        MessageState.CALLED,
    }
    assert set(SETTLED) == {state.value for state in final} | {Outcome.UNKNOWN.value}


def test_every_text_says_why_and_what_it_told() -> None:
    assert set(TOLD) == {purpose for purpose, kind in CATALOGUE.items() if kind.audience is Audience.CUSTOMER}
    for purpose in CATALOGUE:
        assert say_why(purpose).startswith("Due when ")
    assert say_told("rate", MessageState.SENT) == "We told you that the work is done, and asked how it went."


@pytest.mark.parametrize(
    ("reason", "office", "customer"),
    [
        (
            "rejected:21211",
            "The provider refused it for good: there is no such number (21211).",
            "It could not be sent to this phone.",
        ),
        (
            "rejected:99999",
            "The provider refused it for good: code 99999.",
            "It could not be sent to this phone.",
        ),
        (
            "undelivered:30003",
            "The network could not deliver it: the phone was off or out of reach (30003).",
            "We could not reach this phone.",
        ),
        (
            "superseded:window_began",
            "The promised time had already begun.",
            "The promised time had already begun.",
        ),
        ("of_another_day", "Reason: of another day.", "Reason: of another day."),
    ],
)
def test_a_reason_says_more_to_the_office_than_to_the_customer(
    reason: str, office: str, customer: str
) -> None:
    assert (say_reason(reason), say_reason(reason, "customer")) == (office, customer)


def test_a_kind_that_is_no_longer_sent_and_a_code_that_nobody_knows_are_told_all_the_same() -> None:
    assert say_why("postcard") == "Of a kind that is not sent any more."
    told = say_told("postcard", MessageState.UNDELIVERED, again=True)
    assert told == "We tried to tell you once more something about your visit."
    assert say_code("not_a_number") == "code not a number"
