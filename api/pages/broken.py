"""What was broken on the demo's panel, and what became of each break: the panel's list joined with the record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlmodel import Session

from api.pages.codes import BROKE
from api.pages.render import since
from api.routers.dev_break import BreakOut
from api.runtime.runtime import Runtime
from dispatch.board.leaving import leaving
from dispatch.board.story import (
    Step,
    Story,
    broken_with,
    heard_from_at,
    moved_from,
    stories_of,
)
from dispatch.customers.queries import get_customer
from dispatch.local_time import say_time
from dispatch.plans.queries import find_assignment
from dispatch.promises.queries import current_promise
from dispatch.recoveries.queries import list_for_visit as recoveries_of
from dispatch.recoveries.states import RecoveryState
from dispatch.recoveries.tables import Recovery
from dispatch.technicians.queries import get_technician, open_prompts
from dispatch.technicians.tables import Technician
from dispatch.territories.queries import get_territory
from dispatch.visits.queries import find_by_reference, find_under_way, get_visit
from dispatch.visits.references import spoken
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Work
from notifications.outbox.queries import count_waiting
from notifications.outbox.queries import list_for_visit as texts_of
from notifications.outbox.tables import Audience

MOST_BREAKS = 20
DID = {
    "technician_silent": "{name} falls silent",
    "technician_sick": "{name} is sick",
    "van_down": "The van of {name} breaks down",
    "customer_absent": "{name} is not at home",
    "emergency": "Emergency at {name}’s house",
    "texts_down": "Texts cut off",
    "texts_up": "Texts brought back",
}
OF_TECHNICIANS = ("technician_silent", "technician_sick", "van_down")
STEP_WORDS = {
    "broken": "Broken",
    "noticed": "Noticed",
    "repaired": "Option held",
    "told": "Told",
    "chosen": "Chosen",
    "on_the_way": "On the way",
    "done": "Done",
}


@dataclass(frozen=True, slots=True)
class Text:
    at: dt.datetime
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """One broken promise of a break: its story, whose it is, and where to look further."""

    story: Story
    customer: str
    reference: str
    phone: str
    page: str | None
    what: str
    steps: tuple[tuple[str, Step], ...]
    says: str
    texts: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One press on the panel. `says` is what it waits for, or what came of it, where no promise broke."""

    at: dt.datetime
    title: str
    says: str
    followed: tuple[Followed, ...]


def what_was_broken(work: Work, runtime: Runtime, breaks: Sequence[BreakOut]) -> list[Break]:
    """Every break with what it led to, the newest first. A promise belongs to the last break before it."""
    found = []
    for number in range(len(breaks) - 1, max(-1, len(breaks) - 1 - MOST_BREAKS), -1):
        one = breaks[number]
        again = next((later for later in breaks[number + 1 :] if _is_same(later, one)), None)
        found.append(_follow(work, runtime, one, until_at=again.at if again else None))
    return found


def _is_same(later: BreakOut, one: BreakOut) -> bool:
    if one.kind == "texts_down":
        return later.kind == "texts_up"
    return one.subject is not None and later.subject == one.subject and later.kind != "emergency"


def _follow(work: Work, runtime: Runtime, one: BreakOut, *, until_at: dt.datetime | None) -> Break:
    session = work.session
    recoveries: Sequence[Recovery] = ()
    if one.kind in OF_TECHNICIANS:
        technician = get_technician(session, one.subject or "")
        back_at = heard_from_at(session, technician.id, one.at) if one.kind == "technician_silent" else None
        until_at = min((at for at in (until_at, back_at) if at), default=None)
        recoveries = broken_with(session, technician.id, one.at, until_at)
        name, says = technician.name, _of_technician(work, technician, one, until_at, recoveries)
    elif one.kind == "customer_absent":
        visit = get_visit(session, one.subject or "")
        recoveries = [row for row in recoveries_of(session, visit.id) if row.noticed_at >= one.at]
        name, says = _customer(session, visit), "" if recoveries else _of_absence(work, visit)
    elif one.kind == "emergency":
        name, says = _customer(session, get_visit(session, one.subject or "")), _of_emergency(work, one)
    else:
        name, says = "", _of_texts(one.kind, count_waiting(session), until_at)
    stories = stories_of(session, recoveries)
    followed = tuple(_followed(work, runtime, story) for story in stories)
    return Break(at=one.at, title=DID[one.kind].format(name=name), says=says, followed=followed)


