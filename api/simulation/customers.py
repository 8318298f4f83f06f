"""A simulated customer: waits at home, reads texts, answers them or not, and says when nobody came."""

from __future__ import annotations

import re
from datetime import datetime
from random import Random

from api.simulation.client import Caller, Json, Refused
from api.simulation.people import Moment, instant, minutes, soonest

QUESTION = re.compile(r"Reply 1\b")
RATE = re.compile(r"How did it go\?.*?/v/(?P<token>[A-Za-z0-9_.~-]+)", re.DOTALL)
LINK = re.compile(r"/v/(?P<token>[A-Za-z0-9_.~-]+)")

ANSWERS = (
    ("1", 62),
    ("2", 12),
    ("3", 6),
    ("4", 6),
    ("", 9),  # never answers
    ("The dog is in the yard, please ring twice", 5),
)
COMPLAINS = 0.35
RATES = 0.6
SCORES = (5, 5, 5, 4, 4, 3, 2)


class Customer:
    """One person with one phone; `visit` is what the office answered when it was booked."""

    def __init__(self, phone: Caller, number: str, visit: Json, rng: Random) -> None:
        self.number = number
        self.visits = {str(visit["visit_id"])}
        self.met_at: datetime | None = None
        self._phone, self._rng = phone, rng
        self._window_end = instant(visit["end_at"])
        self._read = 0
        self._token = ""
        self._answers: list[tuple[datetime, str]] = []
        self._rating: tuple[datetime, int] | None = None
        complains = rng.random() < COMPLAINS
        self._complains_at = self._window_end + minutes(rng, 2, 12) if complains else None

    def act(self, moment: Moment) -> None:
        mine = [event for event in moment.events if event["visit_id"] in self.visits]
        for event in mine:
            self._live(event)
        if any(event["kind"] == "message_settled" for event in mine):
            self._look(moment.now)
        for at, words in list(self._answers):
            if moment.now >= at:
                self._answers.remove((at, words))
                self._phone.post("/dev/pocket", {"phone": self.number, "body": words})
        self._use_link(moment.now)

    def due_at(self) -> datetime | None:
        rates_at = self._rating[0] if self._rating else None
        return soonest(rates_at, self._complains_at, *(at for at, _ in self._answers))

    def _live(self, event: Json) -> None:
        """What happens at the own door, and the newest window that was promised."""
        if event["kind"] == "visit_stepped" and event["data"]["to_state"] == "on_site":
            self.met_at = instant(event["at"])
        if event["kind"] == "promise_made":
            self._window_end = instant(event["data"]["end_at"])

    def _look(self, now: datetime) -> None:
        messages = self._phone.get("/dev/pocket", phone=self.number)["messages"]
        texts = [one["body"] for one in messages if one["direction"] == "out"]
        for text in texts[self._read :]:
            self._understand(text, now)
        self._read = len(texts)

    def _understand(self, text: str, now: datetime) -> None:
        link = LINK.search(text)
        self._token = link["token"].rstrip(".") if link else self._token
        if RATE.search(text):
            if self._rng.random() < RATES:
                self._rating = (now + minutes(self._rng, 3, 40), self._rng.choice(SCORES))
        elif QUESTION.search(text):
            words = self._choose(text)
            if words:
                self._answers.append((now + minutes(self._rng, 1, 8), words))

    def _choose(self, text: str) -> str:
        """Most people keep what they are offered; a digit that is not on offer is not chosen."""
        words, weights = zip(*ANSWERS, strict=True)
        chosen: str = self._rng.choices(words, weights)[0]
        offered = chosen not in "234" or f"{chosen} " in text
        return chosen if offered else "1"

    def _use_link(self, now: datetime) -> None:
        if self._rating and now >= self._rating[0]:
            score, self._rating = self._rating[1], None
            visit = self._phone.get("/api/v1/visits/mine", bearer=self._token)
            self._try(f"/api/v1/visits/{visit['visit_id']}/rating", {"score": score})
        if self._complains_at and now >= self._complains_at:
            self._complains_at = None
            if self.met_at is None and now >= self._window_end:
                visit = self._phone.get("/api/v1/visits/mine", bearer=self._token)
                self._try(f"/api/v1/visits/{visit['visit_id']}/nobody-came", {})

    def _try(self, path: str, body: Json) -> None:
        """What the office refuses in plain words is read and left at that."""
        try:
            self._phone.post(path, body, bearer=self._token)
        except Refused as refused:
            if refused.status != 409:
                raise
