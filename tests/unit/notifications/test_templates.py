"""The templates, reviewed like copy in every language: signed, plain, short, complete and never half translated."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from jinja2 import TemplateError, nodes
from jinja2.exceptions import SecurityError, UndefinedError

from notifications.languages import (
    ENGLISH,
    PHRASES,
    SHIPPED,
    SOURCE,
    catalogue_of,
    known_language,
    read_wording,
)
from notifications.messages import CATALOGUE, SPOKEN, Kind
from notifications.render import ENVIRONMENT, FIRST_TEXT, environment_for, fill
from notifications.samples import Sample, list_samples
from notifications.segments import measure, simplify
from tests.architecture import draw_catalogues

COMPANY, URL = "Alder Crossing Repairs", "https://book.alder-repairs.example"
TEMPLATES = sorted(set(ENGLISH) - set(PHRASES))
OTHERS = sorted(set(SHIPPED) - {SOURCE})
NAMED = re.compile(r"<[\w ]+>")
MARKS = re.compile(r"  | [.,]|\.\.|[,:]\.")
ENGLISH_WORDS = re.compile(r"\b(?:the|you|your|we|our|visit|is|by|today|tomorrow|with|reply|text|on)\b", re.I)

every_kind = pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.purpose)
every_spoken = pytest.mark.parametrize("kind", SPOKEN.values(), ids=lambda kind: kind.purpose)
any_kind = pytest.mark.parametrize("kind", (CATALOGUE | SPOKEN).values(), ids=lambda kind: kind.purpose)
every_language = pytest.mark.parametrize("language", sorted(SHIPPED))
every_other = pytest.mark.parametrize("language", OTHERS)


def samples(kind: Kind, language: str) -> list[Sample]:
    return list_samples(kind.purpose, language, COMPANY, URL)


def bodies(kind: Kind, language: str) -> list[str]:
    """The text about every sample visit, as it is sent."""
    return _bodies(kind.purpose, language)


@cache
def _bodies(purpose: str, language: str) -> list[str]:
    kind = (CATALOGUE | SPOKEN)[purpose]
    return [simplify(fill(language, kind.template, sample.values)) for sample in samples(kind, language)]


def marked(values: dict[str, Any]) -> dict[str, Any]:
    """The same visit with `<window>` for its window, and so on: what a text names can be seen in it."""
    return {
        name: [{key: f"<{name} {place} {key}>" for key in one} for place, one in enumerate(value)]
        if name == "offers"
        else f"<{name}>"
        if value and isinstance(value, str) and name != "state"
        else value
        for name, value in values.items()
    }


def digits(body: str) -> list[str]:
    """The digits that a text with marked values offers as an answer, in order."""
    return re.findall(r"\b[0-49]\b", NAMED.sub("", body))


def test_every_kind_has_a_template_and_every_template_a_kind() -> None:
    kinds = {kind.template for kind in (CATALOGUE | SPOKEN).values()}
    assert set(TEMPLATES) == kinds | {FIRST_TEXT, "_happened.txt"}


@every_language
@every_kind
def test_every_text_is_signed_plain_and_short(kind: Kind, language: str) -> None:
    for body in bodies(kind, language):
        assert body.startswith(COMPANY)
        size = measure(body)
        assert size.alphabet == "GSM-7", body
        assert size.segments <= kind.segments, f"{size.segments}: {body}"
        assert not MARKS.search(body), body


@every_language
@every_spoken
def test_what_is_said_names_us_first_links_nowhere_and_offers_a_person(kind: Kind, language: str) -> None:
    for body in bodies(kind, language):
        assert body.startswith(COMPANY)
        assert "http" not in body
        assert not MARKS.search(body), body
        person, again = (4 if kind.question else 0), 9
        assert {str(person), str(again)} <= set(digits(body)), body


def test_times_are_said_as_people_say_them() -> None:
    [first] = [s for s in samples(SPOKEN["spoken_recovery_offer"], "en") if s.name == "a visit today"]
    said = fill("en", "spoken_recovery_offer.txt", first.values)
    assert "Konstantin can be with you today between 4 PM and 6 PM." in said
    assert "To keep it, press 1." in said


@every_language
@every_kind
def test_every_link_is_ours_and_there_is_at_most_one(kind: Kind, language: str) -> None:
    for sample, body in zip(samples(kind, language), bodies(kind, language), strict=True):
        assert re.findall(r"https?://\S+", body) in ([], [sample.values["link"]])


@every_language
@pytest.mark.parametrize("name", TEMPLATES)
def test_every_piece_of_a_text_is_said_to_some_sample_visit(name: str, language: str) -> None:
    """So no branch of a text is shipped that nobody has read, or that cannot be filled in."""
    said = "\n".join(body for kind in (CATALOGUE | SPOKEN).values() for body in bodies(kind, language))
    said += fill(language, FIRST_TEXT, {})
    pieces = ENVIRONMENT.parse(SHIPPED[language][name]).find_all(nodes.TemplateData)
    assert [piece.data for piece in pieces if " ".join(simplify(piece.data).split()) not in said] == []


# --- the other languages -------------------------------------------------------------------------------


@every_other
def test_a_catalogue_is_complete_fresh_and_as_it_is_drawn(language: str) -> None:
    path = catalogue_of(language)
    assert path.read_text() == draw_catalogues.catalogue(language), (
        "python -m tests.architecture.draw_catalogues"
    )
    with path.open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    assert [message.context for message in messages if message.fuzzy or not message.string] == []


@every_other
@any_kind
def test_a_translation_names_the_same_and_offers_the_same(kind: Kind, language: str) -> None:
    for ours, theirs in zip(samples(kind, SOURCE), samples(kind, language), strict=True):
        english = fill(SOURCE, kind.template, marked(ours.values))
        other = fill(language, kind.template, marked(theirs.values))
        assert digits(english) == digits(other), other
        assert sorted(set(NAMED.findall(english))) == sorted(set(NAMED.findall(other))), ours.name


@every_other
@any_kind
def test_nothing_is_left_in_english(kind: Kind, language: str) -> None:
    for body in bodies(kind, language):
        assert not ENGLISH_WORDS.search(body.replace(URL, "")), body


def test_a_text_that_nobody_translated_or_looked_at_again_is_in_english(tmp_path: Path) -> None:
    catalogue = tmp_path / "messages.po"
    catalogue.write_text(
        'msgctxt "our_office"\nmsgid "Our office"\nmsgstr "Ons kantoor"\n\n'
        '#, fuzzy\nmsgctxt "somebody"\nmsgid "somebody from our office"\nmsgstr "iemand"\n\n'
        'msgctxt "our_technician"\nmsgid "our old technician"\nmsgstr "onze monteur"\n'
    )
    found = read_wording(catalogue)
    assert found["our_office"] == "Ons kantoor"
    assert {name: found[name] for name in ENGLISH if name != "our_office"} == {
        name: text for name, text in ENGLISH.items() if name != "our_office"
    }


@pytest.mark.parametrize(
    ("wanted", "known"),
    [("de", "de"), ("de-AT", "de"), ("fr_CA", "fr"), ("IT", "it"), ("xx", "en"), ("", "en"), ("es-MX", "es")],
)
def test_who_wants_a_language_that_we_lack_is_told_in_english(wanted: str, known: str) -> None:
    assert known_language(wanted) == known


# --- what a template can do ------------------------------------------------------------------------------


@every_language
@pytest.mark.parametrize("name", TEMPLATES)
def test_a_missing_value_is_never_sent_as_nothing(name: str, language: str) -> None:
    if "{{" in SHIPPED[language][name]:
        with pytest.raises(TemplateError):
            fill(language, name, {})


def test_none_is_not_a_word() -> None:
    with pytest.raises(UndefinedError, match="missing"):
        fill(SOURCE, "rate.txt", {"company": COMPANY, "reference": "KYF7MJ3", "link": None})


def test_the_sandbox_keeps_templates_from_the_machine() -> None:
    with pytest.raises(SecurityError):
        ENVIRONMENT.from_string("{{ ''.__class__.__mro__ }}").render()


@every_language
def test_the_first_text_says_how_to_stop(language: str) -> None:
    assert "STOP" in fill(language, FIRST_TEXT, {})


# --- the reference -------------------------------------------------------------------------------------------


@every_language
@every_kind
def test_every_text_about_a_visit_bears_its_reference(kind: Kind, language: str) -> None:
    """By it the witness knows a text in the provider's log, whatever wording it has."""
    for sample, body in zip(samples(kind, language), bodies(kind, language), strict=True):
        about = sample.values.get("reference")
        assert kind.general or about is None or about in body, body
        assert not kind.general or "(KYF7MJ3)" not in body


def test_an_own_wording_cannot_leave_the_reference_out() -> None:
    own = environment_for(SOURCE, {**SHIPPED[SOURCE], "rate.txt": "{{ company }}: done. {{ link }}"})
    values = {"company": COMPANY, "reference": "KYF7MJ3", "link": URL}
    assert fill(SOURCE, "rate.txt", values, own) == f"{COMPANY}: done. {URL} (KYF7MJ3)"
