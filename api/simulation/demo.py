"""`makegood demo`: a fictional town, one living day, everything embedded; and the same day as fast as it will go."""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from api.simulation.client import Caller, Json
from api.simulation.figures import table
from api.simulation.house import OPENS_AT, House, Plot, audit, doors
from api.simulation.living_day import SHORTEST_STEP, LivingDay
from api.simulation.narrator import Narrator
from api.simulation.office import Office
from api.simulation.people import Moment, instant
from api.simulation.stage import Cast, Stage
from api.simulation.technicians import Technician
from api.simulation.town import ZONE, people
from dispatch.clock import real_now
from dispatch.local_time import instant as at_local
from dispatch.local_time import local_day, zone

Say = Callable[[str], None]
Wait = Callable[[float], None]

REHEARSED_ON = dt.date(2026, 3, 2)  # a Monday: a rehearsal's figures do not depend on when it is run
CURTAIN_AT = dt.time(8, 40)  # until then the day is quick: nothing is late yet
ENDS_AT = dt.time(21, 30)
BLINK_SECONDS = 0.5
FIRST_BREAK = dt.timedelta(minutes=30)
SECOND_BREAK = dt.timedelta(minutes=150)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What is to be played. `silent` and `sick` are local times at which one technician drops out."""

    speed: float = 60.0
    seed: int = 1
    technicians: int = 12
    visits: int = 90
    roads: Path | None = None
    silent: dt.time | None = None
    sick: dt.time | None = None
    fast: bool = False
    port: int = 8000
    data: Path | None = None
    colours: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the day ended: the report's JSON, each visit's last state, and what the audit found."""

    report: Json
    states: dict[str, str]
    findings: tuple[str, ...]

    @property
    def is_well(self) -> bool:
        return not self.findings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What both commands understand."""
    parser.add_argument("--speed", type=float, default=60.0, help="virtual seconds in one (60)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--technicians", type=int, default=12)
    parser.add_argument("--visits", type=int, default=90)
    parser.add_argument("--roads", type=Path, help="an OpenStreetMap extract (.osm.pbf) instead of the town")
    parser.add_argument("--silent", type=dt.time.fromisoformat, metavar="HH:MM", help="one falls silent")
    parser.add_argument("--sick", type=dt.time.fromisoformat, metavar="HH:MM", help="one calls in sick")
    parser.add_argument("--fast", action="store_true", help="do not wait: the whole day in a minute or two")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--data", type=Path, help="keep the data in this new folder")


def read_script(arguments: argparse.Namespace, *, colours: bool, fast: bool = False) -> Script:
    known = {name: getattr(arguments, name) for name in Script.__dataclass_fields__ if name in arguments}
    return Script(**{**known, "colours": colours, "fast": fast or arguments.fast})


def play(script: Script, say: Say, wait: Wait) -> Outcome:
    """Set the stage, live the day, tell it; `wait` is how a live day lets time pass. Ctrl-C ends it early."""
    with _folder(script) as data, ExitStack() as open_until_the_end:
        house = open_until_the_end.enter_context(House(_plot(script, data)))
        if house.port != script.port and script.port:
            say(f"Port {script.port} is taken; this demo answers on {house.port}.")
        company = _Company(script, house, say, open_until_the_end)
        try:
            company.run(wait)
        except KeyboardInterrupt:
            say("Stopped.")
        return company.sum_up()


class _Company:
    """Everybody who plays, from the empty stage to the summary."""

    def __init__(self, script: Script, house: House, say: Say, stack: ExitStack) -> None:
        self.script, self.house, self.say, self._stack = script, house, say, stack
        self.rng = Random(script.seed)
        self.zone = zone(ZONE)
        self.board = self._phone("board")
        self.board.walk_in(house.office_link)
        self.day = local_day(instant(self.board.get("/dev/clock")["now"]), self.zone)
        self.living: LivingDay | None = None

    def _phone(self, name: str) -> Caller:
        return self._stack.enter_context(Caller(self.house.url, name))

    def run(self, wait: Wait) -> None:
        cast = self._cast()
        names = {one.id: one.name for one in cast.technicians}
        self.narrator = Narrator(
            self._phone("narrator"),
            self.say,
            names,
            cast.bookings,
            zone=ZONE,
            colours=self.script.colours and not self.house.runtime.settings.no_color,
        )
        actors = [*cast.actors, Office(self.board, Random(self.script.seed))]
        living = self.living = LivingDay(self.board, actors, list(cast.bookings), self._hear)
        living.skip_to_now()
        living.live()  # everybody looks at their phone before the day begins
        breaks = _Breaks(self, cast)
        if self.script.fast:
            self._rush(living, breaks, self._at(ENDS_AT))
            return
        self._invite(cast)
        self._rush(living, breaks, self._at(CURTAIN_AT), 2 * SHORTEST_STEP)
        self._watch(living, breaks, wait)

    def _cast(self) -> Cast:
        script = self.script
        crew_size = script.technicians
        persons = people(script.seed, crew_size + script.visits)
        places = doors(self.house.runtime, script.seed, crew_size + script.visits)
        stage = Stage(self.board, self._phone, self.rng, self.say)
        self.say(f"It is {OPENS_AT:%H:%M} on {self.day:%A}, {self.day}, and the clock stands still.")
        stage.offer_trades()
        technicians = stage.hire(persons[:crew_size], places[:crew_size])
        customers, bookings = stage.book(self.day, persons[crew_size:], places[crew_size:])
        return Cast(technicians, customers, bookings)

    def _rush(
        self, living: LivingDay, breaks: _Breaks, until: dt.datetime, step: dt.timedelta = SHORTEST_STEP
    ) -> None:
        while living.now < until and not (living.is_over and living.now >= self._at(dt.time(18, 30))):
            living.step(step)
            breaks.act(living.now)

    def _watch(self, living: LivingDay, breaks: _Breaks, wait: Wait) -> None:
        self.house.run_by_itself()
        self.board.post("/dev/clock", {"advance_seconds": 0, "rate": self.script.speed})
        breaks.curtain_at = living.now
        while living.now < self._at(ENDS_AT) and not (
            living.is_over and living.now >= self._at(dt.time(18, 30))
        ):
            wait(BLINK_SECONDS)
            living.watch()
            breaks.act(living.now)

    def _hear(self, moment: Moment) -> None:
        self.narrator.hear(moment)
        if self.living:
            count = self.living.count
            open_now = count("failed")
            words = (
                f"{count('done')} done, {count('en_route', 'on_site')} under way, {count('booked')} to come"
            )
            self.narrator.count(moment.now, words + (f", {open_now} being made good" if open_now else ""))

    def _at(self, time: dt.time) -> dt.datetime:
        return at_local(self.day, time, self.zone)

    def _invite(self, cast: Cast) -> None:
        """The links for the three audiences, and how to break something."""
        url, booking = self.house.url, next(iter(cast.bookings.values()))
        example = cast.technicians[-1]
        for line in (
            "",
            f"Dispatcher:  {self.house.viewer_link}   (works once)",
            f"Customer:    {booking['tracking_url']}",
            f"Their phone: {url}/pocket?phone=%2B{booking['phone'][1:]}",
            f"Everything:  {url}/",
            "",
            "Break something yourself, for example:",
            _curl(url, "technician_silent", "technician", example.id) + f"   # {example.name}",
            _curl(url, "technician_sick", "technician", example.id),
            _curl(url, "customer_absent", "visit", next(reversed(cast.bookings))),
            "",
            f"The morning until {CURTAIN_AT:%H:%M} goes by quickly; then a minute takes a second."
            if self.script.speed == 60
            else f"The morning until {CURTAIN_AT:%H:%M} goes by quickly.",
            "Half a minute after that one technician falls silent by himself, so that there is something to see.",
            "Ctrl-C ends the day.",
            "",
        ):
            self.say(line)

    def sum_up(self) -> Outcome:
        report = self.board.get("/api/v1/reports/making-good")
        states = self.living.states if self.living else {}
        self.say("")
        for line in table(report, states):
            self.say(line)
        found = tuple(audit(self.house.runtime))
        self.say(f"{'audit':<28}{len(found) or 'nothing'} found")
        for finding in found:
            self.say(f"  {finding}")
        return Outcome(report, states, found)


class _Breaks:
    """What goes wrong by itself: as the script says, or twice in a live day that says nothing."""

    def __init__(self, company: _Company, cast: Cast) -> None:
        self._company, self._cast = company, cast
        self.curtain_at: dt.datetime | None = None
        script = company.script
        self._planned = [
            (company._at(time), kind)
            for time, kind in ((script.silent, "technician_silent"), (script.sick, "technician_sick"))
            if time
        ]
        self._by_itself = not self._planned and not script.fast

    def act(self, now: dt.datetime) -> None:
        if self.curtain_at and self._by_itself:
            self._by_itself = False
            self._planned = [
                (self.curtain_at + FIRST_BREAK, "technician_silent"),
                (self.curtain_at + SECOND_BREAK, "van_down"),
            ]
        for at, kind in list(self._planned):
            if now >= at and self._break(now, kind):
                self._planned.remove((at, kind))

    def _break(self, now: dt.datetime, kind: str) -> bool:
        victim = pick(self._cast.technicians, now)
        if victim is None:
            return False
        self._company.narrator.note(now, f"*** {kind.replace('_', ' ')}: {victim.name} ***")
        self._company.board.post("/dev/break", {"kind": kind, "technician": victim.id})
        return True


def pick(technicians: Sequence[Technician], now: dt.datetime) -> Technician | None:
    """Whoever is missed soonest: the next visit is not begun, and its window ends before anybody else's."""
    found = [
        (instant(stop["visit"]["end_at"]), instant(stop["start_at"]), one.id, one)
        for one in technicians
        if (stop := one.next_stop) and not one.is_out and one.silent_since is None
        if instant(stop["leave_at"]) > now
    ]
    return min(found, key=lambda row: (row[0], -row[1].timestamp(), row[2]), default=(None,) * 4)[3]


def _plot(script: Script, data: Path) -> Plot:
    day = REHEARSED_ON if script.fast else _coming_monday()
    return Plot(
        data=data,
        day=day,
        port=script.port,
        roads=script.roads,
        seed=script.seed,
        by_hand=script.fast,
    )


def _coming_monday() -> dt.date:
    today = local_day(real_now(), zone(ZONE))
    return today + dt.timedelta(days=(7 - today.weekday()) % 7 or 7)


@contextmanager
def _folder(script: Script) -> Iterator[Path]:
    if script.data:
        yield script.data
        return
    with tempfile.TemporaryDirectory(prefix="makegood-demo-") as folder:
        yield Path(folder)


def _curl(url: str, kind: str, needed: str, id: str) -> str:
    body = f'{{"kind": "{kind}", "{needed}": "{id}"}}'
    return f"  curl -s {url}/dev/break -H 'Content-Type: application/json' -d '{body}'"
