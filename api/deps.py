"""What an endpoint may ask for: a Work or a read, and a door that says who must be asking."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Annotated, NoReturn, TypeVar

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from fastapi import Depends, Request
from fastapi.concurrency import contextmanager_in_threadpool, run_in_threadpool
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from api.auth.identity import identify
from api.principal import Principal
from api.refusals import Forbidden
from api.runtime.runtime import Runtime
from dispatch.access.tables import Scope
from dispatch.errors import NotFound, Unauthenticated
from dispatch.ledger import head as ledger_head
from dispatch.work import SYSTEM, Work

# Fewer than the thread pool (40) and the connection pool (30) hold: whoever waits for the write lock
# must leave a thread to the one who has it.
WRITERS, READERS = 12, 16
# SQLite lets one write at a time, and whoever waits inside it asks again and again: the unlucky for seconds.
# Here they wait in the order in which they came.
SQLITE_WRITERS = 1
TRIES = 3
Result = TypeVar("Result")
_writers: RunVar[CapacityLimiter] = RunVar("writers")
_readers: RunVar[CapacityLimiter] = RunVar("readers")


def the_runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


RuntimeDep = Annotated[Runtime, Depends(the_runtime)]


def whoever_asks(request: Request, runtime: RuntimeDep) -> Principal:
    """Identity alone, no door: also somebody we do not know may pass."""
    who = identify(request, runtime, request.app.state.guesses)
    request.state.about["who"] = str(
        who.actor
    )  # a role and an id: from here on every line of the request says it
    return who


PrincipalDep = Annotated[Principal, Depends(whoever_asks)]


async def open_work(request: Request, runtime: RuntimeDep, who: PrincipalDep) -> AsyncIterator[Work]:
    """One Work for this request. With scope="function" it is committed before the answer leaves."""
    cause = f"{request.method} {request.scope['route'].path}"[:120]
    async with (
        _limiter(_writers, _writers_of(runtime)),
        contextmanager_in_threadpool(runtime.work(who.actor, cause)) as work,
    ):
        yield work


async def open_read(request: Request, runtime: RuntimeDep, who: PrincipalDep) -> AsyncIterator[Work]:
    """A page remembers how much of the ledger it shows: its stream of news goes on from there."""
    async with _limiter(_readers, READERS), contextmanager_in_threadpool(runtime.read(who.actor)) as work:
        if request.headers.get("accept", "").startswith("text/html"):
            request.state.shown_seq = await run_in_threadpool(ledger_head, work.session)
        yield work


async def reading(runtime: Runtime, look: Callable[[Work], Result]) -> Result:
    """What `look` finds in a read of its own: for what is told after a request's Work has ended."""

    def find() -> Result:
        with runtime.read() as work:
            return look(work)

    async with _limiter(_readers, READERS):
        return await run_in_threadpool(find)


async def writing(runtime: Runtime, cause: str, act: Callable[[Work], Result]) -> Result:
    """What `act` did in a Work of its own, for those who do not come again when they are refused: tried three times."""

    def do() -> Result:
        with runtime.work(SYSTEM, cause) as work:
            return act(work)

    async with _limiter(_writers, _writers_of(runtime)):
        for _ in range(TRIES - 1):
            try:
                return await run_in_threadpool(do)
            except (StaleDataError, OperationalError):
                continue
        return await run_in_threadpool(do)


WorkDep = Annotated[Work, Depends(open_work, scope="function")]
ReadDep = Annotated[Work, Depends(open_read, scope="function")]


def _writers_of(runtime: Runtime) -> int:
    return SQLITE_WRITERS if runtime.workshop.engine.dialect.name == "sqlite" else WRITERS


def _limiter(var: RunVar[CapacityLimiter], places: int) -> CapacityLimiter:
    try:
        return var.get()
    except LookupError:
        limiter = CapacityLimiter(places)
        var.set(limiter)
        return limiter


def staff_only(who: PrincipalDep) -> Principal:
    if who.role != "dispatcher":
        _turn_away(who)
    return who


def technician_only(who: PrincipalDep) -> Principal:
    if who.role != "technician":
        _turn_away(who)
    return who


def anybody_known(who: PrincipalDep) -> Principal:
    """A customer, technician or dispatcher; the endpoint asks whether the thing is theirs."""
    if who.role == "none":
        _turn_away(who)
    return who


def booker_only(who: PrincipalDep) -> Principal:
    """The office, or a customer with a link to book or to change a visit: each within one territory."""
    if who.role not in ("dispatcher", "customer"):
        _turn_away(who)
    return who


class LinkOf:
    """A door that a link of one scope opens, in the path or as a bearer token."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def __call__(self, request: Request, who: PrincipalDep) -> Principal:
        if who.scope is self.scope:
            return who
        if "token" in request.path_params:  # a token of another purpose is as good as none
            raise NotFound()
        return _turn_away(who)


def _turn_away(who: Principal) -> NoReturn:
    if who.role == "none":
        raise Unauthenticated("Please open this with the link that we sent you.")
    raise Forbidden()


track_only, book_only = LinkOf(Scope.TRACK), LinkOf(Scope.BOOK)
setup_only, enrol_only = LinkOf(Scope.SETUP), LinkOf(Scope.ENROL)

StaffDep = Annotated[Principal, Depends(staff_only)]
TechnicianDep = Annotated[Principal, Depends(technician_only)]
KnownDep = Annotated[Principal, Depends(anybody_known)]
BookerDep = Annotated[Principal, Depends(booker_only)]
TrackDep = Annotated[Principal, Depends(track_only)]
BookDep = Annotated[Principal, Depends(book_only)]
SetupDep = Annotated[Principal, Depends(setup_only)]
EnrolDep = Annotated[Principal, Depends(enrol_only)]

DOORS = (
    staff_only,
    technician_only,
    anybody_known,
    booker_only,
    track_only,
    book_only,
    setup_only,
    enrol_only,
)