def _of_technician(
    work: Work,
    technician: Technician,
    one: BreakOut,
    until_at: dt.datetime | None,
    recoveries: Sequence[Recovery],
) -> str:
    """What went to somebody else, and what it waits for while no promise has broken."""
    session = work.session
    is_broken, late = bool(recoveries), {recovery.visit_id for recovery in recoveries}
    moved = [id for id, _ in moved_from(session, technician.id, one.at, until_at) if id not in late]
    said = [f"{_visits(len(moved))} went to somebody else in time."] if moved else []
    if until_at:
        said.append(f"Over since {_clock(session, technician.territory_id, until_at)}.")
    elif one.kind == "technician_silent" and not is_broken:
        said.append(_of_silence(work, technician))
    elif not moved and not is_broken:
        said.append(f"{technician.first_name} had no visit left, so no promise was in danger.")
    return " ".join(said)


def _of_silence(work: Work, technician: Technician) -> str:
    session, name = work.session, technician.first_name
    asked = open_prompts(session, [technician.id], work.now - dt.timedelta(hours=12))
    if technician.silent_since_at:
        at = _clock(session, technician.territory_id, technician.silent_since_at)
        return f"Found out: {name} did not answer what we asked at {at}, and does not move."
    if asked:
        at, by = (
            _clock(session, technician.territory_id, when)
            for when in (asked[-1].asked_at, asked[-1].leave_by_at)
        )
        return f"At {at} we asked {name} to leave by {by}, and wait for an answer or a movement."
    territory = get_territory(session, technician.territory_id)
    driving = find_under_way(session, technician.id)
    if driving:
        by = say_time(current_promise(session, driving).end_at, territory.zone)
        where = _customer(session, driving)
        return f"{name} has set out for {where}, promised until {by}; until then nothing is late."
    mine = next((row for row in leaving(work, territory) if row.technician_id == technician.id), None)
    if mine is None:
        return f"{name} has nobody to set out for now; until then nothing is late."
    by = say_time(mine.leave_by_at, territory.zone)
    return f"{name} must leave by {by} for {mine.customer}; until then nothing is late."


def _of_absence(work: Work, visit: Visit) -> str:
    if visit.state is VisitState.DONE:
        return "The work was done; somebody was at home after all."
    if visit.state is VisitState.ON_SITE:
        return "Our technician is at the door and must ring for some minutes before it counts as nobody home."
    placed = find_assignment(work.session, visit.id)
    if placed is None or not placed.active or not (placed.technician_id and placed.start_at):
        return "Nobody is planned to come at the moment."
    technician = get_technician(work.session, placed.technician_id)
    at = _clock(work.session, visit.territory_id, placed.start_at)
    return f"{technician.first_name} comes at about {at}; until then nobody can notice."


def _of_texts(kind: str, waiting: int, back_at: dt.datetime | None) -> str:
    """What the cut means now; once the texts are back it is said with the texts that came back."""
    if back_at:
        return "Over: the texts were brought back."
    if waiting:
        return f"{waiting} text{' waits' if waiting == 1 else 's wait'} to be sent now."
    if kind == "texts_up":
        return "Every text that waited has been sent, or a person rings instead."
    return "No text waits yet. The next one that is due will."


