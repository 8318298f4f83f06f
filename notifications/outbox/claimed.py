"""The right to send one message once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Claimed:
    """What its holder may send, once; `fence` is the right to write down what came of it."""

    message_id: str
    attempt_id: str
    fence: str
    phone: str
    body: str
    validity_seconds: int
    started_at: datetime
    always: bool = False
