"""What an endpoint may ask for: a Work or a read, and a door that says who must be asking."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, NoReturn, TypeVar

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from fastapi import Depends, Request
from fastapi.concurrency import contextmanager_in_threadpool, run_in_threadpool

from api.auth.identity import identify, shown
from api.looks import is_look, look_of
from api.policy import Who, known_as, may
from api.policy_routes import ROUTES
from api.pressing import PressOnceMore, is_pressed
from api.principal import NOBODY, Principal
from api.refusals import Forbidden
from api.runtime.runtime import Runtime
from dispatch.errors import NotFound, Unauthenticated
from dispatch.ledger import head as ledger_head
from dispatch.work import SYSTEM, Work

# Fewer than the thread pool (40) and the connection pool (30) hold: whoever waits for the write lock
# must leave a thread to the one who has it.
WRITERS, READERS = 12, 6
# SQLite lets one write at a time, and whoever waits inside it asks again and again: the unlucky for seconds.
# Here they wait in the order in which they came. Its reads are work of this process: the more of them are under way at
# once, the more each is in the others' way.
SQLITE_WRITERS, SQLITE_READERS = 1, 3
Result = TypeVar("Result")
_writers: RunVar[CapacityLimiter] = RunVar("writers")
_readers: RunVar[CapacityLimiter] = RunVar("readers")


def the_runtime(request: Request) -> Runtime:
    runtime: Runtime = request.app.state.runtime
    return runtime


async def _the_runtime(request: Request) -> Runtime:
    """What takes no time is not sent to another thread, here and at the door."""
    return the_runtime(request)


RuntimeDep = Annotated[Runtime, Depends(_the_runtime)]


async def whoever_asks(request: Request, runtime: RuntimeDep) -> Principal:
    """Identity alone, no door: also somebody we do not know may pass."""
    secret = shown(request, runtime.settings.base_url)
    if secret is None:
        return _noted(request, NOBODY)

    def find() -> Principal:
        with runtime.read() as work:
            return identify(request, runtime, work, secret)

    async with readers(runtime):
        return _noted(request, await run_in_threadpool(find))


@contextmanager
def find_in(request: Request) -> Iterator[tuple[Work, Principal]]:
    """A read, and who asks by what it finds: one moment for both. A page remembers how much of the ledger it shows: its
    stream of news goes on from there."""
    runtime = the_runtime(request)
    secret = shown(request, runtime.settings.base_url)
    with runtime.read() as work:
        who = _noted(request, identify(request, runtime, work, secret))
        work.actor = who.actor
        if request.headers.get("accept", "").startswith("text/html"):
            request.state.shown_seq = ledger_head(work.session)
        yield work, who


def _noted(request: Request, who: Principal) -> Principal:
    """A role and an id: from here on every line of the request says it."""
    request.state.about["who"] = str(who.actor)
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


async def open_read() -> NoReturn:
    """Marks a route that only reads: its endpoint is given the read that found who asks, see api/looking.py."""
    raise AssertionError("a look opens its read itself")


async def reading(runtime: Runtime, look: Callable[[Work], Result]) -> Result:
    """What `look` finds in a read of its own: for what is told after a request's Work has ended."""

    def find() -> Result:
        with runtime.read() as work:
            return look(work)

    async with readers(runtime):
        return await run_in_threadpool(find)


async def writing(runtime: Runtime, cause: str, act: Callable[[Work], Result]) -> Result:
    """What `act` did in a Work of its own, for those who do not come again when they are refused: tried three times."""

    def do() -> Result:
        return runtime.workshop.whole(SYSTEM, cause, act)

    async with _limiter(_writers, _writers_of(runtime)):
        return await run_in_threadpool(do)


WorkDep = Annotated[Work, Depends(open_work, scope="function")]
ReadDep = Annotated[Work, Depends(open_read)]


