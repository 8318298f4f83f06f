"""The virtual clock, with MAKEGOOD_DEV=1 only."""

from __future__ import annotations

from datetime import timedelta

from fastapi import Request

from api.deps import RuntimeDep
from api.runtime.moving_time import move_clock, read_clock
from api.runtime.pace import Pace
from api.runtime.runtime import Runtime
from api.schemas.dev import ClockIn, ClockOut
from api.strict import router

routes = router("/dev/clock", "dev")


@routes.get("")
def show(request: Request, runtime: RuntimeDep) -> ClockOut:
    now, rate = read_clock(runtime)
    pace = pace_of(request)
    step_to = pace.step_to if pace.step_to and pace.step_to > now else None
    return ClockOut(now=now, rate=rate, wanted=pace.wanted, step_to=step_to)


@routes.post("")
def move(body: ClockIn, request: Request, runtime: RuntimeDep) -> ClockOut:
    """Answers when nothing is due any more."""
    move_clock(runtime, body.to or timedelta(seconds=body.advance_seconds or 0), body.rate)
    if body.rate is not None and not body.by_people:
        pace_of(request).want(body.rate)
    return show(request, runtime)


def pace_of(request: Request) -> Pace:
    pace: Pace = request.app.state.pace
    return pace


def run(request: Request, runtime: Runtime, rate: float) -> None:
    """From now on at `rate`; 0 is a pause. What was being stepped to is given up."""
    pace = pace_of(request)
    pace.step_to = None
    pace.want(rate)
    move_clock(runtime, timedelta(), rate)


def step(request: Request, runtime: Runtime, by: timedelta) -> None:
    """So much later, whatever the rate. Where simulated people live, they are asked to live through it."""
    pace = pace_of(request)
    if not pace.is_lived:
        move_clock(runtime, by)
        return
    now, _ = read_clock(runtime)
    pace.step_to = max(now, pace.step_to or now) + by
