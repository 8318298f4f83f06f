"""`python -m optimizer.warm`: compile what the search needs, in a process of its own, and keep it.

With `--while-stdin-lasts` it ends at once when whoever started it has gone. `--search` compiles the second half
alone, for a process that compiles the first.
"""

from __future__ import annotations

import os
import sys
import threading

from optimizer.compiling import run_search, warm_up


def _leave_with_stdin() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


if __name__ == "__main__":
    if "--while-stdin-lasts" in sys.argv[1:]:
        threading.Thread(target=_leave_with_stdin, daemon=True).start()
    run_search() if "--search" in sys.argv[1:] else warm_up()
    os._exit(0)  # the thread still reads
