"""`python -m optimizer.warm`: compile what the search needs, in a process of its own, and keep it."""

from __future__ import annotations

from optimizer.compiling import warm_up

if __name__ == "__main__":
    warm_up()
