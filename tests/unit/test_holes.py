"""A gate against known holes that never opens because nobody answered."""

from __future__ import annotations

import json
from typing import Any

from tests.holes import CLEAN, HOLES, NOT_LOOKED_AT, judge

FINE = {"name": "jinja2", "version": "3.1.6", "vulns": []}
HOLE = {"name": "old", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"]}]}
UNMENDED = {"name": "older", "version": "0.1", "vulns": [{"id": "PYSEC-2", "fix_versions": []}]}
UNKNOWN = {"name": "ours", "skip_reason": "not found"}


def told(*parts: dict[str, Any]) -> str:
    return json.dumps({"dependencies": parts, "fixes": []})


def test_how_it_ends() -> None:
    assert judge(told(FINE)) == (CLEAN, ["No known hole in what was looked at."])
    code, said = judge(told(FINE, HOLE, UNMENDED, UNKNOWN))
    assert code == HOLES
    assert said[:2] == ["old 1.0: PYSEC-1, mended in 1.1", "older 0.1: PYSEC-2, mended in no version yet"]
    assert "1 of 4 parts are not known" in said[2]
    assert judge(told(FINE, UNKNOWN))[0] == NOT_LOOKED_AT
    assert judge("") == (
        NOT_LOOKED_AT,
        ["The advisory service cannot be reached from here: nothing was looked at."],
    )
