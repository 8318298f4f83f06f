"""The map: every route as a line in its technician's colour, every visit a numbered mark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from optimizer.day import Day, Technician
from optimizer.picture.layout import Layout, Ruler, apart, arrange
from optimizer.picture.looks import Fate, Ink, ink
from optimizer.picture.svg import (
    BAD,
    GROUND,
    LINE,
    SOFT,
    SUNKEN,
    TEXT,
    Element,
    add,
    mark,
    shortened,
    width_of,
    write,
)
from optimizer.plan import Route

MOST = 860.0
EDGE = 44.0
RULER_ROOM = (240.0, 34.0)  # in the lower left corner, for the scale bar and the note
Spot = tuple[float, float]
Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(slots=True)
class Labels:
    """Texts that stay clear of all that already stands there; who comes first gets the place."""

    width: float
    height: float
    taken: list[Box] = field(default_factory=list)

    def keep_clear(self, x: float, y: float, r: float) -> None:
        self.taken.append((x - r, y - r, x + r, y + r))

    def place(self, text: str, spot: Spot, *, away: float, size: float) -> Spot | None:
        """The baseline's left end for `text` near `spot`; None when there is no room on any side."""
        x, y = spot
        width, up, down = width_of(text, size), size * 0.8, size * 0.25
        for left, base in (
            (x + away, y + size * 0.35),
            (x - away - width, y + size * 0.35),
            (x - width / 2, y - away - down),
            (x - width / 2, y + away + up),
        ):
            box = (left, base - up, left + width, base + down)
            if self._inside(box) and not any(_meet(box, other) for other in self.taken):
                self.taken.append(box)
                return left, base
        return None

    def _inside(self, box: Box) -> bool:
        return box[0] >= 2 and box[1] >= 2 and box[2] <= self.width - 2 and box[3] <= self.height - 2


@dataclass(frozen=True, slots=True)
class Scene:
    """What is drawn where: `spots` by visit id, a little apart where marks would hide each other."""

    day: Day
    routes: dict[str, Route]
    fates: dict[str, Fate]
    layout: Layout
    spots: dict[str, Spot]
    radius: float

    def line(self, technician: Technician) -> list[Spot]:
        """From where the technician is next free through the visits."""
        ids = [stop for stop in self.routes[technician.id].visit_ids if stop in self.spots]
        return [self.layout.at[technician.ready_location], *(self.spots[one] for one in ids)]


def radius_for(visits: int) -> float:
    """Of a mark, so that so many do not cover the map."""
    return 9.0 if visits <= 80 else 7.5 if visits <= 150 else 6.5 if visits <= 300 else 4.5


def numbered(visits: int) -> bool:
    """Whether a number can be read in marks that small."""
    return radius_for(visits) > 6


def scene(
    day: Day, routes: dict[str, Route], fates: dict[str, Fate], *, width: float, least: float = 480
) -> Scene:
    """Everything about the map that can be reckoned before drawing."""
    inner = {fate.visit.location for fate in fates.values()}
    inner |= {day.technician(tid).ready_location for tid in routes}
    ends = {index for tid in routes if (index := day.technician(tid).end_location) is not None}
    layout = arrange(
        day,
        sorted(inner | ends),
        aside=ends - inner,
        width=width,
        heights=(least, max(least, MOST)),
        edge=EDGE,
    )
    radius = radius_for(len(fates))
    points = np.array([layout.at[fate.visit.location] for fate in fates.values()]).reshape(-1, 2)
    spots = apart(points, 2.3 * radius, farthest=8 * radius)
    spots = np.clip(spots, 2 * radius, [width - 2 * radius, layout.height - 2 * radius])
    placed = {vid: (float(x), float(y)) for vid, (x, y) in zip(fates, spots, strict=True)}
    return Scene(day, routes, fates, layout, placed, radius)


def draw_map(parent: Element, shown: Scene, *, width: float) -> None:
    """The map with its upper left corner at the origin of `parent`."""
    height = shown.layout.height
    add(parent, "rect", width=width, height=height, rx=8, fill=SUNKEN, stroke=LINE)
    inks = {one.id: ink(index) for index, one in enumerate(shown.day.technicians)}
    clip = add(add(parent, "defs"), "clipPath", id="makegood-map")
    add(clip, "rect", width=width, height=height, rx=8)
    frame, parent = parent, add(parent, "g", clip_path="url(#makegood-map)")
    for technician in shown.day.technicians:
        if technician.id in shown.routes:
            _draw_route(parent, shown, technician, inks[technician.id])
    _draw_ends(parent, shown)
    for fate in shown.fates.values():
        _draw_visit(parent, shown, fate, inks)
    labels = Labels(width, height)
    labels.taken.append((0, height - RULER_ROOM[1], RULER_ROOM[0], height))
    for x, y in shown.spots.values():
        labels.keep_clear(x, y, shown.radius * 1.2)
    _write_notes(parent, shown, labels)
    _write_names(parent, shown, labels, inks)
    _draw_ruler(frame, shown.layout.ruler, shown.layout.note, height)


