"""The day as a routing model's nodes: one per visit and way of serving it.

A promised visit has a node for its window, one for `may_move` (at the price of a moved promise), and,
where asked for, one for coming too late (at the price of a broken one). No OR-Tools here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from optimizer.day import Day, Technician, Visit, Window
from optimizer.fits import fits
from optimizer.linked import is_linked
from optimizer.sheet import is_liked, sheet_of
from optimizer.starts import in_one

SCALE = 10  # routing prices are whole numbers: tenths of the sixtieths used elsewhere


@dataclass(frozen=True, slots=True)
class Node:
    """One way to serve `visit`: starts inside `windows` at a fixed `price`, plus so much a late second."""

    visit: Visit
    windows: tuple[Window, ...]
    price: int
    late_after: int | None = None


def nodes_of(day: Day, *, late: Collection[str], horizon: int) -> list[Node]:
    """All nodes, visits in the day's order; `late`: ids of promised visits that may come too late."""
    found: list[Node] = []
    for visit in day.visits:
        nodes = _nodes(day, visit, late=visit.id in late or visit.locked, horizon=horizon)
        found += _frozen(visit, nodes, horizon) or nodes
    return found


def crew_of(day: Day) -> list[Technician]:
    """The technicians a model may use: present, with time left, and every owed break still possible."""
    crews = sheet_of(day).crews
    return [
        one
        for one in day.technicians
        if not one.absent
        and crews[one.id].free_at <= one.overtime_until
        and all(crews[one.id].free_at <= rest.window[1] for rest in one.breaks)
    ]


def able(crew: Iterable[Technician], visit: Visit) -> list[int]:
    """Indices of those in `crew` who may take `visit` if time allows."""
    if is_linked(visit):
        return []  # the model knows no routes that hang together
    return [index for index, one in enumerate(crew) if fits(one, visit, one.parts)]


def visiting_price(day: Day, node: Node, technician: Technician) -> int:
    """What it costs that this technician serves the node, lateness and time of day left out."""
    planned = node.visit.planned
    foreign = node.visit.promised and planned is not None and planned.technician != technician.id
    unliked = 0 if is_liked(node.visit, technician.id) else scaled(60 * day.weights.not_preferred)
    return node.price + unliked + (scaled(60 * day.weights.changed) if foreign else 0)


def leaving_price(day: Day, visit: Visit) -> int:
    """What it costs to leave the visit undone."""
    weights = day.weights
    return scaled(60 * visit.priority * (weights.unserved + (weights.broken if visit.promised else 0)))


def scaled(price: float) -> int:
    """A price in sixtieths as a routing model's whole number."""
    return round(SCALE * price)


def _frozen(visit: Visit, nodes: list[Node], horizon: int) -> list[Node]:
    """The nodes a frozen visit's start belongs to; none where it is not frozen, or can never be served."""
    if not visit.frozen or visit.planned is None or visit.planned.start > horizon:
        return []
    second = visit.planned.start
    return [replace(node, windows=((second, second),)) for node in nodes if in_one(second, node.windows)]


def _nodes(day: Day, visit: Visit, *, late: bool, horizon: int) -> list[Node]:
    weights = day.weights
    if not visit.promised:
        return [Node(visit, visit.windows, 0)]
    found = [Node(visit, visit.windows, 0)]
    if visit.may_move:
        found.append(Node(visit, visit.may_move, scaled(60 * weights.moved)))
    end = visit.windows[0][1]
    if late and end < horizon:
        price = scaled(60 * weights.broken * visit.priority)
        found.append(Node(visit, ((end + 1, horizon),), price, late_after=end))
    return found
