"""The port through which a delivery leaves the house, and its quiet twin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from api.webhooks.addresses import Target, read_url
from dispatch.errors import Invalid


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status, or none and why. `text` is the beginning of the body."""

    status: int | None
    text: str = ""

    @property
    def has_arrived(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Poster(Protocol):
    def require(self, url: str) -> Target:
        """Raises Invalid (`url_not_allowed`) for an address that is never called."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send once. Never raises for what the other side does, and always ends within seconds."""


@dataclass
class KeptPosts:
    """Sends nothing and remembers all: for tests and for a house without a network."""

    answers: dict[str, int] = field(default_factory=dict)
    posts: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    def require(self, url: str) -> Target:
        return read_url(url)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        try:
            self.require(url)
        except Invalid:
            return Answer(None, "url_not_allowed")
        self.posts.append((url, dict(headers), body))
        return Answer(self.answers.get(url, 200), "kept")
