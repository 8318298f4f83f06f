"""The routes of booking: `/book/{token}` for whoever was invited, `/board/book` for the office."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.deps import BookDep, ReadDep, RuntimeDep, StaffDep, WorkDep, reading
from api.pages import booking
from api.pages.booking import Counter, Person, WishAt, WishOn
from api.pages.finding_houses import Look, look_for
from api.runtime.runtime import Runtime
from api.strict import router
from dispatch.territories.queries import get_territory

routes = router("", "booking", include_in_schema=False, default_response_class=HTMLResponse)

HoldId = Annotated[str, Query(pattern=r"^[0-9a-z]{26}$")]
AddressLine = Annotated[str, Query(min_length=1, max_length=240)]


@routes.get("/book/{token}")
def ask_what(token: str, request: Request, work: ReadDep, who: BookDep) -> Response:
    return booking.show_wish(Counter(request, who, _base(token)), work)


@routes.get("/book/{token}/find")
async def find_house(
    token: str, request: Request, look: Annotated[Look, Query()], who: BookDep, runtime: RuntimeDep
) -> Response:
    return await _found(Counter(request, who, _base(token)), look, runtime)


@routes.get("/book/{token}/times")
def ask_when(
    token: str, request: Request, wish: Annotated[WishOn, Query()], work: ReadDep, who: BookDep
) -> Response:
    return booking.show_times(Counter(request, who, _base(token)), work, wish, from_day=wish.from_day)


@routes.post("/book/{token}/times")
def keep(
    token: str, request: Request, wish: Annotated[WishAt, Form()], work: WorkDep, who: BookDep
) -> Response:
    return booking.keep_time(Counter(request, who, _base(token)), work, wish)


@routes.get("/book/{token}/details")
def ask_who(
    token: str, request: Request, work: ReadDep, who: BookDep, hold: HoldId, address: AddressLine
) -> Response:
    return booking.show_person(Counter(request, who, _base(token)), work, hold, address)


@routes.post("/book/{token}/details")
def book(
    token: str,
    request: Request,
    person: Annotated[Person, Form()],
    work: WorkDep,
    who: BookDep,
    runtime: RuntimeDep,
) -> Response:
    return booking.finish(Counter(request, who, _base(token)), work, person, runtime)


@routes.get("/board/book")
def ask_what_of_caller(request: Request, work: ReadDep, who: StaffDep) -> Response:
    return booking.show_wish(Counter(request, who, "/board/book"), work)


@routes.get("/board/book/find")
async def find_house_of_caller(
    request: Request, look: Annotated[Look, Query()], who: StaffDep, runtime: RuntimeDep
) -> Response:
    return await _found(Counter(request, who, "/board/book"), look, runtime)


@routes.get("/board/book/times")
def ask_when_of_caller(
    request: Request, wish: Annotated[WishOn, Query()], work: ReadDep, who: StaffDep
) -> Response:
    return booking.show_times(Counter(request, who, "/board/book"), work, wish, from_day=wish.from_day)


@routes.post("/board/book/times")
def keep_for_caller(
    request: Request, wish: Annotated[WishAt, Form()], work: WorkDep, who: StaffDep
) -> Response:
    return booking.keep_time(Counter(request, who, "/board/book"), work, wish)


@routes.get("/board/book/details")
def ask_who_of_caller(
    request: Request, work: ReadDep, who: StaffDep, hold: HoldId, address: AddressLine
) -> Response:
    return booking.show_person(Counter(request, who, "/board/book"), work, hold, address)


@routes.post("/board/book/details")
def book_for_caller(
    request: Request, person: Annotated[Person, Form()], work: WorkDep, who: StaffDep, runtime: RuntimeDep
) -> Response:
    return booking.finish(Counter(request, who, "/board/book"), work, person, runtime)


async def _found(counter: Counter, look: Look, runtime: Runtime) -> Response:
    territory = await reading(
        runtime, lambda work: get_territory(work.session, counter.who.territory_id or "")
    )
    looked = await look_for(counter.request, look, territory, counter.tongue.language)
    return await reading(runtime, lambda work: booking.show_wish(counter, work, look, looked=looked))


def _base(token: str) -> str:
    return f"/book/{token.rstrip('.,)>')}"
