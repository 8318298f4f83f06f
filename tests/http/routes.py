"""Every route of the application, for tests that must not forget one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import FastAPI, params
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from api.deps import DOORS

PUBLIC = {
    "/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/problems/{slug}",
    "/robots.txt",
    "/sign-out",
}
DEV = ("/dev/", "/panel/", "/pocket")
SIGNED = ("/hooks/",)  # guarded by the provider's signature: see test_twilio_hooks


@dataclass(frozen=True)
class Known:
    method: str
    path: str
    route: APIRoute

    @property
    def filled(self) -> str:
        """The path with something in every place that looks like an id but is nobody's."""
        return re.sub(r"{[^}]+}", "0" * 26, self.path)

    @property
    def empty_body(self) -> dict[str, dict[str, str]]:
        """What to send so that the body's kind is no reason to refuse."""
        field = self.route.body_field
        if field is None:
            return {}
        return {"data": {"": ""}} if isinstance(field.field_info, params.Form) else {"json": {}}

    @property
    def doors(self) -> list[object]:
        return [call for call in _calls(self.route.dependant) if call in DOORS]

    @property
    def is_open(self) -> bool:
        return self.path in PUBLIC or self.path.startswith(DEV + SIGNED)


def every_route(app: FastAPI) -> list[Known]:
    found = [
        Known(method, context.original_route.path, context.original_route)
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
        for method in sorted(context.original_route.methods)
    ]
    assert len(found) > 10
    return found


def _calls(dependant: Dependant) -> Iterator[object]:
    for child in dependant.dependencies:
        yield child.call
        yield from _calls(child)
