"""The languages of the texts: English is the source, each other one a gettext catalogue beside it.

A catalogue translates whole texts, not their pieces: its message id is the English template, its context the
template's name. A changed English text has no translation until somebody has looked at it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from babel.messages.pofile import read_po

SOURCE = "en"
TEMPLATES = Path(__file__).parent / "templates" / SOURCE
CATALOGUES = Path(__file__).parent / "locale"

# What stands in the place of a name, and how days and hours are told; `{…}` is filled in by `Speech`.
PHRASES = {
    "hours": "{start}-{end}",
    "hours_today": "{start}-{end} today",
    "hours_tomorrow": "{start}-{end} tomorrow",
    "hours_on": "{start}-{end} on {day}",
    "spoken_hours": "between {start} and {end}",
    "spoken_hours_today": "today between {start} and {end}",
    "spoken_hours_tomorrow": "tomorrow between {start} and {end}",
    "spoken_hours_on": "on {day} between {start} and {end}",
    "window": "{day}, {start}-{end}",
    "by_today": "{time}",
    "by_tomorrow": "{time} tomorrow",
    "by_on": "{time} on {day}",
    "goodbye": "Thank you. Goodbye.",
    "our_technician": "our technician",
    "our_office": "Our office",
    "somebody": "somebody from our office",
}

Wording = Mapping[str, str]
ENGLISH: Wording = {
    path.name: path.read_text("utf-8").strip() for path in sorted(TEMPLATES.glob("*.txt"))
} | PHRASES


def catalogue_of(language: str) -> Path:
    return CATALOGUES / language / "LC_MESSAGES" / "messages.po"


def read_wording(path: Path) -> Wording:
    """Every text of one catalogue by its name; in English what is not translated, or not looked at again."""
    with path.open("rb") as file:
        catalogue = read_po(file)
    found = {name: catalogue.get(text, context=name) for name, text in ENGLISH.items()}
    return {
        name: str(message.string) if message and message.string and not message.fuzzy else ENGLISH[name]
        for name, message in found.items()
    }


SHIPPED: Mapping[str, Wording] = {SOURCE: ENGLISH} | {
    path.name: read_wording(catalogue_of(path.name)) for path in sorted(CATALOGUES.iterdir()) if path.is_dir()
}


def known_language(language: str) -> str:
    """The language that we write to whoever wants `language`: `de` for `de-AT`, English for one we lack."""
    base = language.replace("_", "-").partition("-")[0].lower()
    return base if base in SHIPPED else SOURCE
