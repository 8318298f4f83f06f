"""Whatever happens around a call, in any order: one phone rings once for each try, and nobody is forgotten."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from dispatch.callbacks.tables import Callback
from dispatch.chance import Chance
from dispatch.clock import SetClock
from dispatch.field.actions import call_out
from dispatch.technicians.tables import AbsenceKind
from dispatch.travel.straight import StraightLine
from dispatch.work import SYSTEM, Workshop
from notifications.calls.claiming import claim
from notifications.calls.rules import MOST_TRIES, next_try_at
from notifications.calls.states import ARROWS, LIVE, CallState, Signal, step
from notifications.channels.port import Never, TryLater, Unclear
from notifications.reactions import Reactions
from notifications.render import Writer
from tests.conftest import MONDAY_AT_SEVEN
from tests.engines import an_engine
from tests.unit.notifications.conftest import KEY
from tests.unit.notifications.post import ANA, BASE_URL, COMPANY, Post
from tests.worlds import a_quiet_town

EVENTS = (
    *("ring", "crash", "unclear, rings", "unclear, does not ring", "put off"),
    *("pick up", "a machine", "key 1", "key 3", "key 4", "key 9", "no key", "the first key again"),
    *(
        "completed",
        "no-answer",
        "busy",
        "the first end again",
        "a minute",
        "five minutes",
        "log down",
        "log up",
    ),
)

STORM = os.environ.get("MAKEGOOD_STORM") == "1"


@given(st.lists(st.sampled_from(list(Signal)), max_size=12))
def test_any_order_of_signals_ends_somewhere_known(signals: list[Signal]) -> None:
    state = CallState.WAITING
    for signal in signals:
        before, state = state, step(state, signal)
        assert state is before or ARROWS[before, signal] is state
        assert state is not CallState.WAITING or before in (CallState.WAITING, CallState.PLACING)


@pytest.fixture(scope="module")
def template(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue("_sqlite_template")  # type: ignore[no-any-return]


@settings(
    max_examples=400 if STORM else 25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.sampled_from(EVENTS), max_size=14))
def test_each_try_rings_at_most_once_and_no_task_is_lost(template: Path, events: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "day.db"
        shutil.copy(template, path)
        engine = an_engine(f"sqlite:///{path}")
        try:
            _live_through(
                Workshop(engine, SetClock(MONDAY_AT_SEVEN), Chance(Random(7)), StraightLine()), events
            )
        finally:
            engine.dispose()


def _live_through(bare: Workshop, events: list[str]) -> None:
    clock = bare.clock
    assert isinstance(clock, SetClock)
    workshop = Workshop(
        bare.engine, clock, bare.chance, bare.travel, reactions=(Reactions(KEY, BASE_URL, COMPANY),)
    )
    post = Post(workshop, Writer(KEY, BASE_URL, COMPANY))
    world = a_quiet_town(workshop, clock, "Tom", "Una")
    post.agree(ANA)
    clock.at = world.at("08:00")
    visit = world.book("Ana Cole", "10:00")
    post.send()
    clock.at = world.at("11:56")
    with world.as_technician(world.who_comes(visit)) as (work, technician):
        call_out(work, technician, AbsenceKind.SICK)
    post.channel.script = [Never("21614")] * 9
    post.send()
    first = post.calls()[0].saying_id
    for event in events:
        _happen(post, clock, event, first)
        _require_one_ring_each(post)
    post.voice.down, post.voice.script = False, []
    for _ in range(25):
        clock.advance(seconds=60)
        post.ring()
        for sid, _call in post.voice.rung:
            post.voice.ended.setdefault(sid, "no-answer")
    _require_one_ring_each(post)
    _require_nobody_forgotten(post)


def _happen(post: Post, clock: SetClock, event: str, first: str) -> None:
    if event in ("a minute", "five minutes"):
        clock.advance(seconds=60 if event == "a minute" else 300)
    elif event in ("log down", "log up"):
        post.voice.down = event == "log down"
    elif event == "crash":
        with post.workshop.work(SYSTEM, "died") as work:
            claim(work)
    elif event in ("ring", "put off") or event.startswith("unclear"):
        post.voice.accepts_unclear = event == "unclear, rings"
        error = TryLater("busy") if event == "put off" else Unclear("lost") if event != "ring" else None
        post.voice.script = [error]
        post.ring()
    elif post.voice.rung:
        _on_the_phone(post, event, first)


def _on_the_phone(post: Post, event: str, first: str) -> None:
    if event in ("pick up", "a machine"):
        post.pick_up("machine_start" if event == "a machine" else "human")
    elif event.startswith("key") or event == "no key":
        post.press(event.removeprefix("key ") if event != "no key" else "")
    elif event == "the first key again":
        post.press("1", first)
    elif event == "the first end again":
        sid, call = post.voice.rung[0]
        post.end("no-answer", sid, call.call_id)
    else:
        post.end(event)


def _require_one_ring_each(post: Post) -> None:
    rung = [call.call_id for _, call in post.voice.rung]
    assert len(rung) == len(set(rung)), "a try rang twice"
    tries: dict[str, int] = {}
    for call in post.calls():
        tries[call.message_id] = tries.get(call.message_id, 0) + 1
    assert max(tries.values()) <= MOST_TRIES


def _require_nobody_forgotten(post: Post) -> None:
    """Each text that was not sent was told, or is idle, or somebody was asked to ring."""
    with post.workshop.read() as work:
        asked = {one.visit_id for one in work.session.exec(select(Callback))}
    by_message: dict[str, set[CallState]] = {}
    for call in post.calls():
        assert call.state not in LIVE, call.state
        by_message.setdefault(call.message_id, set()).add(call.state)
    for message_id, states in by_message.items():
        if not states & {CallState.TOLD, CallState.WITHDRAWN}:
            assert post.calls()[0].visit_id in asked, (message_id, states)


def test_the_second_try_comes_in_time_or_not_at_all() -> None:
    now = MONDAY_AT_SEVEN
    later = next_try_at(1, now, now.replace(minute=10))
    assert later == now.replace(minute=5)
    assert next_try_at(1, now, now.replace(minute=5)) is None
    assert next_try_at(2, now, now.replace(minute=10)) is None
