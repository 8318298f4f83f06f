"""How long a matrix takes: `python -m tests.benchmarks.travel_matrix EXTRACT.osm.pbf`."""
# ruff: noqa: T201

import sys
import time
from collections.abc import Callable
from typing import TypeVar

from dispatch.travel.roads import RoadGraph
from dispatch.travel.straight import StraightLine

T = TypeVar("T")


def timed(work: Callable[..., T], *arguments: object) -> tuple[T, float]:
    """What `work` returns, and the seconds it took."""
    began = time.perf_counter()
    result = work(*arguments)
    return result, time.perf_counter() - began


def main(path: str) -> None:
    """Prints the table for one extract. `cold` has nothing remembered, `warm` asks the same again."""
    graph, build = timed(RoadGraph.read, path)
    print(f"{path}: {graph.node_count} nodes, {graph.edge_count} edges, built in {build:.2f} s")
    print(f"{'points':>7} {'roads cold':>11} {'roads warm':>11} {'straight':>9}   (seconds)")
    for count in (20, 70, 140, 300, 500):
        points = graph.street_points(1, count)
        fresh = RoadGraph.read(path)
        _, cold = timed(fresh.matrix, points)
        _, warm = timed(fresh.matrix, points)
        _, straight = timed(StraightLine().matrix, points)
        print(f"{count:>7} {cold:>11.3f} {warm:>11.3f} {straight:>9.4f}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
