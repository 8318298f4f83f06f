"""The gettext catalogues from the English texts: `python -m tests.architecture.draw_catalogues` writes them anew.

What is translated stays; a text whose English changed is marked fuzzy and sent in English until somebody has
looked at it and taken the mark away. A new language begins as `python -m tests.architecture.draw_catalogues nl`.
The words of the customer's pages have catalogues of their own, in api/pages/locale: there each sentence is its own id.
"""

from __future__ import annotations

import io
import sys

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from api.pages.tongue import catalogue_of as pages_of
from notifications.languages import ENGLISH, SHIPPED, SOURCE, catalogue_of
from tests.architecture.page_words import sentences

TRANSLATED = [language for language in SHIPPED if language != SOURCE]


def catalogue(language: str) -> str:
    """The file of that language as it should stand; texts that are gone from English are gone from it."""
    path = catalogue_of(language)
    known = read_po(io.BytesIO(path.read_bytes() if path.is_file() else b""), locale=language)
    before = {message.context: message for message in known if message.id}
    drawn = Catalog(locale=language, fuzzy=False)
    for name, text in ENGLISH.items():
        old = before.get(name)
        is_old = bool(old and old.string and (old.fuzzy or old.id != text))
        drawn.add(text, old.string if old else "", context=name, flags=["fuzzy"] if is_old else [])
    return _as_text(drawn)


def page_catalogue(language: str) -> str:
    """The same for the customer's pages; a sentence whose English changed is a new one, to be translated anew."""
    path = pages_of(language)
    known = read_po(io.BytesIO(path.read_bytes() if path.is_file() else b""), locale=language)
    drawn = Catalog(locale=language, fuzzy=False)
    for sentence in sentences():
        old = known.get(sentence)
        drawn.add(sentence, old.string if old else "")
    return _as_text(drawn)


def _as_text(drawn: Catalog) -> str:
    for message in drawn:
        message.flags -= {"python-format", "python-brace-format"}  # guessed from Jinja's braces
    file = io.BytesIO()
    write_po(file, drawn, width=0, omit_header=True)
    language = drawn.locale_identifier
    header = (
        f'msgid ""\nmsgstr ""\n"Language: {language}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    )
    return header + file.getvalue().decode().rstrip("\n") + "\n"


if __name__ == "__main__":
    for language in sys.argv[1:] or TRANSLATED:
        catalogue_of(language).parent.mkdir(parents=True, exist_ok=True)
        catalogue_of(language).write_text(catalogue(language))
        pages_of(language).parent.mkdir(parents=True, exist_ok=True)
        pages_of(language).write_text(page_catalogue(language))
