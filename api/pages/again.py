"""A form that was refused is shown again, with what was typed and what to do, after all it began is undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from api.runtime.runtime import Runtime
from dispatch.errors import DispatchError
from dispatch.work import Work

Show = Callable[[Work, DispatchError], Response]


class Sent(BaseModel):
    """What a form of ours sends: typed leniently, because a form only has text; nothing unknown comes in."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Again(Exception):
    """Carries the page to show. An exception, so that the Work it leaves is rolled back first."""

    def __init__(self, show: Show, error: DispatchError) -> None:
        super().__init__(error.message)
        self.show = show
        self.error = error


@contextmanager
def shown_again(show: Show) -> Iterator[None]:
    """Inside, a refusal becomes the same form once more: `show` is called with a fresh read."""
    try:
        yield
    except DispatchError as error:
        raise Again(show, error) from error


def install(app: FastAPI) -> None:
    app.add_exception_handler(Again, _answer)


def _answer(request: Request, again: Exception) -> Response:
    assert isinstance(again, Again)
    runtime: Runtime = request.app.state.runtime
    with runtime.read() as work:
        return again.show(work, again.error)
