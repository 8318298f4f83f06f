"""Text that people typed: cleaned before it is kept, folded before it is searched."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

import phonenumbers

from dispatch.errors import Invalid

_SMS_TYPES = {
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE,
    phonenumbers.PhoneNumberType.VOIP,
    phonenumbers.PhoneNumberType.PERSONAL_NUMBER,
}

# Where texts may go, besides the territory's own country: whoever books with numbers elsewhere may be after the price
# of the texts.
SERVED = frozenset(
    [
        "US",
        "CA",
        "PR",
        "GB",
        "IE",
        "DE",
        "AT",
        "CH",
        "LI",
        "LU",
        "FR",
        "BE",
        "NL",
        "ES",
        "PT",
        "IT",
        "MC",
        "SM",
        "VA",
        "AD",
        "DK",
        "SE",
        "NO",
        "FI",
        "IS",
        "PL",
        "CZ",
        "SK",
        "SI",
        "HR",
        "HU",
        "AU",
        "NZ",
    ]
)


def clean(text: str, name: str, *, limit: int = 120, lines: bool = False) -> str:
    """`text` in NFC without outer spaces. Raises Invalid for nothing visible, controls, or too much."""
    kept = unicodedata.normalize("NFC", text).strip()
    unfit = {"Cc", "Cs", "Co"} if not lines else {"Cs", "Co"}
    if any(unicodedata.category(sign) in unfit or sign == "\x00" for sign in kept):
        raise Invalid.field(name, "text_unreadable", f"The {name} holds signs that cannot be shown.")
    if not any(unicodedata.category(sign)[0] in "LNSP" for sign in kept):
        raise Invalid.field(name, "text_missing", f"Please give a {name}.")
    if len(kept) > limit:
        raise Invalid.field(name, "text_too_long", f"The {name} is longer than {limit} signs.")
    return kept


def fold(text: str) -> str:
    """`text` as it is searched: no case, no accents, single spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).split())


def phone_number(text: str, country: str, name: str = "phone", *, ours: Collection[str] = ()) -> str:
    """`text` as E.164. Raises Invalid for what cannot exist or cannot be texted; never keeps raw input.

    `ours` are the numbers that our own texts come from: whoever types one meant another.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain.startswith("00"):  # how people in Europe write the plus
        plain = f"+{plain[2:]}"
    try:
        number = phonenumbers.parse(plain, country)
    except phonenumbers.NumberParseException:
        raise Invalid.field(name, "phone_invalid", f"{text[:30]!r} is not a phone number.") from None
    if plain.count("+") > 1 or number.extension or not phonenumbers.is_valid_number(number):
        raise Invalid.field(name, "phone_invalid", f"{text[:30]!r} is not a number that can be texted.")
    if phonenumbers.region_code_for_number(number) not in SERVED | {country}:
        raise Invalid.field(
            name, "country_not_served", "We cannot text phones of this country. Please ring us."
        )
    if phonenumbers.number_type(number) not in _SMS_TYPES:
        raise Invalid.field(name, "phone_kind", "We cannot text this kind of number.")
    kept = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if kept in ours:
        raise Invalid.field(
            name, "own_number", "This is the number that our texts come from. Please give theirs."
        )
    return kept


def is_landline(phone: str) -> bool:
    """Whether texts to that number are known to reach nobody. Where one cannot tell, as in America, it is not said."""
    try:
        kind = phonenumbers.number_type(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return False
    return kind == phonenumbers.PhoneNumberType.FIXED_LINE
