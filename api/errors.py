"""Every refusal and its HTTP status, told as problem+json to programs and as a page to people."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy.exc import IntegrityError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from api import refusals
from api.csv.report import UnreadableFile
from api.deps import reading
from api.pages.render import render_page
from api.pages.speaking import tongue_of_path
from api.redaction import redact
from dispatch import errors
from dispatch.access.identity_provider import NotVouched, ProviderSilent
from dispatch.errors import DispatchError, FieldError, Invalid
from dispatch.plans.publish import PlanRefused
from dispatch.travel.port import OffRoad, TravelError

log = logging.getLogger("makegood.errors")

STATUS: dict[type[DispatchError], int] = {
    DispatchError: 409,
    refusals.Malformed: 400,
    refusals.MalformedJson: 400,
    errors.KeyMissing: 400,
    errors.Unauthenticated: 401,
    refusals.Forbidden: 403,
    refusals.CrossSite: 403,
    errors.NotFound: 404,
    refusals.MethodNotAllowed: 405,
    errors.StateConflict: 409,
    errors.SlotTaken: 409,
    errors.StalePlan: 409,
    PlanRefused: 409,
    errors.OutOfArea: 409,
    errors.LinkExpired: 410,
    errors.Erased: 410,
    refusals.VersionConflict: 412,
    refusals.TooLarge: 413,
    refusals.UnsupportedMediaType: 415,
    errors.Invalid: 422,
    UnreadableFile: 422,
    errors.KeyReused: 422,
    refusals.PreconditionRequired: 428,
    errors.RateLimited: 429,
    NotVouched: 403,
    ProviderSilent: 503,
    refusals.OurFault: 500,
    errors.Unavailable: 503,
    errors.OutcomeUnknown: 503,
    refusals.NotReady: 503,
}

FOR_PROGRAMS = ("/api/", "/dev/", "/hooks/", "/healthz", "/readyz", "/metrics")
RETRY_SECONDS = 5


def status_of(error: DispatchError) -> int:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def answer(request: Request, error: DispatchError, headers: dict[str, str] | None = None) -> Response:
    """The refusal in the shape that this path speaks."""
    status, extra = status_of(error), dict(headers or {})
    retry_after = error.details.get("retry_after_seconds")
    if retry_after or status == 503:
        extra["Retry-After"] = str(retry_after or RETRY_SECONDS)
    if not request.url.path.startswith(FOR_PROGRAMS):
        return render_page(
            request, "error.html", status=status, headers=extra, tongue=tongue_of_path(request), error=error
        )
    body = jsonable_encoder(error.details) | {
        "type": f"/problems/{error.code}",
        "title": error.title,
        "status": status,
        "detail": error.message,
        "instance": redact(request.url.path),
        "request_id": request.state.request_id,
        "errors": [jsonable_encoder(part) for part in error.errors] if isinstance(error, Invalid) else [],
    }
    return JSONResponse(body, status, headers=extra, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Replace every error body that the framework would write itself."""
    app.add_exception_handler(DispatchError, lambda request, error: answer(request, _domain(error)))
    app.add_exception_handler(errors.SlotTaken, _slot_taken)
    app.add_exception_handler(RequestValidationError, _unfit_input)
    app.add_exception_handler(HTTPException, _framework_refusal)
    lost = (OperationalError, InterfaceError, InternalError, PoolTimeout)
    for kind in (StaleDataError, IntegrityError, *lost, TravelError):
        app.add_exception_handler(kind, _translated)


async def _slot_taken(request: Request, error: Exception) -> Response:
    """With what else there is, for programs; looked for only now, when the refused Work holds no row any more."""
    assert isinstance(error, errors.SlotTaken)
    if request.url.path.startswith(FOR_PROGRAMS):
        found = await reading(request.app.state.runtime, error.alternatives)
        error.details.setdefault("alternatives", found)
    return answer(request, error)


def _domain(error: Exception) -> DispatchError:
    assert isinstance(error, DispatchError)
    return error


def _unfit_input(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if any(part["type"] == "json_invalid" for part in error.errors()):
        return answer(request, refusals.MalformedJson("The body is not JSON."))
    return answer(request, Invalid([_field_error(part) for part in error.errors()]))


# What people mistype in an address, in words that they know; the rest is said as the parser says it.
A_DATE, AN_INSTANT = "this is not a date like 2026-03-02.", "this is not a time like 2026-03-02T14:00:00Z."
IN_WORDS = {
    "date_parsing": A_DATE,
    "date_from_datetime_parsing": A_DATE,
    "date_from_datetime_inexact": A_DATE,
    "datetime_parsing": AN_INSTANT,
    "datetime_from_date_parsing": AN_INSTANT,
    "string_too_short": "please write at least {min_length} characters.",
    "string_too_long": "please write at most {max_length} characters.",
}


def _field_error(part: dict[str, Any]) -> FieldError:
    where, *names = part["loc"]
    path = [str(name) for name in names] if where == "body" else [str(where), *map(str, names)]
    known = IN_WORDS.get(part["type"])
    said = known.format_map(part.get("ctx", {})) if known else part["msg"]
    return FieldError("/" + "/".join(path), part["type"], f"{path[-1] if path else 'body'}: {said}")


def _framework_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kinds: dict[int, DispatchError] = {
        400: refusals.Malformed("The request cannot be read."),
        404: errors.NotFound(),
        405: refusals.MethodNotAllowed(f"{request.method} is not possible here."),
        413: refusals.TooLarge("The request is too large."),
        415: refusals.UnsupportedMediaType("Please send JSON."),
    }
    refusal = kinds.get(error.status_code, refusals.Malformed("The request cannot be answered."))
    headers = {"Allow": ", ".join(_allowed(request))} if error.status_code == 405 else {}
    return answer(request, refusal, headers)


def _allowed(request: Request) -> list[str]:
    """Every method of this path; the framework names only those of the first route that it finds."""
    routes = (context.original_route for context in iter_route_contexts(request.app.routes))
    fitting = [r for r in routes if isinstance(r, APIRoute) and r.path_regex.match(request.url.path)]
    found = {method for route in fitting for method in route.methods or ()}
    return sorted(found | {"HEAD"} if "GET" in found else found)


def _translated(request: Request, error: Exception) -> Response:
    """What the database and the travel provider raise, in our words."""
    log.warning("%s: %s", request.state.request_id, type(error).__name__)
    if isinstance(error, StaleDataError):
        refusal: DispatchError = errors.StateConflict(
            "Somebody changed this in the same moment. Please look again."
        )
    elif isinstance(error, IntegrityError):
        refusal = errors.StateConflict("Somebody did the same in the same moment. Please look again.")
    elif isinstance(error, OffRoad):
        refusal = errors.OutOfArea("There is no road within reach of this place.")
    else:
        refusal = errors.Unavailable("We cannot do this right now. Nothing was changed; please try again.")
    return answer(request, refusal)
