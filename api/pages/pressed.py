"""The page that asks whoever pressed a button to press once more: with all that was in the form, and nothing done."""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import FastAPI, Request
from starlette.responses import Response

from api.pages.render import render_page
from api.pages.speaking import tongue_for
from api.pressing import ONCE_MORE, PressOnceMore


def install(app: FastAPI) -> None:
    app.add_exception_handler(PressOnceMore, _ask)


async def _ask(request: Request, _error: Exception) -> Response:
    body = (await request.body()).decode(errors="replace")
    return render_page(
        request,
        "press_once.html",
        tongue=tongue_for(request),
        action=f"{request.url.path}?pressed={ONCE_MORE}",
        back=request.url.path.rpartition("/")[0],
        fields=parse_qsl(body, keep_blank_values=True),
    )
