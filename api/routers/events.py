"""Every fact since a cursor, in the order of commits."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from fastapi.sse import EventSourceResponse

from api.deps import ReadDep, StaffDep
from api.errors import refused
from api.live import After, event_stream, of_territory
from api.schemas.events import EventOut, EventsOut
from api.strict import router
from dispatch import ledger

routes = router("/api/v1/events", "events")

MAX_SEQ = 2**53


@routes.get("", responses=refused(401, 403))
def since(
    work: ReadDep,
    who: StaffDep,
    after: Annotated[int, Query(ge=0, le=MAX_SEQ)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> EventsOut:
    found = ledger.since(work.session, after, limit)
    return EventsOut(events=[EventOut.of(entry) for entry in found], next=found[-1].seq if found else after)


@routes.get("/stream", response_model=None, responses=refused(401, 403))
async def stream(request: Request, who: StaffDep, after: After = None) -> EventSourceResponse:
    """The same as they happen, as server-sent events. `Last-Event-ID` goes on where a lost connection ended."""
    return event_stream(request, after, of_territory(who))
