"""The office invites somebody to book by a link of their own."""

from __future__ import annotations

from datetime import timedelta

from fastapi.responses import JSONResponse
from pydantic import Field

from api.deps import RuntimeDep, StaffDep, WorkDep
from api.idempotency import OnceDep
from api.principal import Principal
from api.runtime.runtime import Runtime
from api.schemas.base import In, Instant, Out
from api.strict import router
from dispatch.access.invitations import invite
from dispatch.access.links import issue
from dispatch.access.tables import Scope
from dispatch.territories.queries import get_territory
from dispatch.work import Work

INVITATION_LASTS = timedelta(days=7)

routes = router("/api/v1/invitations", "bookings")


class InvitationIn(In):
    phone: str = Field(default="", max_length=40)


class InvitationOut(Out):
    url: str
    expires_at: Instant


@routes.post("", status_code=201, response_model=InvitationOut)
def invite_one(
    body: InvitationIn, work: WorkDep, who: StaffDep, once: OnceDep, runtime: RuntimeDep
) -> JSONResponse:
    """A link that books in this territory for a week."""
    return once.answer(work, lambda: invitation_link(work, who, body.phone, runtime))


def invitation_link(work: Work, who: Principal, phone: str, runtime: Runtime) -> InvitationOut:
    """An invitation of this dispatcher's territory, with the link that opens it."""
    invitation = invite(work, get_territory(work.session, who.territory_id or ""), phone=phone)
    expires_at = work.now + INVITATION_LASTS
    token = issue(work, runtime.key, Scope.BOOK, invitation.id, expires_at=expires_at)
    return InvitationOut(url=f"{runtime.settings.base_url}/book/{token}", expires_at=expires_at)
