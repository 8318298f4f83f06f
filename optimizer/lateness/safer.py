"""Among plans of nearly equal price the one that most likely keeps its word."""

from __future__ import annotations

from collections.abc import Iterable

from optimizer.check import check
from optimizer.day import Day
from optimizer.lateness.draws import USUAL, Draws, Shocks
from optimizer.lateness.odds import odds_from
from optimizer.plan import Plan


def safer(
    day: Day,
    plans: Iterable[Plan],
    *,
    within: float = 0.02,
    samples: int = 1000,
    seed: int = 1,
    shocks: Shocks = USUAL,
) -> Plan:
    """Of the legal `plans` no dearer than the cheapest plus `within` of its soft cost, the best at cost +
    `weights.risk` × promises expected to break. The first among equals; with no price on risk the cheapest.

    The plans meet the same luck, so that small differences are real ones. Raises ValueError when none is legal.
    """
    judged = [(verdict, plan) for plan in plans if (verdict := check(day, plan)).legal]
    if not judged:
        raise ValueError("none of the plans is legal")
    cheapest, plan = min(judged, key=lambda one: one[0].cost)
    limit = cheapest.cost + within * cheapest.soft_cost
    near = [(verdict.cost, one) for verdict, one in judged if verdict.cost <= limit]
    if day.weights.risk == 0 or len(near) == 1:
        return plan
    draws = Draws(day, samples=samples, seed=seed, shocks=shocks)
    return min(
        near, key=lambda one: one[0] + day.weights.risk * odds_from(day, one[1], draws).expected_broken
    )[1]
