"""Reads a wording as a careful colleague would: what must not be sent, and what had better not be.

Pure: a wording and sample visits in, findings out. A template may name values, choose between sentences and include
a part; nothing in it can loop, call, count or reach for what is behind a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, TemplateError, TemplateSyntaxError, nodes

from notifications.languages import SHIPPED, Wording
from notifications.messages import CATALOGUE, SPOKEN, Kind
from notifications.outbox.tables import Audience
from notifications.render import ENVIRONMENT, FIRST_TEXT, MOST_SEGMENTS, environment_for, fill
from notifications.samples import Sample, list_samples
from notifications.segments import extra_signs, measure, simplify

LONGEST_TEMPLATE = 2_000
MOST_SPOKEN_SIGNS = 700  # most of a minute

_SPEAKS_OF_STOP = frozenset({FIRST_TEXT, "help.txt", "start_confirm.txt"})
_NAMES_SOMEBODY = frozenset({"callback_promised", "inbox_ack"})
_ASKS_NOTHING = frozenset({"stop_confirm", "phone_code", "booking_code"})
_WHO = ("owner", "person")

_OPTING = "CANCEL|END|QUIT|YES|REVOKE|UNSUBSCRIBE|STOPALL|OPT-?OUT|START|UNSTOP|ARRET|ARRÊT"
_SHOUTED = re.compile(rf"\b(?:{_OPTING})\b")
_VERBS = (
    r"reply|replying|text|answer|send|write|antworten?|schreiben?|senden?|schicken?|respond[ae]|responder|env[ií]e|"
    r"escrib[ae]|répondez|répondre|envoyez|écrivez|rispond[aei]|rispondere|invii|scriva|mandi"
)
_ASKED = re.compile(rf"\b(?:{_VERBS})\b[^.:!?]*?\b(?:{_OPTING})\b", re.IGNORECASE)
_STOP = re.compile(r"\bSTOP\b")
_LINK = re.compile(r"(?:https?://|www\.)\S+|\b(?:[\w-]+\.)+[a-z]{2,}(?:/\S*)?", re.IGNORECASE)
_LEFT_OVER = re.compile(r"%\(?[a-z]\w*\)?|\{\w*\}|\[\w+\]|<\w+>", re.IGNORECASE)
_TURNING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_DIGIT = re.compile(r"(?<![\w:.,+/-])[1-9](?![\w:/-]|[.,]\d)")

_KEY = re.compile(_DIGIT.pattern.replace("1-9", "0-9"))

_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Const,
    nodes.Name,
    nodes.Getattr,
    nodes.Getitem,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Assign,
    nodes.Include,
    nodes.Tuple,
    nodes.Test,
    nodes.Filter,
)
_FILTERS, _TESTS = frozenset({"begin", "length", "join"}), frozenset({"defined"})


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about one text in one language; an `error` must not be sent, anything else is told."""

    purpose: str
    language: str
    sentence: str
    is_error: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as one sample visit would get it."""

    kind: Kind
    body: str
    sample: Sample
    base_url: str


def proofread(language: str, name: str, wording: Wording, company: str, base_url: str) -> list[Finding]:
    """What is wrong with the text or part of that name, read in every text it stands in; worst first."""
    sentence = why_unfit(wording[name])
    if sentence:
        return [Finding(name.removesuffix(".txt"), language, sentence)]
    environment = environment_for(language, wording)
    found: dict[Finding, None] = {}
    if name == FIRST_TEXT:
        found |= dict.fromkeys(_read_first_text(language, environment))
    for kind in texts_with(name, wording):
        samples = list_samples(kind.purpose, language, company, base_url)
        found |= dict.fromkeys(_read_text(language, kind, environment, samples, base_url))
    return sorted(found, key=lambda finding: not finding.is_error)


def texts_with(name: str, wording: Wording) -> list[Kind]:
    """The texts that the template of that name is, or is a part of."""
    including = {
        template
        for template, text in wording.items()
        if template == name or (name.startswith("_") and f'"{name}"' in text)
    }
    return [kind for kind in (CATALOGUE | SPOKEN).values() if kind.template in including]


def why_unfit(template: str) -> str | None:
    """Why a template must not even be filled in: it cannot be read, or does more than a text may."""
    if len(template) > LONGEST_TEMPLATE:
        return f"This is {len(template)} signs long; a text has room for far less than {LONGEST_TEMPLATE}."
    try:
        tree = ENVIRONMENT.parse(template)
    except TemplateSyntaxError as error:
        return f"Line {error.lineno} cannot be read: {error.message}."
    for node in [tree, *tree.find_all(nodes.Node)]:
        if not _is_allowed(node):
            return (
                f"Line {node.lineno} does more than a text may: it can name a value, choose with "
                "if, elif and else, and include a part."
            )
    return None


def _is_allowed(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Filter):
        return node.name in _FILTERS
    if isinstance(node, nodes.Test):
        return node.name in _TESTS
    if isinstance(node, nodes.Include):
        return isinstance(node.template, nodes.Const) and str(node.template.value) in SHIPPED["en"]
    if isinstance(node, nodes.Getattr):
        return not node.attr.startswith("_")
    return isinstance(node, _ALLOWED)


def _read_first_text(language: str, environment: Environment) -> Iterator[Finding]:
    try:
        body = fill(language, FIRST_TEXT, {}, environment)
    except TemplateError as error:
        yield Finding("first_text", language, f"Nothing can be filled in here: {error}.")
        return
    for word in ("STOP", "HELP"):
        if word not in body:
            yield Finding("first_text", language, f"The first text to a phone must say what {word} does.")


def _read_text(
    language: str, kind: Kind, environment: Environment, samples: Sequence[Sample], base_url: str
) -> Iterator[Finding]:
    for sample in samples:
        try:
            body = simplify(fill(language, kind.template, sample.values, environment))
        except (TemplateError, TypeError, OverflowError, RecursionError) as error:
            yield Finding(kind.purpose, language, f"It cannot be written for “{sample.name}”: {error}.")
            continue
        reading = Reading(kind, body, sample, base_url)
        for rule, is_error in RULES.items():
            sentence = rule(reading)
            if sentence:
                yield Finding(kind.purpose, language, sentence, is_error)


# --- the rules: each says what is wrong with a text, or nothing ---------------------------------------------


def names_the_business(text: Reading) -> str | None:
    company = text.sample.values["company"]
    return None if text.body.startswith(company) else "It must begin with the business name: {{ company }}."


def asks_for_no_opting_word(text: Reading) -> str | None:
    """A phone company reads these words as opting out or in, before we do: the customer would fall silent."""
    body = text.body.replace(text.sample.values["company"], "")
    found = _SHOUTED.search(body) or _ASKED.search(body)
    if not found:
        return None
    word = re.findall(_OPTING, found.group(), re.IGNORECASE)[-1].upper()
    return f"Phone companies act on the word {word} themselves: do not ask for it. Ask for a digit."


def speaks_of_stop_only_where_it_must(text: Reading) -> str | None:
    if text.kind.template in _SPEAKS_OF_STOP or not _STOP.search(text.body):
        return None
    return "STOP ends all our texts: only the first text, the help and the welcome back speak of it."


def links_only_to_us(text: Reading) -> str | None:
    plain = text.body.replace(text.sample.values["company"], "")
    if text.kind.spoken:
        found = _LINK.findall(plain)
        return f"{found[0]} cannot be heard: on the phone nothing links anywhere." if found else None
    for link in _LINK.findall(plain):
        if not link.startswith(f"{text.base_url}/"):
            return f"{link} is not ours: a text links to {{{{ link }}}} and to nothing else."
    return None


def says_what_to_do(text: Reading) -> str | None:
    if text.kind.audience is not Audience.CUSTOMER or text.kind.purpose in _ASKS_NOTHING:
        return None
    values = text.sample.values
    ways = [values.get(name) for name in ("link", "person", "office_phone")]
    if any(way and way in text.body for way in ways) or _STOP.search(text.body) or _digits(text):
        return None
    return "It leaves the customer alone: give a link, a digit to answer, or who will ring."


def tells_where_to_see_it(text: Reading) -> str | None:
    if not text.kind.notice or text.kind.spoken or text.sample.values["link"] in text.body:
        return None
    return "Whoever was let down must be able to see it all: {{ link }} is missing."


def names_who_is_responsible(text: Reading) -> str | None:
    if not text.kind.notice and text.kind.purpose.removeprefix("spoken_") not in _NAMES_SOMEBODY:
        return None
    values = text.sample.values
    if any(values.get(name) and values[name] in text.body for name in _WHO):
        return None
    return "It promises something and names nobody: say {{ owner }} or {{ person }}."


def offers_the_digits_that_are_asked(text: Reading) -> str | None:
    if text.kind.question is None and not text.kind.spoken:
        return None
    options, question = len(text.sample.values["offers"]), text.kind.question
    wanted = (
        {digit for digit in question.answers if digit > 2 or digit <= options or not question.by_options}
        if question
        else {0}
    )
    wanted |= {9} if text.kind.spoken else set()  # on the phone: a person and once more, always
    offered = _digits(text)
    for digit in sorted(wanted - offered):
        return f"The digit {digit} is an answer that this visit may give, and the text does not offer it."
    for digit in sorted(offered - wanted):
        return f"The digit {digit} is offered, and for “{text.sample.name}” it would not be understood."
    return None


def leaves_no_placeholder(text: Reading) -> str | None:
    found = _LEFT_OVER.search(text.body)
    return (
        f"{found.group()} would be sent as it stands: values look like {{{{ reference }}}}."
        if found
        else None
    )


def turns_no_sign_around(text: Reading) -> str | None:
    return (
        "It holds an invisible sign that turns the direction of writing."
        if _TURNING.search(text.body)
        else None
    )


def is_no_letter(text: Reading) -> str | None:
    segments = measure(text.body).segments
    if text.kind.spoken:
        length = len(text.body)
        return (
            f"It is {length} signs long: nobody listens to more than {MOST_SPOKEN_SIGNS}."
            if length > MOST_SPOKEN_SIGNS
            else None
        )
    if segments <= MOST_SEGMENTS:
        return None
    return f"It takes {segments} segments; more than {MOST_SEGMENTS} is a letter, not a text."


def is_as_short_as_intended(text: Reading) -> str | None:
    segments, meant = measure(text.body).segments, text.kind.segments
    if text.kind.spoken:
        return None
    return (
        f"It takes {segments} segments for some visits; {meant} are intended." if segments > meant else None
    )


def needs_no_costly_sign(text: Reading) -> str | None:
    """Names keep their accents, whatever they cost; the wording can often do without."""
    signs = extra_signs(text.body)
    if not signs or text.kind.spoken:
        return None
    segments = measure(text.body).segments
    return f"{' '.join(signs)} makes every segment hold 70 signs instead of 160: {segments} segments here."


def has_one_link(text: Reading) -> str | None:
    links = text.body.count(f"{text.base_url}/")
    return f"It has {links} links; one is enough." if links > 1 else None


RULES: dict[Callable[[Reading], str | None], bool] = {
    names_the_business: True,
    asks_for_no_opting_word: True,
    speaks_of_stop_only_where_it_must: True,
    links_only_to_us: True,
    says_what_to_do: True,
    tells_where_to_see_it: True,
    names_who_is_responsible: True,
    offers_the_digits_that_are_asked: True,
    leaves_no_placeholder: True,
    turns_no_sign_around: True,
    is_no_letter: True,
    is_as_short_as_intended: False,
    needs_no_costly_sign: False,
    has_one_link: False,
}


def _digits(text: Reading) -> set[int]:
    """The digits that the wording itself offers: those of names, days and hours are taken out first."""
    body = text.body
    for value in sorted(_strings(text.sample.values), key=len, reverse=True):
        body = body.replace(simplify(value), " ")
    return {int(digit) for digit in (_KEY if text.kind.spoken else _DIGIT).findall(body)}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str) and len(value) > 1:
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
