"""Jinja pages: every variable escaped, every page with its status."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE = Path(__file__).parent

templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render_page(
    request: Request, name: str, *, status: int = 200, headers: dict[str, str] | None = None, **values: Any
) -> HTMLResponse:
    """The template `name` with `values`; it also knows `request_id` and `company`."""
    company = request.app.state.runtime.settings.company if "app" in request.scope else "Makegood"
    values = {"request_id": request.state.request_id, "company": company, "status": status, **values}
    return HTMLResponse(templates.get_template(name).render(values), status, headers=headers)
