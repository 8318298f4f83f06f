"""The timeline: one row per technician, hours across, and under each bar of work the promise it has to meet."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.day import Day, Window
from optimizer.fits import clock_text
from optimizer.picture.looks import Fate, ink
from optimizer.picture.rows import HOURS_AGAIN, Axis, Promise, Row, drives
from optimizer.picture.svg import (
    ACT,
    BAD,
    GROUND,
    LINE,
    SOFT,
    TEXT,
    WARN,
    Element,
    add,
    mark,
    shortened,
    width_of,
    write,
)
from optimizer.plan import Stop

HEAD = 172.0


def draw_timeline(parent: Element, day: Day, rows: Sequence[Row], fates: dict[str, Fate], axis: Axis) -> None:
    """The rows with their hours, and the line of now over everything."""
    if not rows:
        return
    top, bottom = rows[0].top, rows[-1].top + rows[-1].height
    for row in rows:
        _draw_shift(parent, row, axis)
    for second in axis.hours():
        x = axis.x(second)
        add(parent, "line", x1=x, x2=x, y1=top, y2=bottom, stroke=LINE, class_="hour")
    for row in rows:
        if row.index % HOURS_AGAIN == 0:
            _write_hours(parent, axis, row.top - 7)
        _draw_row(parent, day, row, fates, axis)
    if len(rows) > HOURS_AGAIN // 2:
        _write_hours(parent, axis, bottom + 15)
    if axis.shows(day.now):
        x = axis.x(day.now)
        add(parent, "line", x1=x, x2=x, y1=top - 4, y2=bottom, stroke=ACT, stroke_width=1.6, class_="now")
        write(
            parent,
            f"now {clock_text(day.now)}",
            x,
            top - 22,
            size=12,
            fill=ACT,
            font_weight="bold",
            text_anchor="middle",
        )


def _write_hours(parent: Element, axis: Axis, y: float) -> None:
    for second in axis.hours():
        write(parent, clock_text(second), axis.x(second), y, size=11, fill=SOFT, text_anchor="middle")


def _draw_row(parent: Element, day: Day, row: Row, fates: dict[str, Fate], axis: Axis) -> None:
    technician = row.technician
    group = add(parent, "g", class_="absent" if technician.absent else "technician")
    right = axis.left + axis.width
    add(group, "line", x1=0, x2=right, y1=row.top + row.height, y2=row.top + row.height, stroke=LINE)
    _write_head(group, row)
    if technician.absent:
        x = max(axis.x(technician.shift[0]), axis.x(day.now)) + 8
        write(group, "absent", x, row.middle + 4, size=12, fill=SOFT, font_style="italic")
    if row.route is None:
        return
    for begin, end in drives(day, technician, row.route):
        x1, x2 = axis.x(begin), axis.x(end)
        add(
            group,
            "line",
            x1=x1,
            x2=x2,
            y1=row.middle,
            y2=row.middle,
            stroke=TEXT,
            stroke_width=1.4,
            class_="drive",
        )
    for promise in row.promises:
        _draw_promise(group, row, promise, axis)
    for stop in row.route.stops:
        if stop.kind == "break":
            _draw_break(group, row, stop, axis)
        elif stop.id in fates and fates[stop.id].stop == stop:
            _draw_work(group, row, fates[stop.id], axis)


def _draw_shift(parent: Element, row: Row, axis: Axis) -> None:
    begin, end = row.technician.shift
    height = row.height - 2
    late = row.technician.overtime_until
    if row.technician.absent:
        x1, x2 = axis.x(begin), axis.x(end)
        add(parent, "rect", x=x1, y=row.top + 1, width=x2 - x1, height=height, fill="#e6eaea", class_="shift")
        return
    for first, last, fill, name in (
        (begin, end, "#edf3f3", "shift"),
        (end, late, "url(#makegood-overtime)", "overtime"),
    ):
        x1, x2 = axis.x(first), axis.x(last)
        if x2 > x1:
            add(parent, "rect", x=x1, y=row.top + 1, width=x2 - x1, height=height, fill=fill, class_=name)


def _write_head(parent: Element, row: Row) -> None:
    look, y = ink(row.index), row.top + 5
    name = SOFT if row.technician.absent else TEXT
    swatch = LINE if row.technician.absent else look.colour
    dash = {"stroke_dasharray": look.dash} if look.dash else {}
    over = row.route.finish - row.technician.shift[1] if row.route is not None else 0
    room = HEAD - (104 if over > 0 else 42)
    add(parent, "line", x1=0, x2=26, y1=y + 6, y2=y + 6, stroke=swatch, stroke_width=4, **dash)
    write(
        parent,
        shortened(row.technician.id, 12, room),
        34,
        y + 10,
        size=12,
        fill=name,
        font_weight="bold",
    )
    if over > 0:
        text = f"+{-(-over // 60)} min"
        write(parent, text, HEAD - 8, y + 10, size=10.5, fill=WARN, font_weight="bold", text_anchor="end")
    write(parent, _summary(row), 34, y + 24, size=10.5, fill=SOFT)


def _summary(row: Row) -> str:
    if row.technician.absent:
        return "absent"
    if row.route is None:
        return "no visit"
    count = len(row.route.visit_ids)
    return f"{count} visit{'' if count == 1 else 's'}, to {clock_text(row.route.finish)}"


def _draw_break(parent: Element, row: Row, stop: Stop, axis: Axis) -> None:
    x, width = axis.x(stop.start), axis.x(stop.end) - axis.x(stop.start)
    y, height = row.middle - row.bar * 0.36, row.bar * 0.72
    group = add(parent, "g", class_="break")
    add(group, "title", f"{stop.id}, {clock_text(stop.start)}–{clock_text(stop.end)}")
    add(
        group,
        "rect",
        x=x,
        y=y,
        width=max(width, 2),
        height=height,
        rx=height / 2,
        fill=GROUND,
        stroke=SOFT,
        stroke_dasharray="2 2",
    )
    name = shortened(stop.id, 10, width - 6)
    if len(name) > 2 or name == stop.id:
        write(group, name, x + width / 2, row.middle + 3.5, size=10, fill=SOFT, text_anchor="middle")


def _draw_work(parent: Element, row: Row, fate: Fate, axis: Axis) -> None:
    if fate.stop is None:
        return
    x, width = axis.x(fate.stop.start), max(axis.x(fate.stop.end) - axis.x(fate.stop.start), 2.0)
    y = row.middle - row.bar / 2
    group = add(parent, "g", class_=f"work {fate.look.name}")
    add(group, "title", fate.sentence)
    colour = BAD if fate.look.red else ink(row.index).colour
    edge, thick = (TEXT, 2.0) if fate.changed else (GROUND, 0.8)
    bar = add(group, "rect", x=x, y=y, width=width, height=row.bar, rx=2.5, fill=colour, stroke=edge)
    bar.set("stroke-width", f"{thick:g}")
    text = _label(fate, width - 5)
    size = 10.5 if text else 9.0
    text = text or str(fate.number)
    if width_of(text, size) <= width - 1:
        label = write(group, text, x + width / 2, row.middle + size * 0.36, size=size, fill=GROUND)
        label.set("text-anchor", "middle")


def _label(fate: Fate, width: float) -> str:
    """As much of number, visit and clock as fits; '' when nothing does."""
    number, clock = str(fate.number), clock_text(fate.stop.start if fate.stop else 0)
    name = fate.visit.id
    note = f" {fate.note}" if fate.note else ""
    wishes = (
        f"{number} · {name} {clock}{note}",
        f"{number} · {name} {clock}",
        f"{name} {clock}",
        f"{number} · {name}",
        name,
        number,
    )
    return next((text for text in wishes if width_of(text, 10.5) <= width), "")


def _draw_promise(parent: Element, row: Row, promise: Promise, axis: Axis) -> None:
    """Its windows as brackets, and a mark where each work starts: inside is kept, outside is broken."""
    y = row.y(promise)
    group = add(parent, "g", class_="promise", fill="none", stroke=SOFT)
    for window in promise.windows:
        _draw_bracket(group, window, y, axis, row.pitch)
    for window in promise.may_move:
        _draw_bracket(group, window, y, axis, row.pitch, stroke_dasharray="2 2")
    for fate in promise.visits:
        if fate.stop is not None:
            _draw_start(group, row, fate, fate.stop.start, y, axis)


def _draw_start(parent: Element, row: Row, fate: Fate, start: int, y: float, axis: Axis) -> None:
    x, last = axis.x(start), max(window[1] for window in fate.visit.windows)
    colour = BAD if fate.look.red else ink(row.index).colour
    add(parent, "line", x1=x, x2=x, y1=row.middle + row.bar / 2, y2=y, stroke=colour, stroke_width=0.9)
    if fate.look.red and start > last:
        add(parent, "line", x1=axis.x(last), x2=x, y1=y, y2=y, stroke=BAD, stroke_width=2.2, class_="late")
    mark(parent, fate.look.shape, x, y, r=row.pitch * 0.55, fill=colour, stroke="none")


def _draw_bracket(
    parent: Element, window: Window, y: float, axis: Axis, pitch: float, **attributes: str
) -> None:
    """With a post at each end that the axis shows."""
    if window[1] < axis.begin or window[0] > axis.end:
        return
    x1, x2, up = axis.x(window[0]), axis.x(window[1]), pitch * 0.45
    begin = f"M{x1:.1f},{y - up:.1f}V{y:.1f}" if axis.shows(window[0]) else f"M{x1:.1f},{y:.1f}"
    end = f"H{x2:.1f}" + (f"V{y - up:.1f}" if axis.shows(window[1]) else "")
    add(parent, "path", d=begin + end, stroke_width=1.1, **attributes)
