"""Pages that need nobody's data: what a problem's type means, and what robots may read."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse

from api.errors import STATUS
from api.pages.render import render_page
from api.redaction import TOKEN_PATHS
from api.strict import router
from dispatch.errors import NotFound

routes = router("", "plain", include_in_schema=False, default_response_class=HTMLResponse)


@routes.get("/problems/{slug}")
def problem(slug: str, request: Request) -> Response:
    found = next(((kind, status) for kind, status in STATUS.items() if kind.code == slug), None)
    if found is None:
        raise NotFound()
    kind, status = found
    meaning = (kind.__doc__ or "").partition("\n")[0].partition("; details")[0]
    return render_page(
        request, "problem.html", title=kind.title, slug=slug, answered_with=status, meaning=meaning
    )


@routes.get("/robots.txt")
def robots() -> PlainTextResponse:
    closed = "".join(f"Disallow: /{prefix}/\n" for prefix in TOKEN_PATHS)
    return PlainTextResponse(f"User-agent: *\n{closed}Disallow: /api/\n")
