"""A small town with a busy day behind it: everything the audit looks at has happened here, and rightly."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from random import Random

from sqlalchemy import Engine
from sqlmodel import col, select

from dispatch.access.links import LinkKey
from dispatch.bookings.actions import book_for, hold_window
from dispatch.bookings.changes import cancel, reschedule, undo_cancel
from dispatch.bookings.slots import Request
from dispatch.bookings.tables import IdempotentAnswer
from dispatch.chance import Chance
from dispatch.clock import SetClock
from dispatch.due import next_due_at, run_due
from dispatch.field.actions import answer_prompt, arrive, finish, leave
from dispatch.plans.queries import find_assignment
from dispatch.promises.states import Agreed
from dispatch.recoveries.choices import choose
from dispatch.recoveries.queries import find_open
from dispatch.technicians.tables import Technician
from dispatch.territories.tables import Territory
from dispatch.travel.port import Point
from dispatch.travel.straight import StraightLine
from dispatch.visits.queries import get_visit
from dispatch.visits.tables import Visit
from dispatch.work import Actor, Workshop
from notifications.channels.memory import Memory
from notifications.channels.port import SmsChannel
from notifications.consent import give_consent
from notifications.outbox.actions import send_due
from notifications.outbox.reports import hear
from notifications.outbox.tables import Message
from notifications.reactions import Reactions
from notifications.render import Writer
from tests.builders import a_customer, an_address, near
from tests.worlds import OFFICE, World, a_quiet_town

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (dt.date(2026, 3, day) for day in (2, 3, 4, 5))
FAR_DAY = dt.date(2026, 3, 23)  # three weeks away: counted, not planned
CUSTOMER = Actor("customer", "web")
_KEY, _URL, _COMPANY = LinkKey(b"k" * 32), "https://texts.example", "Alder Repairs"
WRITER = Writer(_KEY, _URL, _COMPANY)


def instant(day: dt.date, text: str) -> dt.datetime:
    hour, minute = map(int, text.split(":"))
    return dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=dt.UTC)


@dataclass
class Town:
    """The world, its channel, and its visits by the customer's first name."""

    world: World
    channel: SmsChannel = field(default_factory=Memory)
    visits: dict[str, str] = field(default_factory=dict)

    @property
    def workshop(self) -> Workshop:
        return self.world.workshop

    def book(self, name: str, day: dt.date, window: str, *, place: Point | None = None) -> None:
        """That customer's visit, in the window that begins at `window` on `day`."""
        with self.workshop.work(OFFICE, "book") as work:
            territory = work.session.get_one(Territory, self.world.territory.id)
            place = place or near(km_north=1 + len(self.visits) / 10)
            phone = f"+1202555{1000 + len(self.visits):04}"
            give_consent(work, phone, "web")
            request = Request(territory=territory, service=self.world.service, place=place)
            hold = hold_window(work, request, instant(day, window))
            customer = a_customer(work, name=f"{name} Reed", phone=phone)
            address = an_address(work, customer, territory, line=f"{name}'s house", place=place)
            visit = book_for(work, hold, customer, address, agreed_by=Agreed.CUSTOMER, agreed_how="web")
        self.visits[name] = visit.id

    def move(self, name: str, day: dt.date, window: str) -> None:
        with self.workshop.work(CUSTOMER, "reschedule") as work:
            visit = get_visit(work.session, self.visits[name])
            territory = work.session.get_one(Territory, self.world.territory.id)
            request = Request(territory=territory, service=self.world.service, place=near(km_north=1))
            hold = hold_window(work, request, instant(day, window))
            reschedule(work, visit, hold, agreed_by=Agreed.CUSTOMER)

    def cancel(self, name: str) -> None:
        with self.workshop.work(CUSTOMER, "cancel") as work:
            cancel(work, get_visit(work.session, self.visits[name]))

    def undo(self, name: str) -> None:
        with self.workshop.work(CUSTOMER, "undo") as work:
            undo_cancel(work, get_visit(work.session, self.visits[name]))

    def with_whom(self, name: str) -> str:
        with self.workshop.read() as work:
            row = find_assignment(work.session, self.visits[name])
            assert row
            assert row.technician_id
            return row.technician_id

    def step(self, name: str, *steps: str, technician_id: str | None = None) -> None:
        """Their technician takes these steps, all of them now."""
        technician_id = technician_id or self.with_whom(name)
        for action in (leave, arrive, finish):
            if action.__name__ in steps:
                with self.workshop.work(Actor("technician", technician_id), action.__name__) as work:
                    action(work, work.session.get_one(Technician, technician_id), self.visits[name])

    def choose(self, name: str, choice: str) -> None:
        with self.workshop.work(CUSTOMER, "choose") as work:
            recovery = find_open(work.session, self.visits[name])
            assert recovery
            choose(work, recovery.id, choice, how="sms")

    def sweep(self) -> None:
        """What the background does: everything due, and the texts."""
        while run_due(self.workshop):
            pass
        send_due(self.workshop, self.channel, WRITER)

    def run_until(self, day: dt.date, text: str) -> None:
        """Let time pass, through everything that falls due on the way."""
        clock, target = self.world.clock, instant(day, text)
        self.sweep()
        while (due := next_due_at(self.workshop)) is not None and due < target:
            clock.at = due
            self.sweep()
        clock.at = target
        self.sweep()

    def deliver(self, name: str) -> str:
        """The provider says that this customer's first text arrived."""
        with self.workshop.work(OFFICE, "hook") as work:
            query = select(Message).where(
                Message.visit_id == self.visits[name], col(Message.sent_at).is_not(None)
            )
            message = work.session.exec(query.order_by(col(Message.queued_at))).first()
            assert message
            assert hear(work, message.id, message.provider_sid or "", "delivered")
            return message.id


