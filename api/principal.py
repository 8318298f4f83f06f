"""Who asks: a customer by a link, a technician or dispatcher by a session, or nobody we know."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.access.tables import Scope
from dispatch.territories.tables import StaffRole
from dispatch.work import Actor


@dataclass(frozen=True, slots=True)
class Principal:
    """`role` is none, customer, technician or dispatcher. A customer's link has a scope, and for TRACK a visit.

    A set-up or enrolment link makes nobody of its holder yet, and a calendar is nobody: role none, with the link's
    scope and subject.
    Whoever `is_entering` knows a dispatcher's password, and is nobody until the second factor. `duties` is what
    somebody of the office may do, `session_id` the session that they ask by.
    A program with an API key acts for the office of its territory, within the key's `scopes`.
    """

    role: str = "none"
    subject_id: str = ""
    scope: Scope | None = None
    visit_id: str | None = None
    territory_id: str | None = None
    duties: StaffRole | None = None
    session_id: str = ""
    is_entering: bool = False
    scopes: frozenset[str] | None = None

    @property
    def actor(self) -> Actor:
        if self.scopes is not None:
            return Actor("key", self.subject_id)
        return Actor("visitor" if self.role == "none" else self.role, self.subject_id)


NOBODY = Principal()
