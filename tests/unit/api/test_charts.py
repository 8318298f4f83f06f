"""Where bars begin and how wide they are, in hundredths of the picture."""

from __future__ import annotations

from api.pages.charts import FAULTS, causes, days, speeds, strip


def test_the_longest_bar_fills_the_picture() -> None:
    """Four broken on Monday, three of them made good: three quarters and one. One on Tuesday: a quarter."""
    drawn = days([("Mon 2 Mar", 4, 3, 0), ("Tue 3 Mar", 1, 0, 0), ("Wed 4 Mar", 0, 0, 0)])
    assert drawn.told == "3 of 5 broken promises were made good on the day on which they were noticed."
    assert [[(part.look.tone, part.x, part.width) for part in bar.parts] for bar in drawn.bars] == [
        [("good", 0.0, 75.0), ("bad", 75.0, 25.0)],
        [("bad", 0.0, 25.0)],
        [],
    ]
    assert [bar.value for bar in drawn.bars] == ["3 of 4", "0 of 1", "none broke"]
    assert [look.word for look in drawn.legend] == ["the same day", "not the same day"]


def test_what_is_still_being_made_good_is_no_failure_yet() -> None:
    """Of four, two are good, one is open and one is lost: a half and two quarters."""
    (bar,) = days([("Mon 2 Mar", 4, 2, 1)]).bars
    assert [(part.look.tone, part.x, part.width) for part in bar.parts] == [
        ("good", 0.0, 50.0),
        ("calm", 50.0, 25.0),
        ("bad", 75.0, 25.0),
    ]


def test_bars_are_stacked_by_fault() -> None:
    drawn = causes({"late": {"company": 3, "customer": 1}}, {"late": "Too late"})
    (bar,) = drawn.bars
    assert [(part.look, part.text, part.middle) for part in bar.parts] == [
        (FAULTS["company"], "● 3", 37.5),
        (FAULTS["customer"], "▲ 1", 87.5),
    ]


def test_what_is_too_narrow_has_no_text_in_it() -> None:
    drawn = causes({"late": {"company": 9, "customer": 1}}, {"late": "Too late"})
    assert [part.text for part in drawn.bars[0].parts] == ["● 9", ""]


def test_speeds_are_one_scale() -> None:
    """Half within 10 s, nine in ten within 15, the slowest 20: the longest step is 40 s."""
    words = ["10 s", "15 s", "20 s"]
    drawn = speeds([("a", [10.0, 15.0, 20.0], words), ("b", [40.0, 40.0, 40.0], words)])
    assert [(part.x, part.width) for part in drawn.bars[0].parts] == [(0, 25), (25, 12.5), (37.5, 12.5)]
    assert [(part.x, part.width) for part in drawn.bars[1].parts] == [(0, 100)]
    assert drawn.told.startswith("a: half within 10 s, nine in ten within 15 s, the slowest 20 s; b:")


def test_a_strip_says_what_is_not_over() -> None:
    drawn = strip("s", "Ana", [("noticed", "2 s"), ("told", None)])
    assert drawn.told == "noticed after 2 s, told not yet."
    assert [(one.took, one.reached) for one in drawn.stretches] == [("2 s", True), ("–", False)]
