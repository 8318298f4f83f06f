"""Yes or no to our texts, besides the box on the booking page: on the customer's own page, and at the desk."""

from __future__ import annotations

from babel import Locale
from fastapi import Request
from pydantic import Field

from api.pages.again import Sent
from dispatch.errors import Invalid
from dispatch.work import Work
from notifications.consent import (
    CONSENT_WORDS,
    CURRENT_WORDS,
    OUT,
    consent_state,
    give_consent,
    say_words,
    withdraw_consent,
    words_in,
)
from notifications.languages import SHIPPED

LANGUAGES = {language: Locale.parse(language).get_language_name().capitalize() for language in SHIPPED}


class TextsForm(Sent):
    """`texts` is yes or no. A yes needs the box beside the words, `words` is their version."""

    texts: str = Field(pattern="^(yes|no)$")
    agreed: bool = False
    words: str = Field(default=CURRENT_WORDS, pattern=f"^({'|'.join(CONSENT_WORDS)})$")


def settle_texts(work: Work, phone: str, form: TextsForm, *, source: str, seen_from: str = "") -> None:
    """Write down what the phone's owner wants now. Pressed twice it is written once.

    Raises Invalid for a yes without the box.
    """
    known = consent_state(work.session, phone)
    if form.texts == "no":
        if known != OUT:
            withdraw_consent(work, phone, source)
        return
    if not form.agreed:
        raise Invalid.field(
            "agreed", "not_agreed", "Please tick the box beside the words, or leave it as it is."
        )
    if known in (None, OUT):
        give_consent(work, phone, source, form.words, seen_from=seen_from)


def scripts(company: str) -> dict[str, str]:
    """The words to read out, by the name of their language."""
    return {LANGUAGES[language]: say_words(words_in(language), company) for language in SHIPPED}


def seen_from(request: Request) -> str:
    """The address and the browser of whoever fills the form in."""
    address = request.client.host if request.client else "unknown"
    return f"{address} {request.headers.get('user-agent', '')}".strip()
