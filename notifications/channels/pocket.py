"""Phones that lie in the database: texts arrive there, can be read and answered, without any provider."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from dispatch.clock import Clock
from notifications.channels.port import (
    Direction,
    Inbound,
    Logged,
    Never,
    Outbound,
    Pace,
    Passed,
    Report,
    Sent,
    TryLater,
)
from notifications.channels.tables import PocketLandline, PocketSwitch, PocketText

NO_TEXTS = "21614"  # as Twilio says it


class Pocket:
    """Like a provider it lives apart: every call is a transaction of its own, and it accepts what it is given twice."""

    name = "pocket"
    delivers = True
    pace: Pace | None = None

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def send(self, text: Outbound) -> Sent:
        with Session(self._engine) as session, session.begin():
            require_up(session)
            if session.get(PocketLandline, text.to):
                raise Never(NO_TEXTS)
            return Sent(self._lay(session, text.message_id, text.to, body=text.body, direction="out"))

    def log(self, to: str, since: datetime) -> Sequence[Logged]:
        with Session(self._engine) as session, session.begin():
            require_up(session)
            query = select(PocketText).where(PocketText.phone == to, PocketText.direction == "out")
            found = session.exec(query.where(PocketText.at >= since).order_by(col(PocketText.at)))
            return [Logged(text.id, text.body) for text in found]

    def look_up(self, sid: str) -> Report:
        with Session(self._engine) as session, session.begin():
            require_up(session)
            text = session.get(PocketText, sid)
            if text is None:
                raise TryLater("no text of that name lies on any phone")
            return Report(text.status)

    def log_all(self, since: datetime) -> Iterator[Passed]:
        with Session(self._engine.execution_options(read_only=True)) as session:
            require_up(session)
            query = select(PocketText).where(PocketText.at >= since).order_by(col(PocketText.at).desc())
            found = [
                Passed(Direction(text.direction), text.id, text.phone, text.body, text.at)
                for text in session.exec(query)
            ]
        return iter(found)

    def answer(self, phone: str, body: str) -> Inbound:
        """Write `body` as the phone's owner; what a provider would now tell us."""
        with Session(self._engine) as session, session.begin():
            sid = self._lay(session, f"in{phone}", phone, body=body[:1600], direction="in")
        return Inbound(sid, phone, body)

    def read(self, phone: str) -> Sequence[PocketText]:
        """What lies on that phone, oldest first."""
        with Session(self._engine.execution_options(read_only=True), expire_on_commit=False) as session:
            query = select(PocketText).where(PocketText.phone == phone)
            return session.exec(query.order_by(col(PocketText.at))).all()

    def phones(self) -> Sequence[str]:
        """Every phone that got or wrote a text, the liveliest first."""
        with Session(self._engine.execution_options(read_only=True)) as session:
            query = select(PocketText.phone).group_by(col(PocketText.phone))
            return session.exec(query.order_by(func.max(PocketText.at).desc())).all()

    def set_landline(self, phone: str, is_one: bool) -> None:
        """From now on that phone takes calls and no texts, or takes texts again."""
        with Session(self._engine) as session, session.begin():
            known = session.get(PocketLandline, phone)
            if is_one and known is None:
                session.add(PocketLandline(phone=phone))
            elif known and not is_one:
                session.delete(known)

    def is_landline(self, phone: str) -> bool:
        with Session(self._engine.execution_options(read_only=True)) as session:
            return session.get(PocketLandline, phone) is not None

    def set_down(self, down: bool) -> None:
        """Pull the pretended provider's plug, or put it back."""
        with Session(self._engine) as session, session.begin():
            switch = session.get(PocketSwitch, 1) or PocketSwitch()
            switch.down = down
            session.add(switch)

    def is_down(self) -> bool:
        with Session(self._engine.execution_options(read_only=True)) as session:
            return _is_down(session)

    def _lay(self, session: Session, name: str, phone: str, *, body: str, direction: str) -> str:
        """Put a text on the phone, after every other one there, under an id that nobody has."""
        mine = select(func.max(PocketText.at)).where(PocketText.phone == phone)
        last = session.exec(mine).one()
        same = select(func.count()).select_from(PocketText).where(col(PocketText.id).startswith(name))
        id = f"{name}-{session.exec(same).one() + 1}"
        now = self._clock.now(session)
        at = max(now, last + timedelta(microseconds=1)) if last else now
        status = "delivered" if direction == "out" else "received"
        session.add(PocketText(id=id, phone=phone, direction=direction, body=body, at=at, status=status))
        return id


def _is_down(session: Session) -> bool:
    switch = session.get(PocketSwitch, 1)
    return switch is not None and switch.down


def require_up(session: Session) -> None:
    if _is_down(session):
        raise TryLater("the pretended provider is down")
