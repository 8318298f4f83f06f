"""Whatever people do in whatever order, a day stays in order: the audit finds nothing after any step.

A small town on a SQLite file. What is refused is refused; what is done leaves every invariant whole.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import select

from api.routers.visits import call_off_visit, contest_newest
from api.runtime.jobs import plan
from api.runtime.moving_time import move_clock
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from dispatch.access.links import LinkKey
from dispatch.bookings.actions import book_for, book_soonest, hold_window
from dispatch.bookings.changes import reschedule, undo_cancel
from dispatch.bookings.slots import Request, is_planned_exactly
from dispatch.callbacks.actions import finish_callback
from dispatch.callbacks.tables import Callback
from dispatch.chance import Chance
from dispatch.clock import SetClock, StoredClock, set_clock
from dispatch.errors import DispatchError
from dispatch.failures.reports import report_nobody_came
from dispatch.field.actions import (
    Hindrance,
    answer_prompt,
    arrive,
    be_at,
    call_out,
    cannot_finish,
    finish,
    leave,
    nobody_home,
)
from dispatch.holds.queries import live_holds
from dispatch.ledger import broken_links
from dispatch.local_time import local_day
from dispatch.plans.deciding import publish_proposal
from dispatch.plans.proposals import ask, dismiss
from dispatch.plans.queries import current_plan, find_assignment, find_day, find_open_proposal
from dispatch.plans.turns import take_visit
from dispatch.plans.undo import undo_last
from dispatch.promises.queries import current_promise
from dispatch.promises.states import Agreed
from dispatch.recoveries.choices import choose
from dispatch.recoveries.decisions import bend_a_rule, close_visit, not_today
from dispatch.recoveries.queries import find_open
from dispatch.technicians.hours import end_absence
from dispatch.technicians.tables import Absence, AbsenceKind, Technician
from dispatch.territories.tables import Territory
from dispatch.travel.straight import StraightLine
from dispatch.visits.actions import rate
from dispatch.visits.queries import get_visit
from dispatch.visits.states import UNSTARTED, VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Actor, Work, Workshop
from notifications.audit import ALL, Check, Finding, run_audit
from notifications.channels.memory import Memory
from notifications.inbox.receive import receive
from notifications.reactions import Reactions
from notifications.render import Writer
from optimizer import repair
from tests.builders import a_customer, a_service, an_address, near
from tests.conftest import MONDAY_AT_SEVEN
from tests.engines import an_engine
from tests.worlds import OFFICE, a_quiet_town

SHAPE = ("I-50",)  # about columns and raw text, and slow: no action can change what it finds
HOURS = ("I-11",)  # fires by design when somebody who was counted on calls out
STORM = os.environ.get("MAKEGOOD_STORM") == "1"
KEY, URL = LinkKey(b"a secret for tests, of forty bytes and more"), "https://texts.example"
WINDOWS = ("08:00", "10:00", "12:00", "14:00", "16:00")
TEXTS = (
    "1",
    "2",
    "3",
    "4",
    "nobody came",
    "late?",
    "STOP",
    "START",
    "YES",
    "help",
    "cancel",
    "human",
    "what?",
)
dose = settings(
    max_examples=400 if STORM else 4,
    stateful_step_count=40 if STORM else 15,
    derandomize=not STORM,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

LIVE = ("booked", "en_route", "on_site", "failed")

some = st.integers(0, 30)
whose = st.sampled_from(["Tom", "Uma"])


def any_of(*states: str) -> Callable[[Days], bool]:
    return lambda day: any(day.by_state.get(state) for state in states)


class Days(RuleBasedStateMachine):
    """Tom and Uma, an office of two, and customers who book, change their minds and answer."""

    template: Path

    @initialize()
    def open(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "makegood.db"
        shutil.copy(self.template, path)
        self.engine = an_engine(f"sqlite:///{path}")
        reactions, clock = (Reactions(KEY, URL, "Makegood"),), StoredClock()
        self.workshop = Workshop(self.engine, clock, Chance(Random(7)), StraightLine(), reactions=reactions)
        with self.workshop.work(OFFICE, "clock") as work:
            set_clock(work.session, MONDAY_AT_SEVEN, 0.0)
        self.world = a_quiet_town(
            self.workshop,
            SetClock(MONDAY_AT_SEVEN),
            "Tom",
            "Uma",
            stock={"valve": 2},
            overtime_until_at="18:00",
        )
        with self.workshop.work(OFFICE, "set up") as work:
            self.services = [
                self.world.service,
                a_service(work, code="valve", name="Valve", parts={"valve": 1}),
            ]
        given = Settings.model_validate({"MAKEGOOD_DATA": Path(self.folder.name), "MAKEGOOD_DEV": True})
        self.runtime = Runtime(
            given,
            self.workshop,
            Memory(),
            KEY,
            writer=Writer(KEY, URL, "Makegood"),
            solver=lambda day, seconds, start: repair(day),
        )
        self.visits: list[str] = []
        self.refused = 0
        self.somebody_called_out = False
        self.by_state: dict[str, list[str]] = {}
        self.hours = 0.0
        for window, km in (("08:00", 1), ("10:00", -2), ("14:00", 6)):
            self.book(window=window, ahead=0, km=km, which=0)

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.engine.dispose()
            self.folder.cleanup()

    @contextmanager
    def attempt(self, actor: Actor) -> Iterator[Work]:
        """Somebody tries something; a refusal undoes it whole."""
        try:
            with self.workshop.work(actor, "property") as work:
                yield work
        except DispatchError:
            self.refused += 1

    def one_of(self, number: int, *states: str) -> str:
        """One of the visits in these states, by a number that may be anything."""
        found = [id for state in states for id in self.by_state.get(state, ())]
        return found[number % len(found)]

    def see(self, visit_id: str) -> tuple[Visit, str | None]:
        """A visit, and whom it stands with."""
        with self.workshop.read() as read:
            visit, row = get_visit(read.session, visit_id), find_assignment(read.session, visit_id)
        return visit, visit.technician_id or (row.technician_id if row else None)

    @rule(
        window=st.sampled_from(WINDOWS),
        ahead=st.sampled_from([0, 0, 0, 1, 20]),
        km=st.integers(-9, 9),
        which=st.integers(0, 1),
    )
    def book(self, window: str, ahead: int, km: int, which: int) -> None:
        with self.attempt(OFFICE) as work:
            territory, place = work.session.get_one(Territory, self.world.territory.id), near(km_north=km)
            request = Request(territory=territory, service=self.services[which], place=place)
            hold = hold_window(work, request, self._at(work, window, ahead))
            number = len(self.visits)
            customer = a_customer(work, name=f"Ana {number}", phone=f"+1202555{2000 + number}")
            address = an_address(work, customer, territory, line=f"{number} Main Street", place=place)
            visit = book_for(work, hold, customer, address, agreed_by=Agreed.CUSTOMER, agreed_how="web")
            self.visits.append(visit.id)

    @rule(km=st.integers(-9, 9))
    def emergency(self, km: int) -> None:
        with self.attempt(OFFICE) as work:
            territory, place = work.session.get_one(Territory, self.world.territory.id), near(km_east=km)
            request, number = (
                Request(territory=territory, service=self.services[0], place=place),
                len(self.visits),
            )
            customer = a_customer(work, name=f"Ben {number}", phone=f"+1202555{2000 + number}")
            address = an_address(work, customer, territory, line=f"{number} Main Street", place=place)
            self.visits.append(book_soonest(work, request, customer, address).id)

    @rule(window=st.sampled_from(WINDOWS), ahead=st.sampled_from([0, 0, 1, 20]))
    def hold_and_forget(self, window: str, ahead: int) -> None:
        with self.attempt(Actor("customer", "somebody")) as work:
            territory = work.session.get_one(Territory, self.world.territory.id)
            request = Request(territory=territory, service=self.services[0], place=near(km_east=2))
            hold_window(work, request, self._at(work, window, ahead))

    @precondition(any_of("booked"))
    @rule(number=some, window=st.sampled_from(WINDOWS), ahead=st.sampled_from([0, 0, 1, 20]))
    def reschedule(self, number: int, window: str, ahead: int) -> None:
        with self.attempt(Actor("customer", "link")) as work:
            visit = take_visit(work, self.one_of(number, "booked"))
            territory = work.session.get_one(Territory, self.world.territory.id)
            service = next(one for one in self.services if one.id == visit.service_id)
            request = Request(territory=territory, service=service, place=near(km_north=1))
            hold = hold_window(work, request, self._at(work, window, ahead))
            reschedule(work, visit, hold, agreed_by=Agreed.CUSTOMER)

    @precondition(any_of(*LIVE))
    @rule(number=some)
    def cancel(self, number: int) -> None:
        with self.attempt(Actor("customer", "link")) as work:
            call_off_visit(work, take_visit(work, self.one_of(number, *LIVE)))

    @precondition(any_of("cancelled"))
    @rule(number=some)
    def undo(self, number: int) -> None:
        with self.attempt(Actor("customer", "link")) as work:
            undo_cancel(work, take_visit(work, self.one_of(number, "cancelled")))

    @precondition(any_of("booked", "en_route", "on_site"))
    @rule(number=some, home=st.booleans())
    def go_on(self, number: int, home: bool) -> None:
        """Whoever has a visit takes the next step for it, or forgets to say that they had left."""
        visit, technician_id = self.see(self.one_of(number, "on_site", "en_route", "booked"))
        if technician_id is None:
            return
        with self.attempt(Actor("technician", technician_id)) as work:
            technician = work.session.get_one(Technician, technician_id)
            if visit.state is VisitState.ON_SITE:
                finish(work, technician, visit.id)
            elif visit.state is VisitState.EN_ROUTE or not home:
                arrive(work, technician, visit.id, place=near(km_north=1) if home else None)
            else:
                leave(work, technician, visit.id)

    @precondition(any_of("booked", "en_route", "on_site", "failed"))
    @rule(number=some, name=whose, step=st.sampled_from([leave, arrive, finish]))
    def step_of_anybody(self, number: int, name: str, step: Any) -> None:
        with self.as_technician(name) as (work, technician):
            step(work, technician, self.one_of(number, *LIVE))

    @precondition(any_of("on_site"))
    @rule(number=some, why=st.sampled_from([None, *Hindrance]), contacted=st.booleans())
    def fail_on_site(self, number: int, why: Hindrance | None, contacted: bool) -> None:
        visit, technician_id = self.see(self.one_of(number, "on_site"))
        with self.attempt(Actor("technician", technician_id or "")) as work:
            technician = work.session.get_one(Technician, technician_id)
            if why:
                cannot_finish(work, technician, visit.id, hindrance=why)
            else:
                nobody_home(work, technician, visit.id, contacted=contacted, place=near(km_north=1))

    @rule(name=whose, kind=st.sampled_from(AbsenceKind))
    def call_out(self, name: str, kind: AbsenceKind) -> None:
        with self.as_technician(name) as (work, technician):
            call_out(work, technician, kind)
            self.somebody_called_out = True

    @rule(name=whose)
    def come_back(self, name: str) -> None:
        with self.as_technician(name) as (work, technician):
            mine = select(Absence).where(Absence.technician_id == technician.id, Absence.end_at == None)  # noqa: E711
            for absence in work.session.exec(mine):
                end_absence(work, absence)

    @rule(name=whose)
    def give_a_sign_of_life(self, name: str) -> None:
        with self.as_technician(name) as (work, technician):
            answer_prompt(work, technician)

    @rule(name=whose, km=st.integers(-9, 9))
    def be_somewhere(self, name: str, km: int) -> None:
        with self.as_technician(name) as (work, technician):
            be_at(work, technician, near(km_east=km), at=work.now)

    @rule(minutes=st.sampled_from([1, 5, 15, 40]))
    def wait(self, minutes: int) -> None:
        """Nobody does anything; everything that falls due on the way is done."""
        with self.workshop.read() as read:
            target = read.now + dt.timedelta(minutes=minutes)
        self.hours = (target - MONDAY_AT_SEVEN) / dt.timedelta(hours=1)
        move_clock(self.runtime, target)

    @precondition(lambda day: day.hours < 24)
    @rule(minutes=st.sampled_from([60, 120, 180]))
    def wait_for_hours(self, minutes: int) -> None:
        self.wait(minutes=minutes)

    @precondition(lambda day: day.hours < 24)
    @rule()
    def let_the_day_end(self) -> None:
        """Not for weeks: an office that never rings back is reminded of every call each quarter of an hour."""
        self.wait(minutes=600)

    @precondition(any_of("broken"))
    @rule(number=some, choice=st.sampled_from(["1", "1", "2", "another_day", "person"]))
    def choose(self, number: int, choice: str) -> None:
        with self.attempt(Actor("customer", "link")) as work:
            recovery = find_open(work.session, self.one_of(number, "broken"))
            assert recovery
            choose(work, recovery.id, choice, how="web")

    @precondition(any_of("broken"))
    @rule(number=some, how=st.sampled_from(["bend 0", "bend 1", "not today", "close"]))
    def decide(self, number: int, how: str) -> None:
        with self.attempt(self._office()) as work:
            recovery = find_open(work.session, self.one_of(number, "broken"))
            assert recovery
            if how.startswith("bend"):
                bend_a_rule(work, recovery.id, int(how[-1]), reason="somebody offered")
            elif how == "not today":
                not_today(work, recovery.id, reason="nobody may stay")
            else:
                close_visit(work, recovery.id, reason="the customer said so")

    @rule(number=some, body=st.sampled_from(TEXTS))
    def text(self, number: int, body: str) -> None:
        with self.attempt(Actor("system")) as work:
            sid, phone = work.new_id(), f"+1202555{2000 + number % len(self.visits)}"
            receive(work, provider_sid=sid, phone=phone, body=body)

    @precondition(any_of(*LIVE))
    @rule(number=some)
    def nobody_came(self, number: int) -> None:
        with self.attempt(Actor("customer", "link")) as work:
            report_nobody_came(work, self.one_of(number, *LIVE), how="web")

    @precondition(any_of("done", "failed"))
    @rule(number=some, score=st.integers(1, 5))
    def say_how_it_was(self, number: int, score: int) -> None:
        with self.attempt(Actor("customer", "link")) as work:
            visit = take_visit(work, self.one_of(number, "done", "failed"))
            if visit.state is VisitState.DONE:
                rate(work, visit, score)
            else:
                contest_newest(work, visit)

    @rule(ahead=st.sampled_from([0, 1]))
    def look_for_a_better_day(self, ahead: int) -> None:
        """A second press while one waits looks again; the jobs answer it."""
        with self.attempt(self._office()) as work:
            ask(work, self._territory(work), self._day(work, ahead))
        plan(self.runtime)

    @rule(ahead=st.sampled_from([0, 1]), wanted=st.sampled_from([True, True, False]))
    def decide_about_a_proposal(self, ahead: int, wanted: bool) -> None:
        with self.attempt(self._office()) as work:
            day = self._day(work, ahead)
            found = find_open_proposal(work.session, self.world.territory.id, day)
            if found:
                (publish_proposal if wanted else dismiss)(work, self._territory(work), day, found.id)

    @rule(ahead=st.sampled_from([0, 1]))
    def take_the_last_search_back(self, ahead: int) -> None:
        with self.attempt(self._office()) as work:
            undo_last(work, self._territory(work), self._day(work, ahead))

    @rule()
    def ring_back(self) -> None:
        with self.attempt(self._office()) as work:
            for waiting in work.session.exec(select(Callback).where(Callback.done_at == None)).all():  # noqa: E711
                finish_callback(work, waiting, "reached")

    @invariant()
    def sort_the_visits(self) -> None:
        """No rule of the house: which visits the next rule may pick from."""
        self.by_state = {"broken": []}
        with self.workshop.read() as read:
            for visit in (get_visit(read.session, id) for id in self.visits):
                self.by_state.setdefault(visit.state.value, []).append(visit.id)
                if find_open(read.session, visit.id):
                    self.by_state["broken"].append(visit.id)

    @invariant()
    def the_audit_finds_nothing(self) -> None:
        with self.workshop.read() as read:
            found = [
                one for one in run_audit(read, self._checks()) if not self._is_being_planned_again(read, one)
            ]
        assert not found, "; ".join(f"{one.invariant} {one.sentence}" for one in found)

    @invariant()
    def the_chain_of_facts_holds(self) -> None:
        with self.workshop.read() as read:
            assert list(broken_links(read.session)) == []

    @invariant()
    def nobody_is_missing_from_their_day(self) -> None:
        """Told without the audit's own words: each visit that waits stands once in the plan of its day."""
        with self.workshop.read() as read:
            territory = read.session.get_one(Territory, self.world.territory.id)
            for visit in read.session.exec(select(Visit)).all():
                day = local_day(current_promise(read.session, visit).start_at, territory.zone)
                if visit.state not in UNSTARTED or not is_planned_exactly(territory, day, read.now):
                    continue
                plan = current_plan(read.session, territory.id, day)
                assert plan, f"{visit.reference} waits on {day} without a plan"
                stops = Counter(stop.get("visit") for route in plan.body["routes"] for stop in route["stops"])
                left = Counter(one["visit"] for one in plan.body["unserved"])
                assert stops[visit.id] + left[visit.id] == 1, f"{visit.reference} on {day}"

    def _checks(self) -> list[Check]:
        left_out = SHAPE + (HOURS if self.somebody_called_out else ())
        return [one for one in ALL if one.number not in left_out]

    def _is_being_planned_again(self, read: Work, one: Finding) -> bool:
        """A coming day may be illegal for the minutes in which its plan waits, or while only holds stand in the way."""
        if one.invariant != "I-41" or "breaks a rule" not in one.sentence:
            return False
        territory_id, day = one.subject.split()
        known = find_day(read.session, territory_id, dt.date.fromisoformat(day))
        if known and known.replan_at:
            return True
        return any(
            hold.technician_id in one.sentence
            for hold in live_holds(read.session, territory_id, known.day, now=read.now)
        )

    @invariant()
    def nobody_is_under_way_to_who_only_waits(self) -> None:
        with self.workshop.read() as read:
            waiting = read.session.exec(select(Visit).where(Visit.state == VisitState.BOOKED)).all()
            assert [one.reference for one in waiting if one.technician_id or one.left_at] == []

    @contextmanager
    def as_technician(self, name: str) -> Iterator[tuple[Work, Technician]]:
        id = self.world.technicians[name].id
        with self.attempt(Actor("technician", id)) as work:
            yield work, work.session.get_one(Technician, id)

    def _territory(self, work: Work) -> Territory:
        return work.session.get_one(Territory, self.world.territory.id)

    def _day(self, work: Work, ahead: int) -> dt.date:
        return work.now.date() + dt.timedelta(days=ahead)

    def _office(self) -> Actor:
        return Actor("dispatcher", self.world.dispatchers[0].id)

    def _at(self, work: Work, window: str, ahead: int) -> dt.datetime:
        hour, minute = map(int, window.split(":"))
        return dt.datetime.combine(work.now.date(), dt.time(hour, minute), dt.UTC) + dt.timedelta(days=ahead)


