"""The second factor: a code from an app, of which each time step counts once, or one of ten recovery codes."""

from __future__ import annotations

import unicodedata
from datetime import datetime

import pyotp
from pyotp.utils import strings_equal
from sqlalchemy import update
from sqlmodel import Session, col, func, select

from dispatch.access.links import hash_token
from dispatch.access.tables import Credential, RecoveryCode
from dispatch.chance import Chance
from dispatch.work import Work

STEP_SECONDS = 30
CODES = 10
_SIGNS = "234679abcdefghjkmnpqrtvwxy"  # none that the eye mixes up; sixteen of them are 75 bits


def app_uri(secret: str, *, name: str, company: str) -> str:
    """What the square code on the page says."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=company)


def step_of(secret: str, code: str, now: datetime, *, last_step: int) -> int | None:
    """The time step that `code` belongs to: this one, the one before or the next, and newer than the last one used."""
    app, current = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    fitting = [
        step
        for step in (current - 1, current, current + 1)
        if strings_equal(app.generate_otp(step), code) and step > last_step
    ]
    return fitting[0] if fitting else None


def plain_code(typed: str) -> str:
    """What somebody typed, as codes are compared: no spaces, no hyphens, small letters."""
    folded = unicodedata.normalize("NFKC", typed).casefold()
    return "".join(sign for sign in folded if sign.isalnum())


def use_app_code(work: Work, credential: Credential, secret: str, code: str) -> bool:
    """Whether `code` is the app's and was not used; of two who send it in the same moment one is let in."""
    step = step_of(secret, code, work.now, last_step=credential.last_step)
    if step is None:
        return False
    newer = update(Credential).where(
        col(Credential.dispatcher_id) == credential.dispatcher_id, col(Credential.last_step) < step
    )
    used = newer.values(last_step=step).returning(col(Credential.dispatcher_id))
    return work.session.execute(used).first() is not None


def use_recovery_code(work: Work, credential: Credential, code: str) -> bool:
    """Whether `code` is one of theirs that was not used yet."""
    unused = update(RecoveryCode).where(
        col(RecoveryCode.code_hash) == hash_token(code),
        col(RecoveryCode.dispatcher_id) == credential.dispatcher_id,
        col(RecoveryCode.factor_version) == credential.factor_version,
        col(RecoveryCode.used_at).is_(None),
    )
    return (
        work.session.execute(unused.values(used_at=work.now).returning(col(RecoveryCode.code_hash))).first()
        is not None
    )


def make_recovery_codes(work: Work, credential: Credential) -> list[str]:
    """Ten new ones, to be shown once; those of earlier versions of the factor open nothing any more."""
    codes = [recovery_code(work.chance) for _ in range(CODES)]
    for code in codes:
        work.session.add(
            RecoveryCode(
                code_hash=hash_token(plain_code(code)),
                dispatcher_id=credential.dispatcher_id,
                factor_version=credential.factor_version,
            )
        )
    return codes


def recovery_code(chance: Chance) -> str:
    """`k7fh-29xw-…`: sixteen signs in groups of four."""
    return "-".join(chance.word(_SIGNS, 4) for _ in range(4))


def count_recovery_codes(session: Session, credential: Credential) -> int:
    """How many are left."""
    query = select(func.count()).where(
        RecoveryCode.dispatcher_id == credential.dispatcher_id,
        RecoveryCode.factor_version == credential.factor_version,
        col(RecoveryCode.used_at).is_(None),
    )
    return session.exec(query).one()
