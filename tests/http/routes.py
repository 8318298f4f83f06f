"""Every route of the application, for tests that must not forget one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, params
from fastapi.routing import APIRoute, iter_route_contexts

from api.deps import Door
from api.policy import EVERYBODY, POLICY, Line, Who
from api.policy_routes import ROUTES
from api.strict import StrictRoute

NOBODYS = "0" * 26


@dataclass(frozen=True)
class Known:
    method: str
    path: str
    route: StrictRoute

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def line(self) -> Line:
        """What the policy says about it: nothing for a route that was forgotten there."""
        return POLICY.get(ROUTES[self.name], {}) if self.name in ROUTES else {}

    @property
    def filled(self) -> str:
        """The path with something in every place that looks like an id but is nobody's."""
        return self.filled_with({})

    @property
    def names_something(self) -> bool:
        return bool(re.findall(r"{(?!token|day|step|language|slug|verb|rows)[^}]+}", self.path))

    def filled_with(self, things: Mapping[str, str]) -> str:
        return re.sub(r"{([^}]+)}", lambda found: things.get(found[1], NOBODYS), self.path)

    @property
    def takes_json(self) -> bool:
        field = self.route.body_field
        return field is not None and not isinstance(field.field_info, params.Form)

    @property
    def empty_body(self) -> dict[str, dict[str, Any]]:
        """What to send so that the body's kind is no reason to refuse."""
        if self.route.body_field is None:
            return {}
        return {"json": {}} if self.takes_json else {"data": {"": ""}}

    @property
    def doors(self) -> list[Door]:
        return [call for call in self.route.calls if isinstance(call, Door)]

    @property
    def is_open(self) -> bool:
        """Whether it has no door: for everybody, or guarded by the provider's signature, see test_twilio_hooks."""
        return self.line is EVERYBODY or Who.PROVIDER in self.line


def every_route(app: FastAPI) -> list[Known]:
    routes = [one.original_route for one in iter_route_contexts(app.routes)]
    assert not [one for one in routes if isinstance(one, APIRoute) and not isinstance(one, StrictRoute)]
    strict = [one for one in routes if isinstance(one, StrictRoute)]
    assert len(strict) > 10
    return [Known(method, one.path, one) for one in strict for method in sorted(one.methods or ())]
