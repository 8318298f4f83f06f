"""Bodies and queries that can be read in exactly one way. Every route of ours is a StrictRoute."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from email.message import Message
from functools import cached_property
from typing import Any, NoReturn

from fastapi import APIRouter, Request, Response, params
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from api.deps import open_read, readers, the_runtime
from api.looking import Look, take_look
from api.refusals import Malformed, MalformedJson, TooLarge, UnsupportedMediaType
from api.tries import Handle, whole
from dispatch.errors import NotFound

MAX_BODY_BYTES = 1_000_000
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def everything_of(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for one in dependant.dependencies:
        yield from everything_of(one)


class StrictRoute(APIRoute):
    """Reads the body itself: bounded, of the declared type, without double keys, NaN or bottomless nesting."""

    max_bytes = MAX_BODY_BYTES
    takes_zeros = False

    @cached_property
    def calls(self) -> frozenset[object]:
        """Whatever stands behind the endpoint: it, what it asks for, and what that asks for."""
        return frozenset(one.call for one in everything_of(self.dependant))

    @cached_property
    def look(self) -> Look | None:
        """The look that this route is, if it only reads."""
        return take_look(self.dependant, self.response_model) if open_read in self.calls else None

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        look = self.look
        handle = super().get_route_handler()
        field = self.body_field
        wants_form = field is not None and isinstance(field.field_info, params.Form)

        async def handle_strictly(request: Request) -> Response:
            _require_single(request)
            if not self.takes_zeros:
                _require_no_zeros(request)
            body = request._body = await _read(request, self.max_bytes)
            if field is not None and wants_form:
                _require_type(request, FORMS)
            elif field is not None:
                _require_type(request, ("application/json",))
                request._json = await _parse(body)
            return await (whole(request, handle) if look is None else _look(request, look, handle))

        return handle_strictly


class LargeRoute(StrictRoute):
    """For whole days with their table of travel times."""

    max_bytes = 8_000_000


async def _look(request: Request, look: Look, handle: Handle) -> Response:
    """Somebody who may not look hears that, and not what else is wrong with what they ask."""
    async with readers(the_runtime(request)):
        try:
            return await whole(request, handle)
        except RequestValidationError:
            await run_in_threadpool(look.require, request)
            raise


def router(
    prefix: str, *tags: str, route_class: type[StrictRoute] = StrictRoute, **options: Any
) -> APIRouter:
    """An APIRouter whose routes read strictly."""
    return APIRouter(prefix=prefix, tags=list(tags), route_class=route_class, **options)


def parse(body: bytes) -> Any:
    """JSON in UTF-8. Raises MalformedJson for all that two readers could understand differently."""
    try:
        return json.loads(body.decode(), object_pairs_hook=_without_doubles, parse_constant=_refuse_constant)
    except RecursionError:
        raise MalformedJson("The body is nested too deeply.") from None
    except ValueError as error:
        reason = str(error) if isinstance(error, _Ambiguous) else "The body is not JSON."
        raise MalformedJson(reason) from None


class _Ambiguous(ValueError):
    pass


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Ambiguous("The body names the same key twice.")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise _Ambiguous(f"{name} is not a number in JSON.")


def _require_single(request: Request) -> None:
    counts = Counter(name for name, _ in request.query_params.multi_items())
    doubled = [name for name, count in counts.items() if count > 1]
    if doubled:
        raise Malformed("A question in the address is asked twice.")


def _require_no_zeros(request: Request) -> None:
    """No database of ours keeps the sign U+0000: nothing that is there has it in its id. Tokens are hashed first."""
    ids = [str(value) for name, value in request.path_params.items() if name != "token"]
    if any("\x00" in one for one in ids):
        raise NotFound()
    if any("\x00" in part for pair in request.query_params.multi_items() for part in pair):
        raise Malformed("The address has a sign in it (U+0000) that no text can have.")


async def _read(request: Request, most: int) -> bytes:
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > most:
        raise TooLarge(f"At most {most} bytes can be sent at once.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise TooLarge(f"At most {most} bytes can be sent at once.")
    return bytes(body)


async def _parse(body: bytes) -> Any:
    """What is large is read beside the other requests."""
    return parse(body) if len(body) <= MAX_BODY_BYTES else await run_in_threadpool(parse, body)


def _require_type(request: Request, allowed: tuple[str, ...]) -> None:
    message = Message()
    message["content-type"] = request.headers.get("content-type", "")
    charset = message.get_param("charset", "utf-8")
    if message.get_content_type() not in allowed or str(charset).lower() not in ("utf-8", "us-ascii"):
        raise UnsupportedMediaType(f"Please send {allowed[0]} in UTF-8.")
