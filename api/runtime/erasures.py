"""The list of erasures beside the database: ids and instants, nobody's name. A backup from before an erasure still has
that customer; with the list it is done again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlmodel import col, select

from api.runtime.runtime import Runtime
from dispatch.customers.tables import Customer
from dispatch.errors import StateConflict
from dispatch.work import SYSTEM
from notifications.people.erase import erase
from notifications.people.whose import the_customers_of


def remember_erasures(runtime: Runtime) -> int:
    """Every erasure of this database stands in the list, and none is ever taken off it; how many there are."""
    path = runtime.settings.erasures
    listed = _read(path)
    with runtime.read() as work:
        query = select(Customer.id, Customer.erased_at).where(col(Customer.erased_at).is_not(None))
        known = {id: at for id, at in work.session.exec(query) if at and id not in listed}
    if known:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)
        with path.open("a", encoding="ascii") as file:
            file.writelines(f"{id} {at.isoformat()}\n" for id, at in sorted(known.items()))
    return len(listed) + len(known)


def redo_erasures(runtime: Runtime) -> list[str]:
    """Erase once more whom the list has and this database still knows; a sentence for each that must wait."""
    waiting = []
    for id, at in sorted(_read(runtime.settings.erasures).items()):
        try:
            _redo(runtime, id, at)
        except StateConflict as refused:
            waiting.append(f"A customer who was erased on {at:%d %B %Y} is back: {refused.message}")
    return waiting


def _redo(runtime: Runtime, id: str, at: datetime) -> None:
    with runtime.read() as work:
        customer = work.session.get(Customer, id)
        if customer is None or customer.erased_at is not None:
            return
    with runtime.work(SYSTEM, "erased again") as work:
        customer = work.session.get_one(Customer, id)
        if customer.erased_at is None:
            erase(work, the_customers_of(work.session, customer), erased_at=at)


def _read(path: Path) -> dict[str, datetime]:
    return dict(_lines(path)) if path.exists() else {}


def _lines(path: Path) -> Iterator[tuple[str, datetime]]:
    for line in path.read_text(encoding="ascii").splitlines():
        id, _, at = line.partition(" ")
        try:
            yield id, datetime.fromisoformat(at)
        except ValueError:  # the end of a line that somebody's power cut took
            continue
