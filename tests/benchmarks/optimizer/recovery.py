"""A technician is sick at 10:30, or five are: who is recovered, how fast, and how many others are disturbed.

recovered: orphans served inside their promise, of `orphans`. disturbed: other customers whose technician
changes or whose start moves by more than a quarter of an hour; swapped: the former only. broken: promises of
others that are not kept. PyVRP and VROOM plan the rest of the day anew; the first repair and our search do not.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from functools import partial

from optimizer import Day, Plan, check, day_to_json, read_day
from tests.benchmarks.optimizer import engines
from tests.benchmarks.optimizer.apart import Row, stopwatch
from tests.benchmarks.optimizer.options import Options
from tests.benchmarks.optimizer.orders import Made
from tests.benchmarks.optimizer.peers import PEERS
from tests.benchmarks.optimizer.report import Report, at_share, share
from tests.benchmarks.optimizer.territory import SIZES, sick_day

NOW = 10 * 3600 + 30 * 60
ONE_OUT, FIVE_OUT = 1, 5
PEER_SECONDS, LONG_SECONDS, SHORT_SECONDS = 5.0, 10.0, 0.5
REPEATS = 7
SEEDS = 3
COLUMNS = (
    "day", "out", "solver", "wall", "cpu", "search ms", "all ms",
    "orphans", "recovered", "disturbed", "swapped", "broken", "dropped", "legal",
)  # fmt: skip
OVER_SECONDS = 0.05  # a deadline is kept: what comes late was not recovered in time
SEARCH_MS = 10.0
ALL_MS = {"50x8": 50.0, "100x8": 100.0}
AS_MANY, DAYS_SHARE, PEOPLE, EACH = 0.98, 0.95, 0.1, 1.0


def run(options: Options, report: Report) -> None:
    """Every size with one out; 100 x 8 with five out as well."""
    report.begin(
        "recovery", "a sick call at 10:30; base routes by VROOM or ours; one row a day and solver", COLUMNS
    )
    rows: list[Row] = []
    for size in options.wanted(SIZES):
        for out in (ONE_OUT, FIVE_OUT) if size == "100x8" else (ONE_OUT,):
            for seed in range(1, (options.seeds or SEEDS) + 1):
                for solver, seconds in _solvers(options, out):
                    row: Row = {"day": f"{size} {seed}", "size": size, "out": out, "solver": solver}
                    row |= {"seed": seed, "seconds": seconds}
                    arguments = {"size": size, "seed": seed, "out": out, "solver": solver, "seconds": seconds}
                    rows.append(options.measured("recovery", recover, row, **arguments))
                    report.row(rows[-1])
    for size in SIZES:
        _sum_up_first_repair(
            [row for row in rows if row["size"] == size and row["out"] == ONE_OUT], size, report
        )
    _sum_up_others([row for row in rows if row["out"] == ONE_OUT], report)
    _sum_up_five([row for row in rows if row["out"] == FIVE_OUT], report)


def recover(size: str, seed: int, out: int, solver: str, seconds: float) -> Row:
    """One solver's answer to one sick call."""
    document = day_to_json(sick_day(SIZES[size], seed, out=out, now=NOW))
    if solver == "repair":
        return _first_repair(document)
    day = read_day(document)
    made, spent = stopwatch(partial(PEERS[solver], day, seconds, seed))
    return {**spent, **_counts(day, made)}


def _first_repair(document: Row) -> Row:
    """The median of several; each reads its day anew, so nothing is remembered."""
    searches, totals = [], []
    for _ in range(REPEATS):
        day, plan, search, total = engines.first_repair(document)
        searches.append(search)
        totals.append(total)
    found = {"search ms": statistics.median(searches), "all ms": statistics.median(totals)}
    return {**found, **_counts(day, Made(plan))}


def _counts(day: Day, made: Made) -> Row:
    absent = {one.id for one in day.technicians if one.absent}
    orphans = {visit_id for one in day.technicians if one.absent for visit_id in one.route}
    others = [visit for visit in day.visits if visit.id not in orphans]
    recovered = sum(_kept(day, made.plan, visit_id) for visit_id in orphans)
    swapped = [
        one.id
        for one in others
        if one.planned is not None and made.plan.technician_of(one.id) not in (None, one.planned.technician)
    ]
    moved = [
        one.id
        for one in others
        if one.planned is not None
        and abs((made.plan.start_of(one.id) or one.planned.start) - one.planned.start) > day.change_tolerance
    ]
    return {
        "orphans": len(orphans),
        "recovered": recovered,
        "disturbed": len({*swapped, *moved}),
        "swapped": len(swapped),
        "broken": sum(not _kept(day, made.plan, one.id) for one in others),
        "dropped": len(made.dropped),
        "legal": check(day, made.plan).legal and not absent & made.plan.orders().keys(),
    }


