"""Six digits to the phone on file: whoever enters them behind a link has that phone in their hands.

The caps of invariant I-30 are counted in the rows, so that they hold over every process and restart.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, case, func, update
from sqlmodel import Session, col, select

from dispatch.access.links import LinkKey, hash_token
from dispatch.access.tables import PhoneCode
from dispatch.errors import RateLimited
from dispatch.events import PhoneCodeAsked, PhoneProven
from dispatch.work import Work

GOOD_FOR = timedelta(minutes=10)
BELIEVED_FOR = timedelta(minutes=30)
MOST_TRIES = 5
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOST_AN_HOUR, MOST_A_DAY, MOST_A_PREFIX_AND_HOUR = 3, 5, 20
LEAST_ASKED, LEAST_ENTERED = (
    50,
    0.2,
)  # of a block of numbers and a day: fewer are entered where nobody reads them
AFTER_BURNT = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
)  # the first, the second, each other


class Entered(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    BURNT = "burnt"  # too many tries: this code is good for nothing any more
    GONE = "gone"  # run out, used, replaced, or never sent


def prefix_of(phone: str) -> str:
    """The number without its last four digits: neighbours of one block share it."""
    return phone[:-4]


def earliest_next(asked: Sequence[PhoneCode], now: datetime) -> datetime:
    """When this phone may have its next code: three an hour, five a day, and later after codes that were guessed at.

    `asked` are the codes of the last day, the oldest first.
    """
    found = now
    for window, most in ((HOUR, MOST_AN_HOUR), (DAY, MOST_A_DAY)):
        within = [code.asked_at for code in asked if code.asked_at > now - window]
        if len(within) >= most:
            found = max(found, within[-most] + window)
    burnt = [code.asked_at for code in asked if code.tries >= MOST_TRIES]
    if burnt:
        found = max(found, burnt[-1] + AFTER_BURNT[min(len(burnt), len(AFTER_BURNT)) - 1])
    return found


def ask_code(work: Work, visit_id: str, phone: str) -> PhoneCode:
    """A new code for this visit's link and this phone; the one before is good for nothing any more.

    Raises RateLimited where the phone, or the block of numbers around it, has had as many as it may.
    """
    asked = _since(work.session, col(PhoneCode.phone) == phone, work.now - DAY)
    next_at = earliest_next(asked, work.now)
    if next_at > work.now:
        _refuse(next_at - work.now)
    near = _since(work.session, col(PhoneCode.prefix) == prefix_of(phone), work.now - HOUR)
    if len(near) >= MOST_A_PREFIX_AND_HOUR:
        _refuse(near[-MOST_A_PREFIX_AND_HOUR].asked_at + HOUR - work.now)
    if prefix_of(phone) in blocks_nobody_enters_for(work.session, work.now):
        _refuse(DAY)
    code = PhoneCode(
        id=work.new_id(),
        visit_id=visit_id,
        phone=phone,
        prefix=prefix_of(phone),
        asked_at=work.now,
        expires_at=work.now + GOOD_FOR,
    )
    work.session.add(code)
    work.session.flush()
    work.record(PhoneCodeAsked(visit_id=visit_id, code_id=code.id))
    return code


def blocks_nobody_enters_for(session: Session, now: datetime) -> Sequence[str]:
    """Blocks of numbers for which codes are asked all day and hardly one is entered: somebody earns by our texts.

    Such a block gets no more until the codes that were not entered are a day old.
    """
    asked, entered = func.count(), func.sum(case((col(PhoneCode.used_at).is_(None), 0), else_=1))
    query = (
        select(PhoneCode.prefix)
        .where(PhoneCode.asked_at > now - DAY, PhoneCode.asked_at <= now - GOOD_FOR)
        .group_by(PhoneCode.prefix)
        .having(asked >= LEAST_ASKED, entered < asked * LEAST_ENTERED)
    )
    return session.exec(query).all()


def enter_code(work: Work, key: LinkKey, visit_id: str, phone: str, digits: str) -> tuple[Entered, str]:
    """What came of the digits, and for the right ones the secret that proves it later.

    Refusals are counted, not raised: whoever shows them must let the Work be committed.
    """
    newest = _newest(work.session, visit_id, phone)
    if newest is None or newest.used_at or work.now >= newest.expires_at:
        return Entered.GONE, ""
    mine = update(PhoneCode).where(
        col(PhoneCode.id) == newest.id, col(PhoneCode.tries) < MOST_TRIES, col(PhoneCode.used_at).is_(None)
    )
    taken = mine.values(tries=PhoneCode.tries + 1).returning(col(PhoneCode.tries))
    row = work.session.execute(taken).first()
    if row is None:
        return Entered.BURNT, ""
    if not hmac.compare_digest(key.digits(newest.id).encode(), digits.encode()):
        return (Entered.BURNT if row[0] >= MOST_TRIES else Entered.WRONG), ""
    proof = secrets.token_urlsafe(24)
    right = update(PhoneCode).where(col(PhoneCode.id) == newest.id)
    until = work.now + BELIEVED_FOR
    work.session.execute(right.values(used_at=work.now, proof_hash=hash_token(proof), proven_until_at=until))
    work.record(PhoneProven(visit_id=visit_id, code_id=newest.id))
    return Entered.RIGHT, proof


def is_proven(session: Session, visit_id: str, phone: str, proof: str, now: datetime) -> bool:
    """Whether this browser has entered a code, for this visit and for the phone that is on file now."""
    query = select(PhoneCode).where(PhoneCode.proof_hash == hash_token(proof))
    code = session.exec(query).one_or_none() if proof else None
    if code is None or code.proven_until_at is None:
        return False
    return (code.visit_id, code.phone) == (visit_id, phone) and now < code.proven_until_at


def waits_for_digits(session: Session, visit_id: str, phone: str, now: datetime) -> bool:
    newest = _newest(session, visit_id, phone)
    return bool(newest and not newest.used_at and now < newest.expires_at and newest.tries < MOST_TRIES)


def _newest(session: Session, visit_id: str, phone: str) -> PhoneCode | None:
    query = select(PhoneCode).where(PhoneCode.visit_id == visit_id, PhoneCode.phone == phone)
    return session.exec(query.order_by(col(PhoneCode.asked_at).desc(), col(PhoneCode.id).desc())).first()


def _since(session: Session, which: ColumnElement[bool], since: datetime) -> Sequence[PhoneCode]:
    query = select(PhoneCode).where(which, PhoneCode.asked_at > since)
    return session.exec(query.order_by(col(PhoneCode.asked_at), col(PhoneCode.id))).all()


def _refuse(wait: timedelta) -> None:
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    raise RateLimited(
        f"We have sent as many codes as we may for now. Please wait {minutes} minutes, or ring us.",
        retry_after_seconds=max(1, int(wait.total_seconds())),
    )
