"""docs/messages.md from catalogue and templates: `python -m tests.architecture.draw_messages` writes it anew."""

from __future__ import annotations

from collections.abc import Iterator

from notifications.hours import URGENT, USUAL
from notifications.languages import SHIPPED
from notifications.messages import CATALOGUE, MINUTE, Kind
from notifications.render import fill
from notifications.samples import list_samples
from notifications.segments import measure, simplify
from tests.architecture.source import ROOT

PAGE = ROOT / "docs/messages.md"
TEMPLATES = ROOT / "notifications/templates"
PARTS = {
    "_happened.txt": "What happened, in one sentence; other texts include it.",
    "first_text.txt": "Closes the first text that a phone gets from us.",
}
WHEN = {
    "booking_confirmed": "a visit was booked",
    "reminder": "it is six in the evening before the window, and the promise was made before that",
    "visit_moved": "a visit was moved to another window with the customer's consent",
    "visit_cancelled": "a visit was cancelled",
    "cancel_undone": "the cancellation was taken back in time",
    "en_route": "the technician set out",
    "rate": "the work is done; only then",
    "technician_prompt": "the next visit is at risk and its technician is free to go",
    "technician_day_changed": "work that begins within two hours came onto the technician's list",
    "recovery_offer": "a promise broke and an option today is held; also when there is a new round of options",
    "recovery_days": "a promise broke and the options are on other days",
    "offer_gone": "what the customer chose can no longer be served, and something else can",
    "recovery_not_today": "nobody can come today, and that is proved; a person decides",
    "nothing_found": "there was an offer before, and now there is nothing left to promise; a person decides",
    "recovery_arranged": "the customer or the office settled it",
    "recovery_kept_by_policy": "nobody answered in time and the policy booked what was held",
    "callback_promised": "a person will ring, and no other text of that moment says so",
    "no_word": "a day ended and whoever was at the door never said how it went; a person asks",
    "running_late_answer": "somebody asked when we come",
    "nobody_came_answer": "somebody wrote that nobody came",
    "change_answer": "somebody wants another time, or none",
    "choose_clarify": "a digit came and more than one visit waits for one",
    "inbox_ack": "a text came that no machine understands; a person has it",
    "help": "somebody wrote HELP",
    "stop_confirm": "somebody wrote STOP",
    "start_confirm": "somebody wrote START after a STOP",
    "stranger": "a phone that we do not know wrote to us",
}
COMPANY, URL = "Alder Crossing Repairs", "https://book.alder-repairs.example"
A_GOOD_DAY = ("booking_confirmed", "reminder", "en_route", "rate")
CHOICES = {"1": "the first option", "2": "the second", "another_day": "another day", "person": "a person"}


def page() -> str:
    return "\n".join([*_opening(), *_list(), *_sizes(), *_texts(), *_parts()]) + "\n"


def _opening() -> Iterator[str]:
    yield f"""# Texts

Every text that Makegood sends, from `notifications/messages.py` and `notifications/templates/en`. Do not edit this
page: change those, then run `python -m tests.architecture.draw_messages`. A test compares the two.

A text is a row before it is a request, written in the transaction in which it became true. What is not known to be
accepted when its time is up goes to a named person and is not sent. Texts reach people from {USUAL.opens_at:%H:%M} to
{USUAL.closes_at:%H:%M}, urgent ones from {URGENT.opens_at:%H:%M} to {URGENT.closes_at:%H:%M}, by the clock of the place
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

A text goes out in its customer's language: {", ".join(languages)}; in English to whoever wants another one, to
technicians and to strangers. The translations are in `notifications/locale`, whole texts in gettext catalogues; the texts
below are the English ones.

How many segments each takes, from the shortest to the longest sample visit, for a business name of 22 signs. A segment
is what the provider charges for: 160 signs of GSM-7, 153 in each of several; with one sign outside it, 70 and 67.
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