@pytest.fixture
def machine(request: pytest.FixtureRequest) -> type[Days]:
    return type("Days", (Days,), {"template": request.getfixturevalue("_sqlite_template")})


def test_no_order_of_events_breaks_an_invariant(machine: type[Days]) -> None:
    run_state_machine_as_test(machine, settings=dose)


def valve(ahead: int, window: str) -> Callable[[Days], None]:
    return lambda day: day.book(window=window, ahead=ahead, km=1, which=1)


def taken(number: int, *steps: Any) -> Callable[[Days], None]:
    """Whoever has that visit takes these steps."""

    def go(day: Days) -> None:
        for step in steps:
            visit, technician_id = day.see(day.visits[number])
            with day.attempt(Actor("technician", technician_id or "")) as work:
                step(work, work.session.get_one(Technician, technician_id), visit.id)

    return go


def changed(number: int, change: Callable[[Work, Visit], None]) -> Callable[[Days], None]:
    """The customer of that visit changes it."""

    def go(day: Days) -> None:
        with day.attempt(Actor("customer", "link")) as work:
            change(work, take_visit(work, day.visits[number]))

    return go


def failed(number: int, why: Hindrance) -> Callable[[Days], None]:
    """Whoever is at that visit's door cannot do the work."""
    return taken(
        number, lambda work, technician, visit_id: cannot_finish(work, technician, visit_id, hindrance=why)
    )


