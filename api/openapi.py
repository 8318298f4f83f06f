"""The OpenAPI description. Which refusals a route can give is found from the route itself, here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ConfigDict

from api.auth.cookies import LOCAL_NAME, SECURE_NAME
from api.deps import OFFICE, Door, open_read, open_work, whoever_asks
from api.errors import STATUS
from api.policy import POLICY, Action, Thing, Who, scope_for
from api.policy_routes import ROUTES
from api.strict import StrictRoute, everything_of
from api.versions import IF_MATCH

PROBLEM = "application/problem+json"
# What an endpoint refuses and its path, parameters and doors do not tell.
ALSO: dict[str, set[int]] = {
    "GET /api/v1/messages": {404},
    "GET /api/v1/visits/mine": {404},
    "GET /api/v1/visits/{visit_id}/emergency": {409},
    "GET /api/v1/slots": {404, 409},
    "POST /api/v1/holds": {404},
    "POST /api/v1/visits": {404},
    "GET /api/v1/plans/{day}/place": {404, 409},
    "POST /api/v1/plans/{day}/place": {404},
    "POST /api/v1/visits/{visit_id}/photos": {415},
    "GET /dev/pocket": {404},
    "POST /dev/pocket": {404},
    "POST /dev/break": {404, 409},
}
# Headers that are refused by us where they are missing, not by the framework.
ASKED_FOR: dict[str, dict[str, Any]] = {
    "idempotency-key": {"required": True, "schema": {"type": "string", "pattern": "^[!-~][ -~]{0,254}$"}},
    "if-match": {"required": True, "schema": {"type": "string"}},
}


# How people and programs show who they are: the names under which `security` speaks of it.
SHOWN: dict[Who, str] = {
    **dict.fromkeys((Who.TRACK, Who.BOOK, Who.SETUP, Who.ENROL, Who.CALENDAR), "link"),
    **dict.fromkeys((Who.TECHNICIAN, *OFFICE), "session"),
    Who.KEY: "key",
    Who.PROVIDER: "signature",
}
SCHEMES: dict[str, dict[str, str]] = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "A program's API key (`mg_…`), made at /office/keys. The scope that it needs stands beside it.",
    },
    "link": {
        "type": "http",
        "scheme": "bearer",
        "description": "The token of a link that we sent: what stands behind /v/ or /book/ in it.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SECURE_NAME,
        "description": f"A browser that signed in. Without https, on one machine, the cookie is `{LOCAL_NAME}`.",
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Twilio-Signature",
        "description": "The provider of texts and calls signs what it sends.",
    },
}


class ProblemError(BaseModel):
    pointer: str
    code: str
    detail: str


class Problem(BaseModel):
    """RFC 9457. `type` and `errors[].code` are stable, `detail` is for people; some kinds carry more members."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: list[ProblemError] = []


def describe(app: FastAPI) -> dict[str, Any]:
    """The description, with the one shape of every refusal among its schemas."""
    if app.openapi_schema is None:
        found = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        for method, route in _described(app):
            operation = found["paths"][route.path][method.lower()]
            operation["responses"].pop("422", None)
            operation["security"] = security_of(method, route)
            for status in sorted(refusals_of(method, route)):
                _declare(operation["responses"], status)
            for parameter in operation.get("parameters", ()):
                parameter |= ASKED_FOR.get(parameter["name"].lower(), {})
        schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        parts = schema.pop("$defs", {})
        found.setdefault("components", {})["securitySchemes"] = SCHEMES
        schemas = found["components"].setdefault("schemas", {})
        schemas.update(parts, Problem=schema)
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        app.openapi_schema = found
    return app.openapi_schema


def _declare(answers: dict[str, Any], status: int) -> None:
    answer = answers.setdefault(str(status), {"description": _titles(status)})
    answer.setdefault("content", {})[PROBLEM] = {"schema": {"$ref": "#/components/schemas/Problem"}}


def security_of(method: str, route: StrictRoute) -> list[dict[str, list[str]]]:
    """Any one of these opens the route: as the policy says, to those for whom it is written. None: it is open."""
    does = ROUTES[f"{method} {route.path}"]
    line = POLICY.get(does, {})
    if Who.NOBODY in line:
        return []
    doors = [call.written_for for call in route.calls if isinstance(call, Door)]
    known = {SHOWN[who] for who in line if who in SHOWN and (not doors or any(who in one for one in doors))}
    return [{name: [scope_for(*does)] if name == "key" else []} for name in SCHEMES if name in known]


def refusals_of(method: str, route: StrictRoute) -> set[int]:
    """Every status with which this route may refuse."""
    asked, calls = list(everything_of(route.dependant)), route.calls
    fields = [field for one in asked for field in (*one.path_params, *one.query_params, *one.header_params)]
    aliases = {field.alias for field in fields}
    named = any(one.path_params for one in asked)
    doors = any(isinstance(call, Door) for call in calls)
    found = {400, 413, 500, 503} | ALSO.get(f"{method} {route.path}", set())
    found |= (
        {401, 410, 429} if calls & {whoever_asks, open_read} else set()
    )  # a token that nobody knows, or that has run out
    found |= {403} if doors or method not in ("GET", "HEAD") else set()
    found |= {404} if named or _is_hook(method, route) else set()
    found |= {409} if open_work in calls else set()
    found |= {412, 428} if IF_MATCH in aliases else set()
    found |= {415} if route.body_field else set()
    return found | ({422} if fields or route.body_field else set())


def _is_hook(method: str, route: StrictRoute) -> bool:
    """There is none without a provider."""
    return ROUTES.get(f"{method} {route.path}") == (Thing.HOOK, Action.CHANGE)


def _described(app: FastAPI) -> Iterator[tuple[str, StrictRoute]]:
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if isinstance(route, StrictRoute) and route.include_in_schema:
            yield from ((method, route) for method in sorted(route.methods or ()))


def _titles(status: int) -> str:
    return " · ".join(sorted({error.title for error, code in STATUS.items() if code == status}))
