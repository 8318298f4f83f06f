"""`makegood demo`: a fictional town, one living day, everything embedded; and the same day as fast as it will go."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from api.simulation.breaks import SICK, SILENT, Breaks
from api.simulation.client import Caller, Json
from api.simulation.figures import table
from api.simulation.house import OPENS_AT, House, Plot, audit, doors
from api.simulation.living_day import SHORTEST_STEP, LivingDay
from api.simulation.narrator import Narrator
from api.simulation.office import Office
from api.simulation.people import Moment, instant
from api.simulation.script import Script
from api.simulation.stage import Cast, Stage
from api.simulation.town import ZONE, people
from dispatch.clock import real_now
from dispatch.local_time import instant as at_local
from dispatch.local_time import local_day, midnight, zone

Say = Callable[[str], None]
Wait = Callable[[float], None]

REHEARSED_ON = dt.date(2026, 3, 2)  # a Monday: a rehearsal's figures do not depend on when it is run
CURTAIN_AT = dt.time(8, 40)  # until then the day is quick: nothing is late yet
ENDS_AT = dt.time(21, 30)
QUIET = dt.timedelta(minutes=30)  # after the last visit, for the last texts and answers
BLINK_SECONDS = 0.5
SHOWS_EVERY = {True: dt.timedelta(minutes=3), False: dt.timedelta(seconds=30)}
"""How often a driving technician's phone says where it is: on a fast day less, where nobody watches the map."""
GENTLE_RATE = 60.0  # up to here nobody misses anything between two looks


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the day ended: the report's JSON, visits that were forgotten, and what the audit found."""

    report: Json
    unfinished: tuple[str, ...]
    findings: tuple[str, ...]

    @property
    def is_well(self) -> bool:
        return not self.findings and not self.unfinished


def play(script: Script, say: Say, wait: Wait) -> Outcome:
    """Set the stage, live the day, tell it; `wait` is how a live day lets time pass. Ctrl-C ends it early."""
    with _folder(script) as data, ExitStack() as until_the_end:
        house = until_the_end.enter_context(House(_plot(script, data)))
        if script.port and house.port != script.port:
            say(f"Port {script.port} is taken; this demo answers on {house.port}.")
        company = _Company(script, house, say, until_the_end)
        try:
            company.run(wait)
        except KeyboardInterrupt:
            say("Stopped.")
        return company.sum_up()


@dataclass(slots=True)
class Paces:
    """How the clock ran while somebody watched, so that seconds in the figures are not taken for their own."""

    rates: set[float]
    steps: int = 0

    def note(self, rate: float) -> None:
        if rate:  # a pause takes no time
            self.rates.add(rate)

    @property
    def sentence(self) -> str:
        *others, last = [f"{rate:g}" for rate in sorted(self.rates)] or ["nothing"]
        counted = f"{', '.join(others)} or {last}" if others else last
        held = ", or less while people caught up" if max(self.rates, default=0.0) > GENTLE_RATE else ""
        often = "once" if self.steps == 1 else f"{self.steps} times"
        stepped = f" The clock was stepped on by hand {often}." if self.steps else ""
        return f"Every second of this machine counted as {counted} in these figures{held}.{stepped}"


