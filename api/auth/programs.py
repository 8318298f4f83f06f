"""Programs at the door: what a key makes of whoever shows it, how often it may ask, and when it was last used."""

from __future__ import annotations

from fastapi import Request
from sqlalchemy.exc import OperationalError

from api.auth.guessing import Guesses
from api.principal import Principal
from api.refusals import Malformed
from api.runtime.runtime import Runtime
from dispatch.access.keys import find_key, is_use_unknown, note_use
from dispatch.errors import NotFound
from dispatch.work import SYSTEM, Work

TERRITORY_HEADER = "makegood-territory"


def by_key(request: Request, runtime: Runtime, work: Work, secret: str) -> Principal:
    """The office of the key's territory, as far as its scopes go.

    Raises NotFound for a key that is none, or none any more, RateLimited for one that asks too often, Malformed where
    a key for all territories does not say which.
    """
    key = find_key(work.session, secret, work.now)
    if key is None:
        raise NotFound()
    asked: Guesses = request.app.state.asked
    asked.require_patience(key.id)
    asked.note(key.id)
    territory_id = key.territory_id or request.headers.get(TERRITORY_HEADER, "")
    if not territory_id:
        raise Malformed(
            "This key is for all territories: say in the header Makegood-Territory which one is meant."
        )
    if is_use_unknown(key, work.now):
        _note_use(runtime, key.id)
    return Principal("dispatcher", key.id, territory_id=territory_id, scopes=frozenset(key.scopes))


def _note_use(runtime: Runtime, key_id: str) -> None:
    """Bookkeeping: a database that cannot be written just now is no reason to refuse what was asked."""
    try:
        with runtime.work(SYSTEM, "key used") as work:
            note_use(work, key_id)
    except OperationalError:
        return
