"""The pocket's phones ring: a call lies in the database until somebody takes it on the page, or it rings out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Engine
from sqlmodel import Session, col, func, select

from dispatch.clock import Clock
from notifications.calls.port import LoggedCall, Placed, ToRing
from notifications.channels.pocket import require_up
from notifications.channels.tables import PocketCall

RINGS_FOR = timedelta(seconds=25)
RINGING, TALKING, RANG_OUT = "ringing", "in-progress", "no-answer"


class VoicePocket:
    """Like a provider it lives apart: every request is a transaction of its own."""

    name = "pocket"
    delivers = True

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def place(self, call: ToRing) -> Placed:
        with Session(self._engine) as session, session.begin():
            require_up(session)
            same = select(func.count()).select_from(PocketCall).where(PocketCall.call_id == call.call_id)
            id = f"call{call.call_id}-{session.exec(same).one() + 1}"
            now = self._clock.now(session)
            session.add(PocketCall(id=id, call_id=call.call_id, phone=call.to, at=now, status=RINGING))
            return Placed(id)

    def log(self, to: str, since: datetime) -> Sequence[LoggedCall]:
        with Session(self._engine) as session, session.begin():
            require_up(session)
            now = self._clock.now(session)
            query = select(PocketCall).where(PocketCall.phone == to, PocketCall.at >= since)
            found = session.exec(query.order_by(col(PocketCall.at)))
            return [LoggedCall(call.id, _status(call, now)) for call in found]

    def newest(self, phone: str) -> PocketCall | None:
        """The call that rings there now or is talked on; one that rang out is over."""
        with Session(self._engine.execution_options(read_only=True), expire_on_commit=False) as session:
            query = select(PocketCall).where(PocketCall.phone == phone)
            call = session.exec(query.order_by(col(PocketCall.at).desc(), col(PocketCall.id).desc())).first()
            return call if call and _status(call, self._clock.now(session)) in (RINGING, TALKING) else None

    def note(self, id: str, status: str) -> None:
        """What the phone's owner did with it."""
        with Session(self._engine) as session, session.begin():
            call = session.get_one(PocketCall, id)
            call.status = status
            session.add(call)


def _status(call: PocketCall, now: datetime) -> str:
    return RANG_OUT if call.status == RINGING and now - call.at > RINGS_FOR else call.status
