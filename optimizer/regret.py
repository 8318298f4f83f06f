"""Puts all open visits into the routes together, so that one victim does not take another's only place."""

from __future__ import annotations

from optimizer.board import Board
from optimizer.day import Visit
from optimizer.standing import Trial


def insert_all(board: Board, *, late: bool = False) -> None:
    """Insert open visits one by one until none has a place that is cheaper than leaving it undone.

    Next is the visit that is dearest to leave undone, among equals the one that would lose most if its
    best technician were taken (regret-2 insertion, Potvin and Rousseau 1993). With `late`, promised
    visits may come too late: broken, but served.
    """
    offers = {
        visit.id: {
            tid: trial
            for tid, standing in board.standings.items()
            if (trial := board.best_in(standing, visit, late=late)) is not None
        }
        for visit in board.open_visits
        if not late or visit.promised
    }
    while True:
        ranked = [
            (_urgency(board, visit, list(offers[visit.id].values())), visit)
            for visit in board.open_visits
            if offers.get(visit.id)
        ]
        if not ranked:
            return
        _, visit = max(ranked, key=lambda pair: pair[0])  # the first of equals: the day's order
        best = min(offers.pop(visit.id).values(), key=lambda trial: (trial.price, trial.technician))
        if best.price < board.penalty(visit):
            board.accept(best, visit.id)
            _refresh(board, offers, best.technician, late=late)


def _refresh(board: Board, offers: dict[str, dict[str, Trial]], tid: str, *, late: bool) -> None:
    """What technician `tid` can still offer after the last acceptance."""
    for visit_id, by_technician in offers.items():
        if tid in by_technician:
            trial = board.best_in(board.standings[tid], board.day.visit(visit_id), late=late)
            if trial is None:
                del by_technician[tid]
            else:
                by_technician[tid] = trial


def _urgency(board: Board, visit: Visit, trials: list[Trial]) -> tuple[float, float]:
    prices = sorted(trial.price for trial in trials)
    penalty = board.penalty(visit)
    second = prices[1] if len(prices) > 1 else penalty
    return penalty, second - prices[0]
