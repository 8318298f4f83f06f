"""Proposals as a dispatcher reads them: names and clock times beside what the diff says in ids and seconds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from dispatch.customers.queries import get_customer
from dispatch.errors import StateConflict
from dispatch.local_time import midnight
from dispatch.plans.deciding import changed_since
from dispatch.plans.diff import Line, Sums, say
from dispatch.plans.problem import HELD
from dispatch.plans.proposals import lines_of, sums_of
from dispatch.plans.queries import list_versions
from dispatch.plans.states import ARROWS, ProposalSignal, ProposalState
from dispatch.plans.tables import Plan, Proposal
from dispatch.plans.undo import REPAIR, SEARCH, Undoable, require_undoable, why_not_undone
from dispatch.promises.queries import current_promise
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import find_dispatcher, get_territory
from dispatch.territories.tables import Territory
from dispatch.visits.queries import get_visit
from dispatch.visits.references import spoken
from dispatch.work import Work


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One visit that the proposal touches; without a visit it is a place kept for somebody who is being asked."""

    visit_id: str | None
    customer: str
    reference: str | None
    window_text: str
    technician_now: str | None
    technician_then: str | None
    start_now: dt.datetime | None
    start_then: dt.datetime | None
    shift_minutes: int | None
    kept_now: bool
    kept_then: bool
    disturbed: bool
    other_technician: bool
    text: bool


@dataclass(frozen=True, slots=True)
class ProposalSheet:
    """`says` is the sums as one sentence; `can` the steps that are allowed now; `changed` what overtook it."""

    id: str
    day: dt.date
    state: ProposalState
    base_version: int
    published_version: int | None
    asked_by: str
    asked_at: dt.datetime
    made_at: dt.datetime | None
    settled_at: dt.datetime | None
    settled_by: str | None
    looked_seconds: float | None
    why: str
    says: str | None
    sums: Sums | None
    lines: tuple[SheetLine, ...]
    changed: tuple[str, ...]
    can: frozenset[ProposalSignal]


@dataclass(frozen=True, slots=True)
class Publish:
    """One version that a search, a repair or an undo gave.

    The last that a search gave and the last that a repair did are `undoable`, unless `why_not` says why not any more.
    """

    version: int
    cause: str
    by: str
    at: dt.datetime
    undoable: bool
    why_not: str
    is_repair: bool


def proposal_sheet(work: Work, proposal: Proposal) -> ProposalSheet:
    territory = get_territory(work.session, proposal.territory_id)
    sums, looked = sums_of(proposal), proposal.looked_milliseconds
    overtaken = proposal.state is ProposalState.OVERTAKEN
    return ProposalSheet(
        id=proposal.id,
        day=proposal.day,
        state=proposal.state,
        base_version=proposal.base_version,
        published_version=proposal.published_version,
        asked_by=who(work, proposal.asked_by),
        asked_at=proposal.asked_at,
        made_at=proposal.made_at,
        settled_at=proposal.settled_at,
        settled_by=who(work, proposal.settled_by) if proposal.settled_by else None,
        looked_seconds=None if looked is None else looked / 1000,
        why=proposal.why,
        says=say(sums) if sums else None,
        sums=sums,
        lines=tuple(_told(work, territory, proposal.day, line) for line in lines_of(proposal)),
        changed=tuple(changed_since(work, proposal)) if overtaken else (),
        can=frozenset(signal for state, signal in ARROWS if state is proposal.state),
    )


def last_publishes(work: Work, territory: Territory, day: dt.date, *, limit: int) -> list[Publish]:
    """What searches and repairs changed on this day, newest first."""
    both = (*SEARCH.history, *REPAIR.history)
    rows = [one for one in list_versions(work.session, territory.id, day) if one.cause in both]
    newest = {_undoable(work, territory, day, change): change for change in (SEARCH, REPAIR)}
    why_not = {
        version: why_not_undone(work, territory, day, change) for version, change in newest.items() if version
    }
    return [
        Publish(
            version=one.version,
            cause=one.cause,
            by=who(work, one.published_by),
            at=one.published_at,
            undoable=why_not.get(one.version) == "",
            why_not=why_not.get(one.version, ""),
            is_repair=one.cause in REPAIR.history,
        )
        for one in rows[::-1][:limit]
    ]


def who(work: Work, actor: str) -> str:
    """`Dana Reed` for her actor; the role for everybody else."""
    role, _, id = actor.partition(":")
    person = find_dispatcher(work.session, id) if role == "dispatcher" else None
    return person.name if person else f"the {role}"


def _undoable(work: Work, territory: Territory, day: dt.date, change: Undoable) -> int | None:
    try:
        last: Plan = require_undoable(work, territory, day, change)
    except StateConflict:
        return None
    return last.version


def _told(work: Work, territory: Territory, day: dt.date, line: Line) -> SheetLine:
    at = _clock(midnight(day, territory.zone))
    customer, reference, window = _whose(work, line, territory, at)
    return SheetLine(
        visit_id=line.visit_id if reference else None,
        customer=customer,
        reference=reference,
        window_text=window,
        technician_now=_name(work, line.technician_now),
        technician_then=_name(work, line.technician_then),
        start_now=at(line.start_now),
        start_then=at(line.start_then),
        shift_minutes=line.shift_minutes,
        kept_now=line.kept_now,
        kept_then=line.kept_then,
        disturbed=line.disturbed,
        other_technician=line.other_technician,
        text=False,
    )


def _whose(
    work: Work, line: Line, territory: Territory, at: Callable[[int | None], dt.datetime | None]
) -> tuple[str, str | None, str]:
    """The customer's name, the visit's reference and its window as it is promised."""
    if line.visit_id.startswith(HELD):
        times = [at(second) for second in (line.window_start, line.window_end)]
        window = "–".join(f"{one.astimezone(territory.zone):%H:%M}" for one in times if one)
        return "Somebody who is being asked", None, window
    visit = get_visit(work.session, line.visit_id)
    name = get_customer(work.session, visit.customer_id).name
    return name, spoken(visit.reference), current_promise(work.session, visit).local_text


def _clock(start: dt.datetime) -> Callable[[int | None], dt.datetime | None]:
    return lambda second: None if second is None else start + dt.timedelta(seconds=second)


def _name(work: Work, technician_id: str | None) -> str | None:
    technician = work.session.get(Technician, technician_id) if technician_id else None
    return technician.name if technician else None
