"""One measurement in one fresh process, one at a time, one thread: nothing another has loaded or left behind.

`apart(call, ...)` runs `call(...)` there; arguments and answer are plain JSON values. The child warms our
optimizer first; every clock is inside `call`.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

ROOT = Path(__file__).parents[3]
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)
LIMIT_SECONDS = 600

Row: TypeAlias = dict[str, Any]


class Failed(Exception):
    """The child died or said nothing; the message is the end of what it wrote."""


def apart(call: Callable[..., Row], **arguments: Any) -> Row:
    """What `call` returns. Raises Failed when it does not."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        job = json.dumps([call.__module__, call.__qualname__, arguments, str(answer)])
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.optimizer.apart", job],
            cwd=ROOT,
            env={**os.environ, **ONE_THREAD},
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
        if done.returncode or not answer.exists():
            lines = (done.stderr or done.stdout).strip().splitlines() or [f"exit code {done.returncode}"]
            raise Failed(lines[-1])
        found: Row = json.loads(answer.read_text())
        return found


def stopwatch(call: Callable[[], Any]) -> tuple[Any, Row]:
    """What `call` returns, with wall and processor seconds: fewer of the latter, and others were at work."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = call()
    spent = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    return answer, {name: round(value, 3) for name, value in spent.items()}


def _child(job: str) -> None:
    from tests.benchmarks.optimizer.engines import warm

    module, name, arguments, answer = json.loads(job)
    warm()
    found = getattr(importlib.import_module(module), name)(**arguments)
    Path(answer).write_text(json.dumps(found))


if __name__ == "__main__":
    _child(sys.argv[1])
