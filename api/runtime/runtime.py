"""What a running process is made of, chosen once by the wiring and handed to whoever acts."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime

from api.addresses.port import Addresses
from api.runtime.looks import Looks
from api.runtime.ranges import ShownRanges
from api.runtime.settings import Settings
from api.runtime.traces import NoTraces, Traces
from api.webhooks.posting import KeptPosts, Poster
from dispatch.access.breaches import Breaches, ListedBreaches
from dispatch.access.identity_provider import IdentityProvider
from dispatch.access.links import LinkKey
from dispatch.plans.solver import Solver
from dispatch.work import SYSTEM, Actor, Work, Workshop
from notifications.calls.port import VoiceChannel, VoiceProvider
from notifications.channels.pocket import Pocket
from notifications.channels.port import Provider, SmsChannel
from notifications.channels.voice_memory import NoVoice
from notifications.channels.voice_pocket import VoicePocket
from notifications.render import Writer


class Bell:
    """Rung after every commit; each listener hears every ring until it has answered it."""

    def __init__(self) -> None:
        self._listeners: list[threading.Event] = []

    def ring(self) -> None:
        for listener in self._listeners:
            listener.set()

    def listen(self) -> threading.Event:
        listener = threading.Event()
        self._listeners.append(listener)
        return listener


@dataclass(slots=True)
class JobRun:
    """How a job went the last time in this process."""

    ended_at: datetime | None = None
    failures_in_a_row: int = 0
    noted_at: datetime | None = None
    was_noted_failing: bool = False
    is_about_rows: bool = False  # single rows fail, the job goes on with the others


@dataclass(frozen=True)
class Runtime:
    """`bell` wakes the jobs of this process; `job_runs` says how they went. Both rest where workers run them."""

    settings: Settings
    workshop: Workshop
    channel: SmsChannel
    key: LinkKey
    writer: Writer
    solver: Solver
    voice: VoiceChannel = field(default_factory=NoVoice)
    breaches: Breaches = field(default_factory=ListedBreaches)
    company: IdentityProvider | None = None
    addresses: Addresses | None = None
    poster: Poster = field(default_factory=KeptPosts)
    looks: Looks = field(default_factory=Looks)
    ranges: ShownRanges = field(default_factory=ShownRanges)
    traces: Traces = field(default_factory=NoTraces)
    bell: Bell = field(default_factory=Bell)
    job_runs: dict[str, JobRun] = field(default_factory=dict)

    def work(self, actor: Actor, cause: str) -> AbstractContextManager[Work]:
        return self.workshop.work(actor, cause)

    def read(self, actor: Actor = SYSTEM) -> AbstractContextManager[Work]:
        return self.workshop.read(actor)

    @property
    def provider(self) -> Provider | None:
        """Who may call the hooks, where there is somebody."""
        return self.channel if isinstance(self.channel, Provider) else None

    @property
    def voice_provider(self) -> VoiceProvider | None:
        """Who may ask what to say on the phone, where there is somebody."""
        return self.voice if isinstance(self.voice, VoiceProvider) else None

    @property
    def pocket(self) -> Pocket | None:
        """The phones of the simulator, where texts go to them."""
        return self.channel if isinstance(self.channel, Pocket) else None

    @property
    def voice_pocket(self) -> VoicePocket | None:
        """Who rings the phones of the simulator."""
        return self.voice if isinstance(self.voice, VoicePocket) else None
