"""Every policy in words: its group, its name, and one plain sentence of what it does. One line a knob."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from babel.numbers import get_territory_currencies

from api.csv.cells import say_minutes
from api.pages.office.typed import Reading
from dispatch.policies import Policies

A_WEEK_IN_MINUTES = 7 * 24 * 60


class Unit(StrEnum):
    MINUTES = "minutes"
    SECONDS = "seconds"
    DAYS = "days"
    METRES = "metres"
    PERCENT = "percent"
    MONEY = "money"
    PEOPLE = "people"
    CLOCK = "clock"
    YES_NO = "yes_no"
    RULES = "rules"


MOST: dict[Unit, int] = {
    Unit.SECONDS: 600,
    Unit.DAYS: 366,
    Unit.METRES: 100_000,
    Unit.PERCENT: 1_000,
    Unit.PEOPLE: 1_000,
}
BY_ENDING = {
    "seconds": Unit.MINUTES,
    "days": Unit.DAYS,
    "metres": Unit.METRES,
    "percent": Unit.PERCENT,
    "cents": Unit.MONEY,
    "people": Unit.PEOPLE,
    "at": Unit.CLOCK,
}
IN_SECONDS = {"planning_seconds"}
MONTHS_OF_PAY_CENTS = 10_000_000


@dataclass(frozen=True, slots=True)
class Knob:
    group: str
    label: str
    says: str


BOOKING, WATCH, MAKING_GOOD = "Booking", "The day’s watch", "Making good"
CREDIT, TEXTS, PLANNING = "Credit, unasked", "Texts", "Planning"
REGULATOR = "What a regulator asks"

KNOBS: dict[str, Knob] = {
    "planning_horizon_days": Knob(
        BOOKING,
        "Days planned exactly",
        "A time on one of these next days is only offered if a route has room for it; later days are counted.",
    ),
    "booking_horizon_days": Knob(
        BOOKING, "Days that can be booked", "Nobody can book further ahead than this."
    ),
    "first_window_at": Knob(
        BOOKING, "First window begins", "The earliest time of day that customers can choose."
    ),
    "last_window_end_at": Knob(
        BOOKING, "Last window ends", "No window that customers can choose ends after this time."
    ),
    "booking_notice_seconds": Knob(
        BOOKING, "Notice before a window", "A window that begins sooner than this is not offered any more."
    ),
    "hold_seconds": Knob(
        BOOKING,
        "A chosen time is kept",
        "So long a time stays kept while somebody types their name and address.",
    ),
    "cancel_undo_seconds": Knob(
        BOOKING,
        "Cancelling can be taken back",
        "So long after a cancellation the place stays kept, in case they change their mind.",
    ),
    "capacity_share_percent": Knob(
        BOOKING,
        "Share of hours sold ahead",
        "Of the working hours on days that are only counted, this share can be booked.",
    ),
    "sooner_answer_seconds": Knob(
        BOOKING,
        "An earlier time is kept",
        "So long a time that came free is kept for one of those who wait, before the next one is asked.",
    ),
    "prompt_answer_seconds": Knob(
        WATCH,
        "Time to answer a prompt",
        "Whoever was asked to leave and has neither answered nor moved by then counts as silent.",
    ),
    "grace_seconds": Knob(
        WATCH, "Grace after a window", "A promise counts as broken so long after the window has ended."
    ),
    "moving_metres": Knob(
        WATCH,
        "What counts as moving",
        "A phone that moved farther than this shows that its technician is on the way.",
    ),
    "rescue_notice_seconds": Knob(
        WATCH, "Notice for whoever jumps in", "Somebody else is only sent if they have this long to set out."
    ),
    "travel_spread_percent": Knob(
        WATCH,
        "How much drives vary",
        "A usual drive takes this much longer or shorter than computed; chances are worked out with it.",
    ),
    "tight_below_percent": Knob(
        WATCH,
        "A promise counts as tight",
        "The board names every promise whose chance to be kept is below this.",
    ),
    "recovery_notice_seconds": Knob(
        MAKING_GOOD,
        "Notice before a new time",
        "A new time for a broken promise begins this long from now at the soonest.",
    ),
    "recovery_soon_seconds": Knob(
        MAKING_GOOD, "What counts as soon", "A new time within this span is looked for first."
    ),
    "recovery_latest_at": Knob(
        MAKING_GOOD,
        "Latest on the same day",
        "Work that makes a promise good does not begin later than this.",
    ),
    "recovery_window_seconds": Knob(
        MAKING_GOOD,
        "Length of a new window",
        "So long is the window that is offered in place of the broken one.",
    ),
    "answer_seconds": Knob(
        MAKING_GOOD,
        "Time to answer an offer",
        "So long a customer can choose before the rule for silence is applied.",
    ),
    "silence_keeps": Knob(
        MAKING_GOOD,
        "Silence keeps the first offer",
        "If a customer does not answer, the first offer is kept for them.",
    ),
    "may_disturb": Knob(
        MAKING_GOOD,
        "Other visits may move",
        "To make a promise good, other visits may be moved within the windows that were promised.",
    ),
    "owner_seconds": Knob(
        MAKING_GOOD,
        "Time for whoever is responsible",
        "After this the next person on the ladder becomes responsible.",
    ),
    "callback_seconds": Knob(
        MAKING_GOOD,
        "A call is promised within",
        "When a customer asks for a person, somebody rings within this time.",
    ),
    "callback_escalation_seconds": Knob(
        MAKING_GOOD,
        "An overdue call is handed on after",
        "A call that was not made goes to the next person on the ladder, who gets this long.",
    ),
    "absent_near_metres": Knob(
        MAKING_GOOD,
        "Near the door",
        "“Nobody is home” is accepted when the phone is no farther than this from the address.",
    ),
    "absent_dwell_seconds": Knob(
        MAKING_GOOD, "Time at the door", "“Nobody is home” is accepted after so long at the door."
    ),
    "change_tolerance_seconds": Knob(
        MAKING_GOOD,
        "A small shift",
        "A planned start that moves by less than this does not count as a change for the customer.",
    ),
    "dial": Knob(
        MAKING_GOOD,
        "How far the house goes by itself",
        "For each kind of broken promise and each hour, whether a person says yes before a new time is offered.",
    ),
    "approval_above_people": Knob(
        MAKING_GOOD,
        "A second person says yes above",
        "What would tell more people at once that we cannot keep their time waits for a supervisor’s yes.",
    ),
    "credits": Knob(
        CREDIT,
        "What a broken promise is worth",
        "For each kind of broken promise that was our fault, the credit a customer gets without asking.",
    ),
    "credit_repeat_percent": Knob(
        CREDIT,
        "When it breaks again",
        "The credit for a promise that breaks a second time, measured against the first.",
    ),
    "credit_approval_above_cents": Knob(
        CREDIT, "A person approves above", "A credit higher than this waits until a dispatcher approves it."
    ),
    "missed_payment_cents": Knob(
        REGULATOR,
        "Owed for a missed appointment",
        "Where nobody was at the door inside the window, by our fault, the credit is never less. 0: no rule says so.",
    ),
    "missed_payment_again_cents": Knob(
        REGULATOR,
        "Owed on top when that is paid late",
        "The reports add it for every payment that was not given in time; 0 where no rule says so.",
    ),
    "missed_payment_working_days": Knob(
        REGULATOR,
        "Working days to pay",
        "So many days from Monday to Friday after the missed window it must be given.",
    ),
    "missed_payment_notice_seconds": Knob(
        REGULATOR,
        "Notice that makes it none",
        "Taken back by us so long before its window, an appointment is not missed. 0: however long before.",
    ),
    "appointments_kept_percent": Knob(
        REGULATOR,
        "Appointments to keep in a quarter",
        "The reports hold each quarter’s appointments against this share.",
    ),
    "texts_from_at": Knob(
        TEXTS,
        "Texts from",
        "Nothing that can wait is texted earlier in the day; 08:00 at the earliest. Urgent news of today: from 07:00.",
    ),
    "texts_until_at": Knob(
        TEXTS,
        "Texts until",
        "Nothing that can wait is texted later in the day; 21:00 at the latest. Some states want 20:00.",
    ),
    "texts_by_area_code": Knob(
        TEXTS,
        "Heed the area code",
        "If a phone’s area code suggests another time zone, what can wait is texted when it is day in both.",
    ),
    "evening_planning_at": Knob(
        PLANNING,
        "Evening planning",
        "At this time every day, the coming days are searched for better routes.",
    ),
    "replan_quiet_seconds": Knob(
        PLANNING,
        "Quiet before planning again",
        "After a change a day is planned again once nothing else has changed for so long.",
    ),
    "planning_seconds": Knob(
        PLANNING, "Time to search", "So long the search looks for better routes for one day."
    ),
    "safety_worth_seconds": Knob(
        PLANNING,
        "A detour for safety",
        "Of plans that cost nearly the same, so much driving is worth one promise fewer that may break.",
    ),
    "planning_publishes": Knob(
        PLANNING,
        "A better plan is used at once",
        "If no, what the search finds waits as a proposal until a dispatcher says yes.",
    ),
}


def unit_of(name: str) -> Unit:
    """In which unit a person reads and types this knob."""
    if isinstance(getattr(Policies(), name), tuple):
        return Unit.RULES
    if isinstance(getattr(Policies(), name), bool):
        return Unit.YES_NO
    return Unit.SECONDS if name in IN_SECONDS else BY_ENDING[name.rpartition("_")[2]]


def grouped() -> Iterator[tuple[str, list[tuple[str, Knob, Unit]]]]:
    """Every field of the policies in its group, in the order in which `Policies` has them."""
    groups: dict[str, list[tuple[str, Knob, Unit]]] = {}
    for one in fields(Policies):
        knob = KNOBS[one.name]
        groups.setdefault(knob.group, []).append((one.name, knob, unit_of(one.name)))
    yield from groups.items()


def typed_as(name: str, value: Any) -> str:
    """A value as it stands in its field."""
    match unit_of(name):
        case Unit.MINUTES:
            return say_minutes(value)
        case Unit.MONEY:
            return f"{value / 100:.2f}"
        case Unit.YES_NO:
            return "yes" if value else "no"
    return str(value)


def told(name: str, value: Any, currency: str) -> str:
    """The same with its unit, for a sentence: `10 minutes`."""
    unit, text = unit_of(name), typed_as(name, value)
    words = {Unit.CLOCK: "", Unit.YES_NO: "", Unit.PERCENT: "%", Unit.MONEY: currency}
    return f"{text} {words.get(unit, unit.value)}".strip()


def read_knob(reading: Reading, name: str) -> Any:
    """The value that was typed for a knob; what does not fit is noted with `reading`."""
    unit = unit_of(name)
    match unit:
        case Unit.MINUTES:
            return reading.minutes(name, 0, A_WEEK_IN_MINUTES)
        case Unit.MONEY:
            return round(reading.number(name, 0, MONTHS_OF_PAY_CENTS / 100) * 100)
        case Unit.CLOCK:
            return reading.clock(name)
        case Unit.YES_NO:
            return reading.one_of(name, {"yes": "Yes", "no": "No"}) == "yes"
    return reading.whole(name, 0, MOST[unit])


def currency_of(country: str) -> str:
    return str(get_territory_currencies(country)[-1])
