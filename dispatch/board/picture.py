"""The day as a picture: who is where and when, as plain values for a timeline and a map."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dispatch.board.card import Card
from dispatch.board.card_rows import CardRow
from dispatch.board.chances import Chance, chances_on
from dispatch.board.day_map import MapTechnician, crew_on_map
from dispatch.board.snapshot import Snapshot
from dispatch.local_time import midnight
from dispatch.territories.tables import Territory
from dispatch.work import Work


@dataclass(frozen=True, slots=True)
class Bar:
    """One visit on its technician's line: the drive from `leave_at`, the work from `start_at` to `end_at`.

    What has happened counts, not what was planned; a visit that nobody comes to has no bar. `chance`: to keep
    the promise; None once somebody is there, or the day is over.
    """

    visit_id: str
    technician_id: str
    leave_at: dt.datetime
    start_at: dt.datetime
    end_at: dt.datetime
    card: Card
    chance: Chance | None


@dataclass(frozen=True, slots=True)
class Rest:
    """A break as the current plan has it."""

    technician_id: str
    start_at: dt.datetime
    end_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Picture:
    """`begin_at` and `end_at` frame the day's work with half an hour to spare."""

    begin_at: dt.datetime
    end_at: dt.datetime
    bars: tuple[Bar, ...]
    rests: tuple[Rest, ...]
    crew: tuple[MapTechnician, ...]

    @property
    def tight(self) -> list[Bar]:
        """The visits whose promise is tight, worst first."""
        bars = [bar for bar in self.bars if bar.chance and bar.chance.tight]
        return sorted(
            bars, key=lambda bar: (bar.chance.percent if bar.chance else 0, bar.start_at, bar.visit_id)
        )


def picture(work: Work, territory: Territory, seen: Snapshot) -> Picture:
    """The day of a snapshot, drawn from its cards and rows."""
    bars = tuple(_bars(seen, chances_on(work, territory, seen.day)))
    on_routes = [seen.rows.visits[card.visit_id] for row in seen.crew for card in row.cards]
    start = midnight(seen.day, territory.zone)
    edges = [at for bar in bars for at in (bar.leave_at, bar.end_at)]
    spare = dt.timedelta(minutes=30)
    begin, end = start + dt.timedelta(hours=8), start + dt.timedelta(hours=18)
    return Picture(
        begin_at=min([begin, *edges]) - spare,
        end_at=max([end, *edges]) + spare,
        bars=bars,
        rests=tuple(_rests(seen, start)),
        crew=crew_on_map(work, territory, seen.day, on_routes),
    )


def _bars(seen: Snapshot, chances: Mapping[str, Chance]) -> Iterator[Bar]:
    for card in (card for row in seen.crew for card in row.cards):
        id, row = card.visit_id, seen.rows.visits[card.visit_id]
        if row.planned_start_at and row.planned_end_at and card.technician_id:
            leave_at, start_at, end_at = _span(row, row.planned_start_at, row.planned_end_at)
            yield Bar(id, card.technician_id, leave_at, start_at, end_at, card, chances.get(id))


def _span(
    row: CardRow, starts_at: dt.datetime, ends_at: dt.datetime
) -> tuple[dt.datetime, dt.datetime, dt.datetime]:
    """When somebody set out, began and ended, or will if what remains takes as long as planned."""
    drive = row.drive or dt.timedelta()
    start = row.arrived_at or (row.left_at + drive if row.left_at else starts_at)
    end = row.done_at or start + (ends_at - starts_at)
    return min(row.left_at or start - drive, start), start, max(end, start)


def _rests(seen: Snapshot, start: dt.datetime) -> Iterator[Rest]:
    crew = {row.id for row in seen.crew}
    for route in seen.plan.body["routes"] if seen.plan else ():
        for stop in route["stops"]:
            if "break" in stop and route["technician"] in crew:
                begin, end = (start + dt.timedelta(seconds=stop[key]) for key in ("start", "end"))
                yield Rest(route["technician"], begin, end)
