"""Jinja pages: every variable escaped, every page with its status."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from api.pages.codes import say, spell
from api.pages.explaining import explained
from api.pages.tongue import ENGLISH, NAMES, Tongue, clock
from api.runtime.moving_time import read_clock
from api.runtime.runtime import Runtime
from dispatch.clock import real_now

HERE = Path(__file__).parent


def local_day(at: datetime, zone: str) -> str:
    """`2026-03-02`, as an address has it."""
    return at.astimezone(ZoneInfo(zone)).date().isoformat()


def date_words(on: date) -> str:
    """`Monday 2 March 2026`."""
    return f"{on:%A} {on.day} {on:%B} {on.year}"


def since(seconds: float) -> str:
    """`45 s`, `12 min`, `3 h 05`: how long, for people."""
    whole = max(0, round(seconds))
    if whole < 120:
        return f"{whole} s"
    minutes = whole // 60
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02}"


def _in_the_pages_tongue(tells: str) -> Callable[..., str]:
    """A filter that is told by the page's own tongue: English, unless whoever renders the page says otherwise."""

    @pass_context
    def tell(context: Context, *args: Any) -> str:
        return str(getattr(context["_"], tells)(*args))

    return tell


templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
templates.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "separators": (",", ":")}
templates.globals |= {"_": ENGLISH, "explained": explained}
templates.filters |= {
    tells: _in_the_pages_tongue(tells) for tells in ("moment", "day_name", "zone_words", "money")
}
templates.filters |= {
    "clock": clock,
    "local_day": local_day,
    "date_words": date_words,
    "spell": spell,
    "say": say,
    "since": since,
}


def render_page(
    request: Request,
    name: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    tongue: Tongue = ENGLISH,
    **values: Any,
) -> HTMLResponse:
    """The template `name` with `values`; it also knows `request_id`, `company`, and what keeps it fresh.

    `news` is where the page hears of news, `refresh` after how many seconds it asks again by itself.
    """
    runtime: Runtime | None = request.app.state.runtime if "app" in request.scope else None
    company = runtime.settings.company if runtime else "Makegood"
    legal = (
        [(tongue("Terms"), runtime.settings.terms_url), (tongue("Privacy"), runtime.settings.privacy_url)]
        if runtime
        else []
    )
    frame = {
        "news": None,
        "refresh": None,
        "shown_seq": getattr(request.state, "shown_seq", ""),
        "here": _here(request),
        "_": tongue,
        "has_colour": bool(runtime and runtime.settings.colour),
        "has_logo": bool(runtime and runtime.settings.logo),
        "tongues": NAMES if request.method == "GET" else {},
        "legal": [(word, url) for word, url in legal if url],
    }
    frame["tick"] = _tick(runtime) if runtime else None
    values = {"request_id": request.state.request_id, "company": company, "status": status, **frame, **values}
    return HTMLResponse(templates.get_template(name).render(values), status, headers=headers)


def _here(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


def _tick(runtime: Runtime) -> tuple[str, float]:
    """Now, and how fast the clock runs: countdowns on a page tick by the same clock as the house."""
    if not runtime.settings.dev:
        return real_now().isoformat(), 1.0
    now, rate = read_clock(runtime)
    return now.isoformat(), rate
