"""Signing in: a password first, a second factor then, and only then a session that opens the board.

A guess is counted in a Work of its own before it is looked at, and looking at a password happens outside any Work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Session, col, select

from dispatch.access import factors
from dispatch.access.links import LinkKey
from dispatch.access.sessions import end_sessions
from dispatch.access.staff import set_email
from dispatch.access.tables import Credential
from dispatch.access.waits import account, forget_old, forgive, network, second_factor, take_back, take_try
from dispatch.errors import NotFound, StateConflict
from dispatch.events import CredentialsChosen, SignedIn
from dispatch.territories.tables import Dispatcher
from dispatch.work import Work


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody says who they are. Without a hash nobody is meant, which only we know."""

    email: str
    address: str
    dispatcher_id: str = ""
    password_hash: str | None = None


def claim(work: Work, email: str, address: str) -> Claim:
    """Count a try at that account from that network address. Raises RateLimited for whoever must wait for either."""
    forget_old(work)
    take_try(work, network(address))
    take_try(work, account(email))
    known = (
        select(Dispatcher.id, Credential.password_hash)
        .join(Credential, col(Credential.dispatcher_id) == col(Dispatcher.id))
        .where(Dispatcher.email == email, col(Dispatcher.active))
    )
    dispatcher_id, password_hash = work.session.exec(known).one_or_none() or ("", None)
    return Claim(email, address, dispatcher_id, password_hash)


def accept(work: Work, claimed: Claim) -> Credential:
    """The password was right: this try was no guess. Raises StateConflict if it was changed in the same moment."""
    credential = find_credential(work.session, claimed.dispatcher_id)
    if credential is None or credential.password_hash != claimed.password_hash:
        raise StateConflict("Your password was changed in the same moment. Please sign in with the new one.")
    take_back(work, network(claimed.address))
    forgive(work, account(claimed.email))
    return credential


def choose_credentials(work: Work, person: Dispatcher, *, email: str, password_hash: str) -> Credential:
    """A first or a new password. Whatever was before counts no more: sessions, second factor, recovery codes.

    Raises Invalid for an e-mail address that somebody else signs in with.
    """
    set_email(work, person, email)
    known = find_credential(work.session, person.id)
    credential = known or Credential(
        dispatcher_id=person.id, password_hash="", password_at=work.now, factor_version=0
    )
    credential.password_hash, credential.password_at = password_hash, work.now
    _forget_factor(credential)
    work.session.add(credential)
    end_sessions(work, person.id)
    forgive(work, account(email))
    forgive(work, second_factor(person.id))
    work.record(CredentialsChosen(dispatcher_id=person.id, territory_id=person.territory_id))
    return credential


def change_password(work: Work, person: Dispatcher, password_hash: str, *, keep_session_id: str) -> None:
    """Another password; the second factor stays. Every session ends but the one in which it was asked for."""
    credential = get_credential(work.session, person.id)
    credential.password_hash, credential.password_at = password_hash, work.now
    work.session.add(credential)
    end_sessions(work, person.id, but=keep_session_id)
    work.record(CredentialsChosen(dispatcher_id=person.id, territory_id=person.territory_id))


def renew_factor(work: Work, person: Dispatcher) -> None:
    """Another phone: what the old one shows counts no more, nor do the recovery codes, and every session ends."""
    credential = get_credential(work.session, person.id)
    _forget_factor(credential)
    work.session.add(credential)
    end_sessions(work, person.id)
    work.record(CredentialsChosen(dispatcher_id=person.id, territory_id=person.territory_id))


def _forget_factor(credential: Credential) -> None:
    credential.factor_version += 1
    credential.factor_at, credential.last_step = None, 0


def begin_factor(work: Work, person: Dispatcher) -> Credential:
    """For whoever comes with their company's word and has no password here: the second key is theirs all the same."""
    known = find_credential(work.session, person.id)
    credential = known or Credential(dispatcher_id=person.id, password_hash="", password_at=work.now)
    work.session.add(credential)
    return credential


def secret_of(key: LinkKey, credential: Credential) -> str:
    """What their app shares with us."""
    return key.app_secret(credential.dispatcher_id, credential.factor_version)


def confirm_factor(work: Work, key: LinkKey, credential: Credential, typed: str) -> list[str] | None:
    """The first code proves that the app has the secret. The recovery codes, or None for a wrong code.

    Raises RateLimited for whoever must wait, StateConflict when it was confirmed already.
    """
    if credential.factor_at is not None:
        raise StateConflict("Your second factor is set up already. Please sign in with its code.")
    guessed = second_factor(credential.dispatcher_id)
    take_try(work, guessed)
    if not factors.use_app_code(work, credential, secret_of(key, credential), factors.plain_code(typed)):
        return None
    forgive(work, guessed)
    credential.factor_at = work.now
    work.session.add(credential)
    return factors.make_recovery_codes(work, credential)


class Passed(StrEnum):
    APP = "app"
    RECOVERY_CODE = "recovery_code"


def pass_factor(work: Work, key: LinkKey, credential: Credential, typed: str) -> Passed | None:
    """By what they got past the second factor; None for a wrong code, which stays counted: let the Work be committed.

    Raises RateLimited for whoever must wait, StateConflict while there is no second factor.
    """
    if credential.factor_at is None:
        raise StateConflict("Your second factor is not set up yet.")
    guessed = second_factor(credential.dispatcher_id)
    take_try(work, guessed)
    code = factors.plain_code(typed)
    # an app that was set up before the secret was changed goes on while the house still knows the one before
    secrets = [secret_of(known, credential) for known in (key, key.previous) if known]
    if any(factors.use_app_code(work, credential, secret, code) for secret in secrets):
        passed = Passed.APP
    elif factors.use_recovery_code(work, credential, code):
        passed = Passed.RECOVERY_CODE
    else:
        return None
    forgive(work, guessed)
    return passed


def note_sign_in(work: Work, person: Dispatcher, by: str) -> None:
    work.record(SignedIn(dispatcher_id=person.id, territory_id=person.territory_id, by=by))


def find_credential(session: Session, dispatcher_id: str) -> Credential | None:
    return session.get(Credential, dispatcher_id)


def credentials_of(session: Session, dispatcher_ids: Sequence[str]) -> dict[str, Credential]:
    found = session.exec(select(Credential).where(col(Credential.dispatcher_id).in_(dispatcher_ids)))
    return {one.dispatcher_id: one for one in found}


def get_credential(session: Session, dispatcher_id: str) -> Credential:
    found = find_credential(session, dispatcher_id)
    if found is None:
        raise NotFound("You have no password here yet.")
    return found
