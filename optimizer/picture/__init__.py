"""A plan as one picture: the map of its routes, the timeline of its promises, what is left undone and what it costs.

One SVG without scripts or anything from elsewhere, for a browser, a report or a printer.
"""

from __future__ import annotations

from xml.etree import ElementTree

from optimizer.check import Verdict, check
from optimizer.day import Day
from optimizer.fits import clock_text
from optimizer.picture.legend import PANEL, draw_legend
from optimizer.picture.looks import Fate, fates_of, routes_of
from optimizer.picture.map import draw_map, scene
from optimizer.picture.rows import axis_of, rows_of
from optimizer.picture.svg import FONTS, GROUND, SOFT, TEXT, Element, add, shortened, write
from optimizer.picture.timeline import HEAD, draw_timeline
from optimizer.picture.words import draw_bill, draw_unserved, headline
from optimizer.plan import Plan

WIDTH, MARGIN, GAP = 1480.0, 28.0, 24.0
ACROSS = WIDTH - 2 * MARGIN
TOP = 92.0


def picture(day: Day, plan: Plan) -> str:
    """The plan as an SVG document. Raises ValueError for a plan of another day; an illegal one is drawn too."""
    verdict = check(day, plan)
    routes, fates = routes_of(day, plan), fates_of(day, plan)
    root = _root(day, verdict, fates)
    wide = ACROSS - PANEL - GAP
    legend = draw_legend(_group(root, MARGIN + wide + GAP, TOP, "legend"), day, fates)
    shown = scene(day, routes, fates, width=wide, least=legend)
    draw_map(_group(root, MARGIN, TOP, "map"), shown, width=wide)
    y = TOP + shown.layout.height + 68
    axis = axis_of(day, routes, left=HEAD, width=ACROSS - HEAD)
    rows = rows_of(day, routes, fates, axis, top=0)
    draw_timeline(_group(root, MARGIN, y, "timeline"), day, rows, fates, axis)
    y += (rows[-1].top + rows[-1].height if rows else 0) + 58
    y += draw_unserved(_group(root, MARGIN, y, "unserved"), fates, width=ACROSS)
    y += draw_bill(_group(root, MARGIN, y, "bill"), day, verdict, width=ACROSS)
    return _finished(root, y + MARGIN)


def _root(day: Day, verdict: Verdict, fates: dict[str, Fate]) -> Element:
    root = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "role": "img",
            "aria-labelledby": "makegood-title makegood-told",
            "font-family": FONTS,
        },
    )
    told = headline(day, verdict, fates)
    add(root, "title", f"{day.name}: the plan at {clock_text(day.now)}", id="makegood-title")
    add(root, "desc", told, id="makegood-told")
    hatch = add(
        add(root, "defs"),
        "pattern",
        id="makegood-overtime",
        width=6,
        height=6,
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )
    add(hatch, "rect", width=6, height=6, fill="#fff8ec")
    add(hatch, "rect", width=1.6, height=6, fill="#e8c88f")
    add(root, "rect", width="100%", height="100%", fill=GROUND)
    write(root, shortened(day.name, 24, ACROSS), MARGIN, 48, size=24, font_weight="bold", fill=TEXT)
    write(root, told, MARGIN, 73, size=14, fill=SOFT)
    return root


def _group(root: Element, x: float, y: float, name: str) -> Element:
    return add(root, "g", class_=name, transform=f"translate({x:g} {y:g})")


def _finished(root: Element, height: float) -> str:
    root.set("width", f"{WIDTH:g}")
    root.set("height", f"{height:g}")
    root.set("viewBox", f"0 0 {WIDTH:g} {height:g}")
    ElementTree.indent(root, " ")
    return ElementTree.tostring(root, encoding="unicode") + "\n"
