"""Where promises break: for each way to look at it a picture and a table, from counted groups."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence

from api.pages import charts
from api.pages.codes import BROKE, spell
from api.pages.report_tables import Cell, Table
from dispatch.reports.breakdown import ONLY_BROKEN, Group

WAYS = (
    ("service", "By service"),
    ("area", "By part of town"),
    ("hour", "By hour of the promised window"),
    ("weekday", "By weekday"),
    ("cause", "By what broke"),
    ("fault", "By whose fault it was"),
)
AREAS = {
    "middle": "The middle, within 2 km",
    "north": "North of it",
    "east": "East of it",
    "south": "South of it",
    "west": "West of it",
}
HOURS = {f"{hour:02}": f"{hour:02}:00–{hour + 1:02}:00" for hour in range(24)}
WEEKDAYS = {str(number): name for number, name in enumerate(calendar.day_name)}
FAULT_WORDS = {fault: look.word.capitalize() for fault, look in charts.FAULTS.items()}
KEPT, BROKEN = charts.Look("good", "✓", "kept"), charts.Look("bad", "!", "broken")
TITLES = {"kept_in": "Kept", "broken_in": "Broken", "due_in": "Came due"}

Names = Mapping[str, str]
_WORDS: Mapping[str, Names] = {
    "area": AREAS,
    "hour": HOURS,
    "weekday": WEEKDAYS,
    "cause": BROKE,
    "fault": FAULT_WORDS,
}


def words_of(way: str, key: str, services: Names) -> str:
    """The key of a group for people; a service's by its name."""
    if way == "service":
        return services.get(key, "A service that is gone")
    return _WORDS[way].get(key, spell(key))


def title_of(name: str, way: str, key: str, services: Names) -> str:
    """What `due_in:weekday:0` counts, in words."""
    return f"{TITLES[name]}: {words_of(way, key, services)}"


def table(way: str, title: str, groups: Sequence[Group], services: Names) -> Table:
    """What is kept has no fault and no cause: there only what broke stands, of all that came due."""
    rows = []
    for one in groups:
        where = f"{way}:{one.key}"
        kept = (Cell(one.kept, figure=f"kept_in:{where}"),) if way not in ONLY_BROKEN else ()
        rate = Cell(
            None if one.per_hundred is None else round(one.per_hundred, 1), figure=f"broken_in:{where}"
        )
        rows.append(
            (
                Cell(words_of(way, one.key, services)),
                *kept,
                Cell(one.broken, figure=f"broken_in:{where}"),
                rate,
            )
        )
    head = (title.removeprefix("By ").capitalize(), *(() if way in ONLY_BROKEN else ("Kept",)))
    return Table(f"by_{way}", title, (*head, "Broken", "Broken per 100 that came due"), tuple(rows))


def picture(way: str, title: str, groups: Sequence[Group], services: Names) -> charts.Picture:
    lines = [
        (
            words_of(way, one.key, services),
            f"{one.broken} of {one.of} broke",
            [(KEPT, one.kept, f"✓ {one.kept}"), (BROKEN, one.broken, f"! {one.broken}")],
        )
        for one in groups
    ]
    told = "; ".join(f"{label}: {value}" for label, value, _ in lines)
    return charts.picture(f"by_{way}", title, f"{told}.", lines)
