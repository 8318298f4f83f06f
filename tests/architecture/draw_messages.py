"""docs/messages.md from catalogue and templates: `python -m tests.architecture.draw_messages` writes it anew."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from dispatch.policies import Policies
from notifications.hours import urgent_hours, usual_hours
from notifications.languages import SHIPPED
from notifications.messages import CATALOGUE, MINUTE, PARTS, WHEN, Kind
from notifications.render import fill
from notifications.samples import list_samples
from notifications.segments import measure, simplify
from tests.architecture.source import ROOT

PAGE = ROOT / "docs/messages.md"
TEMPLATES = ROOT / "notifications/templates"
USUAL, URGENT = usual_hours(Policies(), ZoneInfo("UTC")), urgent_hours(ZoneInfo("UTC"))
COMPANY, URL = "Alder Crossing Repairs", "https://book.alder-repairs.example"
A_GOOD_DAY = ("booking_confirmed", "reminder", "en_route", "rate")
CHOICES = {"1": "the first option", "2": "the second", "another_day": "another day", "person": "a person"} | {
    "take": "to take it",
    "keep": "to keep what they have",
}


def page() -> str:
    return "\n".join([*_opening(), *_list(), *_sizes(), *_texts(), *_parts()]) + "\n"


def _opening() -> Iterator[str]:
    anywhere = ZoneInfo("UTC")
    usual, urgent = usual_hours(Policies(), anywhere), urgent_hours(anywhere)
    yield f"""# Texts

Every text that Makegood sends, from `notifications/messages.py` and `notifications/templates/en`. Do not edit this
page: change those, then run `python -m tests.architecture.draw_messages`. A test compares the two.

A text is a row before it is a request, written in the transaction in which it became true. What is not known to be
accepted when its time is up goes to a named person and is not sent. Texts reach people from {usual.opens_at:%H:%M} to
{usual.closes_at:%H:%M}, urgent ones from {urgent.opens_at:%H:%M} to {urgent.closes_at:%H:%M}, by the clock of the place
they are about; an answer to what somebody did in the last five minutes comes at any hour.

- **update**: how a visit stands; of several unsent ones only the newest is sent.
- **notice**: tells a customer that a promise broke.
- **reply**: needs no consent but the text it answers.
- **always**: sent even to those who want no texts.
"""


def _list() -> Iterator[str]:
    yield "| text | to | within | hours | segments | what it is |\n| --- | --- | --- | --- | --- | --- |"
    for purpose, kind in CATALOGUE.items():
        yield (
            f"| [{purpose}](#{purpose}) | {kind.audience} | {kind.deadline_seconds // MINUTE} min "
            f"| {'urgent' if kind.urgent else 'usual'} | {kind.segments} | {_marks(kind) or '-'} |"
        )
    yield ""


def _sizes() -> Iterator[str]:
    languages = list(SHIPPED)
    yield f"""## Languages and sizes

A text goes out in its customer's language: {", ".join(languages)}; in English to whoever wants another
one, to technicians and to strangers. The translations are in `notifications/locale`, whole texts in gettext
catalogues; the texts below are the English ones. The office reads all of them, each for sample visits, and changes
their words under `/office/texts`.

How many segments each takes, from the shortest to the longest sample visit, for a business name of 22 signs. A segment
is what the provider charges for: 160 signs of GSM-7, 153 in each of several; with one sign outside it, 70 and 67.
What one costs is the setting `MAKEGOOD_SEGMENT_PRICE`.
"""
    yield f"| text | {' | '.join(languages)} |\n| --- |{' --- |' * len(languages)}"
    for purpose, kind in CATALOGUE.items():
        yield f"| {purpose} | {' | '.join(_say(_sizes_of(kind, language)) for language in languages)} |"
    whole = [sum(_sizes_of(CATALOGUE[one], language)[-1] for one in A_GOOD_DAY) for language in languages]
    yield f"| **a visit on which all goes well** | {' | '.join(map(str, whole))} |\n"


def _sizes_of(kind: Kind, language: str) -> list[int]:
    """How many segments the text takes for the sample visits, each number once, the smallest first."""
    samples = list_samples(kind.purpose, language, COMPANY, URL)
    bodies = [simplify(fill(language, kind.template, sample.values)) for sample in samples]
    return sorted({measure(body).segments for body in bodies})


def _say(counts: list[int]) -> str:
    return "-".join(str(count) for count in sorted({counts[0], counts[-1]}))


def _marks(kind: Kind) -> str:
    names = ("update", "notice", "reply", "always")
    return ", ".join(name for name in names if getattr(kind, name))


def _texts() -> Iterator[str]:
    for purpose, kind in CATALOGUE.items():
        yield f"## {purpose}\n"
        yield f"When {WHEN[purpose]}.{_answers(kind)}\n"
        yield _block(kind.template)


def _answers(kind: Kind) -> str:
    if kind.question is None:
        return ""
    answers = ", ".join(f"{digit} is {CHOICES[choice]}" for digit, choice in kind.question.answers.items())
    return f" It asks: {answers}."


def _parts() -> Iterator[str]:
    yield "## Parts of texts\n"
    for name, words in PARTS.items():
        yield f"`{name}`: {words}\n"
        yield _block(name)


def _block(template: str) -> str:
    return f"```jinja\n{(TEMPLATES / 'en' / template).read_text().rstrip()}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page())
