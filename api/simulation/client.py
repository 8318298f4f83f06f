"""A caller of the public API: what a phone or a browser would send. Knows nothing of the house but its address."""

from __future__ import annotations

from itertools import count
from types import TracebackType
from typing import Any

import httpx2

PATIENCE_SECONDS = 120.0

Json = dict[str, Any]


class Refused(Exception):
    """An answer that is no success, in the house's own words."""

    def __init__(self, asked: str, status: int, body: Json) -> None:
        self.status = status
        self.code = str(body.get("type", "")).rpartition("/")[2]
        self.body = body
        told = body.get("detail") or body.get("title") or "no words"
        parts = "; ".join(f"{part['pointer']} {part['detail']}" for part in body.get("errors", ()))
        super().__init__(f"{asked}: {status} {told}{f' ({parts})' if parts else ''}")


class Caller:
    """One person's phone or browser: keeps the cookie of the door it walked through."""

    def __init__(self, base_url: str, name: str) -> None:
        self._name = name
        self._keys = count(1)
        self._http = httpx2.Client(base_url=base_url, headers={"Origin": base_url}, timeout=PATIENCE_SECONDS)

    def __enter__(self) -> Caller:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def walk_in(self, link: str) -> None:
        """Press the button behind a set-up or enrolment link; from then on this caller is that person."""
        answer = self._http.post(link)
        if answer.status_code != 303:
            raise Refused("POST of a link", answer.status_code, {})

    @property
    def cookies(self) -> dict[str, str]:
        """Whoever has them is this person."""
        return dict(self._http.cookies)

    def get(self, path: str, *, bearer: str = "", **asked: str | int | float) -> Json:
        return self._ask("GET", path, bearer=bearer, params=asked)

    def post(self, path: str, body: Json | None = None, *, bearer: str = "") -> Json:
        """Every post has a key of its own, so that asking again by mistake could do no harm."""
        key = {"Idempotency-Key": f"{self._name}-{next(self._keys)}"}
        return self._ask("POST", path, bearer=bearer, json=body or {}, headers=key)

    def _ask(
        self, method: str, path: str, *, bearer: str, headers: dict[str, str] | None = None, **more: Any
    ) -> Json:
        sent = dict(headers or {}) | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
        answer = self._http.request(method, path, headers=sent, **more)
        is_json = "json" in answer.headers.get("content-type", "")
        body = answer.json() if is_json else {"detail": answer.text[:200]}
        if not answer.is_success:
            raise Refused(f"{method} {path}", answer.status_code, body)
        return dict(body)
