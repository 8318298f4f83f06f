"""Which password is good enough, and how one is kept: as an argon2id hash, 64 MiB of work each time it is looked at."""

from __future__ import annotations

import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dispatch.errors import Invalid

SHORTEST, LONGEST = 12, 128
FEWEST_BESIDE = 6  # letters and digits that a name must not be alone without
FEWEST_SIGNS = 4  # different ones: `aaaaaaaaaaaa` and `121212121212` are long and yet no secret
OBVIOUS = (
    "password",
    "passwort",
    "motdepasse",
    "contraseña",
    "qwertyuiop",
    "qwertzuiop",
    "123456789",
    "makegood",
)

_HASHER = PasswordHasher()  # the second choice of RFC 9106: three rounds over 64 MiB
_AT_ONCE = threading.BoundedSemaphore(
    4
)  # whoever knocks with many passwords at once must not fill the memory


def require_fit(password: str, *, email: str, company: str) -> str:
    """`password` in NFC, as it is hashed. Any signs do; only length and the obvious count.

    Raises Invalid for one of fewer than 12 or more than 128 signs, and for one that others would try first.
    """
    kept = unicodedata.normalize("NFC", password)
    if len(kept) < SHORTEST:
        raise _unfit(
            "password_too_short", f"Please take {SHORTEST} signs or more; a few words in a row are good."
        )
    if len(kept) > LONGEST:
        raise _unfit("password_too_long", f"At most {LONGEST} signs, please.")
    if len(set(kept)) < FEWEST_SIGNS:
        raise _unfit("password_obvious", "That repeats the same few signs: please take other ones too.")
    if is_obvious(kept, email=email, company=company):
        raise _unfit(
            "password_obvious",
            "Others would try this one first: it is little more than a name, your e-mail address or a well-known row.",
        )
    return kept


def is_obvious(password: str, *, email: str, company: str) -> bool:
    """Whether it is the company's name, the own address or a well-known row, and hardly anything beside."""
    name, _, host = email.partition("@")
    known = {
        _letters(one) for one in (company, email, name, *name.split("."), host.rpartition(".")[0], *OBVIOUS)
    }
    whole = left = _letters(password)
    for word in sorted(known, key=len, reverse=True):
        left = left.replace(word, "") if len(word) > 2 else left
    return len(left) < FEWEST_BESIDE and left != whole


def hash_password(password: str) -> str:
    """Slow by intention: never inside a Work."""
    with _AT_ONCE:
        return _HASHER.hash(unicodedata.normalize("NFC", password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether that is the password. Without a hash the same work is done on nobody's, so that it takes as long."""
    try:
        with _AT_ONCE:
            _HASHER.verify(password_hash or _nobodys(), unicodedata.normalize("NFC", password))
    except (VerificationError, InvalidHashError):
        return False
    return bool(password_hash)


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody's password")


def _letters(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _unfit(code: str, says: str) -> Invalid:
    return Invalid.field("password", code, says)
