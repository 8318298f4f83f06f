"""Setting the stage as the office would: services, a crew with phones, and a day full of visits, all over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from api.simulation.client import Caller, Json, Refused
from api.simulation.customers import Customer
from api.simulation.people import Actor, instant
from api.simulation.streets import Streets
from api.simulation.technicians import Technician
from api.simulation.town import Address, Person

Say = Callable[[str], None]

MONDAY = [0, 1, 2, 3, 4]
BREAK = {"id": "lunch", "earliest": "11:30", "latest": "14:00", "minutes": 30}
SHIFTS = (("07:30", "16:30"), ("08:00", "17:00"), ("08:00", "17:00"), ("09:30", "18:30"))
OVERTIME_UNTIL = "20:00"
FULL_VAN = 12
TRIES = 4


@dataclass(frozen=True, slots=True)
class Trade:
    """A kind of work on offer; `weight` is how often it is asked for."""

    code: str
    name: str
    minutes: int
    spread: int
    skill: str
    level: int
    part: str
    weight: int

    def body(self) -> Json:
        return {
            "code": self.code,
            "name": self.name,
            "duration_seconds": self.minutes * 60,
            "spread_seconds": self.spread * 60,
            "skills": {self.skill: self.level},
            "parts": {self.part: 1},
        }


TRADES = (
    Trade("fiber", "Fibre connection", 45, 15, "fiber", 1, "ont", 35),
    Trade("fiber_fault", "Fibre fault", 30, 10, "fiber", 2, "splice", 15),
    Trade("hvac", "Heating and cooling check", 50, 15, "hvac", 1, "filter", 20),
    Trade("gas", "Gas appliance safety check", 35, 10, "gas", 1, "valve", 15),
    Trade("appliance", "Appliance repair", 45, 15, "appliance", 1, "pump", 15),
)
CREW_SKILLS: tuple[dict[str, int], ...] = (
    {"fiber": 2, "appliance": 1},
    {"fiber": 2, "hvac": 1},
    {"hvac": 2, "gas": 2},
    {"fiber": 1, "gas": 1, "appliance": 1},
)


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody who takes part, and what they are called: visit id to its booking."""

    technicians: Sequence[Technician]
    customers: Sequence[Customer]
    bookings: dict[str, Json]

    @property
    def actors(self) -> list[Actor]:
        return [*self.technicians, *self.customers]


class Stage:
    """`board` is signed in as a dispatcher; `phone` makes a new caller for somebody of that name."""

    def __init__(self, board: Caller, phone: Callable[[str], Caller], rng: Random, say: Say) -> None:
        self._board, self._phone, self._rng, self._say = board, phone, rng, say

    def offer_trades(self) -> None:
        for trade in TRADES:
            self._board.post("/api/v1/services", trade.body())

    def hire(
        self, crew: Sequence[Person], homes: Sequence[Address], *, shows_every: timedelta
    ) -> list[Technician]:
        """A crew whose phones are enrolled and say where they are that often while they drive."""
        hired, streets = [], Streets(self._board.get("/api/v1/map/roads"))
        for number, (person, home) in enumerate(zip(crew, homes, strict=True)):
            start_at, end_at = SHIFTS[number % len(SHIFTS)]
            skills = CREW_SKILLS[number % len(CREW_SKILLS)]
            shift = {"weekdays": MONDAY, "start_at": start_at, "end_at": end_at}
            known = self._board.post(
                "/api/v1/technicians",
                {
                    "name": person.name,
                    "phone": person.phone,
                    "home": {"lat": home.lat, "lng": home.lng},
                    "skills": skills,
                    "stock": {trade.part: FULL_VAN for trade in TRADES if trade.skill in skills},
                    "shift": shift | {"overtime_until_at": OVERTIME_UNTIL, "breaks": [BREAK]},
                },
            )
            link = self._board.post(f"/api/v1/technicians/{known['id']}/enrolment")["url"]
            phone = self._phone(f"technician-{number}")
            phone.walk_in(link)
            rng = Random(self._rng.getrandbits(64))
            hired.append(Technician(phone, known, rng, streets=streets, shows_every=shows_every))
        return hired

    def book(
        self, until: datetime, callers: Sequence[Person], doors: Sequence[Address]
    ) -> tuple[list[Customer], dict[str, Json]]:
        """One visit for each caller, in a window drawn from what is free today and ends by `until`.

        Whoever finds none is not booked.
        """
        customers, bookings, phone = [], {}, self._phone("customers")
        for number, (person, door) in enumerate(zip(callers, doors, strict=True), start=1):
            visit = self._book_one(until, person, door)
            if visit:
                bookings[str(visit["visit_id"])] = visit
                customers.append(Customer(phone, person.phone, visit, Random(self._rng.getrandbits(64))))
            if number % 15 == 0 or number == len(callers):
                self._say(f"Booking {len(callers)} visits … {number}")
        if len(customers) < len(callers):
            self._say(f"{len(callers) - len(customers)} callers found no window that suits them today.")
        return customers, bookings

    def _book_one(self, until: datetime, person: Person, door: Address) -> Json | None:
        place = {"lat": door.lat, "lng": door.lng}
        for _ in range(TRIES):
            trade = self._rng.choices(TRADES, [one.weight for one in TRADES])[0]
            asked: Json = {"service": trade.code, **place, "days": 1}
            found = self._board.get("/api/v1/slots", **asked)["slots"]
            slots = [slot for slot in found if instant(slot["end_at"]) <= until]
            if not slots:
                continue
            start_at = self._rng.choice(slots)["start_at"]
            try:
                hold = self._board.post(
                    "/api/v1/holds", {"service": trade.code, "place": place, "start_at": start_at}
                )
                return self._board.post("/api/v1/visits", _booking(hold, person, door))
            except Refused as refused:
                if refused.status != 409:
                    raise
        return None


def _booking(hold: Json, person: Person, door: Address) -> Json:
    return {
        "hold_id": hold["id"],
        "name": person.name,
        "phone": person.phone,
        "address": door.line,
        "consent": True,
    }
