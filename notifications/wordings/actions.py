"""Saying something otherwise from now on. What was said before stays, and can be said again."""

from __future__ import annotations

from dispatch.errors import FieldError, Invalid, NotFound
from dispatch.events import TextReworded
from dispatch.work import Work
from notifications.languages import SHIPPED
from notifications.proofreading import proofread
from notifications.wordings.queries import list_versions, own_wording, wording_of
from notifications.wordings.tables import WordingVersion


def reword(work: Work, language: str, name: str, text: str, *, company: str, base_url: str) -> bool:
    """From now on that text reads so. Whether anything is new.

    Raises Invalid with every error of the proofreading; what is only told does not stand in the way.
    """
    current = wording_of(work.session, language)
    if current[name] == text:
        return False
    draft = {**current, name: text}
    errors = [found for found in proofread(language, name, draft, company, base_url) if found.is_error]
    if errors:
        raise Invalid([FieldError("/text", "wording_unfit", error.sentence) for error in errors])
    _add(work, language, name, None if text == SHIPPED[language][name] else text)
    return True


def say_again(work: Work, language: str, name: str, version: int, *, company: str, base_url: str) -> bool:
    """Back to an earlier version, as a new one. Whether anything is new.

    Raises NotFound for a version that never was, Invalid where it would not pass the proofreading any more.
    """
    text = next(
        (row.text for row in list_versions(work.session, language, name) if row.version == version), ""
    )
    if text == "":
        raise NotFound("There is no such version of this text.")
    if text is None:
        return say_as_shipped(work, language, name)
    return reword(work, language, name, text, company=company, base_url=base_url)


def say_as_shipped(work: Work, language: str, name: str) -> bool:
    """The text as we ship it, also after we ship another one. Whether anything is new."""
    if name not in own_wording(work.session, language):
        return False
    _add(work, language, name, None)
    return True


def _add(work: Work, language: str, name: str, text: str | None) -> None:
    before = list_versions(work.session, language, name)
    version = before[0].version + 1 if before else 1
    work.session.add(
        WordingVersion(
            id=work.new_id(),
            language=language,
            name=name,
            version=version,
            text=text,
            at=work.now,
            by=str(work.actor),
        )
    )
    work.record(TextReworded(name=name, language=language, version=version))
