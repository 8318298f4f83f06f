"""A fake provider on its line, and our adapter that talks to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dispatch.clock import SetClock
from notifications.channels.twilio import Twilio
from notifications.channels.twilio_voice import TwilioVoice
from tests.fakes.line import Line
from tests.fakes.twilio import ACCOUNT, NUMBER, TOKEN, FakeTwilio

STATUS_URL = "http://127.0.0.1:8000/hooks/twilio/status"
PAGES_URL = "http://127.0.0.1:8000/hooks/twilio/voice"


@dataclass
class Beside:
    fake: FakeTwilio
    line: Line

    def channel(self, *, kind: type[Twilio] = Twilio, **other: Any) -> Any:
        """Our adapter, with the right credentials unless others are given."""
        given = {"account_sid": ACCOUNT, "auth_token": TOKEN, "sender": NUMBER, "status_url": STATUS_URL}
        return kind(**({"base_url": self.line.url, **given} | other))

    def voice(self, **other: Any) -> TwilioVoice:
        """Our adapter for calls."""
        given = {"account_sid": ACCOUNT, "auth_token": TOKEN, "number": NUMBER, "pages_url": PAGES_URL}
        return TwilioVoice(**({"base_url": self.line.url, **given} | other))

    def set_down(self, down: bool) -> None:
        (self.line.cut if down else self.line.connect)()


@contextmanager
def beside(clock: SetClock) -> Iterator[Beside]:
    """The fake's time is the test's clock."""

    def now() -> datetime:
        return clock.at

    fake = FakeTwilio(now)
    line = Line(fake.app)
    try:
        yield Beside(fake, line)
    finally:
        fake.release()
        line.cut()