def the_workshop(engine: Engine, clock: SetClock, *, seed: int = 7) -> Workshop:
    reactions = (Reactions(_KEY, _URL, _COMPANY),)
    return Workshop(engine, clock, Chance(Random(seed)), StraightLine(), reactions=reactions)


def an_empty_town(engine: Engine) -> Town:
    """Tom and Uma, an office of two, and texts that go out; Monday 07:00."""
    clock = SetClock(instant(MONDAY, "07:00"))
    return Town(a_quiet_town(the_workshop(engine, clock), clock, "Tom", "Uma"))


def a_busy_town(engine: Engine) -> Town:
    """Monday is over, Tuesday has begun: done, silent, recovered, moved, cancelled, taken back, far ahead."""
    town = an_empty_town(engine)
    town.book("Ana", MONDAY, "08:00")
    town.book("Ben", MONDAY, "10:00")
    town.book("Cara", WEDNESDAY, "10:00")
    town.book("Dan", TUESDAY, "14:00")
    town.book("Eve", WEDNESDAY, "12:00")
    town.book("Fay", FAR_DAY, "08:00")
    town.book("Gus", FAR_DAY, "08:00")
    town.book("Hal", TUESDAY, "08:00")
    town.book("Joe", WEDNESDAY, "08:00")
    town.book("Kim", WEDNESDAY, "08:00")
    town.run_until(MONDAY, "08:05")
    town.deliver("Ana")
    town.move("Cara", THURSDAY, "10:00")
    town.cancel("Dan")
    town.cancel("Eve")
    town.run_until(MONDAY, "08:10")
    town.undo("Dan")
    town.step("Ana", "leave")
    town.run_until(MONDAY, "08:20")
    town.step("Ana", "arrive")
    town.run_until(MONDAY, "09:00")
    town.step("Ana", "finish")
    silent = town.with_whom("Ben")
    town.run_until(MONDAY, "11:58")  # prompted, silent, failed, told: the other one can come
    town.choose("Ben", "1")
    town.run_until(MONDAY, "12:05")
    for step in ("leave", "arrive", "finish"):
        town.step("Ben", step)
        town.run_until(MONDAY, f"{ {'leave': 12, 'arrive': 13, 'finish': 14}[step] }:30")
    with town.workshop.work(Actor("technician", silent), "answer") as work:
        answer_prompt(work, work.session.get_one(Technician, silent))
    town.run_until(TUESDAY, "07:30")
    town.book("Ida", TUESDAY, "10:00", place=near(km_north=-3))
    town.step("Hal", "leave")
    town.run_until(TUESDAY, "08:30")
    town.step("Hal", "arrive")
    town.run_until(TUESDAY, "08:45")
    _answer_once(town, "Ana")
    return town


def _answer_once(town: Town, name: str) -> None:
    """The answer that this booking was given over HTTP, kept for its repetition."""
    with town.workshop.work(CUSTOMER, "POST /visits") as work:
        visit = work.session.get_one(Visit, town.visits[name])
        body = {"reference": visit.reference, "state": visit.state.value}
        row = IdempotentAnswer(
            principal="customer:web",
            route="POST /api/v1/visits",
            key="tap-1",
            fingerprint="0" * 64,
            status=201,
            body=body,
            visit_id=visit.id,
            answered_at=work.now,
        )
        work.session.add(row)
