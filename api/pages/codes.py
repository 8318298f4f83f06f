"""Our codes in the office's words: what stands in a row is never what a person reads."""

from __future__ import annotations

from collections.abc import Mapping

BROKE = {
    "technician_absent": "The technician dropped out",
    "late": "Too late",
    "plan": "The day could not keep it",
    "customer_absent": "Nobody at home",
    "not_finished": "Work not finished",
    "no_word": "Nobody said how it went",
    "wrong_parts": "A part was missing",
    "no_access": "No way in",
}
FAULT = {
    "company": "our fault",
    "customer": "the customer’s fault",
    "third_party": "somebody else’s fault",
    "unknown": "fault not known",
}
RECOVERY = {
    "open": "a place is being looked for",
    "offered": "waits for the customer’s answer",
    "deciding": "waits for your decision",
    "talking": "the customer wants a person",
    "arranged": "a new time stands",
    "closed": "closed",
}
OUTCOME = {
    "done_same_day": "made good the same day",
    "done_later": "made good on a later day",
    "failed_again": "it failed again",
    "customer_cancelled": "the customer cancelled",
    "closed": "closed by the office",
}
WHO = {
    "customer": "the customer",
    "office": "the office",
    "policy": "rule",
    "dispatcher": "the office",
    "technician": "the technician",
    "system": "rule",
}
CREDIT = {"given": "given", "waiting": "waits for approval", "refused": "refused", "none": "none"}
VISITS = {
    "en_route": "on the way",
    "on_site": "at the door",
    "failed": "with a broken promise",
}
CALL = {
    "inbox": "wrote something for a person to read",
    "contested": "says that the work is not done",
    "no_word": "nobody said how the work went",
    "nobody_came": "says that nobody came",
    "customer_asked": "wants to talk to a person",
    "no_answer": "did not answer our offer",
    "no_other_day": "no other day was found",
    "option_gone": "the time they chose was gone",
    "not_today": "nobody can come today",
    "taken_back": "was offered a time that we took back",
    "withheld": "waits to hear what we offer",
    "lost_promise": "knows something from us that we have lost",
}
OVERRIDE = {
    "person_unfit": "That technician does not fit",
    "time_unfit": "That time does not fit the customer",
    "unknown_to_plan": "We know something that the plan does not",
    "agreed_otherwise": "We have agreed something else with them",
    "other": "Something else",
}
TEXT = {
    "booking_confirmed": "Booked: when we come",
    "reminder": "Reminder",
    "visit_moved": "The new time",
    "visit_cancelled": "Cancelled",
    "cancel_undone": "Not cancelled after all",
    "en_route": "We are on the way",
    "rate": "How did it go?",
    "no_word": "Is the work finished?",
    "sooner_offer": "An earlier time came free: take it?",
    "sooner_stays": "Answer: the time stays as it is",
    "technician_prompt": "When to leave",
    "technician_day_changed": "The day has changed",
    "booking_link": "The link to book with",
    "enrolment_link": "The link for a technician’s phone",
    "recovery_offer": "We are sorry, with times to choose from",
    "recovery_days": "Other days to choose from",
    "offer_gone": "That time is gone, with what is left",
    "recovery_in_hands": "We are sorry; who arranges another time",
    "recovery_not_today": "Nobody can come today; who rings",
    "nothing_found": "No time was found; who rings",
    "recovery_arranged": "Settled: the new time",
    "recovery_kept_by_policy": "No answer: the first time is kept",
    "callback_promised": "Who rings, and by when",
    "running_late_answer": "Answer: when we expect to be there",
    "nobody_came_answer": "Answer to “nobody came”",
    "change_answer": "Answer: the link to change it",
    "choose_clarify": "Asked back: which one?",
    "inbox_ack": "Answer: we have read it, a person rings",
    "booking_code": "The code to book with",
    "phone_code": "The code that they asked for",
    "help": "Help",
    "stop_confirm": "No more texts",
    "start_confirm": "Texts again",
    "stranger": "We do not know this number",
}
BECAME = {
    "pending": "waits to be sent",
    "sending": "is being sent",
    "unknown": "perhaps sent, perhaps not",
    "sent": "sent",
    "delivered": "delivered",
    "undelivered": "did not arrive",
    "suppressed": "not sent",
    "handed_over": "not sent; a person rings instead",
    "called": "not sent; told on the phone instead",
}
WHY_NOT = {
    "opted_out": "they want no texts",
    "no_consent": "they never agreed to texts",
    "no_phone": "there is no phone",
    "landline": "the phone is a landline",
    "may_cancel": "they wrote CANCEL, and may want to cancel",
    "quiet_hours": "it was night",
    "unwritable": "it could not be written",
    "unsure": "nobody knows if it arrived",
    "too_late": "it was too late to be of use",
    "undelivered": "the network gave up",
    "misreported": "the network spoke of it under another text's number",
    "said_in_call": "they were on the phone",
    "rejected": "the provider refused it",
    "superseded": "something newer was to be said",
    "enough_today": "they had enough texts today",
    "enough_this_hour": "they had enough texts about it in an hour",
    "superseded:lost_promise": "a person rings first, about something that we have lost",
}
RULE = {
    "absent": "away",
    "excluded": "not wanted for this visit",
    "required_other": "somebody else must come",
    "locked": "the order is fixed",
    "frozen": "fixed to somebody and a time",
    "no_skill": "skill missing",
    "no_parts": "part not in the van",
    "no_time": "no time",
    "no_break": "no room for the break",
    "promise": "another promise would break",
    "overtime_limit": "too much overtime",
    "after": "another visit comes first",
    "no_assistant": "no second person",
    "limit": "too many people disturbed",
}
BENDS = {
    "overtime": "Minutes of overtime",
    "skill": "Levels of skill short",
    "part": "Parts to bring to the van",
    "window": "Minutes outside the hours",
    "volunteer": "Minutes that another visit moves",
    "move": "Minutes that another visit shifts, its promise kept",
}
PROPOSAL = {
    "searching": "still searching",
    "proposed": "waits for you",
    "published": "published",
    "dismissed": "dismissed",
    "overtaken": "overtaken: the day had changed",
    "none_better": "nothing better found",
    "broken_off": "the search broke off",
}

STEP = {
    "leave": "set off",
    "arrive": "at the door",
    "finish": "the work is done",
    "nobody_home": "nobody is home",
    "cannot_finish": "cannot finish",
    "decline": "cannot take it",
}

SAID: Mapping[str, Mapping[str, str]] = {
    "broke": BROKE,
    "fault": FAULT,
    "recovery": RECOVERY,
    "outcome": OUTCOME,
    "who": WHO,
    "credit": CREDIT,
    "visits": VISITS,
    "call": CALL,
    "text": TEXT,
    "became": BECAME,
    "why_not": WHY_NOT,
    "rule": RULE,
    "bends": BENDS,
    "proposal": PROPOSAL,
    "step": STEP,
}
UNTOLD = "text_"  # how the reason of a call begins that stands for a text which could not be sent


def spell(code: str) -> str:
    """A code of ours as words: `van_down` as `van down`."""
    return code.replace("_", " ").replace(":", ": ")


def say(code: str, family: str) -> str:
    """The code as people say it; what comes after a colon, a number of the provider's, stays as it is."""
    if family == "call" and code.startswith(UNTOLD):
        return f"a text could not reach them: {say(code.removeprefix(UNTOLD), 'why_not')}"
    words = SAID[family]
    if code in words:
        return words[code]
    head, _, rest = code.partition(":")
    return f"{words[head]} ({spell(rest)})" if head in words and rest else spell(code)