def _of_emergency(work: Work, one: BreakOut) -> str:
    visit = find_by_reference(work.session, one.reference or "")
    if visit is None:
        return ""
    words = f"Booked as {spoken(visit.reference)} in front of everything else."
    placed = find_assignment(work.session, visit.id)
    if visit.state is VisitState.BOOKED and placed and placed.technician_id and placed.start_at:
        technician = get_technician(work.session, placed.technician_id)
        at = _clock(work.session, visit.territory_id, placed.start_at)
        return f"{words} {technician.first_name} is planned to be there at {at}."
    return f"{words} {STANDS.get(visit.state, '')}".strip()


def _followed(work: Work, runtime: Runtime, story: Story) -> Followed:
    visit = get_visit(work.session, story.visit_id)
    customer = get_customer(work.session, visit.customer_id)
    link = runtime.writer.link(work.session, visit.id)
    return Followed(
        story=story,
        customer=customer.name,
        reference=spoken(visit.reference),
        phone=customer.phone,
        page=link.removeprefix(runtime.settings.base_url) if link else None,
        what=BROKE[story.kind],
        steps=tuple((_word(story, step), step) for step in story.steps),
        says=_stands(work, story, visit),
        texts=tuple(_texts(work, runtime, story, customer.phone)),
    )


def _word(story: Story, step: Step) -> str:
    if step.name == "repaired" and step.at and not story.was_held:
        return "No place found"
    return STEP_WORDS[step.name]


def _stands(work: Work, story: Story, visit: Visit) -> str:
    """How it ended, or who waits for what."""
    if story.is_over:
        took = f", {since(story.steps[-1].seconds)} after it was certain" if story.steps[-1].seconds else ""
        return f"{ENDED.get(story.outcome or '', 'Closed')}{took}."
    if story.state is RecoveryState.DECIDING and story.is_withheld:
        return f"{story.owner or 'A dispatcher'} says what is offered: the dial leaves it to a person."
    if story.state is RecoveryState.DECIDING:
        return f"Nobody has a free place today: {story.owner or 'a dispatcher'} decides."
    if story.state is RecoveryState.TALKING:
        return f"{story.owner or 'A dispatcher'} talks to the customer."
    waits = story.waits_for
    if waits == "chosen" and story.answer_by_at:
        by = _clock(work.session, visit.territory_id, story.answer_by_at)
        return f"The customer has until {by} to answer; then the first option is kept by rule."
    return WAITS.get(waits or "", "")


STANDS = {
    VisitState.BOOKED: "Nobody has a place for it yet; the office looks after it.",
    VisitState.EN_ROUTE: "Somebody is on the way.",
    VisitState.ON_SITE: "Somebody is at the door or at work.",
    VisitState.DONE: "The work is done.",
    VisitState.FAILED: "Its promise broke, and is being made good.",
    VisitState.CANCELLED: "It was cancelled.",
}
ENDED = {
    "done_same_day": "Made good the same day",
    "done_later": "Made good on a later day",
    "failed_again": "It failed again; the next story goes on from here",
    "customer_cancelled": "The customer cancelled",
}
WAITS = {
    "repaired": "A place is being looked for.",
    "told": "The text is written and waits to be sent.",
    "chosen": "The customer is asked.",
    "on_the_way": "The new time stands; nobody has to leave for it yet.",
    "done": "Somebody is on the way or at work.",
}


def _texts(work: Work, runtime: Runtime, story: Story, phone: str) -> list[Text]:
    """What the customer was sent about it, as it lies on their phone."""
    if runtime.pocket is None:
        return []
    about = {
        one.id
        for one in texts_of(work.session, story.visit_id)
        if one.recovery_id == story.recovery_id and one.audience is Audience.CUSTOMER
    }
    lying = runtime.pocket.read(phone)
    return [Text(one.at, one.body) for one in lying if one.id.rpartition("-")[0] in about]


def _customer(session: Session, visit: Visit) -> str:
    return get_customer(session, visit.customer_id).name


def _clock(session: Session, territory_id: str, at: dt.datetime) -> str:
    zone: ZoneInfo = get_territory(session, territory_id).zone
    return say_time(at, zone)


def _visits(count: int) -> str:
    return f"{count} visit{'' if count == 1 else 's'}"
