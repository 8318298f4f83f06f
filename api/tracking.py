"""The link with which a customer follows a visit."""

from __future__ import annotations

from datetime import timedelta

from api.runtime.runtime import Runtime
from dispatch.access.links import issue
from dispatch.access.tables import Scope
from dispatch.promises.queries import current_promise
from dispatch.visits.tables import Visit
from dispatch.work import Work

LINK_DAYS = 7


def tracking_url(work: Work, runtime: Runtime, visit: Visit) -> str:
    """The same link that the customer's texts carry; it lasts until a week after the window."""
    expires_at = current_promise(work.session, visit).end_at + timedelta(days=LINK_DAYS)
    token = issue(work, runtime.key, Scope.TRACK, visit.id, expires_at=expires_at)
    return f"{runtime.settings.base_url}/v/{token}"
