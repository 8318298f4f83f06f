"""Two people, or a person and the clock, about the same thing in the same moment."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from httpx2 import Client, Response
from sqlalchemy import text
from sqlmodel import func, select

from api.runtime.jobs import JOBS, run_job
from dispatch.bookings.actions import book_for, hold_window
from dispatch.bookings.slots import Request
from dispatch.callbacks.tables import Callback
from dispatch.events import MessageSettled
from dispatch.failures.tables import Failure
from dispatch.field.actions import Hindrance, arrive, call_out, cannot_finish
from dispatch.ledger import LedgerEntry
from dispatch.plans.turns import take_visit
from dispatch.promises.states import Agreed
from dispatch.recoveries.queries import find_open, list_for_visit, list_offers
from dispatch.recoveries.states import OfferState, RecoveryState
from dispatch.recoveries.tables import Recovery
from dispatch.services.queries import find_by_code
from dispatch.technicians.queries import list_technicians
from dispatch.technicians.tables import AbsenceKind, Technician
from dispatch.territories.tables import Territory
from dispatch.travel.port import Point
from dispatch.visits.queries import get_visit
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import Actor
from notifications.channels.tables import PocketText
from notifications.consent import give_consent
from notifications.outbox.tables import Message
from tests.builders import a_customer, an_address, near
from tests.conftest import MONDAY_AT_SEVEN
from tests.races.doors import STORM, House, at_once
from tests.worlds import OFFICE

ROUNDS = 50 if STORM else 3
SWEEP = JOBS[0]


def at(text: str) -> dt.datetime:
    hour, minute = map(int, text.split(":"))
    return MONDAY_AT_SEVEN.replace(hour=hour, minute=minute)


def book(house: House, town: Territory, window: str, *, number: int = 0, place: Point | None = None) -> Visit:
    place = place or near(km_north=1)
    with house.runtime.work(OFFICE, "book") as work:
        territory, service = work.session.get_one(Territory, town.id), find_by_code(work.session, "repair")
        assert service
        hold = hold_window(work, Request(territory=territory, service=service, place=place), at(window))
        phone = f"+1202555{5000 + house.towns * 20 + number:04}"
        give_consent(work, phone, "web")
        customer = a_customer(work, name=f"Ana {number} of {house.towns}", phone=phone)
        address = an_address(work, customer, territory, line=f"{number} Main Street", place=place)
        return book_for(work, hold, customer, address, agreed_by=Agreed.CUSTOMER, agreed_how="web")


def sweep(house: House) -> int:
    """Until nothing is left to do, like the loop that runs it; how often a run failed."""
    failed = 0
    for _ in range(20):
        did = run_job(house.runtime, SWEEP)
        unlucky = house.runtime.job_runs[SWEEP.name].failures_in_a_row
        failed += bool(unlucky)
        if not did and not unlucky:
            break
    return failed


def call_in_sick(house: House, town: Territory, name: str) -> None:
    with house.runtime.work(OFFICE, "sick") as work:
        crew = list_technicians(work.session, town.id)
        call_out(work, next(one for one in crew if one.name.startswith(name)), AbsenceKind.SICK)


def recovery_of(house: House, visit: Visit) -> Recovery:
    with house.runtime.read() as work:
        found = find_open(work.session, visit.id)
        assert found
        return found


def told(answers: list[Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def test_two_customers_choose_the_last_room_of_the_day_and_one_of_them_gets_it(house: House) -> None:
    """Both were told of a later time in the same van; it has room for one of them after its first visit."""
    for _ in range(ROUNDS):
        house.clock.at = MONDAY_AT_SEVEN
        town = house.open_town("Tom", "Uma", end_at="15:55", overtime_until_at="15:55", breaks=())
        visits = two_victims(house, town)
        recoveries = [recovery_of(house, visit) for visit in visits]
        people = [house.customer_of(visit) for visit in visits]
        answers = at_once(
            *(
                partial(person.choose, recovery.id, "2")
                for person, recovery in zip(people, recoveries, strict=True)
            )
        )
        assert told(answers) == {200: 2}
        with house.runtime.read() as work:
            states = sorted(get_visit(work.session, visit.id).state for visit in visits)
            newest = [list_for_visit(work.session, visit.id)[-1] for visit in visits]
            assert states == [VisitState.BOOKED, VisitState.FAILED]
            assert sorted(one.state for one in newest) == [RecoveryState.ARRANGED, RecoveryState.OFFERED]
            waits = next(one for one in newest if one.state is RecoveryState.OFFERED)
            offers = list_offers(work.session, waits.id, waits.round)
            assert [offer.state for offer in offers if offer.hold_id] == [OfferState.OPEN], (
                "the next best is held"
            )
        assert house.audit() == []


def two_victims(house: House, town: Territory) -> list[Visit]:
    """Tom calls in sick when the window of his two customers is just over, and Uma alone is left.

    Held for them: 12:16 and 13:01. After these windows each could come at 14:30 or 15:00 instead; both of them would
    last until 16:00, and Uma must be at home, 266 s away, at 15:55.
    """
    visits = [book(house, town, "10:00", number=number) for number in range(2)]
    house.clock.at = at("12:01")
    call_in_sick(house, town, "Tom")
    return visits


def test_two_dispatchers_decide_about_the_same_customer_and_the_second_is_told(house: House) -> None:
    for _ in range(ROUNDS):
        house.clock.at = MONDAY_AT_SEVEN
        town = house.open_town("Tom", ladder=2, overtime_until_at="17:30")
        recovery = nobody_can_come_today(house, town)
        dana, vera = house.dispatchers(town)
        with house.office(dana) as first, house.office(vera) as second:
            answers = at_once(
                partial(give_today_up, first, recovery), partial(give_today_up, second, recovery)
            )
        assert told(answers) == {200: 1, 409: 1}
        assert house.audit() == []


def nobody_can_come_today(house: House, town: Territory) -> Recovery:
    """Tom arrives at ten to four and cannot finish; three quarters of an hour more are not left at twenty to five."""
    visit = book(house, town, "14:00")
    with house.runtime.read() as work:
        [tom] = list_technicians(work.session, town.id)
    house.clock.at = at("15:50")
    with house.runtime.work(Actor("technician", tom.id), "step") as work:
        arrive(work, work.session.get_one(Technician, tom.id), visit.id, place=near(km_north=1))
    house.clock.at = at("16:40")
    with house.runtime.work(Actor("technician", tom.id), "step") as work:
        mine = work.session.get_one(Technician, tom.id)
        cannot_finish(work, mine, visit.id, hindrance=Hindrance.NEEDS_MORE_TIME)
    recovery = recovery_of(house, visit)
    assert recovery.state is RecoveryState.DECIDING
    return recovery


def give_today_up(office: Client, recovery: Recovery) -> Response:
    return office.post(f"/api/v1/recoveries/{recovery.id}/not-today", json={"reason": "nobody can come"})


def test_a_customer_and_the_clock_notice_the_same_failure_once(house: House) -> None:
    for _ in range(ROUNDS):
        house.clock.at = MONDAY_AT_SEVEN
        town = house.open_town("Tom", "Uma")
        visit = book(house, town, "08:00")
        person = house.customer_of(visit)
        house.clock.at = at("10:00")
        answers = at_once(
            partial(person.post, f"/visits/{visit.id}/nobody-came", {}),
            partial(sweep, house),
            partial(person.post, f"/visits/{visit.id}/nobody-came", {}),
        )
        assert [answers[0].status_code, answers[2].status_code] == [200, 200]
        with house.runtime.read() as work:
            mine = select(func.count()).select_from(Failure).where(Failure.visit_id == visit.id)
            assert work.session.exec(mine).one() == 1
            assert len(list_for_visit(work.session, visit.id)) == 1
        sweep(house)
        assert house.audit() == []


def test_two_sweeps_do_everything_once(house: House) -> None:
    """Confirmations, a sick technician's customers, prompts, offers, silence, callbacks: two workers, one effect."""
    town = house.open_town("Tom", "Uma", ladder=2)
    for number, window in enumerate(("08:00", "08:00", "10:00", "12:00", "14:00")):
        book(house, town, window, number=number)
    for minute in (0, 60, 170, 177, 180, 195, 240, 290, 300, 320, 400, 420, 440, 560, 600):
        house.clock.at = MONDAY_AT_SEVEN + dt.timedelta(minutes=minute)
        at_once(partial(sweep, house), partial(sweep, house))
    sweep(house)
    with house.runtime.read() as work:
        session = work.session
        texts = [one.id.rpartition("-")[0] for one in session.exec(select(PocketText))]
        keys = session.exec(select(Message.dedupe_key)).all()
        failures = [(one.visit_id, one.promise_version) for one in session.exec(select(Failure))]
        calls = [
            (one.about, one.visit_id, one.phone, one.opened_at) for one in session.exec(select(Callback))
        ]
        climbed = [
            (entry.data["callback_id"], entry.at)
            for entry in session.exec(select(LedgerEntry).where(LedgerEntry.kind == "callback_handed_over"))
        ]
    assert len(texts) > 10
    assert len(failures) >= 5
    for found in (texts, keys, failures, calls, climbed):
        assert max(Counter(found).values(), default=1) == 1
    assert house.audit() == []


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_fact_about_a_visit_does_not_wait_for_whoever_holds_the_visit(house: House) -> None:
    """Who commits has the ledger's turn: to wait there for the holder, who will need that turn, is to wait for ever."""
    visit = book(house, house.open_town("Tom"), "10:00")

    def settle_a_text() -> None:
        with house.runtime.work(OFFICE, "texts") as work:
            work.session.connection().execute(text("SET LOCAL lock_timeout = '5s'"))
            work.record(MessageSettled(visit_id=visit.id, message_id="0" * 26, outcome="accepted"))

    with ThreadPoolExecutor(1) as pool, house.runtime.work(OFFICE, "step") as holder:
        take_visit(holder, visit.id)
        pool.submit(settle_a_text).result()
        holder.record(MessageSettled(visit_id=visit.id, message_id="0" * 26, outcome="delivered"))
