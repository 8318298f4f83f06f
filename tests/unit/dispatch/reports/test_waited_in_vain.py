"""Hours waited in vain, breaks that nobody noticed, absences that are contested: over four broken promises."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from dispatch.promises.states import PromiseState
from dispatch.reports.behind import visits_behind
from dispatch.reports.making_good import Steps, sum_up
from dispatch.reports.material import Case, Material, Promised

DAY = dt.date(2026, 3, 2)


def at(clock: str) -> dt.datetime:
    return dt.datetime.combine(DAY, dt.time.fromisoformat(clock), dt.UTC)


# All windows are from eight to ten. Ana's break is certain at nine, noticed and told by 09:30: an hour and a half
# waited. Ben's is certain at ten, noticed by himself at 10:06: six minutes of silence, and the whole window waited.
# Cy was told before his window: nothing waited. Dee was not at home, which she contests; Eli neither was nor does.
ANA = Case(
    visit_id="ana",
    kind="late",
    fault="company",
    day=DAY,
    start_at=at("08:00"),
    end_at=at("10:00"),
    certain_at=at("09:00"),
    noticed_at=at("09:01"),
    told_at=at("09:30"),
    arranged_at=at("09:40"),
    there_at=at("12:00"),
)
BEN = replace(
    ANA,
    visit_id="ben",
    certain_at=at("10:00"),
    noticed_at=at("10:06"),
    told_at=at("10:08"),
    arranged_at=None,
    there_at=None,
    noticed_by="customer",
)
CY = replace(
    BEN, visit_id="cy", certain_at=at("07:00"), noticed_at=at("07:05"), told_at=at("07:06"), noticed_by=""
)
ABSENT = replace(CY, kind="customer_absent", told_at=None)
DEE = replace(ABSENT, visit_id="dee", fault="unknown", contested_at=at("10:20"), outcome="done_same_day")
ELI = replace(ABSENT, visit_id="eli", fault="customer")
DAYS = Material(cases=[ANA, BEN, CY, DEE, ELI], again=["ana"], silent=["fay"])


def test_hours_waited_in_vain() -> None:
    """1.5 h by Ana, 2 h each by Ben and by Dee, whom nobody told; none by Cy, and none by Eli, whose doing it was."""
    assert [one.lost_seconds / 3600 for one in DAYS.cases] == [1.5, 2.0, 0.0, 2.0, 0.0]
    assert sum_up(DAYS).lost_seconds == 5.5 * 3600
    assert visits_behind(DAYS, "lost") == ["ana", "ben", "dee"]


def test_silence_is_longer_than_five_minutes() -> None:
    """Ben's six minutes, and Fay's break that nobody has noticed yet; Cy's five minutes are none."""
    assert sum_up(DAYS).silent == 2
    assert visits_behind(DAYS, "silent") == ["ben", "fay"]


def test_second_failures_and_what_the_customer_said_first() -> None:
    found = sum_up(DAYS)
    assert (found.failed_again, found.customer_first) == (1, 1)
    assert (visits_behind(DAYS, "again"), visits_behind(DAYS, "customer_first")) == (["ana"], ["ben"])


def test_seconds_since_it_was_certain() -> None:
    """Ana was told half an hour after it was certain, Ben eight minutes, Cy six: half within 8 minutes."""
    found = sum_up(DAYS).since_certain
    assert found["told"] == Steps(3, 480.0, 1800.0, 1800.0)
    assert found["accepted"] == Steps(1, 2400.0, 2400.0, 2400.0)
    assert found["there"] == Steps(1, 10_800.0, 10_800.0, 10_800.0)
    assert visits_behind(DAYS, "since:told") == ["ana", "ben", "cy"]


def test_absences_and_how_they_ended() -> None:
    assert sum_up(DAYS).absences == {"accepted": {"open": 1}, "contested": {"done_same_day": 1}}


@pytest.mark.parametrize(
    ("figure", "visits"),
    [
        ("absence:all", ["dee", "eli"]),
        ("absence:contested", ["dee"]),
        ("absence:contested:done_same_day", ["dee"]),
        ("absence:contested:open", []),
        ("absence:accepted:open", ["eli"]),
    ],
)
def test_the_visits_behind_absences(figure: str, visits: list[str]) -> None:
    assert visits_behind(DAYS, figure) == visits


@pytest.mark.parametrize(
    ("state", "expected"),
    [(PromiseState.OPEN, True), (PromiseState.KEPT, False), (PromiseState.BROKEN, False)],
)
def test_a_promise_that_nobody_looks_at_is_open_after_its_window(state: PromiseState, expected: bool) -> None:
    one = Promised(visit_id="fay", state=state, end_at=at("10:00"))
    assert one.is_open_since(at("10:00")) is expected
    assert not one.is_open_since(at("09:59"))
