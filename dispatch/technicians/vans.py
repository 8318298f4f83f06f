"""What is in a van: counted by a person, used up by finished work."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import select

from dispatch.events import (
    StockCounted,
)
from dispatch.technicians.rules import require_levels
from dispatch.technicians.tables import (
    Stock,
    Technician,
)
from dispatch.work import Work


def count_stock(work: Work, technician: Technician, found: Mapping[str, int]) -> tuple[str, ...]:
    """The van holds exactly `found`; returns the parts whose number is new. Raises Invalid for an unfit number."""
    require_levels("stock", found, least=0)
    query = select(Stock).where(Stock.technician_id == technician.id)
    rows = {row.part: row for row in work.session.exec(query)}
    changed = []
    for part in sorted({*rows, *found}):
        row = rows.get(part) or Stock(id=work.new_id(), technician_id=technician.id, part=part, quantity=0)
        if row.quantity != found.get(part, 0):
            row.quantity = found.get(part, 0)
            work.session.add(row)
            changed.append(part)
    if changed:
        work.record(StockCounted(technician_id=technician.id, parts=tuple(changed)))
    return tuple(changed)


def use_parts(work: Work, technician_id: str, parts: Mapping[str, int]) -> None:
    """Take what a finished visit used up out of the van."""
    for part, quantity in parts.items():
        query = select(Stock).where(Stock.technician_id == technician_id, Stock.part == part)
        row = work.session.exec(query).one_or_none()
        if row:
            row.quantity = max(0, row.quantity - quantity)
            work.session.add(row)
