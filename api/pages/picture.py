"""The day's picture as JSON for board.js: short keys, instants in milliseconds, words that are made here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from api.pages.codes import say
from api.pages.tongue import clock
from dispatch.board.chances import Chance
from dispatch.board.day_map import Whereabouts
from dispatch.board.picture import Bar, Picture
from dispatch.board.snapshot import Snapshot
from dispatch.local_time import midnight
from dispatch.plans.proposals import lines_of
from dispatch.plans.tables import Proposal
from dispatch.territories.tables import Territory

SHAPES = {
    "booked": "○",
    "en_route": "▶",
    "on_site": "◆",
    "done": "✓",
    "failed": "!",
    "cancelled": "✕",
    "closed": "■",
}


def drawn(picture: Picture, seen: Snapshot, territory: Territory, draft: Proposal | None) -> dict[str, Any]:
    """What the timeline and the map draw: the day as published, and beside it what a draft would make of it."""
    zone, skills = seen.time_zone, {row.id: row.skills for row in seen.crew}
    return {
        "date": seen.day.isoformat(),
        "begin": _instant(picture.begin_at),
        "end": _instant(picture.end_at),
        "centre": (territory.centre_lat, territory.centre_lng),
        "offset_minutes": _offset_minutes(picture, zone),
        "crew": [
            {
                "id": one.id,
                "name": one.name,
                "state": one.state,
                "skills": skills.get(one.id, ()),
                **_whereabouts(one.where, zone),
            }
            for one in picture.crew
        ],
        "visits": [_visit(bar, zone) for bar in picture.bars],
        "drafts": list(_drafts(picture, seen, territory, draft)),
        "rests": [
            {
                "technician": one.technician_id,
                "start": _instant(one.start_at),
                "end": _instant(one.end_at),
            }
            for one in picture.rests
        ],
    }


def _whereabouts(where: Whereabouts | None, zone: str) -> dict[str, Any]:
    """Nothing for whoever is nowhere that day: they have a line, but no van on the map."""
    if where is None:
        return {"lat": None, "lng": None, "seen": None}
    return {**_place(where.lat, where.lng), "seen": clock(where.at, zone) if where.seen else None}


def _visit(bar: Bar, zone: str) -> dict[str, Any]:
    """`from` and `until`: as promised."""
    card = bar.card
    state = card.state.value
    risk = card.at_risk and state in ("booked", "en_route")
    span = f"{clock(bar.start_at, zone)}–{clock(bar.end_at, zone)}"
    word = "at risk" if risk else say(state, "visits")
    chance = f"; {say_chance(bar.chance)}" if bar.chance else ""
    return {
        "id": bar.visit_id,
        "technician": bar.technician_id,
        "leave": _instant(bar.leave_at),
        "start": _instant(bar.start_at),
        "end": _instant(bar.end_at),
        "from": _instant(card.start_at),
        "until": _instant(card.end_at),
        "state": "risk" if risk else state,
        "shape": "▲" if risk else SHAPES[state],
        "name": card.customer,
        "says": f"{card.customer}, {card.reference}: {word}{chance}. Promised {card.window_text}; work {span}.",
        **_place(card.lat, card.lng),
    }


def _drafts(
    picture: Picture, seen: Snapshot, territory: Territory, draft: Proposal | None
) -> Iterator[dict[str, Any]]:
    """Where what waits would put each visit that it touches."""
    bars = {bar.visit_id: bar for bar in picture.bars}
    for line in lines_of(draft) if draft else ():
        bar = bars.get(line.visit_id)
        if bar is None or line.technician_then is None or line.start_then is None:
            continue
        start_at = midnight(seen.day, territory.zone) + dt.timedelta(seconds=line.start_then)
        yield {
            "id": bar.visit_id,
            "technician": line.technician_then,
            "start": _instant(start_at),
            "end": _instant(start_at + (bar.end_at - bar.start_at)),
            "name": bar.card.customer,
            "says": f"Draft: {bar.card.customer} from {clock(start_at, seen.time_zone)}. Nothing counts yet.",
        }


def _instant(at: dt.datetime) -> int:
    """As JavaScript counts."""
    return round(at.timestamp() * 1000)


def _place(lat: float, lng: float) -> dict[str, float]:
    """To a metre."""
    return {"lat": round(lat, 5), "lng": round(lng, 5)}


def say_chance(chance: Chance) -> str:
    """As in "tight: 62 %"; the space does not break."""
    return f"{chance.word}: {chance.percent}\N{NO-BREAK SPACE}%"


def _offset_minutes(picture: Picture, zone: str) -> int:
    local = picture.begin_at.astimezone(ZoneInfo(zone)).utcoffset()
    return round(local.total_seconds() / 60) if local else 0
