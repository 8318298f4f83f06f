"""How an address is written: the number before the street or behind it, and what stays as it was typed."""

from __future__ import annotations

NUMBER_FIRST = frozenset(["US", "CA", "GB", "IE", "AU", "NZ", "FR", "LU", "MC", "PR"])


def one_line(*, number: str, street: str, postcode: str, town: str, country: str) -> str:
    """`12 Weirside Avenue, 17745 Ridgefield` or `Hauptstraße 12, 80331 München`. Empty without a street."""
    if not street:
        return ""
    door = (number, street) if country.upper() in NUMBER_FIRST else (street, number)
    parts = (" ".join(one for one in door if one), " ".join(one for one in (postcode, town) if one))
    return ", ".join(one for one in parts if one)


def kept_line(typed: str, found: str) -> str:
    """The line to keep once `found` was chosen: what was typed, where it names a house and `found` only a street."""
    return typed if _has_number(typed) and not _has_number(found.partition(",")[0]) else found


def _has_number(line: str) -> bool:
    return any(sign.isdecimal() for sign in line)
