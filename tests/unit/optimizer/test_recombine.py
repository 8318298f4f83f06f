"""Set partitioning over a few routes that a reader can add up. Leaving a visit undone costs 100."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.recombine import Choice, Column, recombine


def the_best(
    columns: list[Column],
    held: list[Column],
    *,
    penalties: tuple[float, ...] = (100.0, 100.0, 100.0),
    kinds: dict[int, int] | None = None,
) -> Choice | None:
    return recombine(
        columns, held, penalties=np.array(penalties), kinds=kinds or {0: 1, 1: 1}, seconds=5.0, seed=1
    )


def chosen(choice: Choice | None) -> set[tuple[int, tuple[int, ...]]]:
    assert choice is not None
    return {(one.kind, one.visits) for one in choice.columns}


HELD = [Column(0, (0, 1), 30), Column(1, (2,), 20)]  # 50 in all


def test_three_routes() -> None:
    # 0-2 and 1 cost 18 + 12 = 30; 0-2 alone with 1 undone 118; what is held 50
    found = the_best([Column(0, (0, 2), 18), Column(1, (1,), 12), Column(1, (1, 2), 40)], HELD)
    assert chosen(found) == {(0, (0, 2)), (1, (1,))}
    assert found is not None
    assert found.price == pytest.approx(30)
    assert found.bound <= 30 + 1e-6


def test_what_is_in_hand_may_be_part_of_the_answer() -> None:
    # the held route of kind 1 stays: 25 + 20 = 45
    assert chosen(the_best([Column(0, (1, 0), 25)], HELD)) == {(0, (1, 0)), (1, (2,))}


def test_nothing_better_is_no_answer() -> None:
    assert the_best([Column(0, (0, 1, 2), 60), Column(1, (1, 2), 45)], HELD) is None
    assert the_best([], HELD) is None


def test_a_visit_is_left_undone_where_that_is_cheaper() -> None:
    # with visit 2 worth 5 only: 30 for the first route and 5 for leaving 2 = 35 < 50
    found = the_best([], HELD, penalties=(100, 100, 5))
    assert chosen(found) == {(0, (0, 1))}
    assert found is not None
    assert found.price == pytest.approx(35)


def test_no_visit_is_done_twice() -> None:
    # 1-0 for 10 and 1-2 for 10 share visit 1: together they cannot be; 1-0 and the held 2 cost 30
    found = the_best([Column(0, (1, 0), 10), Column(1, (1, 2), 10)], HELD)
    assert chosen(found) == {(0, (1, 0)), (1, (2,))}


def test_as_many_routes_of_a_kind_as_it_has_technicians() -> None:
    """Three short routes of kind 0: with two technicians two of them, with three all."""
    short = [Column(0, (v,), 10.0 + v) for v in range(3)]
    held = [Column(0, (0, 1, 2), 90)]
    # of two: 10 + 11 + 100 for visit 2 is dearer than 90; with 3-visit routes split 0 | 1-2 it is 10 + 25
    pair = Column(0, (1, 2), 25)
    assert chosen(the_best([*short, pair], held, kinds={0: 2})) == {(0, (0,)), (0, (1, 2))}
    assert the_best(short, held, kinds={0: 2}) is None
    # of three: 10 + 11 + 12 = 33 is less than 10 + 25
    assert chosen(the_best([*short, pair], held, kinds={0: 3})) == {(0, (0,)), (0, (1,)), (0, (2,))}


def test_penalties_a_million_times_dearer_than_routes() -> None:
    """The relaxation must not lose the cents beside them."""
    found = the_best([Column(0, (0, 2), 18), Column(1, (1,), 12)], HELD, penalties=(9e7, 9e7, 9e7))
    assert chosen(found) == {(0, (0, 2)), (1, (1,))}
