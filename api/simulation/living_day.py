"""One day lived by everybody: the clock moves a little, the feed is read, and each person does what is due."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from api.simulation.client import Caller, Refused
from api.simulation.people import Actor, Event, Moment, instant, soonest

SHORTEST_STEP = timedelta(minutes=1)
LONGEST_STEP = timedelta(minutes=8)  # whoever is asked something must be able to answer within ten
OVER = ("done", "closed", "cancelled")

Listener = Callable[[Moment], None]


class LivingDay:
    """`listen` hears every moment before the people act in it; `visits` are those that are to come to an end."""

    def __init__(
        self,
        feed: Caller,
        actors: Sequence[Actor],
        visits: Sequence[str],
        *,
        tomorrow: datetime,
        listen: Listener,
    ) -> None:
        self._feed, self._actors, self._listen = feed, actors, listen
        self._tomorrow, self._over_since = tomorrow, tomorrow
        self._later: set[str] = set()
        self._cursor = 0
        self.states = dict.fromkeys(visits, "booked")
        self.rate = 0.0
        self.wanted: float | None = None
        self.step_to: datetime | None = None
        self.now = self.read_clock()

    def read_clock(self) -> datetime:
        """Also how fast it runs, how fast somebody wants it, and until when they want it stepped."""
        clock = self._feed.get("/dev/clock")
        self.rate, self.wanted = float(clock["rate"]), clock["wanted"]
        self.step_to = instant(clock["step_to"]) if clock["step_to"] else None
        return instant(clock["now"])

    def step(self, shortest: timedelta = SHORTEST_STEP) -> None:
        """On to when somebody has something to do, through everything that falls due before; then all act."""
        latest = self.now + LONGEST_STEP
        wished = soonest(*(actor.due_at() for actor in self._actors)) or latest
        has_begun = self.count("booked") < len(self.states)
        target = max(self.now + shortest, min(wished, latest) if has_begun else wished)
        if self.step_to:
            target = min(target, self.step_to)
        try:
            self._feed.post("/dev/clock", {"to": target.isoformat()})
        except Refused as refused:
            if refused.status != 422:  # somebody has set the clock going: it is later than that already
                raise
        self.now = self.read_clock()
        self.live()

    def run_at(self, rate: float) -> None:
        """Hold the clock, or let it go; what somebody wants of it stays as it is."""
        if self.rate != rate:
            self._feed.post("/dev/clock", {"advance_seconds": 0, "rate": rate, "by_people": True})
            self.rate = rate

    def watch(self) -> None:
        """The clock runs by itself: everybody acts now."""
        self.now = self.read_clock()
        self.live()

    def live(self) -> None:
        moment = Moment(self.now, self._news(), self._broken())
        self._listen(moment)
        for actor in self._actors:
            actor.act(moment)

    @property
    def unfinished(self) -> list[str]:
        """Visits that are neither done, closed or cancelled nor given to another day."""
        return [id for id, state in self.states.items() if state not in OVER and id not in self._later]

    @property
    def ends(self) -> dict[str, str]:
        """How each visit stands, by id."""
        later = dict.fromkeys((id for id in self._later if self.states[id] not in OVER), "on another day")
        return self.states | later

    def has_been_over(self, wait: timedelta) -> bool:
        self._over_since = min(self._over_since, self.now) if not self.unfinished else self._tomorrow
        return self.now >= self._over_since + wait

    def count(self, *states: str) -> int:
        return sum(state in states for state in self.states.values())

    def skip_to_now(self) -> None:
        """What happened before is nobody's news."""
        self._news()

    def _news(self) -> list[Event]:
        found: list[Event] = []
        while True:
            page = self._feed.get("/api/v1/events", after=self._cursor, limit=1000)
            found += page["events"]
            self._cursor = page["next"]
            if len(page["events"]) < 1000:
                break
        for event in found:
            if event["kind"] == "visit_booked":
                self.states.setdefault(event["visit_id"], "booked")
            elif event["kind"] == "visit_stepped":
                self.states[event["visit_id"]] = event["data"]["to_state"]
            elif event["kind"] == "promise_made":
                is_later = instant(event["data"]["start_at"]) >= self._tomorrow
                (self._later.add if is_later else self._later.discard)(event["visit_id"])
        return found

    def _broken(self) -> frozenset[tuple[str, str]]:
        breaks = self._feed.get("/dev/break")["breaks"]
        return frozenset((one["kind"], one["subject"] or "") for one in breaks)
