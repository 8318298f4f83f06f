"""What is still missing before a first visit can be booked, from plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from dispatch.services.queries import list_services
from dispatch.technicians.queries import list_technicians, stock_of, weeks_of
from dispatch.territories.tables import Territory
from dispatch.work import Work


class Gap(StrEnum):
    NO_CENTRE = "no_centre"
    NO_SERVICE = "no_service"
    NO_TECHNICIAN = "no_technician"
    NO_HOURS = "no_hours"
    NO_HANDS = "no_hands"
    NO_PARTS = "no_parts"
    NO_WINDOW = "no_window"
    NO_OFFICE_PHONE = "no_office_phone"


@dataclass(frozen=True, slots=True)
class Missing:
    """One gap. `about` names the service it is about, `blocks` says whether nothing can be booked with it."""

    gap: Gap
    about: str = ""
    about_id: str = ""
    blocks: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A service as far as it matters here."""

    id: str
    name: str
    window_seconds: int = 7200
    skills: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """A technician as far as it matters here."""

    has_hours: bool = True
    skills: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, int] = field(default_factory=dict)


def gaps(
    offered: Sequence[Offered],
    hands: Sequence[Hand],
    *,
    has_centre: bool = True,
    open_seconds: int = 36_000,
    has_phone: bool = True,
) -> Iterator[Missing]:
    """What is missing, in the order in which it is best mended.

    A service can be booked once one technician with hours has all its skills, with its parts in the
    same van, and its window fits between the first and the last hour that is sold.
    """
    if not has_centre:
        yield Missing(Gap.NO_CENTRE)
    if not offered:
        yield Missing(Gap.NO_SERVICE)
    if not hands:
        yield Missing(Gap.NO_TECHNICIAN)
    working = [hand for hand in hands if hand.has_hours]
    if hands and not working:
        yield Missing(Gap.NO_HOURS)
    for one in offered:
        if one.window_seconds > open_seconds:
            yield Missing(Gap.NO_WINDOW, one.name, one.id)
        able = [hand for hand in working if covers(hand.skills, one.skills)]
        if working and not able:
            yield Missing(Gap.NO_HANDS, one.name, one.id)
        elif able and not any(covers(hand.parts, one.parts) for hand in able):
            yield Missing(Gap.NO_PARTS, one.name, one.id)
    if not has_phone:
        yield Missing(Gap.NO_OFFICE_PHONE, blocks=False)


def covers(has: Mapping[str, int], needs: Mapping[str, int]) -> bool:
    return all(has.get(name, 0) >= number for name, number in needs.items())


def missing(work: Work, territory: Territory) -> list[Missing]:
    """The gaps of this territory as the rows stand now."""
    crew = list_technicians(work.session, territory.id)
    ids = [one.id for one in crew]
    weeks, stock = weeks_of(work.session, ids), stock_of(work.session, ids)
    offered = [
        Offered(
            id=one.id, name=one.name, window_seconds=one.window_seconds, skills=one.skills, parts=one.parts
        )
        for one in list_services(work.session)
    ]
    hands = [
        Hand(has_hours=bool(weeks.get(one.id)), skills=one.skills, parts=stock.get(one.id, {}))
        for one in crew
    ]
    return list(
        gaps(
            offered,
            hands,
            has_centre=(territory.centre_lat, territory.centre_lng) != (0.0, 0.0),
            open_seconds=_open_seconds(territory),
            has_phone=bool(territory.office_phone),
        )
    )


def _open_seconds(territory: Territory) -> int:
    """Between the first window's begin and the last one's end, as the clock on the wall counts."""
    policies = territory.policies
    first, last = policies.clock_time("first_window_at"), policies.clock_time("last_window_end_at")
    return (last.hour - first.hour) * 3600 + (last.minute - first.minute) * 60
