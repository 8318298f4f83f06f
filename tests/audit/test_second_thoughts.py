"""What customers may do to a recovery, and what the audit must not mistake for damage."""

from __future__ import annotations

from sqlalchemy import Engine

from dispatch.audit import run_audit
from notifications.audit import ALL
from tests.audit.town import MONDAY, an_empty_town


def test_customer_changes_what_the_policy_kept(engine: Engine) -> None:
    town = an_empty_town(engine)
    town.book("Ben", MONDAY, "10:00")
    town.run_until(MONDAY, "11:58")  # the technician is silent; Ben is offered two windows
    town.run_until(MONDAY, "12:15")  # he does not answer: the policy keeps the first
    town.choose("Ben", "2")
    with town.workshop.read() as work:
        assert run_audit(work, ALL) == []
