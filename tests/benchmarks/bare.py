"""What FastAPI and SQLModel can do on this machine and database: one indexed read, or one insert, and nothing else.

`rows` inserts as many as it is asked for, each in a statement of its own: what so many writes cost without a thought.

Run: python -m tests.benchmarks.bare DATABASE_URL PORT
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Request
from sqlmodel import Field, Session, SQLModel, select

from api.runtime.engine import build_engine
from dispatch.clock import real_now
from dispatch.store import UtcDateTime


class BareVisit(SQLModel, table=True):
    __tablename__ = "bare_visits"

    id: int | None = Field(default=None, primary_key=True)
    reference: str = Field(index=True, unique=True)
    name: str
    booked_at: datetime = Field(default_factory=real_now, sa_type=UtcDateTime)


class BareVisitIn(SQLModel):
    reference: str
    name: str


def reading(request: Request) -> Iterator[Session]:
    with Session(request.app.state.engine.execution_options(read_only=True)) as session:
        yield session


def writing(request: Request) -> Iterator[Session]:
    with Session(request.app.state.engine) as session:
        yield session
        session.commit()


def build_app(database_url: str) -> FastAPI:
    app = FastAPI()
    app.state.engine = build_engine(database_url)
    app.get("/visits/{reference}")(read)
    app.post("/visits", status_code=201)(write)
    app.post("/rows", status_code=201)(write_rows)
    return app


def read(reference: str, session: Annotated[Session, Depends(reading)]) -> BareVisit:
    found = session.exec(select(BareVisit).where(BareVisit.reference == reference)).one_or_none()
    if found is None:
        raise HTTPException(404)
    return found


def write(body: BareVisitIn, session: Annotated[Session, Depends(writing, scope="function")]) -> BareVisit:
    return _made(session, body.reference, body.name)


def write_rows(
    body: BareVisitIn, rows: int, session: Annotated[Session, Depends(writing, scope="function")]
) -> BareVisit:
    """The last of `rows` rows."""
    return [_made(session, f"{body.reference}-{number}", body.name) for number in range(rows)][-1]


def _made(session: Session, reference: str, name: str) -> BareVisit:
    made = BareVisit(reference=reference, name=name)
    session.add(made)
    session.flush()
    return made


if __name__ == "__main__":
    url, port = sys.argv[1:]
    uvicorn.run(build_app(url), port=int(port), log_config=None, access_log=False)