def readers(runtime: Runtime) -> CapacityLimiter:
    """A place for each who reads; whoever waits for one waits in no thread."""
    return _limiter(_readers, SQLITE_READERS if _is_sqlite(runtime) else READERS)


def _writers_of(runtime: Runtime) -> int:
    return SQLITE_WRITERS if _is_sqlite(runtime) else WRITERS


def _is_sqlite(runtime: Runtime) -> bool:
    return runtime.workshop.engine.dialect.name == "sqlite"


def _limiter(var: RunVar[CapacityLimiter], places: int) -> CapacityLimiter:
    try:
        return var.get()
    except LookupError:
        limiter = CapacityLimiter(places)
        var.set(limiter)
        return limiter


OFFICE = (Who.DISPATCHER, Who.SUPERVISOR, Who.MANAGER, Who.ADMIN)
CUSTOMERS = (Who.TRACK, Who.BOOK)
FOR_PROGRAMS = "/api/"  # what a key opens; pages are for people


class Door:
    """Opens as the policy's line for the route says, to those for whom its endpoint is written."""

    def __init__(self, *written_for: Who) -> None:
        self.written_for = frozenset(written_for)

    async def __call__(self, request: Request, who: PrincipalDep) -> Principal:
        return self.admit(request, who)

    def admit(self, request: Request, who: Principal) -> Principal:
        """Whoever may pass. Raises Unauthenticated, Forbidden or NotFound for others."""
        path = request.scope["route"].path
        does = ROUTES.get(f"{request.method} {path}")
        known = known_as(who)
        is_at_home = known is not Who.KEY or path.startswith(FOR_PROGRAMS)
        if does and is_at_home and known in self.written_for and may(who, *does):
            if known in CUSTOMERS and request.method == "POST" and "token" in request.path_params:
                _require_pressed(request)
            if is_look(request.method, *does):
                request.state.look = look_of(request, who, does[0])
            return who
        if self.written_for == {Who.ENTERING}:
            raise Unauthenticated("Please sign in with your e-mail address and password first.")
        if "token" in request.path_params:  # a token of another purpose is as good as none
            raise NotFound()
        return _turn_away(who)


def _require_pressed(request: Request) -> None:
    if not is_pressed(request, the_runtime(request).settings.base_url):
        raise PressOnceMore


def _turn_away(who: Principal) -> NoReturn:
    if who.role == "none":
        raise Unauthenticated("Please open this with the link that we sent you, or sign in.")
    raise Forbidden()


staff_only = Door(*OFFICE, Who.KEY)
admin_only = Door(Who.ADMIN)
entering_only = Door(Who.ENTERING)
technician_only = Door(Who.TECHNICIAN)
anybody_known = Door(*OFFICE, Who.KEY, Who.TECHNICIAN, Who.TRACK, Who.BOOK)
booker_only = Door(*OFFICE, Who.KEY, Who.TRACK, Who.BOOK)
track_only, book_only = Door(Who.TRACK), Door(Who.BOOK)
setup_only, enrol_only = Door(Who.SETUP), Door(Who.ENROL)
calendar_only = Door(Who.CALENDAR)

crew_or_office = Door(Who.TECHNICIAN, *OFFICE)

StaffDep = Annotated[Principal, Depends(staff_only)]
AdminDep = Annotated[Principal, Depends(admin_only)]
EnteringDep = Annotated[Principal, Depends(entering_only)]
CrewOrOfficeDep = Annotated[Principal, Depends(crew_or_office)]
TechnicianDep = Annotated[Principal, Depends(technician_only)]
KnownDep = Annotated[Principal, Depends(anybody_known)]
BookerDep = Annotated[Principal, Depends(booker_only)]
TrackDep = Annotated[Principal, Depends(track_only)]
BookDep = Annotated[Principal, Depends(book_only)]
SetupDep = Annotated[Principal, Depends(setup_only)]
EnrolDep = Annotated[Principal, Depends(enrol_only)]
CalendarDep = Annotated[Principal, Depends(calendar_only)]
