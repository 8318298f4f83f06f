"""Promises by technician: what stood in the way, and whose customers are asked how it went."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from dispatch.errors import NotFound
from dispatch.promises.states import PromiseState
from dispatch.reports.crew import (
    Asking,
    CrewMaterial,
    Done,
    Member,
    asking,
    by_technician,
    reason_of,
    visits_of,
)
from dispatch.reports.material import Promised
from dispatch.reports.spells import Spell, Step, Trails, spells_of

BROKEN, KEPT = PromiseState.BROKEN, PromiseState.KEPT


def at(clock: str) -> dt.datetime:
    return dt.datetime.combine(dt.date(2026, 3, 2), dt.time.fromisoformat(clock), dt.UTC)


# Tom was at Zoe's from eight on, with 45 minutes planned and ten of spread. His next promise, ten to twelve, broke:
# certain at 11:30.
ZOE = Spell(visit_id="zoe", technician_id="tom", arrived_at=at("08:00"), ended_at=at("08:55"), done=True)
LATE = Promised(
    visit_id="ana",
    state=BROKEN,
    technician_id="tom",
    kind="late",
    fault="company",
    start_at=at("10:00"),
    certain_at=at("11:30"),
)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "nothing"),
        ({"kind": "technician_absent", "noticed_by": "silence"}, "nothing"),
        ({"kind": "technician_absent", "noticed_by": "absence"}, "away"),
        ({"kind": "plan"}, "plan"),
        ({"kind": "wrong_parts"}, "part"),
        ({"kind": "not_finished"}, "time"),
        ({"kind": "no_access", "fault": "third_party"}, "customer"),
        ({"kind": "customer_absent", "fault": "customer"}, "customer"),
        ({"kind": "customer_absent", "fault": "unknown"}, "word"),
        ({"kind": "technician_absent", "fault": "unknown"}, "word"),
    ],
)
def test_what_stood_in_the_way(changes: dict[str, str], expected: str) -> None:
    assert reason_of(replace(LATE, **changes), Trails([ZOE]), dt.UTC) == expected


@pytest.mark.parametrize(
    ("ended_at", "expected"),
    [("08:55", "nothing"), ("08:56", "earlier"), ("12:00", "earlier"), (None, "earlier")],
)
def test_the_visit_before_took_longer_than_it_had(ended_at: str | None, expected: str) -> None:
    """Fifty-five minutes are planned and spread; at 08:56 it is more, also where it is not over yet."""
    zoe = replace(ZOE, ended_at=at(ended_at) if ended_at else None)
    assert reason_of(LATE, Trails([zoe]), dt.UTC) == expected


def test_only_the_last_door_of_their_own_day_counts() -> None:
    """After a long visit one in time, a long one of yesterday, a long one of Uma's, one that began too late."""
    long = replace(ZOE, ended_at=at("09:30"))
    in_time = replace(ZOE, arrived_at=at("10:00"), ended_at=at("10:20"))
    yesterday = replace(long, arrived_at=at("08:00") - dt.timedelta(days=1))
    assert reason_of(LATE, Trails([long, in_time]), dt.UTC) == "nothing"
    assert reason_of(LATE, Trails([yesterday]), dt.UTC) == "nothing"
    assert reason_of(LATE, Trails([replace(long, technician_id="uma")]), dt.UTC) == "nothing"
    assert (
        reason_of(LATE, Trails([replace(long, arrived_at=at("11:30"), ended_at=None)]), dt.UTC) == "nothing"
    )


PROMISES = [
    LATE,
    replace(LATE, visit_id="ben", kind="wrong_parts"),
    Promised(visit_id="cy", state=KEPT, technician_id="tom"),
    Promised(visit_id="dee", state=KEPT, technician_id="uma"),
    Promised(visit_id="eve", state=BROKEN),  # nobody was to come
    Promised(visit_id="fay", state=PromiseState.OPEN, technician_id="sam"),
]


def test_by_technician() -> None:
    """Tom kept one of three; for one of the two there was no part. Sam's is still open: he is not on the list."""
    assert by_technician(PROMISES, [ZOE], dt.UTC) == [
        Member("tom", 1, 2, {"nothing": 1, "part": 1}),
        Member("uma", 1, 0, {}),
    ]


def test_whose_customers_are_asked() -> None:
    """Of Tom's five customers with a broken promise three were asked, and all four others: 60 of 100 against 100."""
    done = [Done(f"after{n}", "tom", failed_before=True) for n in range(5)]
    done += [Done(f"else{n}", "tom", failed_before=False) for n in range(4)]
    asked = frozenset({"after0", "after1", "after2", *(f"else{n}" for n in range(4))})
    assert asking(done, asked) == [Asking("tom", 5, 3, 4, 4)]
    assert asking(done, asked)[0].asks_less


@pytest.mark.parametrize(
    ("after", "asked_after", "other", "asked_else", "expected"),
    [
        (4, 0, 4, 4, False),  # too few to say anything
        (5, 4, 4, 4, False),  # 80 against 100
        (8, 6, 4, 4, True),  # 75 against 100
        (5, 0, 0, 0, False),  # nothing to compare with
        (5, 0, 4, 0, False),  # nobody is asked
    ],
)
def test_asked_much_less_often_after_trouble(
    after: int, asked_after: int, other: int, asked_else: int, expected: bool
) -> None:
    assert Asking("tom", after, asked_after, other, asked_else).asks_less is expected


@pytest.mark.parametrize(
    ("what", "visits"),
    [
        ("kept", ["cy"]),
        ("broken", ["ana", "ben"]),
        ("part", ["ben"]),
        ("nothing", ["ana"]),
        ("done_after", ["gil"]),
        ("asked_after", []),
        ("done_else", ["hal", "ivy"]),
        ("asked_else", ["ivy"]),
    ],
)
def test_the_visits_behind_a_figure_about_somebody(what: str, visits: list[str]) -> None:
    done = [Done("gil", "tom", failed_before=True), Done("hal", "tom", failed_before=False)]
    done += [Done("ivy", "tom", failed_before=False), Done("jo", "uma", failed_before=True)]
    crew = CrewMaterial(PROMISES, [ZOE], done, frozenset({"ivy", "jo"}), dt.UTC)
    assert visits_of(crew, "tom", what) == visits


def test_what_is_no_figure_about_somebody() -> None:
    with pytest.raises(NotFound):
        visits_of(CrewMaterial([], [], [], frozenset(), dt.UTC), "tom", "nonsense")


def test_spells_are_read_from_the_record() -> None:
    """Tom leaves, arrives, cannot finish; stands down once; comes again without saying that he left, and is done."""
    steps = [
        Step("ana", "leave", at("08:00"), "tom"),
        Step("ana", "arrive", at("08:10"), "tom"),
        Step("ana", "fail", at("08:40"), "tom"),
        Step("ana", "rebook", at("08:41")),
        Step("ana", "leave", at("12:00"), "tom"),
        Step("ana", "stand_down", at("12:05"), "tom"),
        Step("ana", "arrive", at("13:00"), "uma"),
        Step("ben", "arrive", at("13:30"), "tom"),
        Step("ana", "finish", at("13:45"), "uma"),
    ]
    first, second, third = spells_of(steps)
    assert (first.drive_seconds, first.work_seconds, first.done) == (600, None, False)
    assert (second.technician_id, second.drive_seconds, second.work_seconds) == ("uma", None, 2700)
    assert (third.visit_id, third.ended_at) == ("ben", None)
