"""Whether the house is ready, how its jobs went, and what the audit found: on the probe, the pages and in the log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import select

from api.migrations.schema import newest_revision
from api.runtime.auditing import QUICK_NUMBERS, audit_when_due, due, keep, list_findings
from api.runtime.clocks import judge_clock
from api.runtime.doctor import judge_clocks, look_at_notes
from api.runtime.job_notes import list_notes
from api.runtime.jobs import JOBS, run_job
from api.runtime.runtime import Runtime
from api.runtime.tables import JobNote
from dispatch.audit import Finding
from dispatch.callbacks.tables import Callback
from dispatch.clock import SetClock, real_now
from dispatch.events import ClockBelieved
from dispatch.territories.tables import Territory
from notifications.audit import ALL
from tests import builders
from tests.conftest import OpenWork

SWEEP = JOBS[0]
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BROKEN = Finding("I-10", "visit-1", "Two at one time.")


def test_a_house_whose_sweep_ran_is_ready(client: TestClient, runtime: Runtime) -> None:
    before = client.get("/readyz")
    assert (before.status_code, before.json()["unready"]) == (503, ["jobs: the sweep has not run yet"])
    assert before.headers["content-type"] == "application/problem+json"
    run_job(runtime, SWEEP)
    assert client.get("/readyz").json() == {"status": "ready"}


def test_a_sweep_that_stopped_is_told(client: TestClient, runtime: Runtime, work: OpenWork) -> None:
    with work() as w:
        w.session.add(JobNote(name="sweep", ended_at=real_now() - timedelta(minutes=3)))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "the sweep last ended at" in answer.json()["detail"]


def test_an_old_schema_is_told_without_secrets(client: TestClient, runtime: Runtime) -> None:
    with runtime.workshop.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        [told] = client.get("/readyz").json()["unready"]
    finally:
        with runtime.workshop.engine.begin() as connection:
            connection.execute(text(f"UPDATE alembic_version SET version_num = '{newest_revision()}'"))
    assert told == f"schema: at 0001, not {newest_revision()}"


@pytest.mark.parametrize(("seconds", "is_well"), [(0, True), (-5, True), (5.1, False), (-3600, False)])
def test_clocks_may_be_five_seconds_apart(seconds: float, is_well: bool) -> None:
    assert judge_clocks(timedelta(seconds=seconds)).is_well is is_well


@pytest.mark.parametrize(
    ("apart", "behind", "says"),
    [
        (0, 0, ""),
        (-5, 10, ""),
        (0, -3600, ""),
        (5.1, 0, "+5.1 s from the database's"),
        (-60, 0, "-60.0 s from the database's"),
        (0, 11, "11 s behind what is on record"),
    ],
)
def test_when_a_clock_is_not_believed(apart: float, behind: float, says: str) -> None:
    assert judge_clock(timedelta(seconds=apart), NOON, NOON + timedelta(seconds=behind)) == says


def test_a_clock_that_was_set_back_decides_and_sends_nothing(
    client: TestClient,
    staff: TestClient,
    runtime: Runtime,
    clock: SetClock,
    work: OpenWork,
    territory: Territory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with work() as w:
        w.session.add(
            Callback(
                id=w.new_id(),
                territory_id=territory.id,
                about="test",
                phone=builders.PHONE,
                opened_at=w.now,
                due_at=w.now - timedelta(hours=1),
            )
        )
        builders.a_technician(w, territory)

    def escalations() -> int:
        with work() as w:
            return w.session.exec(select(Callback)).one().escalations

    clock.advance(seconds=-60)
    assert [run_job(runtime, job) for job in JOBS for _ in range(3)] == [0] * 3 * len(JOBS)
    assert escalations() == 0, "it is overdue by any clock, but this one is not asked"
    assert "clock: 60 s behind what is on record" in client.get("/readyz").json()["unready"]
    assert "the clock of this house is wrong" in staff.get("/office").text
    assert "ClockImplausible at 60 s behind" in caplog.text
    clock.advance(seconds=60)
    assert run_job(runtime, SWEEP) > 0, "by itself"
    assert escalations() == 1
    clock.advance(seconds=-3600)
    assert run_job(runtime, SWEEP) == 0
    with work() as w:
        w.record(ClockBelieved())
    for job in JOBS:
        run_job(runtime, job)
    assert client.get("/readyz").status_code == 200, "somebody has looked, and said so"


def test_a_row_that_always_fails_is_named_and_keeps_nobody_waiting(
    client: TestClient,
    staff: TestClient,
    runtime: Runtime,
    clock: SetClock,
    work: OpenWork,
    territory: Territory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with work() as w:
        poisoned = builders.a_territory(w, name="Nowhere")
        poisoned.time_zone = "Nowhere/Land"
        w.session.add(
            Callback(
                id=w.new_id(),
                territory_id=territory.id,
                about="test",
                phone=builders.PHONE,
                opened_at=w.now,
                due_at=w.now + timedelta(minutes=1),
            )
        )
    clock.advance(minutes=2)
    for _ in range(3):
        run_job(runtime, SWEEP)
    with work() as w:
        assert w.session.exec(select(Callback)).one().escalations == 1, "the other row had its turn"
        [note] = [one for one in list_notes(w.session) if one.name == "sweep"]
    assert (note.failures_in_a_row, poisoned.id in note.trouble) == (3, True)
    [alarm] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert poisoned.id in alarm.message
    assert runtime.job_runs["sweep"].is_about_rows, "no growing pause for the others"
    assert "sweep failed 3 times in a row" in client.get("/readyz").json()["detail"]
    assert "A background job fails again and again: sweep" in staff.get("/office").text
    assert any(not one.is_well and poisoned.id in one.says for one in look_at_notes(runtime))
    with work() as w:
        w.session.get_one(Territory, poisoned.id).time_zone = "UTC"
    run_job(runtime, SWEEP)
    assert client.get("/readyz").status_code == 200, "the next good run ends the alarm"


@pytest.mark.parametrize(
    ("whole_hours_ago", "quick_hours_ago", "expected"),
    [
        (None, None, "whole"),
        (10, None, "whole"),
        (8, None, "quick"),
        (8, 0.5, None),
        (8, 1, "quick"),
        (0.5, None, None),
    ],
)
def test_when_which_audit_is_due(
    whole_hours_ago: float | None, quick_hours_ago: float | None, expected: str | None
) -> None:
    whole, quick = (
        None if hours is None else NOON - timedelta(hours=hours)
        for hours in (whole_hours_ago, quick_hours_ago)
    )
    assert due(whole, quick, NOON) == expected


def test_what_the_audit_finds_stands_until_a_run_is_clean(
    staff: TestClient, runtime: Runtime, clock: SetClock, caplog: pytest.LogCaptureFixture
) -> None:
    keep(runtime, "whole", [BROKEN, Finding("I-50", "row-2", "An instant without a zone.")], milliseconds=7)
    page = staff.get("/office").text
    assert "2 rows break a rule of this house: I-10, I-50" in page
    assert "Two at one time." in page
    assert any(one.about == "audit" and not one.is_well for one in look_at_notes(runtime))
    clock.advance(hours=1)
    assert audit_when_due(runtime) == 0
    with runtime.read() as work:
        assert [one.invariant for one in list_findings(work.session)] == ["I-50"], "the quick part was clean"
    clock.advance(days=1)
    audit_when_due(runtime)
    assert "break a rule" not in staff.get("/office").text


def test_the_quick_part_asks_rules_that_exist() -> None:
    assert {one.number for one in ALL} >= QUICK_NUMBERS
