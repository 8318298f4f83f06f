"""Ways into a plan for one more visit, whether one technician takes it or a lead and a second person together.

A party is those who would come: `(lead,)`, or `(lead, second)` for a visit with an `assistant`. Two start at
the same second. Each of them is cheapest as early as their way there and the visit's own prices allow, so
the starts worth trying are those of either.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import permutations, product
from typing import NamedTuple, TypeAlias

from optimizer.day import Day, Technician, Visit, Window
from optimizer.fits import fits
from optimizer.linked.anchored import helping_hands
from optimizer.schedule import departures_from
from optimizer.sheet import Sheet, Work, sheet_of
from optimizer.standing import Lateness, Standing, Trial, stand, tries
from optimizer.starts import in_one, window_pieces, within
from optimizer.trials import DAY_SECONDS, standing_in, start_in, with_technician, with_visit

Party: TypeAlias = tuple[str, ...]
Orders: TypeAlias = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One way in: the lead's trial and, where it takes two, the second person's from the same start."""

    trials: tuple[Trial, ...]

    @property
    def start(self) -> int:
        return self.trials[0].start

    @property
    def price(self) -> float:
        """By how many sixtieths the orders of the party get dearer."""
        return sum(trial.price for trial in self.trials)

    @property
    def party(self) -> Party:
        return tuple(trial.technician for trial in self.trials)

    def trial_of(self, technician_id: str) -> Trial:
        """That member's part in it."""
        return self.trials[self.party.index(technician_id)]


class Job(NamedTuple):
    """One member's part of the visit."""

    sheet: Sheet
    standing: Standing
    visit: Visit
    work: Work

    def tries(self, second: int | None = None) -> list[Trial]:
        """Every place for it in the order, started at `second` if one is given."""
        work = self.work
        if second is not None:
            work = replace(work, kept=within(work.kept, [(second, second)]))
        return tries(self.sheet, self.standing, self.visit, work)


class Seat:
    """One technician's order, asked about one visit: as its lead, and as its second person."""

    def __init__(self, day: Day, standing: Standing, visit: Visit) -> None:
        self.day, self.standing, self.visit = day, standing, visit

    @cached_property
    def lead(self) -> Job | None:
        """None where something but time keeps them from it."""
        alone, sheet, one = unassisted(self.visit), sheet_of(self.day), self.standing.technician
        able = fits(one, alone, self.standing.stock)
        return Job(sheet, self.standing, alone, sheet.work(alone, one.id)) if able else None

    @cached_property
    def second(self) -> Job | None:
        """The same as the second person."""
        sheet, one = sheet_of(self.day), self.standing.technician
        hands = helping_hands(self.day, self.visit, one)
        return None if hands is None else Job(sheet, self.standing, hands, sheet.fresh_work(hands, one.id))

    @cached_property
    def spans(self) -> tuple[Window, ...]:
        """For each place and way there the soonest start, and the latest that the rest of the order allows."""
        return tuple(_spans(sheet_of(self.day), self.standing, self.visit))

    @cached_property
    def merged(self) -> tuple[Window, ...]:
        """The spans as one list without overlaps."""
        return tuple((a, b) for a, b, _, _ in window_pieces(self.spans))


def parties(visit: Visit, technician_ids: Iterable[str]) -> Iterator[Party]:
    """Whoever might come: each alone, or for a visit that takes two each two, the lead first."""
    return permutations(technician_ids, 1 if visit.assistant is None else 2)


def unassisted(visit: Visit) -> Visit:
    """The visit as its lead alone sees it."""
    return visit if visit.assistant is None else replace(visit, assistant=None)


def entries(seats: Sequence[Seat]) -> Iterator[Entry]:
    """Every place for the visit in the party's orders at the starts worth trying; no promise gets worse."""
    lead = seats[0].lead
    if lead is None:
        return
    if len(seats) == 1:
        yield from (Entry((trial,)) for trial in lead.tries())
    elif _overlap(*(seat.merged for seat in seats)) and (second := seats[1].second) is not None:
        for start in _common_starts(seats, lead.work):
            if mine := lead.tries(start):
                yield from map(Entry, product(mine, second.tries(start)))


def cheapest(found: Iterable[Entry]) -> Entry | None:
    """The cheapest entry, among equals the earliest."""
    return min(found, key=lambda entry: (entry.price, entry.start), default=None)


