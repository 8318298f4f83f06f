"""A post office for tests: sends what is due over the quiet channel, reads phones, writes as their owners."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlmodel import col, select

from dispatch.work import SYSTEM, Workshop
from notifications.channels.memory import Memory
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

    def agree(self, *phones: str) -> None:
        """Their owners want our texts."""
        with self.workshop.work(SYSTEM, "consent") as work:
            for phone in phones:
                give_consent(work, phone, "web")

    def send(self) -> int:
        return send_due(self.workshop, self.channel, self.writer)

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
