"""A simulated technician: reads the day on the phone, drives, works, and sometimes is not to be reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from api.simulation.client import Caller, Json, Refused
from api.simulation.people import Moment, Place, draw_habits, instant, minutes, soonest
from api.simulation.streets import Drive, Streets

LOOKS_EVERY = timedelta(minutes=20)
KNOCKS_FOR = timedelta(minutes=12)
BACK_AFTER = timedelta(hours=6)
NEARLY_THERE = timedelta(minutes=10)
SHORTEST_DRIVE = timedelta(minutes=2)
HINDERED = 0.01  # one visit in a hundred: a part is missing


@dataclass
class Job:
    """The visit under way: first the drive, then the work."""

    visit: Json
    length: timedelta
    way: Drive
    left_at: datetime
    arrive_at: datetime
    done_at: datetime | None = None
    is_hindered: bool = False

    @property
    def id(self) -> str:
        return str(self.visit["visit_id"])


class Technician:
    """One person with one phone and a map. `id` and `name` are what the office calls them."""

    def __init__(
        self, phone: Caller, known: Json, rng: Random, *, streets: Streets, shows_every: timedelta
    ) -> None:
        self.id, self.name = str(known["id"]), str(known["name"])
        self.silent_since: datetime | None = None
        self.is_out = False
        self._phone, self._rng = phone, rng
        self._streets, self._shows_every = streets, shows_every
        self._habits = draw_habits(rng)
        self._here: Place = (known["home"]["lat"], known["home"]["lng"])
        self._sheet: Json = {"stops": []}
        self._read_at: datetime | None = None
        self._has_news = True
        self._lags: dict[str, timedelta] = {}
        self._job: Job | None = None
        self._answer_at: datetime | None = None
        self._shown_at: datetime | None = None

    def act(self, moment: Moment) -> None:
        """One look at the world: answer, drive on, arrive, finish or set out, whatever is due."""
        if self._is_away(moment):
            return
        self._hear(moment)
        try:
            if self._answer_at and moment.now >= self._answer_at:
                self._answer()
            self._go_on(moment)
        except Refused as refused:
            if refused.status not in (404, 409):
                raise
            self._job, self._has_news = None, True  # the day has changed under way: look again

    def due_at(self) -> datetime | None:
        """News is looked at on the next occasion; a phone that is away has nothing to do."""
        if self.is_out or self._read_at is None:
            return None
        if self.silent_since:
            return self.silent_since + BACK_AFTER
        job, stop = self._job, self.next_stop
        if job is None:
            leaves_at = instant(stop["leave_at"]) + self._lag(stop) if stop and stop["leave_at"] else None
            looks_at = self._read_at if self._has_news else None if stop else self._read_at + LOOKS_EVERY
            return soonest(self._answer_at, leaves_at, looks_at)
        shows_at = self._shown_at + self._shows_every if self._shown_at else None
        return soonest(self._answer_at, job.done_at or soonest(job.arrive_at, shows_at))

    @property
    def next_stop(self) -> Json | None:
        """The next visit that waits for this technician, as the phone showed it last."""
        waiting = (stop for stop in self._sheet["stops"] if "leave" in stop["steps"])
        under_way = self._job.id if self._job else ""
        return next((stop for stop in waiting if stop["visit"]["visit_id"] != under_way), None)

    @property
    def is_driving(self) -> bool:
        return self._job is not None and self._job.done_at is None

    def _is_away(self, moment: Moment) -> bool:
        """Sick, without a van, or not to be reached: nothing is heard from here."""
        if ("technician_sick", self.id) in moment.broken or ("van_down", self.id) in moment.broken:
            self.is_out = True
        if self.silent_since is None and ("technician_silent", self.id) in moment.broken:
            self.silent_since = moment.now
        if self.is_out or self.silent_since is None:
            return self.is_out
        return moment.now < self.silent_since + BACK_AFTER

    def _hear(self, moment: Moment) -> None:
        mine = {stop["visit"]["visit_id"] for stop in self._sheet["stops"] if stop["visit"]}
        for event in moment.events:
            if event["data"].get("technician_id") == self.id:
                self._has_news = True
                if event["kind"] == "technician_prompted" and self._rng.random() < self._habits.answers:
                    self._answer_at = instant(event["at"]) + minutes(self._rng, 1, 4)
            elif event["visit_id"] in mine and event["kind"] in ("visit_stepped", "visit_assigned"):
                self._has_news = True

    def _answer(self) -> None:
        self._answer_at = None
        self._phone.post("/api/v1/day/answer", {"answer": "ok"})

    def _go_on(self, moment: Moment) -> None:
        if self._job is None:
            self._set_out(moment)
        elif self._job.done_at is None:
            self._drive(self._job, moment)
        elif moment.now >= self._job.done_at:
            self._end(self._job, moment)

    def _set_out(self, moment: Moment) -> None:
        """Leave for the next visit when its time has come; look at the phone once more before that."""
        is_old = self._read_at is None or moment.now >= self._read_at + LOOKS_EVERY
        if self._has_news or (is_old and self.next_stop is None):
            self._look(moment)
        stop = self._due(moment)
        if stop and self._read_at != moment.now:
            self._look(moment)
            stop = self._due(moment)
        if stop is None or self._job is not None:
            return
        planned = instant(stop["start_at"]) - instant(stop["leave_at"])
        drive = max(planned * self._habits.drive_factor * self._rng.triangular(0.9, 1.3, 1.0), SHORTEST_DRIVE)
        self._step(stop["visit"]["visit_id"], "leave")
        length = instant(stop["end_at"]) - instant(stop["start_at"])
        way = self._streets.drive(self._here, _place_of(stop["visit"]))
        self._job = Job(stop["visit"], length, way, moment.now, moment.now + drive)
        self._shown_at = moment.now

    def _look(self, moment: Moment) -> None:
        self._sheet = self._phone.get("/api/v1/day")
        self._read_at, self._has_news = moment.now, False
        self._resume(moment)

    def _resume(self, moment: Moment) -> None:
        """Work that the record still shows as ours, after a phone was away: end it."""
        for stop in self._sheet["stops"]:
            if self._job is None and ("finish" in stop["steps"] or "arrive" in stop["steps"]):
                way = self._streets.drive(self._here, _place_of(stop["visit"]))
                self._job = Job(stop["visit"], timedelta(), way, moment.now, moment.now)
                if "finish" in stop["steps"]:
                    self._job.done_at = moment.now

    def _due(self, moment: Moment) -> Json | None:
        stop = self.next_stop
        if stop is None or not stop["leave_at"]:
            return None
        return stop if moment.now >= instant(stop["leave_at"]) + self._lag(stop) else None

    def _lag(self, stop: Json) -> timedelta:
        """How much after the plan this person leaves for this visit."""
        drawn = self._habits.lag * self._rng.triangular(0.0, 2.0, 0.8)
        return self._lags.setdefault(stop["visit"]["visit_id"], drawn)

    def _drive(self, job: Job, moment: Moment) -> None:
        if self._has_news:
            self._look(moment)
            if not any(
                stop["visit"] and stop["visit"]["visit_id"] == job.id for stop in self._sheet["stops"]
            ):
                self._job = None
                return
        share = (moment.now - job.left_at) / max(job.arrive_at - job.left_at, timedelta(seconds=1))
        self._here = job.way.at(share)
        if share >= 1:
            self._arrive(job, moment)
        elif self._shown_at is None or moment.now >= self._shown_at + self._shows_every:
            self._shown_at = moment.now
            self._phone.post("/api/v1/day/position", {"place": self._place(), "at": moment.now.isoformat()})

    def _arrive(self, job: Job, moment: Moment) -> None:
        self._step(job.id, "arrive", place=self._place())
        nobody_home = ("customer_absent", job.id) in moment.broken
        length = job.length * self._habits.work_factor * self._rng.triangular(0.8, 1.3, 0.95)
        job.done_at = moment.now + (KNOCKS_FOR if nobody_home else length)
        job.is_hindered = self._rng.random() < HINDERED

    def _end(self, job: Job, moment: Moment) -> None:
        if ("customer_absent", job.id) in moment.broken:
            self._step(job.id, "nobody_home", place=self._place(), contacted=True)
        elif job.is_hindered:
            self._step(job.id, "cannot_finish", hindrance="wrong_parts")
        else:
            self._step(job.id, "finish")
        self._job, self._has_news = None, True

    def _step(self, visit_id: str, step: str, **more: object) -> None:
        self._phone.post(f"/api/v1/visits/{visit_id}/status", {"step": step, **more})

    def _place(self) -> Json:
        return {"lat": round(self._here[0], 6), "lng": round(self._here[1], 6)}


def _place_of(visit: Json) -> Place:
    return visit["place"]["lat"], visit["place"]["lng"]
