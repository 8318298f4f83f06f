"""The legend: every shape and line in words, how often it occurs, and whose colour is whose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from optimizer.day import Day
from optimizer.picture.looks import LOOKS, Fate, Look, ink
from optimizer.picture.map import numbered
from optimizer.picture.svg import (
    ACT,
    BAD,
    GROUND,
    LINE,
    SOFT,
    TEXT,
    Element,
    add,
    mark,
    shortened,
    width_of,
    write,
)

PANEL = 404.0
STEP = 22.0
COLUMNS = ((10, 2), (48, 3), (10**9, 4))  # up to so many technicians, so many columns


def draw_legend(parent: Element, day: Day, fates: dict[str, Fate]) -> float:
    """Draws it from the origin down; how high it is."""
    y = _heading(parent, "What became of each visit", 12)
    counts = Counter(fate.look for fate in fates.values())
    for look in LOOKS:
        y = _line(parent, y, _look(look), look.word, counts[look])
    y = _line(
        parent, y, _changed, "other technician or time than told", sum(f.changed for f in fates.values())
    )
    y = _heading(parent, "On the map", y + 14)
    y = _line(parent, y, _start, "where a route starts, from now on")
    y = _line(parent, y, _end, "where it ends; the way there is pale")
    if numbered(len(fates)):
        write(parent, "The number in a mark counts the visits of its route.", 0, y + 2, size=11.5, fill=SOFT)
        y += STEP
    y = _heading(parent, "In the rows below", y + 14)
    y = _line(parent, y, _bar, "work; with a dark edge: changed")
    y = _line(parent, y, _drive, "driving; a gap is waiting")
    y = _line(parent, y, _break, "break")
    y = _line(parent, y, _bracket, "promise: its mark, the start, should be inside")
    y = _line(parent, y, _late, "started so long after the promise")
    y = _line(parent, y, _overtime, "overtime, as far as it may go")
    y = _heading(parent, "Technicians", y + 14)
    return _technicians(parent, day, y)


def _heading(parent: Element, text: str, y: float) -> float:
    write(parent, text, 0, y, size=14, fill=TEXT, font_weight="bold")
    return y + STEP


def _line(
    parent: Element, y: float, draw: Callable[[Element, float], None], words: str, count: int | None = None
) -> float:
    group = add(parent, "g", class_="key")
    draw(group, y - 4)
    write(group, words, 44, y, size=12.5, fill=TEXT)
    if count is not None:
        weight = "bold" if count else "normal"
        write(group, str(count), PANEL, y, size=12.5, fill=TEXT, font_weight=weight, text_anchor="end")
    return y + STEP


def _look(look: Look) -> Callable[[Element, float], None]:
    def draw(parent: Element, y: float) -> None:
        if look.name == "unserved":
            mark(parent, look.shape, 18, y, r=6.5, fill=GROUND, stroke=BAD, stroke_width=2.4)
        else:
            mark(parent, look.shape, 18, y, r=7.5, fill=BAD if look.red else SOFT)

    return draw


def _changed(parent: Element, y: float) -> None:
    add(parent, "circle", cx=18, cy=y, r=9, fill=GROUND, stroke=TEXT, stroke_width=1.4)
    mark(parent, "circle", 18, y, r=6, fill=SOFT)


def _start(parent: Element, y: float) -> None:
    mark(parent, "circle", 18, y, r=4, fill=GROUND, stroke=SOFT, stroke_width=2)


def _end(parent: Element, y: float) -> None:
    mark(parent, "square", 18, y, r=5, fill=TEXT)


def _bar(parent: Element, y: float) -> None:
    add(parent, "rect", x=2, y=y - 6, width=14, height=12, rx=2.5, fill=SOFT)
    add(parent, "rect", x=21, y=y - 6, width=14, height=12, rx=2.5, fill=SOFT, stroke=TEXT, stroke_width=2)


def _drive(parent: Element, y: float) -> None:
    add(parent, "line", x1=2, x2=34, y1=y, y2=y, stroke=TEXT, stroke_width=1.4)


def _break(parent: Element, y: float) -> None:
    add(
        parent,
        "rect",
        x=2,
        y=y - 6,
        width=32,
        height=12,
        rx=6,
        fill=GROUND,
        stroke=SOFT,
        stroke_dasharray="2 2",
    )


def _bracket(parent: Element, y: float) -> None:
    add(parent, "path", d=f"M2,{y - 4:g}V{y:g}H34V{y - 4:g}", fill="none", stroke=SOFT, stroke_width=1.1)
    mark(parent, "circle", 14, y, r=3, fill=ACT)


def _late(parent: Element, y: float) -> None:
    add(parent, "path", d=f"M2,{y - 4:g}V{y:g}H18V{y - 4:g}", fill="none", stroke=SOFT, stroke_width=1.1)
    add(parent, "line", x1=18, x2=32, y1=y, y2=y, stroke=BAD, stroke_width=2.2)
    mark(parent, "diamond", 32, y, r=3, fill=BAD)


def _overtime(parent: Element, y: float) -> None:
    add(parent, "rect", x=2, y=y - 6, width=32, height=12, fill="url(#makegood-overtime)", stroke=LINE)


def _technicians(parent: Element, day: Day, y: float) -> float:
    """In columns, read downwards."""
    count = len(day.technicians)
    columns = next(columns for most, columns in COLUMNS if count <= most)
    rows, wide = -(-count // columns), PANEL / columns
    step = 20.0 if count <= 48 else 16.0
    for index, technician in enumerate(day.technicians):
        look, x, base = ink(index), index // rows * wide, y + index % rows * step
        dash = {"stroke_dasharray": look.dash} if look.dash else {}
        colour = LINE if technician.absent else look.colour
        add(parent, "line", x1=x, x2=x + 30, y1=base - 4, y2=base - 4, stroke=colour, stroke_width=4, **dash)
        size = 12.0 if count <= 48 else 11.0
        words = f"{technician.id}, absent" if technician.absent else technician.id
        if width_of(words, size) > wide - 42:
            words = shortened(technician.id, size, wide - 42)
        fill = SOFT if technician.absent else TEXT
        name = write(parent, words, x + 36, base, size=size, fill=fill)
        if technician.absent:
            name.set("text-decoration", "line-through")
    return y + rows * step
