"""Where a demo is played: on the invented town's own streets, or on a real city's."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.simulation.house import House, Plot, doors
from api.simulation.script import Script, add_arguments, read_script
from api.simulation.town import MIDDLE, build_town
from dispatch.territories.queries import list_territories
from tests.unit.dispatch.travel.river_village import write_extract


@contextmanager
def house_at(folder: Path, roads: Path | None) -> Iterator[House]:
    plot = Plot(data=folder / "data", day=dt.date(2026, 3, 2), port=0, roads=roads, seed=1, by_hand=True)
    with House(plot) as house:
        yield house


def centre(house: House) -> tuple[float, float]:
    with house.runtime.read() as work:
        [territory] = list_territories(work.session)
        return territory.centre_lat, territory.centre_lng


def test_the_town_is_driven_on_its_own_streets_and_owes_nobody_a_line(tmp_path: Path) -> None:
    with house_at(tmp_path, None) as house:
        travel = house.runtime.workshop.travel
        assert (travel.name, travel.is_estimate, travel.attribution) == ("road network", False, "")
        assert house.runtime.settings.roads == tmp_path / "data" / "town.osm.pbf"
        assert list(doors(house.plot, house.runtime, 20)) == build_town(1).addresses(1, 20)
        assert centre(house) == MIDDLE


def test_a_real_extract_has_street_positions_and_its_makers_are_named(tmp_path: Path) -> None:
    with house_at(tmp_path, write_extract(tmp_path / "village.osm.pbf")) as house:
        assert house.runtime.workshop.travel.attribution == "© OpenStreetMap contributors"
        found = doors(house.plot, house.runtime, 3)
        assert [door.line for door in found] == [f"Street position {i}" for i in (1, 2, 3)]
        lat, lng = centre(house)
        assert abs(lat) < 0.1
        assert 0 < lng < 0.02


def test_what_is_asked_for_outweighs_the_environment() -> None:
    def asked(*words: str, roads: Path | None) -> Script:
        parser = argparse.ArgumentParser()
        add_arguments(parser)
        return read_script(parser.parse_args(words), roads=roads, colours=False)

    assert asked(roads=None).roads is None
    assert asked(roads=Path("set.osm.pbf")).roads == Path("set.osm.pbf")
    assert asked("--roads", "asked.osm.pbf", roads=Path("set.osm.pbf")).roads == Path("asked.osm.pbf")