class Room:
    """The orders of a day into which one of its visits is to get; each technician is looked at once.

    `late`: the promises that may be late, beside those that are so already, and the latest start of each.
    `seats`: those already looked at.
    """

    def __init__(
        self,
        day: Day,
        orders: Orders,
        visit_id: str,
        *,
        late: Lateness | None = None,
        seats: Mapping[str, Seat | None] | None = None,
    ) -> None:
        self.day, self.orders, self.visit, self.late = day, orders, day.visit(visit_id), late
        self._seats = dict(seats or {})
        self._entries: dict[Party, list[Entry]] = {}

    def able(self) -> list[Party]:
        """The parties whom nothing but time keeps from the visit."""
        known = {tid: seat for tid in self.orders if (seat := self._seat(tid)) is not None}
        return [
            party
            for party in parties(self.visit, known)
            if known[party[0]].lead and all(known[tid].second for tid in party[1:])
        ]

    def entries(self, party: Party) -> list[Entry]:
        """All ways in for that party."""
        if party not in self._entries:
            seats = [seat for tid in party if (seat := self._seat(tid)) is not None]
            self._entries[party] = list(entries(seats)) if len(seats) == len(party) else []
        return self._entries[party]

    def cheapest(self, party: Party) -> Entry | None:
        """The cheapest way in for that party."""
        return cheapest(self.entries(party))

    def with_technician(self, one: Technician) -> Room:
        """The same room with another technician of that id."""
        return self._but(one.id, with_technician(self.day, one))

    def with_late(self, technician_id: str, other: Visit) -> Room:
        """The same where that visit of the technician's may be as late as can be."""
        return self._but(technician_id, self.day, {other.id: other.windows[0][1] + DAY_SECONDS})

    def with_visit(self, changed: Visit) -> Room:
        """The same with another visit of that id."""
        return Room(with_visit(self.day, changed), self.orders, self.visit.id)

    def patient(self) -> Room:
        """The same where the visit's windows never close."""
        opens = min(begin for begin, _ in self.visit.windows)
        last = max((one.overtime_until for one in self.day.technicians), default=opens) + DAY_SECONDS
        return self.with_visit(replace(self.visit, windows=((opens, last),)))

    def _but(self, tid: str, day: Day, late: Lateness | None = None) -> Room:
        seats = {one: seat for one, seat in self._seats.items() if one != tid}
        return Room(day, self.orders, self.visit.id, late=late, seats=seats)

    def _seat(self, tid: str) -> Seat | None:
        if tid not in self._seats:
            standing = standing_in(self.day, tid, self.orders[tid], late=self.late)
            self._seats[tid] = None if standing is None else Seat(self.day, standing, self.visit)
        return self._seats[tid]


def tireless(technician: Technician) -> Technician:
    """The technician without an overtime limit."""
    return replace(technician, overtime_until=technician.overtime_until + DAY_SECONDS)


def earliest_finish(room: Room, party: Party, technician_id: str) -> int | None:
    """When that member of the party could be done with everything, the visit too; None: no way in."""
    found = room.entries(party)
    return min((entry.trial_of(technician_id).ending[1] for entry in found), default=None)


def earliest_start(room: Room, party: Party) -> int | None:
    """When the party could start the visit; None: no way in."""
    return min((entry.start for entry in room.entries(party)), default=None)


def late_start(room: Room, party: Party, other: Visit) -> int | None:
    """When `other`, in an order of the party, would start in the cheapest way in, if that is after its promise."""
    entry = room.cheapest(party)
    start = None if entry is None else start_of(entry, room.orders, other.id)
    return start if start is not None and start > other.windows[0][1] else None


def start_of(entry: Entry, orders: Orders, other_id: str) -> int:
    """When a visit of one of the party's orders starts once the entry is made."""
    trial = next(one for one in entry.trials if other_id in orders[one.technician])
    return start_in(trial, orders[trial.technician], other_id)


def standings_after(
    day: Day, orders: Orders, entry: Entry, visit: Visit, *, late: Lateness
) -> dict[str, Standing] | None:
    """The party's standings once the entry into `orders` is made; two stand still at the start they agreed on."""
    jobs: tuple[Visit, ...] = (visit,)
    if len(entry.trials) == 2:
        jobs = tuple(_agreed(day, visit, entry))
        kept = (one for one in day.visits if one.id != visit.id)
        day = replace(day, visits=(*kept, *jobs))
    found = {}
    for trial, job in zip(entry.trials, jobs, strict=True):
        ids = orders[trial.technician]
        ids = (*ids[: trial.position], job.id, *ids[trial.position :])
        standing = stand(day, trial.technician, ids, late=late)
        if standing is None:
            return None
        found[trial.technician] = standing
    return found


def _agreed(day: Day, visit: Visit, entry: Entry) -> Iterator[Visit]:
    pinned = ((entry.start, entry.start),)
    lead = replace(visit, state="new", windows=pinned, may_move=(), planned=None, frozen=False, prefer=())
    yield unassisted(lead)
    hands = helping_hands(day, lead, day.technician(entry.party[1]))
    if hands is not None:
        yield hands


def _overlap(first: Sequence[Window], other: Sequence[Window]) -> bool:
    """Whether two rising lists of windows share a second."""
    i = j = 0
    while i < len(first) and j < len(other):
        if first[i][0] <= other[j][1] and other[j][0] <= first[i][1]:
            return True
        if first[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return False


def _common_starts(seats: Sequence[Seat], work: Work) -> list[int]:
    """The starts worth trying at which nothing but breaks can keep anybody of the party away."""
    begun = {begin for seat in seats for begin, _ in seat.spans} | {begin for begin, *_ in work.kept}
    return sorted(second for second in begun if all(in_one(second, seat.merged) for seat in seats))


def _spans(sheet: Sheet, standing: Standing, visit: Visit) -> Iterator[Window]:
    crew, works = standing.crew, standing.works
    stops = [crew.location, *(one.location for one in works)]
    for position, labels in enumerate(standing.labels):
        onward = works[position].location if position < len(works) else crew.end_location
        home = 0 if onward is None else sheet.row(visit.location)[onward]
        latest = standing.latest[position] - home - visit.duration
        drive = sheet.row(stops[position])[visit.location]
        for label in labels:
            for clock, ready, *_ in departures_from(label, crew):
                if (arrival := max(clock, ready + drive)) <= latest:
                    yield arrival, latest
