"""The list on a technician's phone: one answer for a visit that left it, and for one that never was."""

from __future__ import annotations

from dispatch.errors import NotFound
from dispatch.plans.queries import find_assignment
from dispatch.plans.tables import Assignment
from dispatch.plans.turns import take_visit
from dispatch.visits.tables import Visit
from dispatch.work import Work

NOT_LISTED = "This visit is not on your list any more."


def take_listed(work: Work, visit_id: str) -> tuple[Visit, Assignment | None]:
    """The visit, nobody else's until the work is committed, and where it stands. Whose it is, the caller judges."""
    try:
        visit = take_visit(work, visit_id)
    except NotFound:
        raise NotFound(NOT_LISTED) from None
    return visit, find_assignment(work.session, visit_id)
