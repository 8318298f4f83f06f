"""`make holes`: which of the pinned parts have known holes. Nothing looked at is never taken for nothing found."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

AUDIT = ("pip_audit", "--require-hashes", "--disable-pip", "--progress-spinner", "off", "--format", "json")
CLEAN, HOLES, NOT_LOOKED_AT = 0, 1, 2


def judge(told: str) -> tuple[int, list[str]]:
    """How to end, and what to say, by what the auditor answered in JSON; it answers nothing where it reached nobody."""
    try:
        parts: list[dict[str, Any]] = json.loads(told)["dependencies"]
    except ValueError:
        return NOT_LOOKED_AT, ["The advisory service cannot be reached from here: nothing was looked at."]
    skipped = [one["name"] for one in parts if "skip_reason" in one]
    holes = [
        f"{one['name']} {one['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
        for one in parts
        for hole in one.get("vulns", [])
    ]
    said = holes or ["No known hole in what was looked at."]
    if skipped:
        said.append(
            f"{len(skipped)} of {len(parts)} parts are not known to the advisory service that answers here, "
            f"and were not looked at: {', '.join(skipped[:5])}{' and others' if len(skipped) > 5 else ''}."
        )
    return HOLES if holes else NOT_LOOKED_AT if skipped else CLEAN, said


def main(requirements: Path) -> int:
    asked = subprocess.run(
        [sys.executable, "-m", *AUDIT, "-r", str(requirements)], capture_output=True, text=True, timeout=600
    )
    code, said = judge(asked.stdout)
    sys.stdout.write("".join(f"  {line}\n" for line in said))
    if not asked.stdout:
        sys.stdout.write(f"  {asked.stderr.strip().splitlines()[-1][:200] if asked.stderr.strip() else ''}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
