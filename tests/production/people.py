"""People in front of the proxy: who gets no answer, or one that says "not now", asks the same again."""

from __future__ import annotations

from typing import Any

import httpx2

from tests.redis_server import soon

NOT_NOW = (429, 502, 503, 504)


class Person:
    """A browser or phone: with the cookie of the door it walked through, a link's token, or nothing."""

    def __init__(self, url: str, token: str = "") -> None:
        self._token, self._sent = token, 0
        headers = {"Origin": url} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._http = httpx2.Client(base_url=url, headers=headers, timeout=20)

    def close(self) -> None:
        self._http.close()

    def walk_in(self, link: str) -> None:
        """Through a link that is used up by it."""
        assert self._http.post(link).status_code == 303

    def get(self, path: str, **query: Any) -> Any:
        return self._until_answered("GET", path, params=query)

    def post(self, path: str, body: Any = None) -> Any:
        self._sent += 1
        key = {"Idempotency-Key": f"{self._token[:20]}{self._sent}"}
        return self._until_answered("POST", path, json=body, headers=key)

    def _until_answered(self, method: str, path: str, **asked: Any) -> Any:
        answers: list[httpx2.Response] = []

        def ask() -> bool:
            try:
                answer = self._http.request(method, path, **asked)
            except httpx2.TransportError:
                return False
            answers.append(answer)
            return answer.status_code not in NOT_NOW

        assert soon(ask, seconds=60), f"no answer to {method} {path}"
        assert answers[-1].is_success, answers[-1].text
        return answers[-1].json()
