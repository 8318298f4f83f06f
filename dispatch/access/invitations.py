"""Inviting somebody to book by a link of their own."""

from __future__ import annotations

from dispatch.access.tables import Invitation
from dispatch.events import CustomerInvited
from dispatch.territories.tables import Territory
from dispatch.words import phone_number
from dispatch.work import Work


def invite(work: Work, territory: Territory, *, phone: str = "") -> Invitation:
    """A new invitation; its link is issued for it. Raises Invalid for a phone that cannot be texted."""
    invitation = Invitation(
        id=work.new_id(),
        territory_id=territory.id,
        phone=phone_number(phone, territory.country, ours=work.own_numbers) if phone else "",
        invited_by=str(work.actor),
        invited_at=work.now,
    )
    work.session.add(invitation)
    work.session.flush()
    work.record(CustomerInvited(invitation_id=invitation.id, territory_id=territory.id))
    return invitation
