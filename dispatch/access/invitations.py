"""Inviting somebody to book by a link of their own."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from dispatch.access.codes import prefix_of
from dispatch.access.tables import Invitation
from dispatch.errors import RateLimited
from dispatch.events import CustomerInvited
from dispatch.territories.tables import Territory
from dispatch.words import phone_number
from dispatch.work import Work

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOST_AN_HOUR, MOST_A_DAY, MOST_A_PREFIX_AND_HOUR = 3, 5, 20


def ask_to_book(work: Work, territory: Territory, phone: str) -> Invitation:
    """An invitation that somebody asked for on our page: whoever gets the text with its link has that phone.

    Raises RateLimited where the phone, or the block of numbers around it, has had as many as it may; Invalid for a
    phone that cannot be texted.
    """
    number = phone_number(phone, territory.country, ours=work.own_numbers)
    session, now = work.session, work.now
    if (
        _asked(session, number, now - HOUR) >= MOST_AN_HOUR
        or _asked(session, number, now - DAY) >= MOST_A_DAY
        or _asked(session, prefix_of(number) + "%", now - HOUR) >= MOST_A_PREFIX_AND_HOUR
    ):
        words = "We have sent as many links as we may for now. Please open the newest one, or ring us."
        raise RateLimited(words, retry_after_seconds=int(HOUR.total_seconds()))
    return invite(work, territory, phone=number)


def _asked(session: Session, phone: str, since: datetime) -> int:
    counted = select(func.count()).select_from(Invitation)
    return session.exec(counted.where(col(Invitation.phone).like(phone), Invitation.invited_at > since)).one()


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
