"""Counting what a text costs."""

from __future__ import annotations

import pytest

from notifications.segments import Size, measure, simplify


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("", Size("GSM-7", 1)),
        ("a" * 160, Size("GSM-7", 1)),
        ("a" * 161, Size("GSM-7", 2)),
        ("a" * 306, Size("GSM-7", 2)),
        ("a" * 307, Size("GSM-7", 3)),
        ("€" * 80, Size("GSM-7", 1)),  # two septets each
        ("€" * 81, Size("GSM-7", 2)),
        ("Zoë", Size("UCS-2", 1)),  # ë is not in the alphabet, é is
        ("José", Size("GSM-7", 1)),
        ("ł" * 70, Size("UCS-2", 1)),
        ("ł" * 71, Size("UCS-2", 2)),
        ("🙂" * 35, Size("UCS-2", 1)),  # a surrogate pair each
        ("🙂" * 36, Size("UCS-2", 2)),
    ],
)
def test_alphabet_and_segments(text: str, size: Size) -> None:
    assert measure(text) == size


def test_typography_is_made_plain_and_names_keep_their_accents() -> None:
    assert simplify("Zoë’s 14:00–16:00…") == "Zoë's 14:00-16:00..."
