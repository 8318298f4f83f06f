"""One file, one Work: every row is really done, every error is told, and with any error nothing was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from api.csv.columns import Kind, Outcome, Taker, Values, judge_headers, read_row
from api.csv.customers import CUSTOMERS
from api.csv.reading import Table, read_csv
from api.csv.report import MOST_TOLD, Report, RowError, UnreadableFile, refused
from api.csv.services import SERVICES
from api.csv.technicians import TECHNICIANS
from api.csv.visits import VISITS
from dispatch.errors import DispatchError, Invalid, OutOfArea, Unavailable
from dispatch.travel.port import TravelError
from dispatch.work import Actor, Work, Workshop

KINDS: dict[str, Kind] = {kind.name: kind for kind in (SERVICES, TECHNICIANS, CUSTOMERS, VISITS)}

COLUMN_OF = {
    "duration_seconds": "duration_minutes",
    "spread_seconds": "spread_minutes",
    "window_seconds": "window_minutes",
    "shift": "shift_end",
    "start_at": "window_start",
    "end_at": "window_start",
}

Progress = Callable[[int, int], None]


class _TakenBack(Exception):
    """Leaves the Work so that nothing of it is kept."""


def silent(done: int, total: int) -> None:
    """Tell nobody how far it is."""


def import_file(
    workshop: Workshop,
    kind: str,
    source: Path | str | bytes,
    actor: Actor,
    *,
    dry_run: bool = False,
    progress: Progress = silent,
) -> Report:
    """Read a file and import it; a file that cannot be read is one more report.

    Raises Unavailable when it is not the file's fault; nothing was written then.
    """
    try:
        table = read_csv(source)
    except UnreadableFile as unreadable:
        return refused(kind, dry_run, [unreadable.reason])
    return plan_import(workshop, kind, table, actor, dry_run, progress)


def plan_import(
    workshop: Workshop,
    kind: str,
    table: Table,
    actor: Actor,
    dry_run: bool,
    progress: Progress = silent,
) -> Report:
    """Import `table`, or in a dry run do the same and take it back. `progress` hears of every row done.

    Raises Invalid for an unknown kind, Unavailable when it is not the file's fault; nothing was written then.
    """
    shape = kind_of(kind)
    wrong = judge_headers(shape, table.headers)
    if wrong:
        return refused(kind, dry_run, wrong)
    run = _Run(shape, table, progress)
    try:
        with suppress(_TakenBack), workshop.work(actor, f"import {kind}") as work:
            run.take_rows(work)
            if dry_run or run.errors:
                raise _TakenBack
    except TravelError as error:
        words = "Travel times cannot be had right now, so nothing was imported. Please try again."
        raise Unavailable(words) from error
    except (StaleDataError, IntegrityError, OperationalError) as error:
        words = (
            "Somebody changed the same things in the same moment, so nothing was imported. Please try again."
        )
        raise Unavailable(words) from error
    return run.report(dry_run)


def kind_of(name: str) -> Kind:
    if name not in KINDS:
        raise Invalid.field(
            "kind", "kind_unknown", f"One of {', '.join(KINDS)} can be imported and exported."
        )
    return KINDS[name]


class _Run:
    """One file on its way: what each row came to."""

    def __init__(self, kind: Kind, table: Table, progress: Progress) -> None:
        self.kind, self.table, self.progress = kind, table, progress
        self.errors = list(table.errors)
        self.outcomes: Counter[Outcome] = Counter()
        self.rows_by_key: dict[str, int] = {}

    def take_rows(self, work: Work) -> None:
        """Read every row, then do those that can be read, in the file's order."""
        readable: list[tuple[int, Values]] = []
        for row in self.table.rows:
            cells, errors = read_row(self.kind, self.table.headers, row)
            errors += self._doubled(row.number, cells)
            self.errors += errors
            if not errors:
                readable.append((row.number, cells))
        take = self.kind.open(work, [values for _, values in readable])
        for done, (number, values) in enumerate(readable, start=1):
            self._take(work, take, number, values)
            self.progress(done, len(readable))

    def _doubled(self, number: int, values: Values) -> list[RowError]:
        name = self.kind.columns[0].name
        key = values.get(name)
        if key is None:
            return []
        first = self.rows_by_key.setdefault(key, number)
        if first == number:
            return []
        return [RowError(number, name, "key_doubled", f"Row {first} has the same {name} already.")]

    def _take(self, work: Work, take: Taker, number: int, values: Values) -> None:
        """Do one row in a savepoint of its own, so that a refused one leaves nothing to the rows after it."""
        try:
            with work.whole_or_nothing():
                outcome = take(values)
        except DispatchError as refusal:
            self.errors += self._sentences(number, refusal)
        except DataError:
            sentence = "Something in this row is too long to be kept."
            self.errors.append(RowError(number, "", "not_storable", sentence))
        else:
            self.outcomes[outcome] += 1

    def _sentences(self, number: int, refusal: DispatchError) -> list[RowError]:
        if not isinstance(refusal, Invalid):
            column = self._column("lat") if isinstance(refusal, OutOfArea) else ""
            return [RowError(number, column, refusal.code.replace("-", "_"), refusal.message)]
        return [
            RowError(number, self._column(error.pointer), error.code, error.detail)
            for error in refusal.errors
        ]

    def _column(self, pointer: str) -> str:
        name = pointer.strip("/").split("/")[0]
        name = COLUMN_OF.get(name, name)
        return name if name in self.kind.names else ""

    def report(self, dry_run: bool) -> Report:
        return Report(
            kind=self.kind.name,
            dry_run=dry_run,
            accepted=self.outcomes[Outcome.ACCEPTED],
            updated=self.outcomes[Outcome.UPDATED],
            unchanged=self.outcomes[Outcome.UNCHANGED],
            errors=tuple(sorted(self.errors)[:MOST_TOLD]),
            error_count=len(self.errors),
        )
