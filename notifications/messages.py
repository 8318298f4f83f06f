"""The catalogue: every kind of text we send, to whom, how urgently, by when, and what it asks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from notifications.outbox.tables import Audience

MINUTE = 60


@dataclass(frozen=True, slots=True)
class Question:
    """What a text asks; `answers` says which choice each digit stands for."""

    name: str
    answers: Mapping[int, str]
    by_options: bool = True  # whether 1 and 2 are options, of which there may be but one

    def offering(self, digits: Collection[int]) -> str:
        """As the row keeps it: `recovery:134`, the name and the digits that this text really offers."""
        return f"{self.name}:{''.join(str(digit) for digit in sorted(digits) if digit in self.answers)}"


RECOVERY = Question("recovery", {1: "1", 2: "2", 3: "another_day", 4: "person"})
RECOVERY_DAYS = Question("recovery_days", {1: "1", 2: "2", 4: "person"})
SOONER = Question("sooner", {1: "take", 2: "keep"}, by_options=False)
QUESTIONS = {question.name: question for question in (RECOVERY, RECOVERY_DAYS, SOONER)}


def read_question(text: str) -> Mapping[int, str]:
    """The choices that a row's question offers, by digit; nothing for a question that no longer exists."""
    name, _, digits = text.partition(":")
    question = QUESTIONS.get(name)
    return {int(digit): question.answers[int(digit)] for digit in digits} if question else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of text. An `update` says how a visit stands: of several unsent ones only the newest is true.

    `urgent` texts about today's visit have the longer hours; `notice` marks those that tell a customer
    of a broken promise. Nobody needs to have agreed to a `reply` to their own text; `always` is sent even
    to whoever wants no texts. What may change again at once waits for `settling_seconds`. What is `general` speaks of
    no visit, so it bears no reference. A `spoken` one is said on the phone in the place of the text of its name. Nobody
    rings in the place of an `optional` one.
    """

    purpose: str
    audience: Audience = Audience.CUSTOMER
    urgent: bool = False
    deadline_seconds: int = 10 * MINUTE
    settling_seconds: int = 0
    segments: int = 3
    question: Question | None = None
    update: bool = False
    notice: bool = False
    reply: bool = False
    always: bool = False
    general: bool = False
    spoken: bool = False
    optional: bool = False

    @property
    def is_called(self) -> bool:
        """What a machine rings about where no text arrives: a broken promise of today."""
        return self.urgent and self.notice

    @property
    def template(self) -> str:
        return f"{self.purpose}.txt"


_TO_TECHNICIAN, _TO_STRANGER = Audience.TECHNICIAN, Audience.STRANGER

# --- a visit, as long as all goes well ---------------------------------------------------------------

BOOKING_CONFIRMED = Kind(purpose="booking_confirmed", update=True)
REMINDER = Kind(purpose="reminder", deadline_seconds=60 * MINUTE, segments=2)
VISIT_MOVED = Kind(purpose="visit_moved", deadline_seconds=15 * MINUTE, settling_seconds=MINUTE, update=True)
VISIT_CANCELLED = Kind(
    purpose="visit_cancelled", deadline_seconds=15 * MINUTE, settling_seconds=MINUTE, update=True
)
CANCEL_UNDONE = Kind(
    purpose="cancel_undone", deadline_seconds=15 * MINUTE, settling_seconds=MINUTE, update=True
)
EN_ROUTE = Kind(purpose="en_route", urgent=True, deadline_seconds=5 * MINUTE, segments=2, update=True)
RATE = Kind(purpose="rate", deadline_seconds=60 * MINUTE, segments=2)
SOONER_OFFER = Kind(purpose="sooner_offer", deadline_seconds=15 * MINUTE, question=SOONER, optional=True)
SOONER_STAYS = Kind(purpose="sooner_stays", reply=True, optional=True)

# --- technicians ---------------------------------------------------------------------------------------

TECHNICIAN_PROMPT = Kind(
    purpose="technician_prompt", audience=_TO_TECHNICIAN, urgent=True, deadline_seconds=5 * MINUTE
)
TECHNICIAN_DAY_CHANGED = Kind(
    purpose="technician_day_changed",
    audience=_TO_TECHNICIAN,
    urgent=True,
    deadline_seconds=15 * MINUTE,
    general=True,
)

# The link in it is dead after ten minutes, and so is the text.
ENROLMENT_LINK = Kind(
    purpose="enrolment_link", audience=_TO_TECHNICIAN, urgent=True, deadline_seconds=10 * MINUTE, general=True
)

# --- making good -----------------------------------------------------------------------------------------

RECOVERY_OFFER = Kind(
    purpose="recovery_offer",
    urgent=True,
    deadline_seconds=15 * MINUTE,
    question=RECOVERY,
    update=True,
    notice=True,
)
RECOVERY_DAYS_OFFER = Kind(
    purpose="recovery_days",
    urgent=True,
    deadline_seconds=15 * MINUTE,
    question=RECOVERY_DAYS,
    update=True,
    notice=True,
)
OFFER_GONE = Kind(
    purpose="offer_gone",
    urgent=True,
    deadline_seconds=15 * MINUTE,
    question=RECOVERY,
    update=True,
    notice=True,
)
RECOVERY_NOT_TODAY = Kind(
    purpose="recovery_not_today", urgent=True, deadline_seconds=15 * MINUTE, update=True, notice=True
)
NOTHING_FOUND = Kind(
    purpose="nothing_found", urgent=True, deadline_seconds=15 * MINUTE, update=True, notice=True
)
RECOVERY_IN_HANDS = Kind(
    purpose="recovery_in_hands", urgent=True, deadline_seconds=15 * MINUTE, update=True, notice=True
)
RECOVERY_ARRANGED = Kind(
    purpose="recovery_arranged", urgent=True, deadline_seconds=15 * MINUTE, update=True, notice=True
)
RECOVERY_KEPT_BY_POLICY = Kind(
    purpose="recovery_kept_by_policy", urgent=True, deadline_seconds=15 * MINUTE, update=True, notice=True
)
CALLBACK_PROMISED = Kind(purpose="callback_promised", urgent=True, deadline_seconds=15 * MINUTE)
NO_WORD = Kind(purpose="no_word", deadline_seconds=15 * MINUTE, update=True, notice=True)

# --- answers to what somebody wrote ----------------------------------------------------------------------

RUNNING_LATE_ANSWER = Kind(purpose="running_late_answer", urgent=True, reply=True)
NOBODY_CAME_ANSWER = Kind(purpose="nobody_came_answer", urgent=True, reply=True)
CHANGE_ANSWER = Kind(purpose="change_answer", urgent=True, reply=True)
CHOOSE_CLARIFY = Kind(purpose="choose_clarify", urgent=True, reply=True)
INBOX_ACK = Kind(purpose="inbox_ack", urgent=True, reply=True)
BOOKING_LINK = Kind(purpose="booking_link", reply=True, general=True)
BOOKING_CODE = Kind(purpose="booking_code", urgent=True, segments=2, reply=True, general=True)
HELP = Kind(purpose="help", segments=2, always=True, general=True)
PHONE_CODE = Kind(purpose="phone_code", urgent=True, segments=2, reply=True)
STOP_CONFIRM = Kind(
    purpose="stop_confirm", deadline_seconds=5 * MINUTE, segments=2, always=True, general=True
)
START_CONFIRM = Kind(purpose="start_confirm", segments=2, reply=True, general=True)
STRANGER = Kind(purpose="stranger", audience=_TO_STRANGER, segments=2, reply=True, general=True)

CATALOGUE: dict[str, Kind] = {
    kind.purpose: kind
    for kind in (
        BOOKING_CONFIRMED,
        REMINDER,
        VISIT_MOVED,
        VISIT_CANCELLED,
        CANCEL_UNDONE,
        EN_ROUTE,
        RATE,
        SOONER_OFFER,
        SOONER_STAYS,
        TECHNICIAN_PROMPT,
        TECHNICIAN_DAY_CHANGED,
        ENROLMENT_LINK,
        RECOVERY_OFFER,
        RECOVERY_DAYS_OFFER,
        OFFER_GONE,
        RECOVERY_NOT_TODAY,
        NOTHING_FOUND,
        RECOVERY_IN_HANDS,
        RECOVERY_ARRANGED,
        RECOVERY_KEPT_BY_POLICY,
        CALLBACK_PROMISED,
        NO_WORD,
        RUNNING_LATE_ANSWER,
        NOBODY_CAME_ANSWER,
        CHANGE_ANSWER,
        CHOOSE_CLARIFY,
        INBOX_ACK,
        BOOKING_LINK,
        BOOKING_CODE,
        PHONE_CODE,
        HELP,
        STOP_CONFIRM,
        START_CONFIRM,
        STRANGER,
    )
}
# What is said on the phone: the bad news of today, who will ring, and that a call has come too late.
SETTLED = Kind(purpose="spoken_settled", segments=6, spoken=True)
SPOKEN: dict[str, Kind] = {
    f"spoken_{kind.purpose}": replace(kind, purpose=f"spoken_{kind.purpose}", segments=6, spoken=True)
    for kind in CATALOGUE.values()
    if kind.is_called or kind is CALLBACK_PROMISED
} | {SETTLED.purpose: SETTLED}
OPTIONAL = frozenset(purpose for purpose, kind in CATALOGUE.items() if kind.optional)
UPDATES = frozenset(purpose for purpose, kind in CATALOGUE.items() if kind.update)
UNCOUNTED = frozenset(purpose for purpose, kind in CATALOGUE.items() if kind.reply or kind.always)

# What people read about the texts: when each goes out, and what the parts of texts are.
WHEN = {
    "booking_confirmed": "a visit was booked",
    "reminder": "it is six in the evening before the window, and the promise was made before that",
    "visit_moved": "a visit was moved to another window with the customer's consent",
    "visit_cancelled": "a visit was cancelled",
    "cancel_undone": "the cancellation was taken back in time",
    "en_route": "the technician set out",
    "rate": "the work is done; only then",
    "sooner_offer": "a time came free, and it is the turn of this customer, who would come up sooner",
    "sooner_stays": "somebody declined an earlier time by text, or took it when it had gone",
    "technician_prompt": "the next visit is at risk and its technician is free to go",
    "technician_day_changed": "work that begins within two hours came onto the technician's list",
    "enrolment_link": "the office pressed the button that sends a technician the link for the phone",
    "recovery_offer": "a promise broke and an option today is held; also when there is a new round of options",
    "recovery_days": "a promise broke and the options are on other days",
    "offer_gone": "what the customer chose can no longer be served, and something else can",
    "recovery_not_today": "nobody can come today, and that is proved; a person decides",
    "nothing_found": "there was an offer before, and now there is nothing left to promise; a person decides",
    "recovery_in_hands": "a promise broke, and the office wants a person to say what is offered",
    "recovery_arranged": "the customer or the office settled it",
    "recovery_kept_by_policy": "nobody answered in time and the policy booked what was held",
    "callback_promised": "a person will ring, and no other text of that moment says so",
    "no_word": "a day ended and whoever was at the door never said how it went; a person asks",
    "running_late_answer": "somebody asked when we come",
    "nobody_came_answer": "somebody wrote that nobody came",
    "change_answer": "somebody wants another time, or none",
    "choose_clarify": "a digit came and more than one visit waits for one",
    "inbox_ack": "a text came that no machine understands; a person has it",
    "booking_link": 'somebody wrote a word that means "book", or asked for the link on our page',
    "booking_code": "somebody books by a link that was not sent to the phone that they typed",
    "phone_code": "somebody behind the link of a visit asked for a code, to change their phone or address",
    "help": "somebody wrote HELP",
    "stop_confirm": "somebody wrote STOP",
    "start_confirm": "somebody wrote START after a STOP",
    "stranger": "a phone that we do not know wrote to us",
}
PARTS = {
    "_happened.txt": "What happened, in one sentence; other texts include it.",
    "first_text.txt": "Closes the first text that a phone gets from us.",
} | {
    kind.template: "Said on the phone by a machine when "
    + WHEN.get(purpose.removeprefix("spoken_"), "what it rang about was settled in the meantime")
    + ("" if kind is SETTLED else ", and the text cannot arrive")
    + "."
    for purpose, kind in SPOKEN.items()
}
