"""The first answer, in milliseconds: published routes kept, open visits put in, one moved aside.

By compiled kernels where this process has them (quick.py); meanwhile, and where there is no compiler, here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from optimizer.board import Board
from optimizer.compiling import has_kernels
from optimizer.day import Day, Visit
from optimizer.ejection import best_ejection, carry_out, eject_for_open
from optimizer.limits import within_limits
from optimizer.plan import Plan
from optimizer.published import published_orders
from optimizer.regret import insert_all


def repair(day: Day, *, eject: bool = True, compiled: bool | None = None) -> Plan:
    """A legal plan close to the published routes; always answers, and the same day gets the same answer.

    `compiled`: by the kernels or not; unless told, with them once load_kernels() has brought them here. Laying the
    day out for them costs what one sick call costs without, so they gain with the work there is to do. On a hard
    day the two may choose differently: each takes the cheapest step that it sees, and the kernels look at more.

    Visits that stay keep technician and order. Orphans, failed and new visits are inserted together;
    with `eject` one placed visit at a time may move to make room, and promises that the routes as they
    stand would break are looked after too. No promise that the published routes keep is broken, unless
    the day's limits leave no other way. What is linked to another route comes last, by the kernels only (linked/).
    """
    return within_limits(day, lambda one: _answer(one, None, eject, compiled))


def refitted(day: Day, orders: Mapping[str, Iterable[str]]) -> Plan:
    """Any `orders`, legal or not, made legal with as little dropped as possible and then repaired."""
    return within_limits(day, lambda one: _answer(one, orders, True, None))


def _answer(day: Day, orders: Mapping[str, Iterable[str]] | None, eject: bool, compiled: bool | None) -> Plan:
    if not (has_kernels() if compiled is None else compiled):
        return repaired(day, published_orders(day, orders), eject=eject).plan()
    from optimizer.quick import Quick  # loads numba

    quick = Quick(day, orders)
    quick.repair(eject=eject)
    return quick.plan()


def repaired(day: Day, orders: Mapping[str, tuple[str, ...]], *, eject: bool = True) -> Board:
    """The same from any legal `orders`, as a board."""
    board = Board(day, orders)
    insert_all(board)
    while eject and (rescue_broken(board) or eject_for_open(board)):
        insert_all(board)
    insert_all(board, late=True)
    return board


def rescue_broken(board: Board) -> bool:
    """Move visits that would come too late to where they are in time, if the whole gets cheaper; whether any did."""
    hopeless: set[str] = set()
    rescued = False
    while True:
        waiting = [
            (tid, visit) for tid, visit in board.broken if visit.id not in hopeless and not visit.locked
        ]
        if not waiting:
            return rescued
        tid, visit = max(waiting, key=lambda pair: pair[1].priority)
        if _rescue(board, tid, visit):
            rescued = True
        else:
            hopeless.add(visit.id)


def _rescue(board: Board, tid: str, visit: Visit) -> bool:
    """Whether `visit` of technician `tid` found a place in time; the board is unchanged if not."""
    before, standings, late = board.price(), dict(board.standings), dict(board.late)
    if not board.take_out(tid, visit.id):
        return False
    trial = board.best_anywhere(visit)
    if trial is not None:
        board.accept(trial, visit.id)
    elif (found := best_ejection(board, visit)) is not None:
        carry_out(board, visit, found)
    if board.price() < before:
        return True
    board.standings, board.late = standings, late
    return False