def chosen(number: int, choice: str) -> Callable[[Days], None]:
    """What the customer of that visit answers."""

    def go(day: Days) -> None:
        with day.attempt(Actor("customer", "link")) as work:
            recovery = find_open(work.session, day.visits[number])
            assert recovery
            choose(work, recovery.id, choice, how="web")

    return go


MENDED: dict[str, list[Callable[[Days], None]]] = {
    "a lunch break that must come first makes a visit late at one blow": [lambda day: day.wait(minutes=300)],
    "a cancellation is undone after somebody had left for it": [
        taken(0, leave),
        changed(0, call_off_visit),
        changed(0, undo_cancel),
    ],
    "a cancellation is undone, and somebody else has the visit then": [
        taken(1, leave),
        changed(0, call_off_visit),
        changed(0, undo_cancel),
    ],
    "the valves that are used today are not there tomorrow": [
        *(valve(ahead, window) for ahead, window in ((0, "12:00"), (0, "16:00"), (1, "10:00"), (1, "14:00"))),
        lambda day: day.wait(minutes=60),
        *(taken(number, leave, arrive, finish) for number in (3, 4)),
        lambda day: day.wait(minutes=20),
    ],
    "a technician at a door never says how it went": [
        taken(0, arrive),
        *(lambda day: day.wait(minutes=600) for _ in range(2)),
    ],
    "somebody sets out for their last customer first, and a colleague calls out": [
        taken(2, leave),
        lambda day: day.call_out(name="Uma", kind=AbsenceKind.SICK),
        lambda day: day.wait(minutes=1),
    ],
    "tomorrow's visit is begun today, fails, and is kept for today": [
        valve(1, "14:00"),
        taken(3, arrive),
        failed(3, Hindrance.NEEDS_SOMEBODY_ELSE),
        *(lambda day: day.wait(minutes=60) for _ in range(2)),
    ],
    "a visit that failed at the door is arranged for another day": [
        taken(0, leave, arrive),
        failed(0, Hindrance.NEEDS_SOMEBODY_ELSE),
        lambda day: day.wait(minutes=5),
        chosen(0, "another_day"),
        lambda day: day.wait(minutes=5),
        chosen(0, "1"),
        lambda day: day.wait(minutes=5),
    ],
    "a customer gives up a visit that failed": [
        lambda day: day.wait(minutes=180),
        changed(0, call_off_visit),
    ],
}


@pytest.mark.parametrize("steps", MENDED.values(), ids=MENDED)
def test_what_broke_an_invariant_once(machine: type[Days], steps: list[Callable[[Days], None]]) -> None:
    day = machine()
    day.open()
    try:
        day.sort_the_visits()
        for step in steps:
            step(day)
            day.sort_the_visits()
            day.the_audit_finds_nothing()
            day.nobody_is_missing_from_their_day()
            day.nobody_is_under_way_to_who_only_waits()
    finally:
        day.teardown()
