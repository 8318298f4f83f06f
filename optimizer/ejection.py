"""One step deeper than insertion: one placed visit moves elsewhere, unharmed, to make room for another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.board import Board
from optimizer.day import Day, Technician, Visit
from optimizer.entries import Entry, Party, Seat, cheapest, entries, parties, standings_after
from optimizer.fits import fits
from optimizer.linked.anchored import helping_hands
from optimizer.standing import Trial


@dataclass(frozen=True, slots=True)
class Ejection:
    """`moving` leaves the technician `owner` for the place `then`, and the visit gets in by `first`.

    `price`: what all that adds, in sixtieths.
    """

    moving: str
    owner: str
    first: Entry
    then: Trial
    price: float


def eject_for_open(board: Board) -> bool:
    """Make room for the visits still open, the dearest to leave undone first; whether any got in.

    Those that take two stay out.
    """
    alone = [visit for visit in board.open_visits if visit.assistant is None]
    waiting = sorted(alone, key=board.penalty, reverse=True)
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
    for price, moving, owner, first in _openings(board, visit):
        if best is not None and price >= best.price:
            break  # a moved visit adds travel: the rest is dearer
        then = _elsewhere(board, visit, moving, first)
        if then is not None and (best is None or price + then.price < best.price):
            best = Ejection(moving.id, owner, first, then, price + then.price)
    return best


def carry_out(board: Board, visit: Visit, ejection: Ejection) -> None:
    """Change the board as `ejection` says; `visit` takes one technician."""
    orders = _without(board, ejection.moving, ejection.first.party)
    for trial in ejection.first.trials:
        ids = orders[trial.technician]
        board.put(trial.technician, (*ids[: trial.position], visit.id, *ids[trial.position :]))
    board.accept(ejection.then, ejection.moving)


def _openings(board: Board, visit: Visit) -> list[tuple[float, Visit, str, Entry]]:
    """(price, visit to move, whose it is, how `visit` gets in then), cheapest first."""
    seats = {tid: Seat(board.day, standing, visit) for tid, standing in board.standings.items()}
    found = [
        one
        for owner, seat in seats.items()
        if _may_come(board.day, visit, seat.standing.technician)
        for one in _openings_of(board, seats, owner)
    ]
    found.sort(key=lambda one: (one[0], one[1].id, one[3].party))
    return found


def _may_come(day: Day, visit: Visit, technician: Technician) -> bool:
    """Whether that technician could do a part of the visit with an empty day."""
    if fits(technician, visit, technician.parts):
        return True
    return visit.assistant is not None and helping_hands(day, visit, technician) is not None


def _openings_of(
    board: Board, seats: dict[str, Seat], owner: str
) -> Iterator[tuple[float, Visit, str, Entry]]:
    visit, standing = seats[owner].visit, board.standings[owner]
    with_owner = [party for party in parties(visit, seats) if owner in party]
    for moving in standing.visits:
        freed = None if moving.locked else board.without(owner, moving.id)
        if freed is not None:
            changed = {**seats, owner: Seat(board.day, freed, visit)}
            for party in with_owner:
                first = cheapest(entries([changed[tid] for tid in party]))
                if first is not None:
                    yield freed.price + first.price - standing.price, moving, owner, first


def _elsewhere(board: Board, visit: Visit, moving: Visit, first: Entry) -> Trial | None:
    """The cheapest place for `moving` once `visit` is in, with its promise kept."""
    orders = _without(board, moving.id, first.party)
    changed = standings_after(board.day, orders, first, visit, late=board.late)
    return None if changed is None else board.best_anywhere(moving, instead=changed)


def _without(board: Board, moving_id: str, party: Party) -> dict[str, tuple[str, ...]]:
    orders = {tid: board.standings[tid].visit_ids for tid in party}
    return {tid: tuple(one for one in ids if one != moving_id) for tid, ids in orders.items()}
