"""The example in docs/integrations.md takes what we send, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from api.webhooks.signing import headers_of
from tests.architecture.source import ROOT

NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
SECRET, OLD, BODY = "a" * 64, "b" * 64, b'{"seq":41}'

Check = Callable[..., bool]


@pytest.fixture
def is_from_makegood() -> Check:
    example = re.search(r"```python\n(.+?)```", (ROOT / "docs/integrations.md").read_text(), re.DOTALL)
    assert example
    assert len(example[1].strip().splitlines()) <= 12
    names: dict[str, Check] = {}
    exec(example[1], names)  # the page's own words
    return names["is_from_makegood"]


def test_ours_is_taken(is_from_makegood: Check) -> None:
    headers = headers_of("d1", BODY, NOW, [SECRET])
    assert is_from_makegood(headers, BODY, SECRET, NOW.timestamp())
    assert is_from_makegood(headers, BODY, SECRET, NOW.timestamp() + 299)


def test_both_secrets_are_good_while_one_is_renewed(is_from_makegood: Check) -> None:
    headers = headers_of("d1", BODY, NOW, [SECRET, OLD])
    assert is_from_makegood(headers, BODY, SECRET, NOW.timestamp())
    assert is_from_makegood(headers, BODY, OLD, NOW.timestamp())


@pytest.mark.parametrize("change", ["body", "id", "timestamp", "secret", "late", "early"])
def test_anything_else_is_not(is_from_makegood: Check, change: str) -> None:
    headers, at = headers_of("d1", BODY, NOW, [SECRET]), NOW.timestamp()
    if change == "id":
        headers["Makegood-Id"] = "d2"
    if change == "timestamp":
        headers["Makegood-Timestamp"] = str(int(at) + 1)
    body = BODY + b" " if change == "body" else BODY
    now = at + {"late": 301, "early": -301}.get(change, 0)
    assert not is_from_makegood(headers, body, OLD if change == "secret" else SECRET, now)
