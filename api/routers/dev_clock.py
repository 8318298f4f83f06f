"""The virtual clock, with MAKEGOOD_DEV=1 only."""

from __future__ import annotations

from datetime import timedelta

from api.deps import RuntimeDep
from api.errors import refused
from api.runtime.moving_time import move_clock, read_clock
from api.schemas.dev import ClockIn, ClockOut
from api.strict import router

routes = router("/dev/clock", "dev")


@routes.get("", responses=refused())
def show(runtime: RuntimeDep) -> ClockOut:
    now, rate = read_clock(runtime)
    return ClockOut(now=now, rate=rate)


@routes.post("", responses=refused())
def move(body: ClockIn, runtime: RuntimeDep) -> ClockOut:
    """Answers when nothing is due any more."""
    now, _ = read_clock(runtime)
    move_clock(runtime, body.to or now + timedelta(seconds=body.advance_seconds or 0), body.rate)
    return show(runtime)
