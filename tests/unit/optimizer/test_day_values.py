"""A day refuses what cannot be."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from optimizer import Break, Day, Weights
from tests.unit.optimizer.worlds import a_day, a_technician, a_visit, at, told


def test_a_day_finds_its_people_and_visits_by_id() -> None:
    day = a_day(a_technician("ann"), a_visit("v1"))
    assert day.technician("ann").shift == (at("8:00"), at("16:00"))
    assert day.visit("v1").location == 1
    assert day.has_visit("v1")
    assert not day.has_technician("bob")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"state": "lost"}, "visit v1: state 'lost'"),
        ({"duration": -1}, "visit v1: duration"),
        ({"windows": ()}, "visit v1: windows must not be empty"),
        ({"windows": ((10, 5),)}, r"visit v1: window \(10, 5\) ends before it begins"),
        ({"windows": ((0, 5), (7, 9))}, "a promised visit has exactly one window"),
        ({"may_move": ((10, 5),)}, "ends before it begins"),
        ({"locked": True}, "visit v1: locked without planned"),
        ({"priority": -1}, "visit v1: priority"),
    ],
)
def test_a_visit_refuses(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(a_visit("v1"), **changes)


def test_a_technician_refuses_a_break_twice() -> None:
    rest = Break("lunch", (0, 10), 5)
    with pytest.raises(ValueError, match="technician ann: breaks: lunch stands twice"):
        a_technician("ann", breaks=(rest, rest))


def test_weights_are_never_negative() -> None:
    with pytest.raises(ValueError, match=r"weights\.moved"):
        Weights(moved=-1)


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ((a_technician("ann"), a_technician("ann")), "technicians: ann stands twice"),
        ((a_visit("v1"), a_visit("v1")), "visits: v1 stands twice"),
        ((a_technician("ann", ready_location=10),), "technician ann: location 10 is not in travel"),
        ((a_visit("v1", location=-1),), "visit v1: location -1 is not in travel"),
        ((a_technician("ann", route=("v9",)),), "route: visit v9 is unknown"),
        (
            (a_technician("ann", route=("v1",)), a_technician("bob", route=("v1",)), a_visit("v1")),
            "routes: v1 stands twice",
        ),
        ((a_visit("v1", planned=told("ann", "9:00"), locked=True),), "visit v1: locked to nobody known"),
        (
            (a_technician("ann", absent=True), a_visit("v1", planned=told("ann", "9:00"), locked=True)),
            "visit v1: locked to ann, who is absent",
        ),
        (
            (
                a_technician("ann"),
                a_visit("v1", planned=told("ann", "9:00"), locked=True),
                a_visit("v2", planned=told("ann", "9:00"), locked=True),
            ),
            "technicians of locked visits: ann stands twice",
        ),
    ],
)
def test_a_day_refuses(parts: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        a_day(*parts)


@pytest.mark.parametrize(
    ("travel", "message"),
    [
        (np.zeros((2, 3), dtype=np.int64), "square"),
        (np.zeros((2, 2)), "whole seconds"),
        (np.array([[0, -1], [1, 0]]), "negative"),
    ],
)
def test_travel_is_a_square_of_whole_seconds(travel: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Day(name="odd", now=0, travel=travel, technicians=(), visits=())


def test_a_day_travels_to_another_process() -> None:
    day = a_day(a_technician("ann"), a_visit("v1"))
    copy = pickle.loads(pickle.dumps(day))
    assert copy.visits == day.visits
    assert copy.technician("ann") == day.technician("ann")
