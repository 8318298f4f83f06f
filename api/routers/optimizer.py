"""The optimizer on what is sent, as `makegood plan` and `makegood slots` on files: nothing stored is read or kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.responses import Response

from api.deps import StaffDep
from api.places import find_places
from api.planner import EXPLAINING_SECONDS, MOST_TECHNICIANS, MOST_VISITS, Planner
from api.schemas.optimizer import (
    ExplanationOut,
    PlacesOut,
    PlanAskedIn,
    PlannedOut,
    SlotsAskedIn,
    VerdictOut,
)
from api.strict import LargeRoute, router
from dispatch.errors import FieldError, Invalid
from optimizer import (
    Day,
    DayFileError,
    Progress,
    Visit,
    Window,
    check,
    plan_to_json,
    read_day,
    read_visit,
)

KEEP_ALIVE_SECONDS = 15.0
LOOKING_SECONDS = 1.0
LATEST = 10**7  # as in a day file
STREAM = "text/event-stream"

T = TypeVar("T")

routes = router("/api/v1/optimizer", "optimizer", route_class=LargeRoute)


@routes.post(
    "/plan",
    response_model=PlannedOut,
    responses={200: {"content": {STREAM: {"schema": {"type": "string"}}}}},
)
def plan(body: PlanAskedIn, request: Request, who: StaffDep) -> Response | PlannedOut:
    """The best plan found in so many seconds, and what it is worth.

    With `Accept: text/event-stream` the search is told while it goes on: `progress` events, and `plan` at the end.
    """
    day, planner = _day(body.day), _planner(request)
    if STREAM in request.headers.get("accept", ""):
        end = planner.take(body.seconds)
        headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
        return StreamingResponse(_stream(planner, day, body, end), media_type=STREAM, headers=headers)
    with planner.place(body.seconds):
        return _planned(planner, day, body)


@routes.post("/slots")
def find_slots(body: SlotsAskedIn, request: Request, who: StaffDep) -> PlacesOut:
    """Where one more visit fits into the published routes, no promise harmed, and what would open other windows."""
    day, visit = _day(body.day), _visit(body.visit)
    if visit.location >= len(day.travel):
        raise _invalid("/visit/location", f"{visit.location} is not in travel")
    windows = None if body.windows is None else [_window(body, n) for n in range(len(body.windows))]
    planner = _planner(request)
    with planner.place(LOOKING_SECONDS):
        return find_places(
            day,
            visit,
            windows,
            count=body.count,
            eject=body.eject,
            nearly_seconds=EXPLAINING_SECONDS if body.nearly else 0,
            watch=planner.watch,
        )


def _planner(request: Request) -> Planner:
    planner: Planner = request.app.state.planner
    return planner


def _planned(
    planner: Planner, day: Day, body: PlanAskedIn, tell: Callable[[Progress], None] | None = None
) -> PlannedOut:
    solved = planner.search(day, body.seconds, body.seed, tell)
    why = planner.explain(day, solved.plan) if body.explain else []
    return PlannedOut(
        plan=plan_to_json(solved.plan),
        verdict=VerdictOut(**asdict(check(day, solved.plan))),
        explanations=[ExplanationOut.of(one) for one in why],
        engine=solved.engine,
        cause=solved.cause,
    )


def _stream(planner: Planner, day: Day, body: PlanAskedIn, end: float) -> Iterator[bytes]:
    """The search runs in a thread beside; it lets its place go even when nobody listens any more."""
    told: SimpleQueue[Progress | None] = SimpleQueue()

    def work() -> PlannedOut:
        try:
            return _planned(planner, day, body, told.put)
        finally:
            planner.leave(end)
            told.put(None)

    pool = ThreadPoolExecutor(1, thread_name_prefix="plan")
    found = pool.submit(work)
    pool.shutdown(wait=False)
    return _events(told, found.result)


def _events(told: SimpleQueue[Progress | None], result: Callable[[], PlannedOut]) -> Iterator[bytes]:
    while True:
        try:
            progress = told.get(timeout=KEEP_ALIVE_SECONDS)
        except Empty:
            yield format_sse_event(comment="still searching")
            continue
        if progress is None:
            break
        data = {
            "phase": progress.phase,
            "seconds": round(progress.seconds, 3),
            "iterations": progress.iterations,
            "cost": progress.cost,
            "broken": progress.broken,
            "unserved": progress.unserved,
        }
        yield format_sse_event(event="progress", data_str=json.dumps(data))
    yield format_sse_event(event="plan", data_str=result().model_dump_json())


def _day(document: dict[str, Any]) -> Day:
    _require_readable(document, "/day")
    day = _read(document, "/day", read_day)
    for name, found, most in (
        ("visits", len(day.visits), MOST_VISITS),
        ("technicians", len(day.technicians), MOST_TECHNICIANS),
    ):
        if found > most:
            raise _invalid(f"/day/{name}", f"{found} {name}; at most {most} are planned over HTTP")
    return day


def _visit(document: dict[str, Any]) -> Visit:
    _require_readable(document, "/visit")
    return _read({"id": "asked", **document}, "/visit", read_visit)


def _window(body: SlotsAskedIn, number: int) -> Window:
    found = (body.windows or [])[number]
    if len(found) != 2 or not 0 <= found[0] <= found[1] <= LATEST:
        raise _invalid(f"/windows/{number}", "must be a pair of seconds, the earlier first")
    return found[0], found[1]


def _read(document: dict[str, Any], pointer: str, read: Callable[[Any], T]) -> T:
    try:
        return read(document)
    except DayFileError as error:
        raise _invalid(pointer + error.pointer, error.sentence) from error


def _require_readable(document: Any, pointer: str) -> None:
    """No text that cannot be written again: JSON can spell half of a letter."""
    waiting: list[Any] = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str) and not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise _invalid(pointer, "holds text that is no Unicode") from None
        elif isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += [part for part in value if isinstance(part, (str, dict, list))]


def _invalid(pointer: str, sentence: str) -> Invalid:
    return Invalid([FieldError(pointer, "day_file", f"{pointer}: {sentence}")])
