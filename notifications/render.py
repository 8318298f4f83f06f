"""From a row to a text: names and links are looked up and derived when it is sent, never kept."""

from __future__ import annotations

import logging
import re
from copy import copy
from datetime import datetime
from functools import lru_cache
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined, TemplateError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from sqlmodel import Session, col, select

from dispatch.access.links import LinkKey, newest
from dispatch.access.tables import Link, Scope
from dispatch.errors import DispatchError
from dispatch.work import Work
from notifications.languages import SHIPPED, Wording, known_language
from notifications.messages import BOOKING_LINK, CATALOGUE, ENROLMENT_LINK, Kind
from notifications.outbox.queries import was_texted
from notifications.outbox.tables import Message
from notifications.segments import measure, simplify
from notifications.telling import tell
from notifications.wordings.queries import own_wording

FIRST_TEXT = "first_text.txt"
ANYTHING = "\x02"
BY_THE_MINUTE = (
    "technician",
    "expected",
    "arrived",
    "undo_until",
    "leave_by",
    "person",
    "by_time",
    "owner",
    "credit",
    "link",
)
MOST_SEGMENTS = 6
LOG = logging.getLogger(__name__)


class TextTooLong(Exception):
    """More than six segments: that is a letter, not a text."""


# What a template can come to that works something out, like a tenth of nothing. A database that fails is none of it.
CANNOT_BE_WRITTEN = (
    TemplateError,
    DispatchError,
    TextTooLong,
    TypeError,
    ValueError,
    ArithmeticError,
    LookupError,
    AttributeError,
    MemoryError,
    RecursionError,
)


def _finalize(value: Any) -> Any:
    if value is None:
        raise UndefinedError("a value that the text needs is missing")
    return value


class _Environment(ImmutableSandboxedEnvironment):
    """What a text includes is in its own language."""

    def join_path(self, template: str, parent: str) -> str:
        return f"{parent.partition('/')[0]}/{template}"


ENVIRONMENT = _Environment(
    loader=DictLoader(
        {f"{language}/{name}": text for language, texts in SHIPPED.items() for name, text in texts.items()}
    ),
    undefined=StrictUndefined,
    finalize=_finalize,
    autoescape=False,  # a text is not markup
)
ENVIRONMENT.filters["begin"] = lambda text: text[:1].upper() + text[1:]


