"""What is to be played, as the command line asks for it."""

from __future__ import annotations

import argparse
import datetime as dt
from dataclasses import dataclass, fields
from pathlib import Path

from api.simulation.living_day import SHORTEST_STEP

SEED = 3  # a day in which somebody has a free hour right after the first break: its end is seen within two minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """`roads` is a real city's extract instead of the invented town. `silent` and `sick` are local times at
    which one technician drops out; `step` is a fast day's grain. Nobody is booked past `last_window_ends`.
    """

    speed: float = 60.0
    seed: int = SEED
    technicians: int = 12
    visits: int = 90
    roads: Path | None = None
    silent: dt.time | None = None
    sick: dt.time | None = None
    fast: bool = False
    port: int = 8000
    data: Path | None = None
    colours: bool = False
    step: dt.timedelta = SHORTEST_STEP
    last_window_ends: dt.time = dt.time(18)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `demo` and `rehearse` understand."""
    parser.add_argument("--speed", type=float, default=60.0, help="virtual seconds in one (60)")
    parser.add_argument("--seed", type=int, default=SEED, help=f"which people, doors and wishes ({SEED})")
    parser.add_argument("--technicians", type=int, default=12)
    parser.add_argument("--visits", type=int, default=90)
    parser.add_argument(
        "--roads",
        type=Path,
        help="an OpenStreetMap extract (.osm.pbf) instead of the town; else MAKEGOOD_ROADS",
    )
    parser.add_argument("--silent", type=dt.time.fromisoformat, metavar="HH:MM", help="one falls silent")
    parser.add_argument("--sick", type=dt.time.fromisoformat, metavar="HH:MM", help="one calls in sick")
    parser.add_argument(
        "--fast", action="store_true", help="do not wait: the whole day as fast as it will go"
    )
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data", type=Path, help="keep the data in this new folder")


def read_script(
    arguments: argparse.Namespace, *, roads: Path | None, colours: bool, fast: bool = False
) -> Script:
    """What was asked for; `roads` is the extract that is used when none was named."""
    known = {one.name: getattr(arguments, one.name) for one in fields(Script) if one.name in arguments}
    known["roads"] = known["roads"] or roads
    return Script(**{**known, "colours": colours, "fast": fast or arguments.fast})
