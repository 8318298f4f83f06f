"""A plan's picture says what the plan says, at places a reader can recompute, whatever the ids are."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer import Day, Plan, Route, Stop, Unserved, picture, repair
from optimizer.picture.looks import COLOURS
from tests.unit.optimizer.random_days import days
from tests.unit.optimizer.worlds import a_day, a_technician, a_visit, at, lunch, told

SVG = "{http://www.w3.org/2000/svg}"
Element = ElementTree.Element


def drawn(day: Day, plan: Plan) -> Element:
    return ElementTree.fromstring(picture(day, plan))


def of_class(root: Element, name: str) -> list[Element]:
    """Everything that has the class `name` among its classes."""
    return [one for one in root.iter() if name in one.get("class", "").split()]


def texts(root: Element) -> list[str]:
    return [one.text or "" for one in root.iter(f"{SVG}text")]


def stop(name: str, start: str, minutes: int = 30) -> Stop:
    return Stop("visit", name, at(start), at(start) + minutes * 60)


def plan_of(*stops: Stop, finish: str = "12:00", unserved: tuple[Unserved, ...] = ()) -> Plan:
    return Plan("small", (Route("ann", stops, at(finish)),), unserved)


def a_sick_morning() -> tuple[Day, Plan]:
    """v1 comes in time, v2 half an hour late, v3 to another hour than told, nobody comes to v4; bob is sick."""
    day = a_day(
        a_technician("ann", breaks=(lunch(),)),
        a_technician("bob", absent=True),
        a_visit("v1", "9:00-11:00"),
        a_visit("v2", "9:00-10:30"),
        a_visit("v3", "11:00-13:00", planned=told("ann", "11:00")),
        a_visit("v4", "9:00-10:00"),
    )
    stops = (
        stop("v1", "10:00"),
        stop("v2", "11:00"),
        Stop("break", "lunch", at("11:30"), at("12:00")),
        stop("v3", "12:10"),
    )
    left = (Unserved("v4", "no_time", "Nobody can be there by 10:00."),)
    return day, plan_of(*stops, finish="12:40", unserved=left)


def test_it_is_one_document_with_a_title_and_the_plan_in_a_sentence() -> None:
    root = drawn(*a_sick_morning())
    assert root.tag == f"{SVG}svg"
    assert root.findtext(f"{SVG}title") == "small: the plan at 08:00"
    assert root.findtext(f"{SVG}desc") == (
        "At 08:00: 3 of 4 visits served by 1 technician. "
        "2 promises broken, 1 visit unserved, 1 changed from what customers were told."
    )


def test_nothing_runs_and_nothing_comes_from_elsewhere() -> None:
    text = picture(*a_sick_morning())
    assert text.count("http") == 1  # the name of the format itself
    assert not {"script", "image", "foreignObject", "style", "a"} & {
        one.tag.removeprefix(SVG) for one in ElementTree.fromstring(text).iter()
    }


def test_every_served_visit_has_one_mark_in_the_shape_of_its_state() -> None:
    """v1 and v3 are kept: circles, v3 with a ring; v2 is late: a red diamond; v4 a hollow red square."""
    root = drawn(*a_sick_morning())
    kept, late, left = (of_class(root, f"{name}") for name in ("kept", "broken", "unserved"))
    kept, late, left = (
        [one for one in found if "visit" in one.get("class", "")] for found in (kept, late, left)
    )
    circles = [one.findall(f"{SVG}circle") for one in kept]
    assert [len(found) for found in circles] == [1, 2]
    assert circles[1][0].get("class") == "ring"
    assert [one.get("fill") for one in late[0].findall(f"{SVG}polygon")] == ["#a11d1d"]
    assert [one.get("fill") for one in left[0].findall(f"{SVG}polygon")] == ["#ffffff"]
    assert "v2 +30 min" in texts(root)
    assert "v4 no time" in texts(root)


def test_a_bar_begins_at_the_hour_at_which_work_starts() -> None:
    """v1 starts at 10:00: its bar is as far left as the line of 10:00."""
    root = drawn(*a_sick_morning())
    timeline = of_class(root, "timeline")[0]
    hour = next(one for one in timeline.iter(f"{SVG}text") if one.text == "10:00")
    bars = [one.find(f"{SVG}rect") for one in of_class(timeline, "work")]
    assert next(bar is not None and bar.get("x") for bar in bars) == hour.get("x")
    assert hour.get("x") in [one.get("x1") for one in of_class(timeline, "hour")]


def test_a_late_start_is_joined_to_the_end_of_its_promise() -> None:
    """v2 was promised until 10:30 and starts at 11:00: half an hour of red, an hour being twice that."""
    root = drawn(*a_sick_morning())
    timeline = of_class(root, "timeline")[0]
    (late,) = of_class(timeline, "late")
    ten, eleven = (
        float(next(one for one in timeline.iter(f"{SVG}text") if one.text == text).get("x", "nan"))
        for text in ("10:00", "11:00")
    )
    assert float(late.get("x1", "nan")) == pytest.approx((ten + eleven) / 2, abs=0.02)
    assert float(late.get("x2", "nan")) == eleven


def test_who_is_absent_what_is_left_and_what_it_costs_stand_there_in_words() -> None:
    """Broken 2 x 10,000, unserved 5,000, 30 minutes late 600, changed 50, 30 minutes of travel: 25,680."""
    found = texts(drawn(*a_sick_morning()))
    assert found.count("absent") == 2  # in the row and beside the name
    assert "Promised 09:00–10:00. Nobody can be there by 10:00." in found
    assert found[found.index("cost in all") - 1] == "25,680"
    assert "lunch" in found


def test_a_plan_nobody_could_carry_out_is_drawn_and_says_so() -> None:
    """v1 is ten minutes away and starts at once; v2 is in no list."""
    day = a_day(a_technician("ann"), a_visit("v1"), a_visit("v2"))
    found = texts(drawn(day, plan_of(stop("v1", "8:00"), stop("v9", "9:00"), finish="9:30")))
    assert "Hard rules broken" in found
    assert f"ann cannot reach v1 by {at('8:00')}" in found
    assert "not in the plan" in found


def test_an_empty_day_has_a_picture() -> None:
    assert of_class(drawn(a_day(), Plan("small", ())), "map")


def test_white_figures_can_be_read_on_every_colour() -> None:
    """4.5 : 1 or better, as the pages of the product promise."""
    assert len(set(COLOURS)) == 12
    assert [colour for colour in COLOURS if _contrast_with_white(colour) < 4.5] == []


def _contrast_with_white(colour: str) -> float:
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", "\"'&]]>", "\x00\x1b[31m\ud800\ufffe", "\u202eabc", ""]
)
def test_an_id_is_text_and_nothing_else(name: str) -> None:
    day = a_day(a_technician(name), a_visit("v1", id=name), name=name)
    root = drawn(day, repair(day))
    assert not list(root.iter(f"{SVG}script"))
    picture(day, repair(day)).encode("utf-8")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(), min_size=3, max_size=6, unique=True), st.text())
def test_whatever_the_ids_are_it_is_well_formed(names: list[str], detail: str) -> None:
    crew, visits = names[:1], names[1:]
    day = a_day(
        a_technician(crew[0], breaks=(lunch(name=names[-1]),)),
        *(a_visit(f"v{index}", id=name) for index, name in enumerate(visits[1:])),
        a_visit("v9", id=visits[0], technician="nobody"),
        name=detail,
    )
    found = repair(day)
    left = tuple(Unserved(one.visit, one.reason, detail or "?") for one in found.unserved)
    root = drawn(day, Plan(found.day, found.routes, left))
    assert len(of_class(root, "visit")) == len(visits)


@settings(max_examples=40, deadline=None)
@given(days())
def test_every_day_has_a_picture_with_each_visit_once(day: Day) -> None:
    root = drawn(day, repair(day))
    assert len(of_class(root, "visit")) == len(day.visits)
    assert "nan" not in ElementTree.tostring(root, encoding="unicode")
