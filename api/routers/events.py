"""Every fact since a cursor, in the order of commits."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from fastapi.sse import EventSourceResponse

from api.deps import ReadDep, StaffDep
from api.live import After, event_stream, of_territory, read_news
from api.schemas.events import EventOut, EventsOut
from api.strict import router

routes = router("/api/v1/events", "events")

MAX_SEQ = 2**53


@routes.get("")
def since(
    work: ReadDep,
    who: StaffDep,
    after: Annotated[int, Query(ge=0, le=MAX_SEQ)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> EventsOut:
    """Of your territory, and of what belongs to none: `next` goes on from there, also past what is others'."""
    pairs, cursor = read_news(work, after, limit)
    wants = of_territory(who)
    return EventsOut(events=[EventOut.of(entry) for entry, news in pairs if wants(news)], next=cursor)


@routes.get(
    "/stream",
    response_model=None,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def stream(request: Request, who: StaffDep, after: After = None) -> EventSourceResponse:
    """The same as they happen, as server-sent events. `Last-Event-ID` goes on where a lost connection ended."""
    return event_stream(request, after, of_territory(who))
