"""Listens at the door of the application: which answers the description of the API does not have."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

Declaration = dict[tuple[str, str], dict[str, set[str]]]

_described: dict[bool, Declaration] = {}


class Declared:
    """Notes every answer of a described route whose status or content type is not declared there."""

    def __init__(self, app: ASGIApp, *, described: FastAPI, undeclared: list[str]) -> None:
        self._app, self._described, self._undeclared = app, described, undeclared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def note(message: Message) -> None:
            if message["type"] == "http.response.start" and scope["method"] != "HEAD":
                self._note(scope, message["status"], Headers(raw=message["headers"]))
            await send(message)

        await self._app(scope, receive, note if scope["type"] == "http" else send)

    def _note(self, scope: Scope, status: int, headers: Headers) -> None:
        asked = scope["method"], getattr(scope.get("route"), "path", "")
        answers = answers_of(self._described).get(asked)
        if answers is None or status == 405:  # of another method's route
            return
        kind, declared = media_type(headers), answers.get(str(status))
        if declared is None or (kind and kind not in declared):
            self._undeclared.append(f"{' '.join(asked)}: {status} {kind}")


def answers_of(app: FastAPI) -> Declaration:
    """For each operation its statuses, and of which content type they are. All applications are described alike."""
    is_dev = app.state.runtime.settings.dev
    if is_dev not in _described:
        _described[is_dev] = {
            (method.upper(), path): {
                status: set(answer.get("content", ())) for status, answer in operation["responses"].items()
            }
            for path, operations in app.openapi()["paths"].items()
            for method, operation in operations.items()
        }
    return _described[is_dev]


def media_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0]
