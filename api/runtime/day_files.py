"""The optimizer on files alone: no database, no account."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import optimizer

UNREADABLE, ILLEGAL, WELL = 2, 1, 0


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    plan = commands.add_parser("plan", help="plan a day file; needs no database")
    plan.add_argument("day", type=Path, metavar="DAY.json")
    plan.add_argument(
        "-o", "--output", type=Path, metavar="PLAN.json", help="where the plan goes; else printed"
    )
    plan.add_argument("--seconds", type=float, default=5.0, help="how long to search (default 5)")
    plan.add_argument("--explain", action="store_true", help="why each unserved visit is not served")
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
    slots.add_argument("-n", type=int, default=10, help="how many (default 10)")
    slots.set_defaults(run=_slots)


class Unreadable(Exception):
    """A file is not there or not what its format says; the message names it."""


def _plan(arguments: argparse.Namespace) -> int:
    try:
        day = _day(arguments.day)
    except Unreadable as error:
        return _refuse(error)
    plan = optimizer.solve(day, optimizer.Budget(seconds=arguments.seconds))
    text = json.dumps(optimizer.plan_to_json(plan), indent=1)
    if arguments.output:
        arguments.output.write_text(text + "\n")
        _say(asdict(optimizer.check(day, plan)))
    else:
        sys.stdout.write(text + "\n")
    if arguments.explain:
        for left in plan.unserved:
            _explain(optimizer.explain(day, plan, left.visit))
    return WELL


def _explain(found: optimizer.Explanation) -> None:
    lines = [f"{found.visit} is not served:"]
    lines += [f"  {block.sentence}" for block in found.blocks]
    lines += [f"  It would be: {way.sentence}" for way in found.relaxations]
    sys.stderr.write("\n".join(lines) + "\n")


def _check(arguments: argparse.Namespace) -> int:
    try:
        day = _day(arguments.day)
        verdict = optimizer.check(day, optimizer.read_plan(_json(arguments.plan)))
    except (Unreadable, ValueError) as error:
        return _refuse(error)
    _say(asdict(verdict))
    return WELL if verdict.legal else ILLEGAL


def _odds(arguments: argparse.Namespace) -> int:
    try:
        day, plan = _day(arguments.day), optimizer.read_plan(_json(arguments.plan))
        found = optimizer.odds(day, plan, samples=arguments.samples, seed=arguments.seed)
    except KeyError as error:
        return _refuse(Unreadable(f"{arguments.plan}: {error} is unknown to {arguments.day}"))
    except (Unreadable, ValueError) as error:
        return _refuse(error)
    _say(asdict(found))
    return WELL


def _slots(arguments: argparse.Namespace) -> int:
    try:
        document = _json(arguments.day)
        visit = _json(arguments.visit)
        document["visits"] = [*document.get("visits", []), {**visit, "id": visit.get("id", "asked")}]
        day = optimizer.read_day(document)
    except (Unreadable, ValueError) as error:
        return _refuse(error)
    asked = day.visits[-1]
    routes = {technician.id: technician.route for technician in day.technicians}
    found = optimizer.places(day, routes, asked)[: arguments.n]
    _say([{**asdict(place), "time": optimizer.clock_text(place.start)} for place in found])
    return WELL if found else ILLEGAL


def _day(path: Path) -> optimizer.Day:
    try:
        return optimizer.read_day(_json(path))
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(f"{path}: {error}") from error


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text())
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise Unreadable(f"{path} is not JSON: {error}") from error


def _say(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=1) + "\n")


def _refuse(error: Exception) -> int:
    sys.stderr.write(f"{error}\n")
    return UNREADABLE
