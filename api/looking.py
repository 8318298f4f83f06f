"""A route that only reads: finding who asks, the door, the endpoint and the read's end are one turn of one thread.

Each turn costs about as much as a small question to the database, and so does each dependency that FastAPI finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel

from api.deps import Door, find_in, open_read
from api.principal import Principal
from dispatch.work import Work

REQUEST = "request"


@dataclass(frozen=True, slots=True)
class Look:
    """An endpoint, the names under which it wants what it looks with, and the door before it, if there is one."""

    endpoint: Callable[..., Any]
    read: str
    door: Door | None
    who: str
    takes_request: bool
    model: object

    def __call__(self, **asked: Any) -> Any:
        """What the endpoint answers, where it says its model as JSON already: FastAPI would send somebody there for
        it. Raises what `require` does."""
        request = asked[REQUEST] if self.takes_request else asked.pop(REQUEST)
        with self._entered(request) as (work, who):
            given = {self.read: work, self.who: who} if self.door else {self.read: work}
            answer = self.endpoint(**asked, **given)
        if isinstance(answer, BaseModel) and type(answer) is self.model:
            return Response(answer.model_dump_json(by_alias=True), media_type="application/json")
        return answer

    def require(self, request: Request) -> None:
        """Raises as the endpoint would for somebody who may not look, whatever else is wrong with what they ask."""
        with self._entered(request):
            pass

    @contextmanager
    def _entered(self, request: Request) -> Iterator[tuple[Work, Principal]]:
        with find_in(request) as (work, who):
            if self.door:
                self.door.admit(request, who)
            yield work, who


def take_look(dependant: Dependant, model: object) -> Look | None:
    """The look that a route with answers of `model` is, with what it finds by itself taken out of what FastAPI finds
    for it; None for a route that does not read."""
    own = {one.call: one.name or "" for one in dependant.dependencies if _is_found_in_look(one.call)}
    if open_read not in own or dependant.call is None:
        return None
    doors = [call for call in own if isinstance(call, Door)]
    assert len(doors) <= 1, f"{dependant.path} has {len(doors)} doors, and a look opens one"
    assert dependant.request_param_name in (None, REQUEST)
    door = doors[0] if doors else None
    sets_headers = dependant.response_param_name is not None  # which FastAPI adds to what it writes itself
    look = Look(
        endpoint=dependant.call,
        read=own[open_read],
        door=door,
        who=own.get(door, ""),
        takes_request=dependant.request_param_name is not None,
        model=None if sets_headers else model,
    )
    dependant.dependencies = [one for one in dependant.dependencies if one.call not in own]
    dependant.call, dependant.request_param_name = look, REQUEST
    return look


def _is_found_in_look(call: object) -> bool:
    return call is open_read or isinstance(call, Door)
