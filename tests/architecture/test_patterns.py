"""No pattern runs away: none repeats without an end what repeats without an end, and every text has its bound."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from re import _compiler as compiler  # type: ignore[attr-defined]
from re import _constants as kinds  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from tests.architecture.source import dotted, every_file

REPEATS = (kinds.MAX_REPEAT, kinds.MIN_REPEAT)
MANY = 16  # a repetition of at most so many inside another is a choice, not a loop


def loops_in_loops(pattern: str) -> list[str]:
    """Repetitions without an end around repetitions without an end, whose turns cannot be told apart.

    The inner one must be fenced: something that it cannot match stands before or after it within each turn.
    """
    return list(_look(list(parser.parse(pattern)), inside=False))


def _look(parts: list[Any], *, inside: bool) -> Iterator[str]:
    for kind, about in parts:
        if kind in REPEATS:
            _, most, body = about
            endless = most is kinds.MAXREPEAT or most > MANY
            if endless and inside:
                yield str(body)
            yield from _look(list(body), inside=inside or (endless and not _is_fenced(list(body))))
        else:
            for inner in _bodies(about):
                yield from _look(list(inner), inside=inside)


def _bodies(about: Any) -> Iterator[Any]:
    if isinstance(about, parser.SubPattern):
        yield about
    elif isinstance(about, (tuple, list)):
        for one in about:
            yield from _bodies(one)


def _is_fenced(body: list[Any]) -> bool:
    """Whether each turn ends, or begins, with one sign that nothing else in it can be."""
    flat = _flat(body)
    for fence, others in ((flat[-1:], flat[:-1]), (flat[:1], flat[1:])):
        if fence and fence[0][0] is kinds.LITERAL and not any(_can_be(one, fence[0][1]) for one in others):
            return True
    return False


def _flat(body: list[Any]) -> list[Any]:
    found: list[Any] = []
    for kind, about in body:
        found += _flat(list(about[-1])) if kind is kinds.SUBPATTERN else [(kind, about)]
    return found


def _can_be(part: tuple[Any, Any], sign: int) -> bool:
    """Whether that sign can be among what the part matches."""
    kind, about = part
    if kind in REPEATS:
        return any(_can_be(one, sign) for one in _flat(list(about[2])))
    if kind not in (kinds.LITERAL, kinds.NOT_LITERAL, kinds.IN, kinds.ANY):
        return True
    one = compiler.compile(parser.SubPattern(parser.State(), [part]))
    return one.match(chr(sign)) is not None


def written() -> Iterator[tuple[str, str]]:
    """Every pattern of the product with its file: what is compiled as a module loads, and what stands in a call.

    What is put into an f-string stands as one letter.
    """
    for path, tree in every_file():
        if path.startswith("api/migrations/"):  # their words come from nobody
            continue
        module = import_module(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
        yield from ((path, one.pattern) for one in vars(module).values() if isinstance(one, re.Pattern))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                asked = dotted(node.func).startswith("re.") and node.args[:1]
                named = [word.value for word in node.keywords if word.arg == "pattern"]
                yield from ((path, found) for one in [*(asked or []), *named] if (found := _constant(one)))


def _constant(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "x" for one in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_no_pattern_loops_within_a_loop() -> None:
    found = {(path, pattern) for path, pattern in written() if pattern}
    assert len(found) > 60, "they are found at all"
    assert {(path, pattern) for path, pattern in found if loops_in_loops(pattern)} == set()


@pytest.mark.parametrize(
    ("pattern", "is_bad"),
    [
        (r"(a+)+$", True),
        (r"(a*)*", True),
        (r"(a|a+)+", True),
        (r"(\w+\s?)*$", True),
        (r"([a-z]+-?){2,}", True),
        (r"(?:[a-z]{1,}){17}x", True),
        (r"(?:[\w-]+\.)+[a-z]{2,}", False),
        (r"(/[a-z]+)*", False),
        (r"[a-z]+(,[0-9]{1,3}){0,9}", False),
        (r"\d+(?:\.\d+)?", False),
        (r"(\.\w*)+", False),
        (r"(x.*)+", True),
    ],
)
def test_what_is_a_loop_within_a_loop(pattern: str, is_bad: bool) -> None:
    assert bool(loops_in_loops(pattern)) is is_bad
