"""The demo's panel, with MAKEGOOD_DEV=1 only: something goes wrong, and everybody can watch it made good.

What the house itself must know (a sick call, an emergency, a provider that is down) is done at once.
What only people do (fall silent, not be at home) is kept here for the simulated people to read.
"""

from __future__ import annotations

from typing import Any, Literal

from fastapi import Request

from api.deps import RuntimeDep, WorkDep
from api.schemas.base import Id, In, Instant, Out
from api.strict import router
from dispatch.bookings.actions import book_soonest, request_of
from dispatch.customers.queries import get_address, get_customer
from dispatch.errors import Invalid, NotFound
from dispatch.field.actions import call_out
from dispatch.technicians.queries import get_technician
from dispatch.technicians.tables import AbsenceKind
from dispatch.visits.queries import get_visit
from dispatch.work import Work
from notifications.channels.tables import PocketSwitch

Kind = Literal[
    "technician_silent",
    "technician_sick",
    "van_down",
    "customer_absent",
    "emergency",
    "texts_down",
    "texts_up",
]

NEEDS: dict[str, str] = {
    "technician_silent": "technician",
    "technician_sick": "technician",
    "van_down": "technician",
    "customer_absent": "visit",
    "emergency": "visit",
}

routes = router("/dev/break", "dev")


class BreakIn(In):
    kind: Kind
    technician: Id | None = None
    visit: Id | None = None


class BreakOut(Out):
    """`subject` is the technician or visit; for an emergency, `reference` is the new visit's."""

    kind: str
    subject: str | None
    reference: str | None
    at: Instant


class BreaksOut(Out):
    breaks: list[BreakOut]


@routes.get("")
def show(request: Request) -> BreaksOut:
    """What was broken since this process began, oldest first."""
    return BreaksOut(breaks=request.app.state.breaks)


@routes.post("", status_code=201)
def break_something(body: BreakIn, request: Request, work: WorkDep, runtime: RuntimeDep) -> BreakOut:
    """For an emergency, `visit` names whose house it is at: the same customer, address and kind of work."""
    subject = _subject(work, body)
    reference = None
    if body.kind in ("technician_sick", "van_down"):
        kind = AbsenceKind.SICK if body.kind == "technician_sick" else AbsenceKind.VAN_DOWN
        call_out(work, get_technician(work.session, subject or ""), kind)
    elif body.kind == "emergency":
        reference = _emergency(work, subject or "")
    elif body.kind in ("texts_down", "texts_up"):
        if runtime.pocket is None:
            raise NotFound("Texts go to a provider here, not to the simulator.")
        _switch_texts(work, down=body.kind == "texts_down")
    done = BreakOut(kind=body.kind, subject=subject, reference=reference, at=work.now)
    request.app.state.breaks.append(done)
    return done


def broken_ids(request: Request) -> set[str]:
    """The people and visits that were broken before: whoever wants to break somebody at one click means another."""
    breaks: list[BreakOut] = request.app.state.breaks
    return {one.subject for one in breaks if one.subject and one.kind != "emergency"}


def _subject(work: Work, body: BreakIn) -> str | None:
    """The id that this kind needs, when it is somebody's. Raises Invalid or NotFound."""
    needed = NEEDS.get(body.kind)
    if needed is None:
        return None
    found: Any = body.technician if needed == "technician" else body.visit
    if found is None:
        raise Invalid.field(needed, "missing", f"{body.kind} needs a {needed}.")
    if needed == "technician":
        get_technician(work.session, found)
    else:
        get_visit(work.session, found)
    return str(found)


def _switch_texts(work: Work, *, down: bool) -> None:
    switch = work.session.get(PocketSwitch, 1) or PocketSwitch()
    switch.down = down
    work.session.add(switch)


def _emergency(work: Work, visit_id: str) -> str:
    like = get_visit(work.session, visit_id)
    customer = get_customer(work.session, like.customer_id)
    address = get_address(work.session, like.address_id)
    return book_soonest(work, request_of(work, like), customer, address).reference
