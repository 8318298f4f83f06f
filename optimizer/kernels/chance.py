"""Random numbers that are the same with and without a compiler: L'Ecuyer's combined generator (1988)."""

from __future__ import annotations

import numpy as np

from optimizer.kernels.arrays import Ints
from optimizer.kernels.compiled import inlined


def seeded(seed: int) -> Ints:
    """The generator's state; every seed gives another sequence."""
    spread = np.random.SeedSequence(seed).generate_state(2)
    return np.array([1 + spread[0] % 2147483562, 1 + spread[1] % 2147483398], dtype=np.int64)


@inlined
def draw(state: Ints) -> float:
    """The next number, evenly in 0..1, neither end included."""
    state[0] = 40014 * state[0] % 2147483563
    state[1] = 40692 * state[1] % 2147483399
    mixed = state[0] - state[1]
    if mixed < 1:
        mixed += 2147483562
    drawn: float = mixed * 4.6566130573917691e-10
    return drawn


@inlined
def below(state: Ints, count: int) -> int:
    """A whole number in 0..count-1."""
    return int(draw(state) * count)
