"""Which language a customer's page is told in: what this browser chose, else what we know of its reader."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import Field

from api.pages.again import Sent
from api.pages.tongue import ENGLISH, NAMES, Tongue
from api.strict import router
from dispatch.customers.queries import get_customer
from dispatch.visits.tables import Visit
from dispatch.work import Work
from notifications.languages import known_language

COOKIE = "mg-language"
A_YEAR_SECONDS = 365 * 24 * 3600
OWN_PATHS = ("/v/", "/book")

routes = router("", "tracking", include_in_schema=False, default_response_class=HTMLResponse)


class LanguageForm(Sent):
    """`here` is a path of ours to go back to, never another host's."""

    language: Literal["en", "de", "es", "fr", "it"]
    here: str = Field(max_length=400, pattern=r"^/(v/|book)[^\\\s]*$")


def tongue_for(request: Request, language: str | None = None) -> Tongue:
    """`language` is the customer's, where one is known; a browser says what it wants with every request."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in NAMES:
        return Tongue(chosen)
    if language is not None:
        return Tongue(known_language(language))
    return Tongue(_wanted(request.headers.get("accept-language", "")))


def tongue_about(request: Request, work: Work, visit: Visit) -> Tongue:
    """For the pages of one visit: its customer's."""
    return tongue_for(request, get_customer(work.session, visit.customer_id).language)


def tongue_of_path(request: Request) -> Tongue:
    """For refusals: a customer's in their browser's language, everybody else's in English."""
    return tongue_for(request) if request.url.path.startswith(OWN_PATHS) else ENGLISH


def _wanted(accepted: str) -> str:
    """The first of the browser's languages, in the order in which it names them, that we write."""
    for one in accepted.split(","):
        base = one.partition(";")[0].strip()[:2].lower()
        if base in NAMES:
            return base
    return ENGLISH.language


@routes.post("/language")
def choose(form: Annotated[LanguageForm, Form()]) -> Response:
    """For this browser alone: the texts keep the language that was chosen for them."""
    there = RedirectResponse(form.here, 303)
    there.set_cookie(COOKIE, form.language, max_age=A_YEAR_SECONDS, path="/", httponly=True, samesite="lax")
    return there
