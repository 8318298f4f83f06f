"""Where a running day is heading. Locations lie on a line, ten minutes apart; work takes half an hour."""

from __future__ import annotations

from optimizer import project, projected_finish
from tests.unit.optimizer.worlds import MINUTE, a_day, a_technician, a_visit, at, lunch, told, window


def test_it_goes_on_past_windows_and_limits() -> None:
    # 90 min to v9: 9:30 though its window ended at 9:00; done 10:00, 80 min to v1: 11:20
    day = a_day(
        a_technician(overtime_until=at("9:00")),
        a_visit("v9", "8:00-9:00", state="failed"),
        a_visit("v1", "8:00-9:00", skills={"gas": 1}),
    )
    assert project(day, "ann", ["v9", "v1"]) == [at("9:30"), at("11:20")]


def test_it_waits_for_a_window_but_not_for_what_was_told() -> None:
    day = a_day(a_technician(), a_visit("v1", "9:00-11:00", planned=told("ann", "10:30")))
    assert project(day, "ann", ["v1"]) == [at("9:00")]


def test_an_agreed_earlier_window_counts_once_it_is_planned() -> None:
    agreed = {"may_move": (window("8:00-9:00"),)}
    early = a_day(a_technician(), a_visit("v1", "10:00-11:00", planned=told("ann", "8:30"), **agreed))
    assert project(early, "ann", ["v1"]) == [at("8:10")]
    usual = a_day(a_technician(), a_visit("v1", "10:00-11:00", **agreed))
    assert project(usual, "ann", ["v1"]) == [at("10:00")]


def test_lunch_before_the_visit_that_would_miss_it() -> None:
    # two hours of work from 8:10 end at 10:10, lunch must begin by 9:30: it is taken at 9:00
    day = a_day(a_technician(breaks=(lunch("9:00-9:30"),)), a_visit("v1", duration=120 * MINUTE))
    assert project(day, "ann", ["v1"]) == [at("9:30")]


def test_lunch_waits_as_long_as_it_may() -> None:
    day = a_day(a_technician(breaks=(lunch("8:00-9:30"),)), a_visit("v1"), a_visit("v2"))
    # v1 8:10-8:40 leaves time; v2 would end 9:20, still in time for 9:30
    assert project(day, "ann", ["v1", "v2"]) == [at("8:10"), at("8:50")]


def test_an_overdue_lunch_is_taken_at_once() -> None:
    day = a_day(a_technician(breaks=(lunch("7:00-7:30"),)), a_visit("v1"))
    assert project(day, "ann", ["v1"]) == [at("8:40")]


def test_the_projected_finish_is_home() -> None:
    day = a_day(a_technician(end_location=0), a_visit("v1"))
    assert projected_finish(day, "ann", ["v1"]) == at("8:50")
    assert projected_finish(day, "ann", []) == at("8:00")
