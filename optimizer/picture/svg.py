"""SVG as a tree: tidy numbers, texts that no id can break, marks of one look, a guess at how wide text is."""

from __future__ import annotations

import math
import unicodedata
from xml.etree import ElementTree

Element = ElementTree.Element

GROUND, SUNKEN, TEXT, SOFT, LINE = "#ffffff", "#f5f6f3", "#17212b", "#4f5d69", "#cfd5d3"
ACT, BAD, WARN = "#0b5563", "#a11d1d", "#7d4600"
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif"
LETTER = 0.62  # of the type size: a broad sans serif, so that what is reckoned to fit does fit
UNSEEN = frozenset(("Cc", "Cs", "Cn"))  # control characters, lone surrogates, no characters at all
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
CORNERS = {  # angle of the first corner, number of corners, radius that looks as large as a circle's
    "diamond": (0.0, 4, 1.25),
    "square": (45.0, 4, 1.25),
    "triangle": (-90.0, 3, 1.6),
    "hexagon": (-90.0, 6, 1.12),
}


def add(parent: Element, tag: str, text: str | None = None, /, **attributes: str | float) -> Element:
    """A child of `parent`; `stroke_width` becomes stroke-width, `class_` class."""
    named = {name.strip("_").replace("_", "-"): _value(value) for name, value in attributes.items()}
    child = ElementTree.SubElement(parent, tag, named)
    if text is not None:
        child.text = clean(text)
    return child


def write(
    parent: Element, text: str, x: float, y: float, *, size: float, **attributes: str | float
) -> Element:
    """One line of text with its baseline at `y`."""
    return add(parent, "text", text, x=x, y=y, font_size=size, **attributes)


def mark(parent: Element, shape: str, x: float, y: float, *, r: float, **attributes: str | float) -> Element:
    """A circle, diamond, square, triangle or hexagon about (x, y)."""
    if shape == "circle":
        return add(parent, "circle", cx=x, cy=y, r=r, **attributes)
    first, corners, factor = CORNERS[shape]
    y += r * 0.2 if shape == "triangle" else 0
    angles = [math.radians(first + 360 * turn / corners) for turn in range(corners)]
    points = " ".join(
        f"{_value(x + factor * r * math.cos(angle))},{_value(y + factor * r * math.sin(angle))}"
        for angle in angles
    )
    return add(parent, "polygon", points=points, **attributes)


def clean(text: str) -> str:
    """Without what XML forbids or what turns the reading direction of its neighbours; spaces for line ends."""
    return "".join(" " if one in "\t\r\n\u2028\u2029" else "\ufffd" if _unseen(one) else one for one in text)


def width_of(text: str, size: float) -> float:
    """About how wide `text` is, rather too much than too little."""
    letters = sum(
        0 if unicodedata.combining(one) else 1.7 if unicodedata.east_asian_width(one) in "WF" else 1
        for one in text
    )
    return letters * LETTER * size


def shortened(text: str, size: float, width: float) -> str:
    """`text`, cut with an ellipsis where it is wider than `width`."""
    text = clean(text)
    if width_of(text, size) <= width:
        return text
    while text and width_of(text + "…", size) > width:
        text = text[:-1]
    return text + "…"


def wrapped(text: str, size: float, width: float) -> list[str]:
    """`text` in lines no wider than `width`; a word that is wider by itself is shortened."""
    lines: list[str] = []
    for word in clean(text).split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(shortened(word, size, width))
    return lines


def _unseen(one: str) -> bool:
    return one in TURNING or unicodedata.category(one) in UNSEEN


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return clean(value)
    return f"{value:.2f}".rstrip("0").rstrip(".")