def _draw_route(parent: Element, shown: Scene, technician: Technician, look: Ink) -> None:
    line = shown.line(technician)
    group = add(parent, "g", class_="route", fill="none", stroke_linejoin="round")
    add(group, "title", technician.id)
    if technician.end_location is not None:
        home = [line[-1], shown.layout.at[technician.end_location]]
        _polyline(
            group, home, stroke=look.colour, stroke_width=1.2, stroke_opacity=0.45, stroke_dasharray=look.dash
        )
    _polyline(group, line, stroke=GROUND, stroke_width=4.5, stroke_opacity=0.8)
    _polyline(group, line, stroke=look.colour, stroke_width=2.2, stroke_dasharray=look.dash)
    x, y = line[0]
    mark(group, "circle", x, y, r=4, fill=GROUND, stroke=look.colour, stroke_width=2, class_="start")


def _polyline(parent: Element, line: Sequence[Spot], **attributes: str | float) -> None:
    if not attributes.get("stroke_dasharray", "none"):
        attributes.pop("stroke_dasharray")
    add(parent, "polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in line), **attributes)


def _draw_ends(parent: Element, shown: Scene) -> None:
    ends = {shown.day.technician(tid).end_location for tid in shown.routes}
    for index in sorted(index for index in ends if index is not None):
        x, y = shown.layout.at[index]
        mark(parent, "square", x, y, r=5, fill=TEXT, stroke=GROUND, stroke_width=1.5, class_="end")


def _draw_visit(parent: Element, shown: Scene, fate: Fate, inks: dict[str, Ink]) -> None:
    x, y = shown.spots[fate.visit.id]
    r = shown.radius
    group = add(parent, "g", class_=f"visit {fate.look.name}")
    add(group, "title", fate.sentence)
    if fate.technician is None:
        mark(group, fate.look.shape, x, y, r=r * 0.85, fill=GROUND, stroke=BAD, stroke_width=2.4)
        return
    colour = BAD if fate.look.red else inks[fate.technician].colour
    if fate.changed:
        ring = r * (1.65 if fate.look.shape == "diamond" else 1.4)
        add(group, "circle", cx=x, cy=y, r=ring, fill=GROUND, stroke=TEXT, stroke_width=1.4, class_="ring")
    mark(group, fate.look.shape, x, y, r=r, fill=colour, stroke=GROUND, stroke_width=1)
    size = r * (1.25 if fate.number < 10 else 1.05)
    if numbered(len(shown.fates)):
        write(
            group,
            str(fate.number),
            x,
            y + size * 0.36,
            size=size,
            fill=GROUND,
            text_anchor="middle",
            font_weight="bold",
        )


def _write_notes(parent: Element, shown: Scene, labels: Labels) -> None:
    """Beside what went wrong: how late, or why not at all."""
    for fate in shown.fates.values():
        if fate.note:
            words = f"{shortened(fate.visit.id, 11, 90)} {fate.note}"
            for text in (words, fate.note):
                spot = labels.place(text, shown.spots[fate.visit.id], away=shown.radius * 1.7, size=11)
                if spot is not None:
                    _write_haloed(parent, text, spot, size=11, fill=BAD)
                    break


def _write_names(parent: Element, shown: Scene, labels: Labels, inks: dict[str, Ink]) -> None:
    """Each technician's name at one of their stops, wherever it fits."""
    for technician in shown.day.technicians:
        line = shown.line(technician) if technician.id in shown.routes else []
        name = shortened(technician.id, 12, 110)
        for stop in [*line[1:2], *line[:1], *line[2:]]:
            spot = labels.place(name, stop, away=shown.radius * 1.7, size=12)
            if spot is not None:
                _write_haloed(parent, name, spot, size=12, fill=inks[technician.id].colour)
                break


def _write_haloed(parent: Element, text: str, spot: Spot, *, size: float, fill: str) -> None:
    x, y = spot
    halo = write(parent, text, x, y, size=size, font_weight="bold", fill=SUNKEN, stroke=SUNKEN)
    halo.set("stroke-width", "4")  # written twice, because not every renderer knows paint-order
    halo.set("stroke-linejoin", "round")
    halo.set("aria-hidden", "true")
    write(parent, text, x, y, size=size, font_weight="bold", fill=fill)


def _draw_ruler(parent: Element, ruler: Ruler | None, note: str, height: float) -> None:
    x, y = 14.0, height - 14
    if ruler is not None:
        points = f"{x},{y - 5} {x},{y} {x + ruler.pixels:.1f},{y} {x + ruler.pixels:.1f},{y - 5}"
        add(parent, "polyline", points=points, fill="none", stroke=TEXT, stroke_width=1.4, class_="ruler")
        write(parent, ruler.words, x + 4, y - 6, size=11, fill=TEXT)
        x += max(ruler.pixels, width_of(ruler.words, 11)) + 16
    if note:
        write(parent, note, x, y, size=12, fill=SOFT, font_style="italic", class_="note")


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
