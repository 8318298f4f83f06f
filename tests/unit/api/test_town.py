"""Alder Crossing: the same for the same seed, invented through and through, and cut in two by its river."""

import ast
import inspect
import sys
from dataclasses import replace

import phonenumbers
import pytest

from api.simulation import town
from api.simulation.town import Town, build_town, people, phones
from dispatch.travel import Point
from dispatch.travel.network import Line, join_lines
from dispatch.travel.roads import RoadGraph


@pytest.fixture(scope="module")
def alder() -> Town:
    return build_town(1)


def test_the_same_seed_builds_the_same_town(alder: Town) -> None:
    assert build_town(1) == alder
    assert build_town(2) != alder
    assert alder.addresses(5, 150) == build_town(1).addresses(5, 150)
    assert alder.addresses(5, 150) != alder.addresses(6, 150)
    assert people(5, 150) == people(5, 150)


def test_every_front_door_is_a_different_one(alder: Town) -> None:
    doors = alder.houses()
    assert len(doors) > 5_000
    assert len({door.line for door in doors}) == len(doors)
    assert len({(door.lat, door.lng) for door in doors}) == len(doors)
    assert all(door.line.split()[0].isdigit() for door in doors)
    with pytest.raises(ValueError, match="larger than population"):
        alder.addresses(1, len(doors) + 1)


def test_doors_stand_beside_their_street_within_a_few_kilometres(alder: Town) -> None:
    for door in alder.addresses(1, 200):
        assert abs(door.lat - alder.middle[0]) < 0.03
        assert abs(door.lng - alder.middle[1]) < 0.04
    assert any(alder.is_north(d.lat, d.lng) for d in alder.addresses(1, 50))
    assert any(not alder.is_north(d.lat, d.lng) for d in alder.addresses(1, 50))


def test_only_the_two_bridges_cross_the_river(alder: Town) -> None:
    crossing = [s for s in alder.streets if len({alder.is_north(*place) for place in s.line}) == 2]
    assert tuple(crossing) == alder.bridges
    assert len(crossing) == 2


def test_the_streets_make_a_road_network(alder: Town) -> None:
    graph = _roads(alder)
    doors = [Point(d.lat, d.lng) for d in alder.addresses(3, 60)]
    assert max(graph.snap(door).metres for door in doors) < 45  # half a piece of street and the kerb
    assert graph.matrix(doors).max() < 1_800
    assert _banks(graph, alder) == {True, False}
    flooded = replace(alder, streets=tuple(s for s in alder.streets if s not in alder.bridges))
    assert len(_banks(_roads(flooded), alder)) == 1, "with the bridges gone, one bank is all that is left"


def _banks(graph: RoadGraph, alder: Town) -> set[bool]:
    return {alder.is_north(p.lat, p.lng) for p in graph.street_points(1, 200)}


def _roads(of: Town) -> RoadGraph:
    return RoadGraph(
        join_lines(Line(s.kind, tuple(Point(*place) for place in s.line), s.name) for s in of.streets)
    )


def test_nobody_shares_a_name_or_a_phone() -> None:
    everybody = people(9, 1_000)
    assert len({person.name for person in everybody}) == 1_000
    assert len({person.phone for person in everybody}) == 1_000
    with pytest.raises(ValueError, match="larger than population"):
        people(9, 1_001)


def test_phones_are_valid_and_kept_for_fiction() -> None:
    numbers = phones()
    assert len(set(numbers)) >= 400
    for number in numbers:
        assert number[5:10] == "55501"
        parsed = phonenumbers.parse(number)
        assert phonenumbers.is_possible_number(parsed)
        assert phonenumbers.is_valid_number(parsed)


def test_the_town_knows_nothing_of_ours() -> None:
    tree = ast.parse(inspect.getsource(town))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
