"""Every shipped text passes; and for each rule a text that breaks it, row by row of what people may type."""

from __future__ import annotations

import pytest

from notifications.languages import PHRASES, SHIPPED, Wording
from notifications.messages import CATALOGUE, SPOKEN
from notifications.proofreading import RULES, Finding, proofread

COMPANY, URL = "Alder Repairs", "https://book.alder-repairs.example"
OFFER = SHIPPED["en"]["recovery_offer.txt"]
MOVED = SHIPPED["en"]["visit_moved.txt"]


def read(name: str, text: str, language: str = "en") -> list[Finding]:
    wording: Wording = {**SHIPPED[language], f"{name}.txt": text}
    return proofread(language, f"{name}.txt", wording, COMPANY, URL)


def sentences(name: str, text: str, language: str = "en") -> str:
    return "\n".join(finding.sentence for finding in read(name, text, language))


@pytest.mark.parametrize("language", sorted(SHIPPED))
def test_nothing_is_found_in_what_is_shipped(language: str) -> None:
    names = set(SHIPPED[language]) - set(PHRASES)
    assert [
        finding
        for name in sorted(names)
        for finding in proofread(language, name, SHIPPED[language], COMPANY, URL)
    ] == []


SAID = SHIPPED["en"]["spoken_recovery_offer.txt"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (SAID + " See {{ link }}", "cannot be heard"),
        (SAID + " Or press 5.", "The digit 5 is offered"),
        (SAID.replace("press 9", "wait"), "The digit 9 is an answer"),
        (SAID.replace("press 4", "wait"), "The digit 4 is an answer"),
        (SAID.replace("{{ company }}", "Hello"), "begin with the business name"),
        (SAID + " word" * 140, "nobody listens to more"),
    ],
)
def test_what_cannot_be_said_on_the_phone_is_found(text: str, sentence: str) -> None:
    assert sentence in sentences("spoken_recovery_offer", text)


BREAKING = {
    "names_the_business": ("visit_moved", "Hello, your visit is moved: {{ link }}", "business name"),
    "asks_for_no_opting_word": ("visit_moved", MOVED + " Reply YES to keep it.", "the word YES"),
    "speaks_of_stop_only_where_it_must": ("visit_moved", MOVED + " Reply STOP to stop.", "STOP ends all"),
    "links_only_to_us": ("visit_moved", MOVED + " or https://evil.example/x", "is not ours"),
    "says_what_to_do": ("visit_moved", "{{ company }}: your visit is moved.", "leaves the customer alone"),
    "tells_where_to_see_it": ("no_word", "{{ company }}: {{ person }} rings you.", "see it all"),
    "names_who_is_responsible": (
        "recovery_arranged",
        "{{ company }}: settled, {{ window }}. {{ link }}",
        "names nobody",
    ),
    "offers_the_digits_that_are_asked": (
        "recovery_offer",
        OFFER.replace("4 to talk to a person", "or ring us"),
        "digit 4",
    ),
    "leaves_no_placeholder": ("visit_moved", MOVED + " {reference}", "{reference} would be sent"),
    "turns_no_sign_around": ("visit_moved", MOVED + " \u202eelpmaxe", "invisible sign"),
    "is_no_letter": ("visit_moved", MOVED + " word" * 200, "a letter, not a text"),
    "is_as_short_as_intended": ("visit_moved", MOVED + " word" * 80, "3 are intended"),
    "needs_no_costly_sign": ("visit_moved", MOVED + " Gruß, Zoë ✓", "ë ✓ makes every segment"),
    "has_one_link": ("visit_moved", MOVED + " {{ link }}", "2 links"),
}


def test_every_rule_has_a_text_that_breaks_it() -> None:
    assert set(BREAKING) == {rule.__name__ for rule in RULES}


@pytest.mark.parametrize("rule", BREAKING)
def test_a_text_that_breaks_a_rule_is_found(rule: str) -> None:
    name, text, words = BREAKING[rule]
    found = [finding for finding in read(name, text) if words in finding.sentence]
    assert found, sentences(name, text)
    is_error = next(error for one, error in RULES.items() if one.__name__ == rule)
    assert {finding.is_error for finding in found} == {is_error}
    assert {(finding.purpose, finding.language) for finding in found} == {(name, "en")}


@pytest.mark.parametrize("word", ["CANCEL", "END", "QUIT", "YES", "REVOKE", "UNSUBSCRIBE", "OPTOUT", "START"])
@pytest.mark.parametrize(
    ("language", "asking"),
    [
        ("en", "Reply {} if it does not suit you."),
        ("en", "Please answer with {}."),
        ("de", "Antworten Sie mit {}, wenn es nicht passt."),
        ("es", "Responda {} si no puede."),
        ("fr", "Répondez {} pour refuser."),
        ("it", "Risponda {} se non va bene."),
    ],
)
def test_no_language_asks_for_a_word_that_phone_companies_act_on(
    language: str, asking: str, word: str
) -> None:
    text = SHIPPED[language]["visit_moved.txt"]
    for written in (word, word.lower(), word.capitalize()):
        found = sentences("visit_moved", f"{text} {asking.format(written)}", language)
        assert f"act on the word {word}" in found, written


