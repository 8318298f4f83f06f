"""A creating request may be sent again: the same key and body get the same answer, and one effect."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import Table, update
from sqlmodel import Session

from api.deps import PrincipalDep, RuntimeDep
from api.kept_answers import with_tokens, without_tokens
from dispatch.access.links import LinkKey
from dispatch.bookings.tables import IdempotentAnswer
from dispatch.errors import KeyMissing, KeyReused
from dispatch.store import inserting
from dispatch.work import Work

TABLE: Table = IdempotentAnswer.__table__  # type: ignore[attr-defined]
UNANSWERED = 0


@dataclass(frozen=True, slots=True)
class Once:
    """One creating request: whose, to which route, under which key, with which body."""

    principal: str
    route: str
    key: str
    fingerprint: str
    link_key: LinkKey

    def answer(
        self,
        work: Work,
        make: Callable[[], BaseModel],
        *,
        status: int = 201,
        headers: Callable[[BaseModel], dict[str, str]] = lambda _: {},
    ) -> JSONResponse:
        """What `make` gives, once; to a repetition what was answered then.

        The key is claimed first: a parallel twin waits on its row until the first has committed or
        rolled back. A refusal keeps nothing, so the key may be tried again. Raises KeyReused.
        """
        if not self._claim(work):
            return self._repeat(work.session)
        made = make()
        work.session.flush()
        told = made.model_dump(mode="json")
        claimed = (
            TABLE.c.principal == self.principal,
            TABLE.c.route == self.route,
            TABLE.c.key == self.key,
        )
        kept = {"status": status, "body": without_tokens(work.session, told)}
        work.session.execute(update(TABLE).where(*claimed).values(kept))
        return JSONResponse(told, status, headers=headers(made))

    def _claim(self, work: Work) -> bool:
        values = {
            "principal": self.principal,
            "route": self.route,
            "key": self.key,
            "fingerprint": self.fingerprint,
            "status": UNANSWERED,
            "body": {},
            "answered_at": work.now,
        }
        claim = inserting(work.session, TABLE).values(values).on_conflict_do_nothing().returning(TABLE.c.key)
        return work.session.execute(claim).first() is not None

    def _repeat(self, session: Session) -> JSONResponse:
        row = session.get_one(IdempotentAnswer, (self.principal, self.route, self.key))
        if row.fingerprint != self.fingerprint:
            raise KeyReused("This Idempotency-Key came with another request before. Please use a new one.")
        told = with_tokens(session, self.link_key, row.body)
        return JSONResponse(told, row.status, headers={"Idempotency-Replayed": "true"})


async def _once(
    request: Request,
    who: PrincipalDep,
    runtime: RuntimeDep,
    idempotency_key: Annotated[str | None, Header(description="1 to 255 printable ASCII signs.")] = None,
) -> Once:
    keys = request.headers.getlist("idempotency-key")
    if len(keys) != 1 or not _is_fit(keys[0]):
        raise KeyMissing("Please send one Idempotency-Key of 1 to 255 printable ASCII signs.")
    body = await request.body()
    request.state.is_repeatable = True
    return Once(
        principal=f"{who.role}:{who.visit_id or who.subject_id}"[:80],
        route=f"{request.method} {request.scope['route'].path}"[:80],
        key=keys[0],
        fingerprint=hashlib.sha256(request.url.path.encode() + b"\n" + body).hexdigest(),
        link_key=runtime.key,
    )


def _is_fit(key: str) -> bool:
    return 1 <= len(key) <= 255 and key.isascii() and key.isprintable() and not key.isspace()


OnceDep = Annotated[Once, Depends(_once)]
