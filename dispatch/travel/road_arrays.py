"""Turns a network into arrays: nodes, edges with their driving time, where one may stop. No search here."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from dispatch.travel.great_circle import metres_between
from dispatch.travel.network import NO_STOPPING, Network
from dispatch.travel.port import TravelError, degrees

SPAN_METRES = 80.0
"""Longer stretches get nodes in between: a front door halfway meets its own street, not the next one."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Stretches:
    """Pieces of road between two nodes, one array entry per piece."""

    start: Ints
    end: Ints
    metres: Floats
    way: Ints  # index into the network's ways


@dataclass(frozen=True, slots=True)
class RoadArrays:
    """The part of a network in which every place can be reached from every other.

    `milliseconds[a, b]` is the driving time of the edge from node a to node b (scipy CSR matrix); `stops` are
    the nodes a visit may begin or end at; `stretches` are the pieces of road between such nodes.
    """

    lat: Floats
    lng: Floats
    milliseconds: Any
    stops: Ints
    stretches: Stretches


def build_arrays(network: Network) -> RoadArrays:
    """The largest strong component of `network`. Raises TravelError when it has no stopping place."""
    lat, lng, coarse = _read_ways(network)
    lat, lng, stretches = _split_long(lat, lng, coarse=coarse)
    graph = _edges(network, stretches, nodes=len(lat))
    _, component = connected_components(graph, directed=True, connection="strong")
    kept = np.asarray(component == np.bincount(component, minlength=1).argmax())
    stretches = _stopping_places(network, stretches, kept=kept)
    if not len(stretches.start):
        raise TravelError("the road network has no road that a van can stop on and leave again")
    stops = np.unique(np.concatenate([stretches.start, stretches.end]))
    return RoadArrays(lat[kept], lng[kept], graph[kept][:, kept], stops, stretches)


def _read_ways(network: Network) -> tuple[Floats, Floats, Stretches]:
    index = {node: i for i, node in enumerate(network.places)}
    lat, lng = degrees(list(network.places.values()))
    pairs = [
        (index[a], index[b], way_index)
        for way_index, way in enumerate(network.ways)
        for a, b in zip(way.nodes, way.nodes[1:], strict=False)
        if a != b
    ]
    start, end, way = np.array(pairs, dtype=np.int64).reshape(-1, 3).T
    metres = metres_between(lat[start], lng[start], to_lat=lat[end], to_lng=lng[end])
    return lat, lng, Stretches(start, end, metres, way)


def _split_long(lat: Floats, lng: Floats, *, coarse: Stretches) -> tuple[Floats, Floats, Stretches]:
    """Nodes and stretches after cutting every stretch into equal parts of at most SPAN_METRES."""
    parts = np.maximum(1, np.ceil(coarse.metres / SPAN_METRES)).astype(np.int64)
    first_new = len(lat) + np.cumsum(parts - 1) - (parts - 1)
    whole = np.repeat(np.arange(len(parts)), parts)
    k = np.arange(len(whole)) - np.repeat(np.cumsum(parts) - parts, parts)
    start = np.where(k == 0, coarse.start[whole], first_new[whole] + k - 1)
    end = np.where(k == parts[whole] - 1, coarse.end[whole], first_new[whole] + k)

    inner = whole[k > 0]
    share = k[k > 0] / parts[inner]
    a, b = coarse.start[inner], coarse.end[inner]
    new_lat = lat[a] + (lat[b] - lat[a]) * share
    new_lng = lng[a] + (lng[b] - lng[a]) * share
    fine = Stretches(start, end, (coarse.metres / parts)[whole], coarse.way[whole])
    return np.concatenate([lat, new_lat]), np.concatenate([lng, new_lng]), fine


def _edges(network: Network, stretches: Stretches, *, nodes: int) -> Any:
    kmh = np.array([way.kmh for way in network.ways], dtype=np.float64)[stretches.way]
    forward = np.array([way.forward for way in network.ways], dtype=bool)[stretches.way]
    backward = np.array([way.backward for way in network.ways], dtype=bool)[stretches.way]
    # Whole milliseconds keep sums exact; never 0, which a sparse matrix may take for "no edge".
    cost = np.maximum(1, np.rint(stretches.metres * 3600 / kmh)).astype(np.int64)
    tail = np.concatenate([stretches.start[forward], stretches.end[backward]])
    head = np.concatenate([stretches.end[forward], stretches.start[backward]])
    cost = np.concatenate([cost[forward], cost[backward]])

    # A sparse matrix adds up parallel edges; a driver takes the quicker one.
    order = np.lexsort((cost, head, tail))
    tail, head, cost = tail[order], head[order], cost[order]
    quickest = np.ones(len(order), dtype=bool)
    quickest[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    shape = (nodes, nodes)
    return csr_matrix((cost[quickest].astype(np.float64), (tail[quickest], head[quickest])), shape=shape)


def _stopping_places(network: Network, stretches: Stretches, *, kept: NDArray[np.bool_]) -> Stretches:
    """The stretches inside the kept component that have front doors, with nodes renumbered to match it."""
    open_to_stop = np.array([way.kind not in NO_STOPPING for way in network.ways], dtype=bool)
    inside = kept[stretches.start] & kept[stretches.end] & open_to_stop[stretches.way]
    renumbered = np.cumsum(kept) - 1
    return Stretches(
        renumbered[stretches.start[inside]],
        renumbered[stretches.end[inside]],
        stretches.metres[inside],
        stretches.way[inside],
    )
