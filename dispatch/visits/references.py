"""References that survive a bad line: what was meant by what was heard."""

from __future__ import annotations

from stdnum.iso7064 import mod_37_36

LENGTH = 7
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def tidy(text: str) -> str:
    """Upper case without spaces, hyphens and the like: as references are kept."""
    return "".join(sign for sign in text.upper() if sign in _LETTERS)


def is_wellformed(reference: str) -> bool:
    """Whether the check character (ISO 7064 MOD 37,36) fits: a misheard reference is mistyped, not 'no record'."""
    return len(reference) == LENGTH and mod_37_36.is_valid(reference)


def spoken(reference: str) -> str:
    """`K7M-4QXA`: as it is written in texts and read aloud."""
    return f"{reference[:3]}-{reference[3:]}"


def candidates(text: str) -> list[str]:
    """Every well-formed reference one slip away: a wrong sign, two swapped, one missing or one too many.

    The check character leaves about one in 36 of some 500 neighbours, so few strangers match.
    """
    heard = tidy(text)
    if not LENGTH - 1 <= len(heard) <= LENGTH + 1:
        return []
    return sorted(reference for reference in {heard, *_one_slip(heard)} if is_wellformed(reference))


def _one_slip(heard: str) -> set[str]:
    spots = range(len(heard) + 1)
    if len(heard) == LENGTH - 1:
        return {heard[:spot] + letter + heard[spot:] for spot in spots for letter in _LETTERS}
    if len(heard) == LENGTH + 1:
        return {heard[:spot] + heard[spot + 1 :] for spot in spots}
    wrong = {heard[:spot] + letter + heard[spot + 1 :] for spot in range(LENGTH) for letter in _LETTERS}
    swapped = {heard[:spot] + heard[spot + 1] + heard[spot] + heard[spot + 2 :] for spot in range(LENGTH - 1)}
    return wrong | swapped
