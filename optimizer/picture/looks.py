"""What became of each visit, and how it looks: a colour, a shape and a word for every state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from optimizer.day import Day, Visit, Window
from optimizer.fits import clock_text
from optimizer.plan import Plan, Route, Stop

REASONS: Mapping[str, str] = {
    "no_skill": "no skill",
    "no_parts": "no parts",
    "no_technician": "no technician",
    "no_time": "no time",
}
# Dark enough that white figures read on each at 4.5 : 1; no red, which is kept for broken promises.
COLOURS = (
    "#0b5563",
    "#b45309",
    "#1d63c4",
    "#8a2fb0",
    "#2f7a1f",
    "#6b4423",
    "#c2267f",
    "#6f6a0a",
    "#067a94",
    "#2b2b85",
    "#55606b",
    "#86506f",
)
DASHES = ("", "8 3", "2 3", "10 3 2 3", "14 5", "5 5", "2 6", "10 3 2 3 2 3", "16 3 4 3")


@dataclass(frozen=True, slots=True)
class Ink:
    """A technician's colour, and the dashes of their line: '' is a whole one."""

    colour: str
    dash: str


@dataclass(frozen=True, slots=True)
class Look:
    """`red` ones are drawn in the colour of trouble, the others in their technician's."""

    name: str
    shape: str
    word: str
    red: bool = False


KEPT = Look("kept", "circle", "promise kept")
MOVED = Look("moved", "square", "moved to a time the customer agreed to")
RECOVERED = Look("recovered", "hexagon", "broken before, made good today")
NEW = Look("new", "triangle", "new, served")
BROKEN = Look("broken", "diamond", "too late, its promise broken", red=True)
UNSERVED = Look("unserved", "square", "unserved, with the reason", red=True)
LOOKS = (KEPT, MOVED, RECOVERED, NEW, BROKEN, UNSERVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """`number` counts the visits of one route; `note` is short and stands beside the mark where it is bad."""

    visit: Visit
    look: Look
    technician: str | None = None
    number: int = 0
    stop: Stop | None = None
    changed: bool = False
    note: str = ""
    detail: str = ""

    @property
    def sentence(self) -> str:
        """All about it in one line, for a pointer that rests on it and for who cannot see it."""
        wanted = " or ".join(map(window_text, self.visit.windows))
        told = f"{'promised' if self.visit.promised else 'wanted'} {wanted}"
        if self.stop is None:
            return f"{self.visit.id}, {told}: {self.note}"
        end = f", {self.note}" if self.note else ""
        changed = ", other than the customer was told" if self.changed else ""
        times = f"{clock_text(self.stop.start)}–{clock_text(self.stop.end)}"
        return f"{self.number}. {self.visit.id} by {self.technician}, {times}, {told}: {WORDS[self.look]}{end}{changed}"


WORDS = {KEPT: "kept", MOVED: "moved", RECOVERED: "made good", NEW: "served", BROKEN: "broken"}


def ink(index: int) -> Ink:
    """That of the technician at `index` in the day: twelve colours, then the same with dashes."""
    return Ink(COLOURS[index % len(COLOURS)], DASHES[index // len(COLOURS) % len(DASHES)])


def routes_of(day: Day, plan: Plan) -> dict[str, Route]:
    """The first route of every technician the day knows, in the day's order."""
    found = {one.id: plan.route_of(one.id) for one in day.technicians}
    return {tid: route for tid, route in found.items() if route is not None}


def fates_of(day: Day, plan: Plan) -> dict[str, Fate]:
    """What becomes of each visit of the day, in the day's order; an illegal plan has a picture too."""
    left = {one.visit: one for one in plan.unserved}
    served: dict[str, Fate] = {}
    for tid, route in routes_of(day, plan).items():
        stops = [stop for stop in route.stops if stop.kind == "visit" and day.has_visit(stop.id)]
        for number, stop in enumerate(stops, 1):
            served.setdefault(stop.id, _served(day, tid, stop, number))
    found: dict[str, Fate] = {}
    for visit in day.visits:
        if visit.id in served:
            found[visit.id] = served[visit.id]
        elif visit.id in left:
            why = left[visit.id]
            note = REASONS.get(why.reason, why.reason)
            found[visit.id] = Fate(visit=visit, look=UNSERVED, note=note, detail=why.detail)
        else:
            found[visit.id] = Fate(visit=visit, look=UNSERVED, note="not in the plan")
    return found


def window_text(window: Window) -> str:
    return f"{clock_text(window[0])}–{clock_text(window[1])}"


def _served(day: Day, tid: str, stop: Stop, number: int) -> Fate:
    visit = day.visit(stop.id)
    look, note = _look(visit, stop.start)
    told = visit.planned if visit.promised else None
    changed = told is not None and (
        told.technician != tid or abs(told.start - stop.start) > day.change_tolerance
    )
    return Fate(visit=visit, look=look, technician=tid, number=number, stop=stop, changed=changed, note=note)


def _look(visit: Visit, start: int) -> tuple[Look, str]:
    if _inside(start, visit.windows):
        return {"promised": KEPT, "failed": RECOVERED, "new": NEW}[visit.state], ""
    if visit.promised and _inside(start, visit.may_move):
        return MOVED, ""
    late = start - max(window[1] for window in visit.windows)
    return BROKEN, f"+{-(-late // 60)} min" if late > 0 else "too early"


def _inside(second: int, windows: tuple[Window, ...]) -> bool:
    return any(a <= second <= b for a, b in windows)