@pytest.mark.parametrize(
    "text", ["We will not end before four.", "To cancel it, use the link.", "Yes, we come.", "Bis Ende März."]
)
def test_the_same_words_may_be_said_when_they_are_not_asked_for(text: str) -> None:
    assert read("visit_moved", f"{MOVED} {text}") == []


def test_a_business_may_be_called_what_it_likes() -> None:
    wording = SHIPPED["en"]
    assert proofread("en", "visit_moved.txt", wording, "YES Repairs.com", URL) == []


# --- what people may type, from the corpus of bad templates ------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{{ company }}: {{ nonsense }} {{ link }}", "'nonsense' is undefined"),
        ("{{ company }}: {{ person }} {{ offers[7].window }} {{ link }}", "cannot be written for"),
        ("{{ company }}: {{ self.__class__ }} {{ link }}", "does more than a text may"),
        ("{{ company }}: {{ company.__class__.__mro__ }} {{ link }}", "does more than a text may"),
        ('{{ company }}: {{ "{0.__class__}".format(company) }} {{ link }}', "does more than a text may"),
        ('{{ company }}: {{ company|attr("__class__") }} {{ link }}', "does more than a text may"),
        ("{{ company }}: {% for i in range(1000000000) %}x{% endfor %} {{ link }}", "does more than a text"),
        ('{{ company }}: {{ "x" * 1000000000 }} {{ link }}', "does more than a text may"),
        ("{{ company }}: {{ 2 ** 1000000000 }} {{ link }}", "does more than a text may"),
        (
            "{{ company }}: {% macro m() %}{{ m() }}{% endmacro %}{{ m() }} {{ link }}",
            "does more than a text",
        ),
        ('{{ company }}: {% include "/etc/passwd" %} {{ link }}', "does more than a text may"),
        ('{{ company }}: {% include "visit_moved.txt" %} {{ link }}', "cannot be written for"),
        ("{{ company }}: moved %n {{ link }}", "%n would be sent"),
        ("{{ company }}: moved %(window)s {{ link }}", "%(window) would be sent"),
        ("{{ company }}: moved [DATE] {{ link }}", "[DATE] would be sent"),
        ("{{ company }}: {{ reference", "Line 1 cannot be read"),
        ("{{ company }}: {% if undo_until %}moved\n{{ link }}", "Line 2 cannot be read"),
        ("{{ company }}: " + "x" * 2_000 + " {{ link }}", "signs long"),
        ("{{ company }}: moved. http://bit.ly/abc", "http://bit.ly/abc is not ours"),
        ("{{ company }}: moved. {{ link }} bit.ly/abc", "bit.ly/abc is not ours"),
        ("{{ company }}: moved. {{ link }} www.evil.example", "www.evil.example is not ours"),
        ("{{ company }}: moved. https://book.alder-repairs.example.evil.example/v/x", "is not ours"),
        ("{{ company }}: moved. {{ link.replace('book', 'evil') }}", "does more than a text may"),
        ("", "business name"),
        ("{{ link }}", "business name"),
        ("{{ company }}: הביקור שלך הועבר {{ link }}", "hold 70 signs"),
        ("{{ company }}: {{ link }} 🙂", "🙂 makes every segment"),
    ],
)
def test_what_people_may_type_is_answered_with_a_sentence(text: str, words: str) -> None:
    assert words in sentences("visit_moved", text)


def test_a_part_is_read_in_every_text_that_it_stands_in() -> None:
    found = read("_happened", "we are late, see evil.example/x.")
    including = {
        purpose
        for purpose, kind in (CATALOGUE | SPOKEN).items()
        if "_happened" in SHIPPED["en"][kind.template]
    }
    assert {finding.purpose for finding in found if finding.is_error} == including
    assert len(including) > 5


def test_the_first_text_must_say_how_to_stop_and_how_to_get_help() -> None:
    assert "what STOP does" in sentences("first_text", "HELP for help.")
    assert "what HELP does" in sentences("first_text", "Reply STOP for no more texts.")
    assert "filled in" in sentences("first_text", "STOP HELP {{ nonsense }}")


def test_errors_come_before_what_is_only_told() -> None:
    found = read("visit_moved", "Moved ✓ {{ link }}")
    assert [finding.is_error for finding in found] == [True, False]
