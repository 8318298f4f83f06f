"""Tells the day on the terminal: quiet while all goes well, every step of the chain when a promise is in danger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from api.simulation.client import Caller, Json
from api.simulation.people import Event, Moment, instant

Say = Callable[[str], None]
COLOURS = {"bad": "31", "watch": "33", "good": "32", "quiet": "90", "text": "36"}
CLOSE = timedelta(minutes=90)
QUIET_LINE_EVERY = timedelta(minutes=30)
WHY = {
    "technician_absent": "nobody comes",
    "late": "too late to keep it",
    "plan": "the day cannot keep it",
    "customer_absent": "the customer was not at home",
    "not_finished": "the work was not finished",
    "no_word": "nobody said how it went",
    "wrong_parts": "a part was missing",
    "no_access": "no way in",
}
BY_WHAT = {
    "window_over": "the window ended",
    "plan": "seen in the plan",
    "day_over": "the day ended",
    "customer": "the customer said so",
    "technician": "the technician said so",
    "dispatcher": "the office said so",
    "silence": "seen by the technician's silence",
    "absence": "seen by the technician's absence",
}


class Narrator:
    """`names` are the technicians' names by id, `bookings` what was answered to each booking by visit id."""

    def __init__(
        self,
        reader: Caller,
        say: Say,
        names: dict[str, str],
        bookings: dict[str, Json],
        *,
        zone: str,
        colours: bool,
    ) -> None:
        self._reader, self._say, self._names, self._bookings = reader, say, names, bookings
        self._zone, self._colours = ZoneInfo(zone), colours
        self._in_trouble: set[str] = set()
        self._read: dict[str, datetime] = {}
        self._quiet_at: datetime | None = None

    def hear(self, moment: Moment) -> None:
        for event in moment.events:
            tell = getattr(self, f"_{event['kind']}", None)
            if tell:
                tell(event)

    def count(self, now: datetime, line: str) -> None:
        """A compact line every half hour."""
        if self._quiet_at is None or now >= self._quiet_at:
            self._quiet_at = now + QUIET_LINE_EVERY
            self._line(now, "quiet", line)

    def note(self, now: datetime, words: str) -> None:
        self._line(now, "bad", words)

    def _visit_at_risk(self, event: Event) -> None:
        """A risk of this afternoon is the board's business; the story begins when it gets close."""
        window_end = event["data"]["window_end_at"]
        if instant(window_end) - instant(event["at"]) < CLOSE:
            self._in_trouble.add(event["visit_id"])
            self._tell(
                event, "watch", f"at risk: promised until {self._time(window_end)}, it is getting late"
            )

    def _visit_back_on_track(self, event: Event) -> None:
        if event["visit_id"] in self._in_trouble:
            self._tell(event, "good", "back on track")

    def _technician_prompted(self, event: Event) -> None:
        self._in_trouble.add(event["visit_id"])
        leave_by = self._time(event["data"]["leave_by_at"])
        self._tell(event, "watch", f"{self._name(event)} is asked to leave by {leave_by}")

    def _technician_answered(self, event: Event) -> None:
        self._tell(event, "quiet", f"{self._name(event)}: {event['data']['answer']}")

    def _technician_fell_silent(self, event: Event) -> None:
        words = f"{self._name(event)} does not answer and does not move: silent"
        self._line(instant(event["at"]), "bad", words)

    def _technician_heard_from(self, event: Event) -> None:
        self._line(instant(event["at"]), "good", f"{self._name(event)} is heard of again")

    def _absence_reported(self, event: Event) -> None:
        words = f"{self._name(event)} is out: {event['data']['absence'].replace('_', ' ')}"
        self._line(instant(event["at"]), "bad", words)

    def _nobody_came_reported(self, event: Event) -> None:
        self._tell(event, "bad", "'nobody came', says the customer")

    def _failure_noticed(self, event: Event) -> None:
        self._in_trouble.add(event["visit_id"])
        data = event["data"]
        seconds = round((instant(event["at"]) - instant(data["certain_at"])).total_seconds())
        why = WHY.get(data["failure"], data["failure"])
        by = BY_WHAT.get(data["noticed_by"], data["noticed_by"])
        self._tell(event, "bad", f"PROMISE BROKEN: {why}; {by}, {seconds} s after it was certain")

    def _offers_made(self, event: Event) -> None:
        count = len(event["data"]["offer_ids"])
        options = "one option" if count == 1 else f"{count} options"
        self._tell(event, "good", f"held: {options}, the best one kept for this customer")

    def _not_today_proved(self, event: Event) -> None:
        data = event["data"]
        words = f"nobody can come today ({data['blocks']} reasons on record); a person decides"
        self._tell(event, "bad", words)

    def _not_today_decided(self, event: Event) -> None:
        self._tell(event, "watch", f"a dispatcher decides: {event['data']['decision'].replace('_', ' ')}")

    def _message_settled(self, event: Event) -> None:
        """Whoever is in trouble is told something: what it says is the story."""
        booking = self._bookings.get(event["visit_id"] or "")
        if booking is None or event["visit_id"] not in self._in_trouble:
            return
        read_until = self._read.get(booking["phone"], instant(event["at"]) - timedelta(seconds=1))
        for text in self._reader.get("/dev/pocket", phone=booking["phone"])["messages"]:
            if text["direction"] == "out" and instant(text["at"]) > read_until:
                self._read[booking["phone"]] = instant(text["at"])
                self._tell(event, "text", f'text: "{text["body"]}"')

    def _choice_made(self, event: Event) -> None:
        data = event["data"]
        self._tell(
            event, "text", f"the customer answers by {data['how']}: {data['choice'].replace('_', ' ')}"
        )

    def _offer_gone(self, event: Event) -> None:
        self._tell(event, "watch", "what was chosen has just gone; the next best is offered")

    def _offer_taken(self, event: Event) -> None:
        by = "kept by the policy, nobody objected" if event["data"]["by"] == "policy" else "agreed"
        self._tell(event, "good", f"arranged: {by}")

    def _callback_made(self, event: Event) -> None:
        if event["visit_id"]:
            self._tell(event, "good", "the office has rung")

    def _credit_decided(self, event: Event) -> None:
        data = event["data"]
        self._tell(event, "good", f"credit of ${data['amount_cents'] / 100:.2f}: {data['state']}, unasked")

    def _visit_stepped(self, event: Event) -> None:
        data = event["data"]
        if event["visit_id"] not in self._in_trouble or data["signal"] not in ("leave", "arrive", "finish"):
            return
        did = {"leave": "sets out", "arrive": "is there", "finish": "has done the work"}[data["signal"]]
        self._tell(event, "good", f"{self._name(event)} {did}")

    def _recovery_closed(self, event: Event) -> None:
        outcome = event["data"]["outcome"].replace("_", " ")
        good = "good" if event["data"]["outcome"].startswith("done") else "watch"
        self._tell(event, good, f"MADE GOOD: {outcome}" if good == "good" else f"closed: {outcome}")

    def _tell(self, event: Event, colour: str, words: str) -> None:
        booking = self._bookings.get(event["visit_id"] or "")
        who = f"{booking['reference']} {booking['customer']}" if booking else "a visit"
        self._line(instant(event["at"]), colour, f"{who}: {words}")

    def _line(self, at: datetime, colour: str, words: str) -> None:
        line = f"{at.astimezone(self._zone):%H:%M:%S}  {words}"
        self._say(f"\x1b[{COLOURS[colour]}m{line}\x1b[0m" if self._colours else line)

    def _name(self, event: Event) -> str:
        return self._names.get(event["data"].get("technician_id", ""), "the technician")

    def _time(self, text: str) -> str:
        return f"{instant(text).astimezone(self._zone):%H:%M}"
