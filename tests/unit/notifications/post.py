"""A post office for tests: sends what is due over the quiet channel, reads phones, writes as their owners."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlmodel import col, select

from dispatch.work import SYSTEM, Workshop
from notifications.calls.actions import call_due
from notifications.calls.reports import report
from notifications.calls.tables import Call
from notifications.calls.talking import page_of, pick_up, press
from notifications.channels.memory import Memory
from notifications.channels.voice_memory import VoiceMemory
from notifications.consent import give_consent
from notifications.inbox.receive import receive
from notifications.inbox.tables import InboundText
from notifications.outbox.actions import send_due
from notifications.outbox.tables import Message
from notifications.render import Writer

BASE_URL = "https://texts.example"
COMPANY = "Alder Repairs"
ANA, BEN, TOM = "+12025550143", "+12025550144", "+12025550111"


@dataclass
class Post:
    workshop: Workshop
    writer: Writer
    channel: Memory = field(default_factory=Memory)
    received: int = 0
    voice: VoiceMemory = field(default_factory=VoiceMemory)

    def agree(self, *phones: str) -> None:
        """Their owners want our texts."""
        with self.workshop.work(SYSTEM, "consent") as work:
            for phone in phones:
                give_consent(work, phone, "web")

    def send(self) -> int:
        return send_due(self.workshop, self.channel, self.writer)

    def ring(self) -> int:
        """Send what is due, then ring whom no text reaches."""
        self.send()
        return call_due(self.workshop, self.voice)

    def calls(self) -> list[Call]:
        """Every try, in order."""
        with self.workshop.read() as work:
            rows = list(work.session.exec(select(Call).order_by(col(Call.queued_at), col(Call.number))))
            work.session.expunge_all()
        return rows

    def pick_up(self, answered_by: str = "human") -> str:
        """Somebody, or something, takes the newest call; what they hear."""
        sid, call = self.voice.rung[-1]
        with self.workshop.work(SYSTEM, "call") as work:
            pick_up(work, call.call_id, sid, answered_by)
        return self.hear()

    def press(self, key: str, saying_id: str = "") -> str:
        """A key, or "" for none, after what was said last; what they hear then."""
        sid, call = self.voice.rung[-1]
        with self.workshop.work(SYSTEM, "call") as work:
            row = work.session.get_one(Call, call.call_id)
            press(work, call.call_id, sid, saying_id or row.saying_id, key)
        return self.hear()

    def hear(self) -> str:
        sid, call = self.voice.rung[-1]
        with self.workshop.read() as work:
            page = page_of(work, call.call_id, sid, self.writer)
        return page.words if page else ""

    def end(self, status: str = "completed", sid: str = "", call_id: str = "") -> bool:
        """The provider reports how the newest call ended."""
        newest, call = self.voice.rung[-1]
        self.voice.ended[sid or newest] = status
        with self.workshop.work(SYSTEM, "call") as work:
            return report(work, call_id or call.call_id, sid or newest, status)

    def read(self, phone: str) -> list[str]:
        """Send what is due, then read that phone, oldest first."""
        self.send()
        return self.channel.read(phone)

    def write(self, phone: str, body: str, sid: str = "") -> InboundText:
        """Text us from that phone."""
        self.received += 1
        with self.workshop.work(SYSTEM, "sms") as work:
            return receive(work, provider_sid=sid or f"in-{self.received}", phone=phone, body=body)

    def rows(self, purpose: str | None = None) -> list[Message]:
        """What stands in the outbox, in order."""
        with self.workshop.read() as work:
            query = select(Message).order_by(col(Message.queued_at), col(Message.id))
            rows = list(
                work.session.exec(query if purpose is None else query.where(Message.purpose == purpose))
            )
            work.session.expunge_all()
        return rows
