"""The small day of the pictures: the demo's town and people on a fixed Monday, moved by hand, always the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import optimizer
from api.simulation.client import Caller, Json
from api.simulation.demo import REHEARSED_ON, SHOWS_EVERY
from api.simulation.house import House, Plot, doors
from api.simulation.living_day import LivingDay
from api.simulation.office import Office
from api.simulation.people import Actor
from api.simulation.stage import Cast, Stage
from api.simulation.town import ZONE, Address, Person, people
from dispatch.local_time import instant, midnight, zone
from tests.browser.people import LINK

SEED, PORT = 1, 8000  # the port stands in every link
TECHNICIANS, VISITS = 12, 84
TOMORROW = 9
LAST_WINDOW_ENDS = dt.time(18)
SOLUTIONS = 400  # a search that is cut by a count, not by seconds, answers the same everywhere


class Rehearsal:
    """Everybody on the stage at 06:30, and the time that passes only when it is told to."""

    def __init__(self, house: House, board: Caller, cast: Cast) -> None:
        self.house, self.board, self.cast = house, board, cast
        self._actors: list[Actor] = [*cast.actors, Office(board, Random(SEED))]
        tomorrow = midnight(REHEARSED_ON + dt.timedelta(days=1), zone(ZONE))
        self._day = LivingDay(
            board, self._actors, list(cast.bookings), tomorrow=tomorrow, listen=lambda moment: None
        )
        self._day.skip_to_now()
        self._day.live()

    def until(self, text: str) -> None:
        """Everybody lives on until that local time."""
        at = instant(REHEARSED_ON, dt.time.fromisoformat(text), zone(ZONE))
        self.until_so(lambda: self._day.now >= at)

    def until_so(self, is_so: Callable[[], object]) -> None:
        """Everybody lives on, minute by minute, until it is so or the day has ended."""
        while not is_so() and not self._day.has_been_over(dt.timedelta(minutes=30)):
            self._day.step()

    def search_a_better_day(self, day: dt.date) -> None:
        """As a dispatcher asks for it; the search is real, but cut by a count."""
        state, usual = self.house.app.state, self.house.runtime
        self.board.post(f"/api/v1/plans/{day}/proposals")
        budget = optimizer.Budget(solutions=SOLUTIONS)
        state.runtime = replace(
            usual, solver=lambda day, seconds, start: optimizer.solve(day, budget, start=start)
        )
        try:
            self.board.post("/dev/clock", {"advance_seconds": 0})
        finally:
            state.runtime = usual

    def offered(self) -> Json | None:
        """The promise whose customer is asked now."""
        found: list[Json] = self.board.get("/api/v1/recoveries")["recoveries"]
        return next((one for one in found if one["state"] == "offered"), None)

    def keep_quiet(self, phone: str) -> None:
        """From now on whoever takes the pictures answers for this customer."""
        self._actors[:] = [one for one in self._actors if getattr(one, "number", None) != phone]

    def text(self, phone: str, words: str) -> None:
        self.board.post("/dev/pocket", {"phone": phone, "body": words})

    def link(self, phone: str) -> str:
        """The newest link that was texted to a phone."""
        texts = self.board.get("/dev/pocket", phone=phone)["messages"]
        sent = [one["body"] for one in texts if one["direction"] == "out"]
        return next(found[0] for body in reversed(sent) if (found := LINK.findall(body)))

    def who_comes(self, visit_id: str) -> str:
        """The technician of a visit, by id."""
        seen = self.board.get("/api/v1/map/today")["visits"]
        return next(str(one["technician_id"]) for one in seen if one["id"] == visit_id)

    def enrolment(self, technician_id: str) -> str:
        """A link that makes one more phone this technician's."""
        return str(self.board.post(f"/api/v1/technicians/{technician_id}/enrolment")["url"])

    def state(self, visit_id: str) -> str:
        return self._day.states[visit_id]


@contextmanager
def rehearsal() -> Iterator[Rehearsal]:
    """A house on this machine with its people, for as long as the block lasts."""
    with TemporaryDirectory(prefix="makegood-pictures-") as folder, ExitStack() as until_the_end:
        plot = Plot(
            data=Path(folder) / "data", day=REHEARSED_ON, port=PORT, roads=None, seed=SEED, by_hand=True
        )
        house = until_the_end.enter_context(House(plot))

        def phone(name: str) -> Caller:
            return until_the_end.enter_context(Caller(house.url, name))

        board = phone("board")
        board.walk_in(house.office_link)
        yield Rehearsal(house, board, _cast(house, board, phone))


def _cast(house: House, board: Caller, phone: Callable[[str], Caller]) -> Cast:
    persons = people(SEED, TECHNICIANS + VISITS + TOMORROW)
    places = doors(house.plot, house.runtime, TECHNICIANS + VISITS + TOMORROW)
    stage = Stage(board, phone, Random(SEED), lambda line: None)
    stage.offer_trades()
    until = instant(REHEARSED_ON, LAST_WINDOW_ENDS, zone(ZONE))
    crew = stage.hire(persons[:1], places[:1], shows_every=SHOWS_EVERY[False])
    _book_tomorrow(board, persons[-TOMORROW:], places[-TOMORROW:])
    crew += stage.hire(persons[1:TECHNICIANS], places[1:TECHNICIANS], shows_every=SHOWS_EVERY[False])
    booked = slice(TECHNICIANS, TECHNICIANS + VISITS)
    customers, bookings = stage.book(until, persons[booked], places[booked])
    return Cast(crew, customers, bookings)


def _book_tomorrow(board: Caller, callers: Sequence[Person], at: Sequence[Address]) -> None:
    """All with the only one who is hired so far, late in the day: a search can do better once the others are."""
    for person, door in zip(callers, at, strict=True):
        asked: Json = {"service": "appliance", "lat": door.lat, "lng": door.lng, "days": 2}
        free = board.get("/api/v1/slots", **asked)["slots"]
        [*_, latest] = free
        held = {"service": "appliance", "place": {"lat": door.lat, "lng": door.lng}}
        hold = board.post("/api/v1/holds", held | {"start_at": latest["start_at"]})
        told = {"name": person.name, "phone": person.phone, "address": door.line, "consent": True}
        board.post("/api/v1/visits", told | {"hold_id": hold["id"]})
