"""Every English sentence of the customer's pages, as it stands in their templates and their code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from jinja2.ext import extract_from_ast

from api.pages.render import HERE, templates
from notifications.record import own_page
from notifications.record.sentences import customers_sentences

MARKS = ("say", "term", "tongue")


def sentences() -> list[str]:
    """Each of them once, in the order of files and lines."""
    found = [one for path in sorted((HERE / "templates").glob("*.html")) for one in _in_template(path)]
    found += [one for path in sorted(HERE.glob("*.py")) for one in _in_code(path)]
    found += _in_code(Path(own_page.__file__))
    return list(dict.fromkeys([*found, *customers_sentences()]))


def _in_template(path: Path) -> Iterator[str]:
    tree = templates.parse(path.read_text())
    for _, _, words in extract_from_ast(tree, ("_",)):
        first = words if isinstance(words, str) or words is None else words[0]
        if first:
            yield first


def _in_code(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and _name(node.func) in MARKS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def _name(function: ast.expr) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))
