"""The quiet twin of a provider of calls, and the one that rings nobody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from notifications.calls.port import LoggedCall, Placed, ToRing
from notifications.channels.port import ChannelError, TryLater, Unclear


class VoiceMemory:
    """`script` is read from its front, one entry for a call: None accepts, an error is raised.

    With `accepts_unclear` an `Unclear` rings all the same: its answer was lost. `ended` says how calls ended.
    """

    name = "memory"
    delivers = True

    def __init__(self) -> None:
        self.rung: list[tuple[str, ToRing]] = []
        self.script: list[ChannelError | None] = []
        self.ended: dict[str, str] = {}
        self.down = False
        self.accepts_unclear = False

    def place(self, call: ToRing) -> Placed:
        if self.down:
            raise TryLater("the pretended provider is down")
        error = self.script.pop(0) if self.script else None
        if error is None or (isinstance(error, Unclear) and self.accepts_unclear):
            self.rung.append((f"call-{len(self.rung) + 1}", call))
        if error is not None:
            raise error
        return Placed(self.rung[-1][0])

    def log(self, to: str, since: datetime) -> Sequence[LoggedCall]:
        if self.down:
            raise TryLater("the pretended provider is down")
        return [LoggedCall(sid, self.ended.get(sid, "ringing")) for sid, call in self.rung if call.to == to]


class NoVoice:
    """No provider: nobody is rung by a machine, and persons have what no text can say."""

    name = "none"
    delivers = False

    def place(self, call: ToRing) -> Placed:
        raise TryLater("there is nobody who rings")

    def log(self, to: str, since: datetime) -> Sequence[LoggedCall]:
        raise TryLater("there is nobody who rings")