class _Company:
    """Everybody who plays, from the empty stage to the summary."""

    def __init__(self, script: Script, house: House, say: Say, until_the_end: ExitStack) -> None:
        self.script, self.house, self.say, self._until_the_end = script, house, say, until_the_end
        self.zone = zone(ZONE)
        self.board = self._phone("board")
        self.board.walk_in(house.office_link)
        self.day = local_day(instant(self.board.get("/dev/clock")["now"]), self.zone)
        self.living: LivingDay | None = None
        self.paces = Paces(set())

    def run(self, wait: Wait) -> None:
        cast = self._cast()
        narrator = self._narrator(cast)
        actors = [*cast.actors, Office(self.board, Random(self.script.seed))]
        tomorrow = midnight(self.day + dt.timedelta(days=1), self.zone)
        listen = _listen(narrator, lambda: self.living)
        self.living = living = LivingDay(
            self.board, actors, list(cast.bookings), tomorrow=tomorrow, listen=listen
        )
        living.skip_to_now()
        living.live()  # everybody looks at their phone before the day begins
        breaks = Breaks(self.board, cast.technicians, narrator.note)
        for time, kind in ((self.script.silent, SILENT), (self.script.sick, SICK)):
            if time:
                breaks.planned.append((self._at(time), kind))
        if self.script.fast:
            self._rush(living, breaks, until=self._at(ENDS_AT), step=self.script.step)
        else:
            for line in invitation(self.house, cast, self.script.speed):
                self.say(line)
            self._rush(living, breaks, until=self._at(CURTAIN_AT), step=2 * SHORTEST_STEP)
            self._watch(living, breaks, wait)

    def _phone(self, name: str) -> Caller:
        return self._until_the_end.enter_context(Caller(self.house.url, name))

    def _cast(self) -> Cast:
        script, crew = self.script, self.script.technicians
        persons = people(script.seed, crew + script.visits)
        places = doors(self.house.plot, self.house.runtime, crew + script.visits)
        stage = Stage(self.board, self._phone, Random(script.seed), self.say)
        self.say(f"It is {OPENS_AT:%H:%M} on {self.day:%A}, {self.day}, and the clock stands still.")
        stage.offer_trades()
        technicians = stage.hire(persons[:crew], places[:crew], shows_every=SHOWS_EVERY[script.fast])
        customers, bookings = stage.book(self._at(script.last_window_ends), persons[crew:], places[crew:])
        return Cast(technicians, customers, bookings)

    def _narrator(self, cast: Cast) -> Narrator:
        colours = self.script.colours and not self.house.runtime.settings.no_color
        names = {one.id: one.name for one in cast.technicians}
        reader = self._phone("narrator")
        return Narrator(reader, self.say, names, cast.bookings, zone=ZONE, colours=colours)

    def _rush(self, living: LivingDay, breaks: Breaks, *, until: dt.datetime, step: dt.timedelta) -> None:
        while living.now < until and not living.has_been_over(QUIET):
            living.step(step)
            breaks.act(living.now)

    def _watch(self, living: LivingDay, breaks: Breaks, wait: Wait) -> None:
        """The clock runs as it is wanted. Where it is so fast that people would miss something, it is held while
        they act."""
        self.house.run_by_itself()
        if not breaks.planned:
            breaks.plan_for_watching(living.now)
        while living.now < self._at(ENDS_AT) and not living.has_been_over(QUIET):
            living.read_clock()
            wanted = self.script.speed if living.wanted is None else living.wanted
            self.paces.note(wanted)
            living.run_at(wanted)
            wait(BLINK_SECONDS)
            if wanted > GENTLE_RATE:
                living.run_at(0.0)
            living.watch()
            breaks.act(living.now)
            if living.step_to:
                self._step(living, breaks)

    def _step(self, living: LivingDay, breaks: Breaks) -> None:
        """Whoever watches has stepped the clock: everybody lives through it, minute by minute."""
        self.paces.steps += 1
        living.run_at(0.0)
        while living.step_to:
            living.step(SHORTEST_STEP)
            breaks.act(living.now)

    def _at(self, time: dt.time) -> dt.datetime:
        return at_local(self.day, time, self.zone)

    def sum_up(self) -> Outcome:
        report = self.board.get("/api/v1/reports/making-good", **{"from": self.day.isoformat()})
        ends = self.living.ends if self.living else {}
        self.say("")
        if not self.script.fast:
            self.say(self.paces.sentence)
        for line in table(report, ends):
            self.say(line)
        found = tuple(audit(self.house.runtime))
        self.say(f"{'audit':<28}{len(found) or 'nothing'} found")
        for finding in found:
            self.say(f"  {finding}")
        return Outcome(report, tuple(self.living.unfinished) if self.living else (), found)


def _listen(narrator: Narrator, living: Callable[[], LivingDay | None]) -> Callable[[Moment], None]:
    """The narrator hears every moment, and says now and then how far the day has come."""

    def hear(moment: Moment) -> None:
        narrator.hear(moment)
        day = living()
        if day is None:
            return
        words = f"{day.count('done')} done, {day.count('en_route', 'on_site')} under way, "
        words += f"{day.count('booked')} to come"
        failed = day.count("failed")
        narrator.count(moment.now, words + (f", {failed} being made good" if failed else ""))

    return hear


def invitation(house: House, cast: Cast, speed: float) -> Iterator[str]:
    """The links for the three audiences, and how to break something."""
    booking, example = next(iter(cast.bookings.values())), cast.technicians[-1]
    yield ""
    yield f"Dispatcher:  {house.viewer_link}   (works once)"
    yield f"Customer:    {booking['tracking_url']}"
    yield f"Their phone: {house.url}/pocket?phone=%2B{booking['phone'][1:]}"
    yield f"Everything:  {house.url}/"
    yield ""
    yield "Break something yourself, for example:"
    yield _curl(house.url, "technician_silent", "technician", example.id) + f"   # {example.name}"
    yield _curl(house.url, "technician_sick", "technician", example.id)
    yield _curl(house.url, "customer_absent", "visit", next(reversed(cast.bookings)))
    yield ""
    yield f"The morning until {CURTAIN_AT:%H:%M} goes by quickly; then a second is worth {speed:.0f}."
    yield "Half an hour of the day later somebody falls silent by himself, so that there is something to see."
    yield "Ctrl-C ends the day."
    yield ""


def _plot(script: Script, data: Path) -> Plot:
    return Plot(
        data=data,
        day=REHEARSED_ON if script.fast else _coming_monday(),
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
