"""A request that lost a race is done again as a whole, with a fresh Work and `now`, before anybody is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from fastapi import Request, Response
from sqlalchemy.exc import SQLAlchemyError

from dispatch.errors import OutcomeUnknown
from dispatch.work import TRIES, is_lost

Handle = Callable[[Request], Awaitable[Response]]
# Where FastAPI keeps what ends with the endpoint, the commit among it. Each try has its own.
ENDS_WITH_THE_ENDPOINT = "fastapi_function_astack"


async def whole(request: Request, handle: Handle) -> Response:
    """The answer to `request`. A Work of which nothing was kept is begun again, three times in all.

    Where the commit's answer was lost, only a request with an idempotency key is: it finds what it did. Raises
    OutcomeUnknown as long as nobody knows, also when the database cannot be asked any more.
    """
    doubt: OutcomeUnknown | None = None
    for left in reversed(range(TRIES)):
        try:
            return await _once(request, handle)
        except OutcomeUnknown as error:
            doubt = error
            if not left or not getattr(request.state, "is_repeatable", False):
                raise
        except SQLAlchemyError as error:
            if left and is_lost(error):
                continue
            if doubt:
                raise doubt from error
            raise
    raise AssertionError("the last try returns or raises")


async def _once(request: Request, handle: Handle) -> Response:
    async with AsyncExitStack() as stack:
        request.scope[ENDS_WITH_THE_ENDPOINT] = stack
        return await handle(request)
