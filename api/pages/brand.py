"""The company's own colour and sign on its customers' pages, as far as they can be read there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from fastapi import Response
from fastapi.responses import FileResponse

from api.deps import RuntimeDep
from api.strict import router
from dispatch.errors import NotFound

LIGHT_GROUND, DARK_GROUND = "#f5f6f3", "#0f151a"
READABLE = 4.5  # to one: what small text needs on its ground, by WCAG AA
STEP = 0.04
SIGNS = {".svg": "image/svg+xml", ".png": "image/png", ".webp": "image/webp"}

routes = router("", "pages", include_in_schema=False)


@routes.get("/brand.css")
def show_sheet(runtime: RuntimeDep) -> Response:
    colour = runtime.settings.colour
    return Response(
        sheet(colour) if colour else "", media_type="text/css", headers={"Cache-Control": "max-age=3600"}
    )


@routes.get("/brand/logo")
def show_logo(runtime: RuntimeDep) -> Response:
    path = runtime.settings.logo
    if path is None or not path.is_file():
        raise NotFound()
    return FileResponse(path, media_type=SIGNS[path.suffix], headers={"Cache-Control": "max-age=3600"})


@cache
def sheet(colour: str) -> str:
    """The two values of the visual language that act: made darker or lighter until they can be read."""
    light, dark = readable(colour, LIGHT_GROUND), readable(colour, DARK_GROUND)
    return (
        f":root {{ --act: {light}; --act-strong: {_mix(light, '#000000', 0.25)}; --on-act: {on(light)}; }}\n"
        "@media (prefers-color-scheme: dark) {\n"
        f"  :root {{ --act: {dark}; --act-strong: {_mix(dark, '#ffffff', 0.25)}; --on-act: {on(dark)}; }}\n}}\n"
    )


def readable(colour: str, ground: str) -> str:
    """`colour`, no further from itself than text in it needs on `ground`."""
    towards = "#000000" if _light(ground) > _light("#777777") else "#ffffff"
    share = 0.0
    while contrast(_mix(colour, towards, share), ground) < READABLE:
        share += STEP
    return _mix(colour, towards, share)


def on(colour: str) -> str:
    """What is written on a button of that colour."""
    return max(("#ffffff", "#000000"), key=lambda one: contrast(one, colour))


def contrast(one: str, other: str) -> float:
    """How far apart two colours are in brightness, from 1 to 21, as WCAG counts it."""
    high, low = sorted((_light(one), _light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _light(colour: str) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _mix(colour: str, other: str, share: float) -> str:
    mixed = (a + (b - a) * min(1.0, share) for a, b in zip(_parts(colour), _parts(other), strict=True))
    return "#" + "".join(f"{round(part * 255):02x}" for part in mixed)


def _parts(colour: str) -> Iterator[float]:
    return (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
