"""Set-up: copies the few front-end files that the pages use from node_modules to static/vendor, never in git.

`python -m api.pages.vendor`, after `npm ci`. The icons become one sheet with just those that are named here.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
VENDOR = HERE / "static" / "vendor"
MODULES = HERE.parent.parent / "node_modules"

CHARSET = '@charset "UTF-8";'

FILES = {
    "@picocss/pico/css/pico.min.css": "pico.css",
    "htmx.org/dist/htmx.min.js": "htmx.js",
    "leaflet/dist/leaflet.js": "leaflet.js",
    "leaflet/dist/leaflet.css": "leaflet.css",
    "vis-timeline/standalone/umd/vis-timeline-graph2d.min.js": "vis-timeline.js",
    "vis-timeline/styles/vis-timeline-graph2d.min.css": "vis-timeline.css",
}
ICONS = (
    "alarm-clock",
    "arrow-left",
    "arrow-right",
    "ban",
    "calendar-days",
    "calendar-plus",
    "camera",
    "check",
    "circle",
    "circle-check",
    "circle-dashed",
    "circle-x",
    "clock",
    "cloud-off",
    "house",
    "key-round",
    "map-pin",
    "message-square",
    "navigation",
    "octagon-alert",
    "package",
    "phone",
    "radio",
    "search",
    "settings",
    "square",
    "triangle-alert",
    "truck",
    "undo-2",
    "user",
    "user-x",
    "wrench",
)


def copy() -> None:
    """Copy FILES and draw the sheet of ICONS. Raises FileNotFoundError when `npm ci` has not run."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for source, target in FILES.items():
        text = (MODULES / source).read_text(encoding="utf-8")
        text = _without_source_map(text)
        change = {"pico.css": _underneath, "vis-timeline.js": _without_sheets}.get(target, str)
        (VENDOR / target).write_text(change(text), encoding="utf-8")
    (VENDOR / "icons.svg").write_text(_sheet(), encoding="utf-8")


def _without_source_map(text: str) -> str:
    """A browser with its tools open would ask for a map that is not there."""
    return re.sub(r"(//|/\*)# sourceMappingURL=\S+( \*/)?\s*$", "", text)


def _underneath(css: str) -> str:
    """A layer of its own: whatever our sheets say wins, however simply they say it."""
    return f"@layer pico {{\n{css.removeprefix(chr(0xFEFF)).replace(CHARSET, '')}\n}}\n"


def _without_sheets(script: str) -> str:
    """It would put its sheets into the page as text, which our policy refuses; they are linked instead."""
    return script.replace('createElement("style")', 'createElement("template")')


def _sheet() -> str:
    symbols = [_symbol(name, (MODULES / f"lucide-static/icons/{name}.svg").read_text()) for name in ICONS]
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n"


def _symbol(name: str, svg: str) -> str:
    drawing = re.sub(r"\s+", " ", svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]).strip()
    look = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    return f'<symbol id="{name}" viewBox="0 0 24 24" {look}>{drawing}</symbol>'


if __name__ == "__main__":
    try:
        copy()
    except FileNotFoundError as missing:
        sys.exit(f"{missing.filename} is not there: run `make setup`, or `npm ci` and then this again.")
