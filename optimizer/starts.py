"""What it costs to start a visit at a given second, as a short list of pieces.

A piece (from, until, price, rate) allows the starts from..until and prices start s at
price + rate x (s - from). Prices are in sixtieths of the day's unit, so that whole weights stay
whole numbers: a count weighs 60 x its weight, a second weighs the minute weight itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from optimizer.day import Visit, Weights, Window

Piece: TypeAlias = tuple[int, int, float, float]
Pieces: TypeAlias = tuple[Piece, ...]

FOREVER = 1 << 40  # seconds; later than any start


def start_pieces(
    visit: Visit,
    weights: Weights,
    *,
    tolerance: int,
    own: bool,
    late: bool,
    liked: bool = True,
    held: bool = False,
    unmoved: bool = False,
) -> Pieces:
    """The allowed starts in rising order. `own`: by the planned technician. `late`: promises may break.

    `liked`: by somebody the customer prefers, or prefers nobody. `held`: not where it would count as
    changed. `unmoved`: not where it would count as moved.
    """
    if visit.frozen and not own:
        return ()
    cuts = sorted({cut for cut in _cuts(visit, tolerance) if cut >= 0})
    found: list[Piece] = []
    for begin, end in zip(cuts, [*cuts[1:], FOREVER], strict=True):
        changed = _is_changed(visit, begin, tolerance=tolerance, own=own)
        if (held and changed) or (unmoved and _is_moved(visit, begin)):
            continue
        priced = _price(visit, weights, begin)
        if priced is None:
            continue
        price, rate, broken = priced
        if not broken or late:
            price += 60 * (changed * weights.changed + (not liked) * weights.not_preferred)
            _append(found, (begin, end - 1, price, rate))
    if visit.frozen and visit.planned is not None:
        return within(tuple(found), [(visit.planned.start, visit.planned.start)])
    return tuple(found)


def window_pieces(windows: Iterable[Window], price: float = 0) -> Pieces:
    """The starts inside any of `windows`, all at one price."""
    found: list[Piece] = []
    for begin, end in sorted(windows):
        if found and begin <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], end), price, 0)
        else:
            found.append((begin, end, price, 0))
    return tuple(found)


def within(pieces: Pieces, windows: Iterable[Window]) -> Pieces:
    """`pieces` cut down to the starts that also lie in one of `windows`."""
    allowed = window_pieces(windows)
    found: list[Piece] = []
    for begin, end, price, rate in pieces:
        for a, b, _, _ in allowed:
            low, high = max(begin, a), min(end, b)
            if low <= high:
                found.append((low, high, price + rate * (low - begin), rate))
    return tuple(found)


def in_one(second: int, windows: Iterable[Window]) -> bool:
    """Whether `second` lies in one of the closed windows."""
    return any(a <= second <= b for a, b in windows)


def _cuts(visit: Visit, tolerance: int) -> Iterable[int]:
    yield 0
    for begin, end in (*visit.windows, *visit.may_move):
        yield begin
        yield end + 1
    if visit.promised and visit.planned is not None:
        yield visit.planned.start - tolerance
        yield visit.planned.start + tolerance + 1


def _is_changed(visit: Visit, start: int, *, tolerance: int, own: bool) -> bool:
    told = visit.planned if visit.promised else None
    return told is not None and (not own or abs(start - told.start) > tolerance)


def _is_moved(visit: Visit, start: int) -> bool:
    return visit.promised and not in_one(start, visit.windows) and in_one(start, visit.may_move)


def _price(visit: Visit, weights: Weights, start: int) -> tuple[float, float, bool] | None:
    """(price, rate, broken) of that start, whoever comes; None where it is not allowed."""
    if not visit.promised:
        return (0, 0, False) if in_one(start, visit.windows) else None
    begin, end = visit.windows[0]
    if begin <= start <= end:
        return 0, 0, False
    if _is_moved(visit, start):
        return 60 * weights.moved, 0, False
    if start < begin:
        return None
    late = weights.late_minute
    return 60 * weights.broken * visit.priority + late * (start - end), late, True


def _append(found: list[Piece], piece: Piece) -> None:
    """Add a piece, as part of the last one where nothing changes between them."""
    begin, end, price, rate = piece
    if found:
        last_begin, last_end, last_price, last_rate = found[-1]
        goes_on = last_price + last_rate * (begin - last_begin) == price
        if last_end + 1 == begin and last_rate == rate and goes_on:
            found[-1] = (last_begin, end, last_price, last_rate)
            return
    found.append(piece)
