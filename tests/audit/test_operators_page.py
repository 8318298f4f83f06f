"""Every check has a number of its own, a test that breaks it on purpose, and a line on the operator's page."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatch.audit import ALL as OF_DISPATCH
from dispatch.audit import Check
from notifications.audit import ALL

HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "docs" / "audit.md"


def test_numbers_are_unique() -> None:
    numbers = [one.number for one in ALL]
    assert sorted(numbers) == sorted(set(numbers))
    assert set(OF_DISPATCH) < set(ALL)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.number)
def test_check_is_documented_and_broken_by_a_test(one: Check) -> None:
    assert one.rule.endswith(".")
    assert one.when_it_fires.endswith(".")
    assert f"| {one.number} | {one.rule} | {one.when_it_fires} |" in PAGE.read_text()
    assert any(f'"{one.number}"' in test.read_text() for test in HERE.glob("test_damaged_*.py"))


def test_page_names_no_check_that_is_not_there() -> None:
    rows = [line.split("|")[1].strip() for line in PAGE.read_text().splitlines() if line.startswith("| I-")]
    assert sorted(rows) == sorted(one.number for one in ALL)