def _kept(day: Day, plan: Plan, visit_id: str) -> bool:
    start = plan.start_of(visit_id)
    return start is not None and any(a <= start <= b for a, b in day.visit(visit_id).windows)


def _solvers(options: Options, out: int) -> list[tuple[str, float]]:
    """Who is asked, for how long; `ours` long as an oracle for the first repair, short where five are out."""
    peers = [(one, options.seconds or PEER_SECONDS) for one in options.solvers if one != "ours"]
    mine = LONG_SECONDS if out == ONE_OUT else SHORT_SECONDS
    return [("repair", 0.0), ("ours", min(mine, options.seconds or mine)), *peers]


def _sum_up_first_repair(rows: list[Row], size: str, report: Report) -> None:
    first = _done(rows, "repair")
    if not first:
        return
    search, whole = ([row[name] for row in first] for name in ("search ms", "all ms"))
    report.line(
        *_at_most(f"first repair {size}, search", search, SEARCH_MS if size in ALL_MS else None, " ms")
    )
    report.line(*_at_most(f"first repair {size}, in all", whole, ALL_MS.get(size), " ms"))
    long = {row["seed"]: row for row in _done(rows, "ours")}
    both = [row for row in first if row["seed"] in long]
    if both:
        as_many = sum(row["recovered"] >= long[row["seed"]]["recovered"] for row in both)
        seconds = max(row["seconds"] for row in long.values())
        met = as_many >= DAYS_SHARE * len(both) if seconds >= LONG_SECONDS else None
        what = f"first repair {size}, recovers all that {seconds:g} s recover"
        report.line(what, f"on {share(as_many, len(both))} of the days", "≥ 95 %", met)
    each = _sum(first, "disturbed") / max(1, _sum(first, "recovered"))
    report.line(
        f"first repair {size}, disturbed for each recovered", f"{each:.2f}", f"≤ {EACH:g}", each <= EACH
    )
    report.line(f"first repair {size}, promises of others broken", str(_sum(first, "broken")))


def _sum_up_others(rows: list[Row], report: Report) -> None:
    for solver in dict.fromkeys(row["solver"] for row in rows):
        done = _done(rows, solver)
        if done:
            recovered = share(_sum(done, "recovered"), _sum(done, "orphans"))
            others = f"{_sum(done, 'disturbed')} disturbed, {_sum(done, 'broken')} broken"
            report.line(f"one out, {solver}", f"{recovered} recovered, {others}")


def _sum_up_five(rows: list[Row], report: Report) -> None:
    mine = {row["seed"]: row for row in _done(rows, "ours")}
    if mine:
        late = max(row["wall"] - row["seconds"] for row in mine.values())
        over = f"≤ {OVER_SECONDS:g} s"
        report.line("five out, ours, over its time at worst", f"{late:.2f} s", over, late <= OVER_SECONDS)
    for solver in dict.fromkeys(row["solver"] for row in rows if row["solver"] != "ours"):
        theirs = [row for row in _done(rows, solver) if row["seed"] in mine]
        if not theirs:
            continue
        ours = [mine[row["seed"]] for row in theirs]
        rivals = solver in ("pyvrp", "vroom")
        found, other = _sum(ours, "recovered"), _sum(theirs, "recovered")
        what = f"five out, ours in {ours[0]['seconds']:g} s beside {solver}"
        figure = f"{found} recovered to {other} of {_sum(ours, 'orphans')}"
        report.line(
            f"{what}, recovered",
            figure,
            "≥ 98 %" if rivals else "",
            found >= AS_MANY * other if rivals else None,
        )
        people, more = _sum(ours, "disturbed"), _sum(theirs, "disturbed")
        report.line(
            f"{what}, people disturbed",
            f"{people} to {more}; {_sum(ours, 'broken')} to {_sum(theirs, 'broken')} promises broken",
            "a tenth" if rivals else "",
            people <= PEOPLE * more if rivals else None,
        )


def _at_most(what: str, values: Sequence[float], limit: float | None, unit: str) -> tuple[object, ...]:
    worst = at_share(values, 0.95)
    figure = f"median {statistics.median(values):.1f}{unit}, 95 in 100 ≤ {worst:.1f}{unit}"
    return (what, figure) if limit is None else (what, figure, f"≤ {limit:g}{unit}", worst <= limit)


def _done(rows: list[Row], solver: str) -> list[Row]:
    return [row for row in rows if row["solver"] == solver and "failed" not in row]


def _sum(rows: list[Row], column: str) -> int:
    return sum(row[column] for row in rows)
