"""The optimizer on files alone: no database, no account."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from os import cpu_count
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

import optimizer
from api.runtime.progress import watching

COMMANDS = ("plan", "check", "odds", "slots")
UNREADABLE, ILLEGAL, WELL = 2, 1, 0
MOST_MINUTES = 24 * 60
USUAL_THREADS = 2
LOOKING_SECONDS = 5.0
MAX_BYTES = 100_000_000  # a larger file is refused before it is parsed

T = TypeVar("T")


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    plan = commands.add_parser("plan", help="plan a day file; needs no database")
    plan.add_argument("day", type=Path, metavar="DAY.json")
    plan.add_argument(
        "-o", "--output", type=Path, metavar="PLAN.json", help="where the plan goes; else printed"
    )
    plan.add_argument("--seconds", type=float, default=5.0, help="how long to search (default 5)")
    plan.add_argument("--explain", action="store_true", help="why each unserved visit is not served")
    plan.add_argument("--picture", type=Path, metavar="PLAN.svg", help="draw the routes and promises")
    plan.add_argument("--quiet", action="store_true", help="say nothing about the search while it goes on")
    plan.add_argument(
        "--seed", type=int, default=1, help="what the search takes its chances from (default 1)"
    )
    plan.add_argument("--engine", choices=("search", "routing"), default="search", help="which search")
    plan.add_argument("--threads", type=int, default=USUAL_THREADS, help="searching at once (default 2)")
    plan.set_defaults(run=_plan)
    check = commands.add_parser("check", help="judge any plan for a day file")
    check.add_argument("day", type=Path, metavar="DAY.json")
    check.add_argument("plan", type=Path, metavar="PLAN.json")
    check.set_defaults(run=_check)
    odds = commands.add_parser("odds", help="how likely a plan keeps each promise of a day file")
    odds.add_argument("day", type=Path, metavar="DAY.json")
    odds.add_argument("plan", type=Path, metavar="PLAN.json")
    odds.add_argument("--samples", type=int, default=1000, help="how many versions of the day (default 1000)")
    odds.add_argument("--seed", type=int, default=1, help="another seed, another thousand days (default 1)")
    odds.set_defaults(run=_odds)
    slots = commands.add_parser("slots", help="places for one more visit, cheapest first")
    slots.add_argument("day", type=Path, metavar="DAY.json")
    slots.add_argument("visit", type=Path, metavar="VISIT.json")
    slots.add_argument("-n", type=int, default=10, help="how many of each (default 10)")
    slots.add_argument("--no-moves", action="store_true", help="nobody else's visit is moved aside")
    slots.set_defaults(run=_slots)


class Unreadable(Exception):
    """A file is not there or not what its format says; the message names it."""


def _plan(arguments: argparse.Namespace) -> int:
    try:
        budget, threads = _budget(arguments.seconds), _threads(arguments.threads)
        day = _read(arguments.day, optimizer.read_day)
    except Unreadable as error:
        return _refuse(error)
    plan = _search(day, arguments, budget, threads)
    text = json.dumps(optimizer.plan_to_json(plan), indent=1) + "\n"
    verdict = optimizer.check(day, plan)
    try:
        if arguments.output:
            _write(arguments.output, text)
            _say(asdict(verdict))
        else:
            sys.stdout.write(text)
        if arguments.picture:
            _write(arguments.picture, optimizer.picture(day, plan))
    except Unreadable as error:
        return _refuse(error)
    if arguments.explain:
        for left in plan.unserved:
            _explain(optimizer.explain(day, plan, left.visit))
    return WELL if verdict.legal else ILLEGAL


def _search(
    day: optimizer.Day, arguments: argparse.Namespace, budget: optimizer.Budget, threads: int
) -> optimizer.Plan:
    """Watched on stderr. What the search has to compile first, once, does not count as searching."""
    began = monotonic()
    with watching(sys.stderr, clock=monotonic, budget=arguments.seconds, quiet=arguments.quiet) as report:
        if arguments.engine == "routing":  # it says nothing itself
            report(_progress(day, optimizer.repair(day), "first answer", since=began))
            plan = optimizer.solve(day, budget, engine="routing")
            report(_progress(day, plan, "done", since=began))
            return plan
        if not optimizer.is_warm():
            first = _progress(day, optimizer.repair(day), "first answer", since=began)
            report(first)
            report(replace(first, phase="compiling"))
            optimizer.warm_up()
        return optimizer.solve(day, budget, seed=arguments.seed, threads=threads, on_progress=report)


def _progress(day: optimizer.Day, plan: optimizer.Plan, phase: str, *, since: float) -> optimizer.Progress:
    found = optimizer.check(day, plan)
    told = (found.cost, found.broken, found.unserved, phase, plan)
    return optimizer.Progress(monotonic() - since, 0, *told)


def _explain(found: optimizer.Explanation) -> None:
    lines = [f"{found.visit} is not served:"]
    lines += [f"  {block.sentence}" for block in found.blocks]
    lines += [f"  It would be: {way.sentence}" for way in found.relaxations]
    sys.stderr.write("\n".join(lines) + "\n")


def _check(arguments: argparse.Namespace) -> int:
    try:
        day, plan = _read_both(arguments)
    except Unreadable as error:
        return _refuse(error)
    verdict = optimizer.check(day, plan)
    _say(asdict(verdict))
    return WELL if verdict.legal else ILLEGAL


def _odds(arguments: argparse.Namespace) -> int:
    try:
        day, plan = _read_both(arguments)
        found = optimizer.odds(day, plan, samples=arguments.samples, seed=arguments.seed)
    except KeyError as error:
        return _refuse(Unreadable(f"{arguments.plan}: {error} is unknown to {arguments.day}"))
    except Unreadable as error:
        return _refuse(error)
    _say(asdict(found))
    return WELL


def _slots(arguments: argparse.Namespace) -> int:
    from api.places import find_places  # with the schemas of the web, only here

    try:
        day = _read(arguments.day, optimizer.read_day)
        asked = _read(arguments.visit, _read_asked)
        if asked.location >= len(day.travel):
            raise Unreadable(f"{arguments.visit}: /location: {asked.location} is not in travel")
    except Unreadable as error:
        return _refuse(error)
    if not optimizer.is_warm():
        sys.stderr.write(
            "Not compiled yet: visits are not moved aside. `python -m optimizer.warm` compiles.\n"
        )
    found = find_places(
        day,
        asked,
        None,
        count=max(0, arguments.n),
        eject=not arguments.no_moves,
        nearly_seconds=LOOKING_SECONDS,
        watch=monotonic,
    )
    _say(found.model_dump())
    return WELL if found.places or found.windows else ILLEGAL


def _read_asked(document: Any) -> optimizer.Visit:
    """A visit that is not part of the day yet may leave its id out."""
    return optimizer.read_visit({"id": "asked", **document} if isinstance(document, dict) else document)


def _budget(seconds: float) -> optimizer.Budget:
    if not 0 < seconds <= MOST_MINUTES * 60:
        raise Unreadable(f"--seconds must be more than 0 and at most {MOST_MINUTES * 60}, not {seconds}")
    return optimizer.Budget(seconds=seconds)


def _threads(wanted: int) -> int:
    """No more than there are processors."""
    if wanted < 1:
        raise Unreadable(f"--threads must be at least 1, not {wanted}")
    return min(wanted, cpu_count() or 1)


def _read_both(arguments: argparse.Namespace) -> tuple[optimizer.Day, optimizer.Plan]:
    day = _read(arguments.day, optimizer.read_day)
    plan = _read(arguments.plan, optimizer.read_plan)
    if plan.day != day.name:
        raise Unreadable(f"{arguments.plan}: /day: a plan for {plan.day!r}, not for {day.name!r}")
    return day, plan


def _read(path: Path, read: Callable[[Any], T]) -> T:
    try:
        return read(_json(path))
    except (optimizer.DayFileError, optimizer.PlanFileError) as error:
        raise Unreadable(f"{path}: {error}") from error


def _json(path: Path) -> Any:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise Unreadable(
                f"{path} is larger than {MAX_BYTES} bytes; leave out what the format does not name"
            )
        return json.loads(raw.decode("utf-8-sig"), parse_constant=_no_number)
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{path} is not UTF-8: byte {error.start} cannot be read") from error
    except RecursionError as error:
        raise Unreadable(f"{path} is not such a file: its lists and objects are nested too deeply") from error
    except ValueError as error:
        raise Unreadable(f"{path} is not JSON: {error}") from error


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number that JSON knows")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from error


def _say(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=1) + "\n")


def _refuse(error: Unreadable) -> int:
    sys.stderr.write(" ".join(str(error).split()) + "\n")  # one line, whatever the names in it
    return UNREADABLE