class Writer:
    """Writes the body of a message: `company` signs it, `base_url` is the only place it links to."""

    def __init__(self, key: LinkKey, base_url: str, company: str) -> None:
        self._key = key
        self._base_url = base_url.rstrip("/")
        self._company = company

    def write(self, work: Work, message: Message) -> str:
        """The text as it is true now. Raises jinja2.TemplateError or NotFound for what cannot be told, TextTooLong."""
        values = tell(work, message)
        values |= {"company": self._company, "link": self.link_in(work.session, message)} | self.code(message)
        own = own_wording(work.session, known_language(message.language))
        try:
            body = self._body(work, message, values, own)
        except CANNOT_BE_WRITTEN as error:
            if not own:
                raise
            LOG.warning("%s goes out as shipped, the office's wording fails: %s", message.purpose, error)
            body = self._body(work, message, values, {})
        return self._checked(message, simplify(body))

    def say(self, work: Work, message: Message, kind: Kind) -> str:
        """What is said on the phone in the place of that text, in its language; speech costs nothing to spell out."""
        values = tell(work, message, spoken=True) | {"company": self._company}
        language = known_language(message.language)
        own = own_wording(work.session, language)
        try:
            environment = environment_for(language, {**SHIPPED[language], **own}) if own else ENVIRONMENT
            return fill(language, kind.template, values, environment)
        except CANNOT_BE_WRITTEN as error:
            if not own:
                raise
            LOG.warning("%s is said as shipped, the office's wording fails: %s", kind.purpose, error)
            return fill(language, kind.template, values)

    def phrase(self, language: str, name: str) -> str:
        return SHIPPED[language][name]

    def pattern(self, work: Work, message: Message, at: datetime) -> re.Pattern[str]:
        """What the text would have said at that instant, with anything for what changes by the minute.

        Raises as `write` does.
        """
        then = copy(work)
        then.now = at
        values = tell(then, message)
        values |= {"company": self._company, "link": self.link_in(work.session, message)} | self.code(message)
        values |= {name: ANYTHING for name in BY_THE_MINUTE if values.get(name)}
        language = known_language(message.language)
        own = own_wording(work.session, language)
        environment = environment_for(language, {**SHIPPED[language], **own}) if own else ENVIRONMENT
        body = simplify(fill(language, CATALOGUE[message.purpose].template, values, environment))
        first = re.escape(simplify(fill(language, FIRST_TEXT, values, environment)))
        return re.compile(f"{re.escape(body).replace(ANYTHING, '.+?')}(?: {first})?")

    def _body(self, work: Work, message: Message, values: dict[str, Any], own: Wording) -> str:
        return draft(message, values, own, is_first=not was_texted(work.session, message.phone))

    @property
    def company(self) -> str:
        return self._company

    def link_in(self, session: Session, message: Message) -> str | None:
        """What the text links to: what enrols a phone, where one books, or the visit's own page."""
        if message.purpose == BOOKING_LINK.purpose:
            return self._booking_link(session, message.params["invitation_id"])
        if message.purpose != ENROLMENT_LINK.purpose:
            return self.link(session, message.visit_id)
        token = self._key.token(Scope.ENROL, message.technician_id or "", int(message.params["version"]))
        return f"{self._base_url}/enrol/{token}"

    def _booking_link(self, session: Session, invitation_id: str) -> str | None:
        made = newest(session, Scope.BOOK, invitation_id)
        if made is None or made.revoked_at:
            return None
        return f"{self._base_url}/book/{self._key.token(Scope.BOOK, invitation_id, made.version)}"

    def link(self, session: Session, visit_id: str | None) -> str | None:
        """The visit's tracking page, its token derived again from the newest link."""
        if visit_id is None:
            return None
        query = select(Link).where(Link.scope == Scope.TRACK, Link.subject_id == visit_id)
        newest = session.exec(query.order_by(col(Link.version).desc())).first()
        if newest is None or newest.revoked_at:
            return None
        return f"{self._base_url}/v/{self._key.token(Scope.TRACK, visit_id, newest.version)}"

    def code(self, message: Message) -> dict[str, str]:
        """The digits that the text is about, derived again; no row holds them."""
        code_id = message.params.get("code_id")
        return {"code": self._key.digits(code_id)} if code_id else {}

    def _checked(self, message: Message, body: str) -> str:
        size, limit = measure(body), CATALOGUE[message.purpose].segments
        if size.segments > MOST_SEGMENTS:
            raise TextTooLong(f"{message.purpose} needs {size.segments} segments")
        if size.segments > limit:
            LOG.warning("%s takes %s segments, %s intended", message.purpose, size.segments, limit)
        return body


def draft(message: Message, values: dict[str, Any], own: Wording, *, is_first: bool) -> str:
    """The text in the office's wording where it has one; a phone's first text also says how to get no more."""
    kind, language = CATALOGUE[message.purpose], known_language(message.language)
    environment = environment_for(language, {**SHIPPED[language], **own}) if own else ENVIRONMENT
    body = fill(language, kind.template, values, environment)
    if is_first and not kind.always:
        body += " " + fill(language, FIRST_TEXT, values, environment)
    return body


def environment_for(language: str, wording: Wording) -> Environment:
    """Where `wording` stands in the place of what is shipped in that language; what was made for it is kept."""
    return _environment(language, tuple(sorted(wording.items())))


@lru_cache(maxsize=16)
def _environment(language: str, wording: tuple[tuple[str, str], ...]) -> Environment:
    return ENVIRONMENT.overlay(loader=DictLoader({f"{language}/{name}": text for name, text in wording}))


def fill(language: str, template: str, values: dict[str, Any], environment: Environment = ENVIRONMENT) -> str:
    """The template in that language, or in English if we do not speak it; one line, single spaces.

    A text about a visit bears its reference, whatever its wording: by it the witness knows the text at the provider.
    """
    name = f"{known_language(language)}/{template}"
    text = " ".join(environment.get_template(name).render(values).split())
    kind, reference = CATALOGUE.get(template.removesuffix(".txt")), values.get("reference")
    if kind and not kind.general and reference and reference not in text:
        text += f" ({reference})"
    return text
