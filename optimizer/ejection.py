"""One step deeper than insertion: one placed visit moves elsewhere, unharmed, to make room for another."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.board import Board
from optimizer.day import Visit
from optimizer.fits import fits
from optimizer.standing import Trial


@dataclass(frozen=True, slots=True)
class Ejection:
    """`moving` leaves the technician of `first` for the place `then`; `price`: what it adds, in sixtieths."""

    moving: str
    first: Trial
    then: Trial
    price: float


def eject_for_open(board: Board) -> bool:
    """Make room for the visits still open, the dearest to leave undone first; whether any got in."""
    waiting = sorted(board.open_visits, key=board.penalty, reverse=True)
    ejected = False
    for visit in waiting:
        found = best_ejection(board, visit)
        if found is not None and found.price < board.penalty(visit):
            carry_out(board, visit, found)
            ejected = True
    return ejected


def best_ejection(board: Board, visit: Visit) -> Ejection | None:
    """The cheapest one-visit ejection that lets `visit` (in no order now) in; None when there is none."""
    best: Ejection | None = None
    for price, moving, first in _openings(board, visit):
        if best is not None and price >= best.price:
            break  # a moved visit adds travel: the rest is dearer
        then = _elsewhere(board, visit, moving, first)
        if then is not None and (best is None or price + then.price < best.price):
            best = Ejection(moving.id, first, then, price + then.price)
    return best


def carry_out(board: Board, visit: Visit, ejection: Ejection) -> None:
    """Change the board as `ejection` says."""
    tid = ejection.first.technician
    board.put(tid, _after(board, visit, ejection.moving, ejection.first))
    board.accept(ejection.then, ejection.moving)


def _openings(board: Board, visit: Visit) -> list[tuple[float, Visit, Trial]]:
    """(price, visit to move, where `visit` goes then), cheapest first."""
    found: list[tuple[float, Visit, Trial]] = []
    for tid, standing in board.standings.items():
        if fits(standing.technician, visit, standing.technician.parts):
            for moving in standing.visits:
                opening = None if moving.locked else _opening(board, tid, moving, visit)
                if opening is not None:
                    found.append((opening[0], moving, opening[1]))
    found.sort(key=lambda one: (one[0], one[1].id))
    return found


def _opening(board: Board, tid: str, moving: Visit, visit: Visit) -> tuple[float, Trial] | None:
    freed = board.without(tid, moving.id)
    first = None if freed is None else board.best_in(freed, visit)
    if freed is None or first is None:
        return None
    return freed.price + first.price - board.standings[tid].price, first


def _elsewhere(board: Board, visit: Visit, moving: Visit, first: Trial) -> Trial | None:
    """The cheapest place for `moving` once `visit` is in, with its promise kept."""
    tid = first.technician
    changed = board.stand(tid, _after(board, visit, moving.id, first))
    return None if changed is None else board.best_anywhere(moving, instead={tid: changed})


def _after(board: Board, visit: Visit, moving_id: str, first: Trial) -> tuple[str, ...]:
    ids = tuple(one for one in board.standings[first.technician].visit_ids if one != moving_id)
    return (*ids[: first.position], visit.id, *ids[first.position :])
