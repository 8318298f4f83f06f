"""Hypothesis strategies: small days with everything the format knows, and what docs/optimizer.md adds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from optimizer import Break, Day, Limits, Planned, Technician, Visit, Weights, Window

STEP = 300  # seconds: times on a coarse grid meet each other more often
MORNING, EVENING = 28_800, 64_800


def seconds(low: int = MORNING, high: int = EVENING) -> st.SearchStrategy[int]:
    return st.integers(low // STEP, high // STEP).map(lambda step: step * STEP)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    begin = draw(seconds())
    return begin, begin + draw(seconds(0, 10_800))


@st.composite
def breaks(draw: st.DrawFn) -> tuple[Break, ...]:
    count = draw(st.sampled_from((0, 0, 1, 1, 2)))
    return tuple(Break(f"b{i}", draw(windows()), draw(seconds(0, 3_600))) for i in range(count))


def skills() -> st.SearchStrategy[dict[str, int]]:
    return st.sampled_from(({}, {}, {"fiber": 1}, {"fiber": 2}, {"gas": 1}))


@st.composite
def technicians(draw: st.DrawFn, name: str, places: int) -> Technician:
    place = st.integers(0, places - 1)
    begin = draw(seconds(MORNING, 36_000))
    end = begin + draw(seconds(10_800, 32_400))
    return Technician(
        id=name,
        shift=(begin, end),
        overtime_until=end + draw(seconds(0, 7_200)),
        ready_at=draw(seconds(MORNING, 43_200)),
        ready_location=draw(place),
        end_location=draw(st.none() | place),
        skills=draw(st.sampled_from(({"fiber": 2, "gas": 1}, {"fiber": 1}, {}))),
        parts=draw(st.sampled_from(({"ont": 2}, {"ont": 1}, {}))),
        breaks=draw(breaks()),
        absent=draw(st.sampled_from((False, False, False, True))),
    )


@st.composite
def visits(draw: st.DrawFn, name: str, places: int, crew: list[str]) -> Visit:
    state = draw(st.sampled_from(("promised", "promised", "promised", "failed", "new")))
    count = 1 if state == "promised" else draw(st.integers(1, 3))
    told = draw(st.none() | st.builds(Planned, st.sampled_from(crew), seconds()))
    return Visit(
        id=name,
        location=draw(st.integers(0, places - 1)),
        duration=draw(seconds(0, 7_200)),
        state=state,
        windows=tuple(draw(windows()) for _ in range(count)),
        may_move=tuple(draw(windows()) for _ in range(draw(st.sampled_from((0, 0, 1))))),
        skills=draw(skills()),
        parts=draw(st.sampled_from(({}, {}, {"ont": 1}))),
        priority=draw(st.integers(1, 5)),
        technician=draw(st.sampled_from((None, None, None, *crew))),
        exclude=draw(st.sampled_from(((), (), (crew[0],)))),
        planned=told if state == "promised" else None,
    )


@st.composite
def visits_beyond(draw: st.DrawFn, visit: Visit, crew: list[str], earlier: list[str]) -> Visit:
    """The visit with what dayfile.md does not know: liked technicians, a frozen start, a pair, a sequence."""
    told = visit.planned or draw(st.none() | st.builds(Planned, st.sampled_from(crew), seconds()))
    frozen = told is not None and draw(st.sampled_from((False, False, True)))
    return replace(
        visit,
        planned=told if frozen else visit.planned,
        frozen=frozen,
        prefer=draw(st.sampled_from(((), (crew[-1],), (crew[0], "zoe")))),
        assistant=draw(st.sampled_from((None, None, None, None, {}, {"fiber": 1}))),
        after=draw(st.sampled_from(((), (), (), *((one,) for one in earlier)))),
    )


def goes_beyond(day: Day) -> bool:
    """Whether the day uses what docs/optimizer.md adds, which the shared judge knows nothing of."""
    return day.limits != Limits() or any(
        visit.prefer or visit.frozen or visit.assistant is not None or visit.after for visit in day.visits
    )


def limits() -> st.SearchStrategy[Limits]:
    caps = st.sampled_from((None, None, 0, 1))
    return st.builds(Limits, moved=caps, disturbed=caps)


@st.composite
def days(draw: st.DrawFn, *, most_visits: int = 7, beyond: bool = True) -> Day:
    """A day of up to three technicians; some visits are routed (legally or not), the others orphaned.

    Without `beyond` it knows nothing but dayfile.md, and the shared judge can judge it.
    """
    places = draw(st.integers(2, 6))
    cells = draw(st.lists(st.integers(0, 12), min_size=places**2, max_size=places**2))
    travel = np.array(cells).reshape(places, places) * STEP
    np.fill_diagonal(travel, 0)
    crew = [f"t{i}" for i in range(draw(st.integers(1, 3)))]
    work = [draw(visits(f"v{i}", places, crew)) for i in range(draw(st.integers(1, most_visits)))]
    ids = [visit.id for visit in work]
    if beyond and draw(st.booleans()):
        work = [draw(visits_beyond(visit, crew, ids[:index])) for index, visit in enumerate(work)]
    people = [draw(technicians(name, places)) for name in crew]
    owner = {visit.id: draw(st.sampled_from((None, *crew))) for visit in work}
    if draw(st.booleans()):
        work[0], people[0] = _on_the_way(work[0], people[0])
    routed = [replace(one, route=tuple(v.id for v in work if owner[v.id] == one.id)) for one in people]
    return Day(
        name="random",
        now=draw(seconds(MORNING, 39_600)),
        travel=travel,
        technicians=tuple(routed),
        visits=tuple(work),
        weights=draw(st.sampled_from((Weights(), Weights(changed=120, late_minute=35, travel_minute=2)))),
        change_tolerance=draw(st.sampled_from((0, 1800))),
        limits=draw(limits()) if beyond else Limits(),
    )


def _on_the_way(visit: Visit, technician: Technician) -> tuple[Visit, Technician]:
    """The visit locked to the technician, both made such that this can be done."""
    told = Planned(technician.id, visit.windows[0][0])
    able = replace(technician, absent=False, breaks=(), overtime_until=2 * EVENING)
    fit = replace(visit, technician=None, exclude=(), skills={}, parts={}, windows=visit.windows[:1])
    free = replace(fit, frozen=False, assistant=None, after=())
    return replace(free, state="promised", planned=told, locked=True), able
