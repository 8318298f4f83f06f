"""What people write, and what it means while zero, one or two questions are open."""

from __future__ import annotations

import pytest

from notifications.inbox.parse import Intent, OpenQuestion, Reply, parse, read_technician
from notifications.messages import RECOVERY, RECOVERY_DAYS, read_question

ONE = OpenQuestion("r1", "KYF7MJ3", RECOVERY.answers)
TWO = OpenQuestion("r2", "ACDE233", RECOVERY.answers)
WITHOUT_SECOND = OpenQuestion("r3", "QQQQ236", read_question(RECOVERY.offering({1, 3, 4})))


@pytest.mark.parametrize(
    ("body", "digit"),
    [
        ("1", 1), ("1.", 1), (" 1 ", 1), ("(2)", 2), ("#3", 3), ("４", 4), ("2️⃣", 2), ("option 2", 2),
        ("two", 2), ("Y", 1), ("ok 👍", 1), ("Yes please", 1), ("I", 1), ("l", 1), ("|", 1), ("1 please", 1),
        ("keep it", 1), ("another day", 3),
    ],
)  # fmt: skip
def test_a_clear_answer_to_the_only_open_question(body: str, digit: int) -> None:
    assert parse(body, [ONE]) == Reply(Intent.ANSWER, digit, ONE)


@pytest.mark.parametrize(
    "body", ["yes but after 3", "1 or 2", "5", "12", "maybe 1, I will ask my wife", "0", "-"]
)
def test_an_unclear_one_is_for_a_person(body: str) -> None:
    assert parse(body, [ONE]).intent is Intent.FREE


def test_a_digit_that_was_not_offered_is_for_a_person() -> None:
    assert parse("2", [WITHOUT_SECOND]).intent is Intent.FREE
    assert parse("3", [WITHOUT_SECOND]).digit == 3


def test_without_a_question_there_is_nothing_to_answer() -> None:
    assert parse("1").intent is Intent.FREE
    assert parse("ok").intent is Intent.FREE


def test_with_two_questions_the_reference_says_which() -> None:
    assert parse("1", [ONE, TWO]) == Reply(Intent.ANSWER, 1)
    assert parse("acde233 1", [ONE, TWO]) == Reply(Intent.ANSWER, 1, TWO)
    assert parse("2 KYF7MJ3.", [ONE, TWO]) == Reply(Intent.ANSWER, 2, ONE)


def test_stop_wins_over_an_open_question() -> None:
    assert parse("stop", [ONE]).intent is Intent.STOP
    assert parse("please stop texting me", [ONE]).intent is Intent.STOP
    assert parse("help", [ONE]).intent is Intent.HELP


def test_yes_brings_back_whoever_had_stopped_and_is_nothing_alone() -> None:
    assert parse("YES", opted_out=True).intent is Intent.START
    assert parse("YES", [ONE], opted_out=True) == Reply(Intent.ANSWER, 1, ONE)
    assert parse("YES").intent is Intent.FREE
    assert parse("START").intent is Intent.START


@pytest.mark.parametrize(
    ("body", "intent"),
    [
        ("Nobody came", Intent.NOBODY_CAME),
        ("no one has shown up yet", Intent.NOBODY_CAME),
        ("No-one is here!", Intent.NOBODY_CAME),
        ("he never showed up", Intent.NOBODY_CAME),
        ("your technician didn't come", Intent.NOBODY_CAME),
        ("where are you?", Intent.LATE_QUESTION),
        ("Where’s my technician", Intent.LATE_QUESTION),
        ("running late?", Intent.LATE_QUESTION),
        ("are you still coming", Intent.LATE_QUESTION),
        ("ETA?", Intent.LATE_QUESTION),
        ("when will he be here", Intent.LATE_QUESTION),
        ("late?", Intent.LATE_QUESTION),
        ("call me", Intent.HUMAN),
        ("I want to talk to a human", Intent.HUMAN),
        ("agent", Intent.HUMAN),
        ("can we reschedule", Intent.CHANGE),
        ("I need another day", Intent.CHANGE),
        ("please move my appointment", Intent.CHANGE),
        ("the gate code is 4411", Intent.FREE),
        ("I can't cancel my meeting", Intent.FREE),
        ("don't stop by before 10", Intent.FREE),
        ("", Intent.FREE),
    ],
)
def test_what_people_ask_for(body: str, intent: Intent) -> None:
    assert parse(body).intent is intent


def test_other_days_are_answered_by_their_own_digits() -> None:
    days = OpenQuestion("r1", "KYF7MJ3", RECOVERY_DAYS.answers)
    assert parse("4", [days]).digit == 4
    assert parse("3", [days]).intent is Intent.FREE


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ("OK", "ok"),
        ("ok!", "ok"),
        ("late", "late"),
        ("15 min late sorry", "late"),
        ("Spät!", "late"),
        ("llego tarde", "late"),
        ("en retard", "late"),
        ("ritardo", "late"),
        ("the van is dead", "texted"),
    ],
)
def test_a_technician_says_ok_late_or_something_else(body: str, answer: str) -> None:
    assert read_technician(body) == answer
