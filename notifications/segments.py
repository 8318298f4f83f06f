"""What a text costs on the wire: GSM-7 or UCS-2, and how many segments."""

from __future__ import annotations

from dataclasses import dataclass

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = "\f^{}\\[~]|€"
_WIDTH = dict.fromkeys(_BASIC, 1) | dict.fromkeys(_EXTENDED, 2)
_PLAIN = str.maketrans(
    {"–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "...", "\u00a0": " ", "\u202f": " "}
)


@dataclass(frozen=True, slots=True)
class Size:
    alphabet: str
    segments: int


def measure(text: str) -> Size:
    """GSM-7 carries 160 septets, or 153 in each of several; one sign outside it makes all of it UCS-2: 70, 67."""
    if not extra_signs(text):
        return Size("GSM-7", _parts(sum(_WIDTH[sign] for sign in text), 160, 153))
    return Size("UCS-2", _parts(len(text.encode("utf-16-le")) // 2, 70, 67))


def extra_signs(text: str) -> list[str]:
    """The signs for which the text cannot be sent in GSM-7, each once, in order."""
    return [sign for sign in dict.fromkeys(text) if sign not in _WIDTH]


def _parts(length: int, alone: int, each: int) -> int:
    return 1 if length <= alone else -(-length // each)


def simplify(text: str) -> str:
    """Typographic dashes, quotes and spaces as plain ones. Names keep their accents, whatever they cost."""
    return text.translate(_PLAIN)
