"""Six digits to a phone for which a booking link was not made: whoever enters them has that phone in their hands.

A code is for one held time and one phone. It is derived, and used when the time is booked: no row holds it. Counted by
hashes alone, in the database.
"""

from __future__ import annotations

import hmac
from datetime import timedelta

from dispatch.access.codes import MOST_TRIES, Entered, prefix_of
from dispatch.access.links import LinkKey
from dispatch.access.turns import Turns, take_turn
from dispatch.access.waits import mark_of
from dispatch.errors import RateLimited
from dispatch.work import Work

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORDS = "We have sent as many codes as we may for now. Please wait a while, or ring us."


def code_for(hold_id: str, phone: str) -> str:
    """What the digits are derived from."""
    return mark_of(f"code to book|{hold_id}|{phone}")


def take_code(work: Work, invitation_id: str, phone: str) -> None:
    """Count one code that is sent. Raises RateLimited where the phone, the block of numbers around it, or the link, has
    had as many as it may.
    """
    for about, most, within in (
        (f"codes to book|{phone}", 3, HOUR),
        (f"codes to book, of a day|{phone}", 5, DAY),
        (f"codes to book, of a block|{prefix_of(phone)}", 20, HOUR),
        (f"codes to book, by a link|{invitation_id}", 5, DAY),
    ):
        take_turn(work, Turns(mark_of(about), most, within, WORDS))


def enter_booking_code(work: Work, key: LinkKey, hold_id: str, phone: str, digits: str) -> Entered:
    """What came of the digits. Refusals are counted, not raised: whoever shows them lets the Work be committed."""
    code_id = code_for(hold_id, phone)
    try:
        take_turn(work, Turns(mark_of(f"tries of|{code_id}"), MOST_TRIES, DAY, WORDS))
    except RateLimited:
        return Entered.BURNT
    return (
        Entered.RIGHT if hmac.compare_digest(key.digits(code_id).encode(), digits.encode()) else Entered.WRONG
    )
