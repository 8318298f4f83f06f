"""What a text means. Pure: the words, and the questions that its writer has open. Never raises."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dispatch.words import fold
from notifications.consent import Word, plain_words, read_word
from notifications.inbox.phrases import OTHERS


class Intent(StrEnum):
    ANSWER = "answer"
    LATE_QUESTION = "late_question"
    NOBODY_CAME = "nobody_came"
    CHANGE = "change"
    HUMAN = "human"
    BOOK = "book"
    STOP = "stop"
    START = "start"
    HELP = "help"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question whose answer is awaited: about which visit, and which choice each digit stands for.

    It is a recovery's, or an earlier time's.
    """

    recovery_id: str
    reference: str
    choices: Mapping[int, str]
    sooner_offer_id: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """`question` is the one that `digit` answers; None where the writer has several open.

    `language` is the one whose word for booking it was.
    """

    intent: Intent
    digit: int | None = None
    question: OpenQuestion | None = None
    language: str = "en"


_FREE = Reply(Intent.FREE)
_DIGITS = {str(digit): digit for digit in range(1, 6)} | {
    word: digit for digit, word in enumerate(("one", "two", "three", "four", "five"), start=1)
}
_DIGITS |= {word: digit for phrases in OTHERS for digit, word in enumerate(phrases.numbers, start=1)}
_LOOKALIKES = {"i": 1, "l": 1}
_AGREEING = frozenset(
    {
        "yes",
        "y",
        "ok",
        "okay",
        "k",
        "yep",
        "yeah",
        "sure",
        "fine",
        "keep",
        "keep it",
        "yes please",
        "ok thanks",
    }
).union(*(phrases.yes for phrases in OTHERS))
_AROUND = frozenset(
    {"option", "number", "no", "nr", "please", "thanks", "thank", "you", "choice", "reply"}
).union(*(phrases.around for phrases in OTHERS))

_SOMEBODY = r"(?:nobody|no one|noone|no body|nobodys|no technician|no tech|not one person)"
_NOBODY_CAME = re.compile(
    rf"\b{_SOMEBODY} (?:has |have |had |ever |is |was |even )*"
    r"(?:came|come|coming|here|shown|showed|arrived|turned up|appeared|been)\b"
    r"|\bno ?show\b"
    r"|\b(?:didnt|did not|never|hasnt|has not|havent|wasnt) (?:\w+ ){0,2}?"
    r"(?:came|come|show|showed|shown|arrive|arrived|turn up|turned up)\b"
    r"|\bstood me up\b"
)
_LATE = re.compile(
    r"\bwhere (?:are|r) (?:you|u)\b|\bwhere (?:is|s) (?:the|my|your|he|she)\b|\bwheres (?:the|my|your|he|she)\b"
    r"|\bwhere is (?:everyone|everybody|anyone)\b"
    r"|\brunning late\b|\bare you (?:late|still coming|coming|on (?:the|your) way|close|near)\b"
    r"|\b(?:is|are) (?:the|my|your|he|she|they) ?(?:\w+ )?(?:late|still coming|coming|on (?:the|his|her|their) way)\b"
    r"|\bhow (?:much longer|long)\b|\beta\b|\bstill coming\b"
    r"|\b(?:when|what time) (?:will|are|is|do|does|can) (?:\w+ ){0,3}?"
    r"(?:come|coming|be here|here|arrive|arriving|get here|there)\b|^late$"
)
_CHANGE = re.compile(
    r"\breschedul\w*\b|\b(?:another|different|other) (?:time|day|date|slot|window)\b"
    r"|\b(?:move|change|postpone|rebook) (?:my|the|our|this)? ?(?:\w+ )?"
    r"(?:visit|appointment|booking|time|date|window)\b"
    r"|^change$|^postpone$"
)
_ANOTHER_DAY = re.compile(r"^(?:another|different|other) day$")
_HUMAN = re.compile(
    r"\b(?:human|real person|representative|operator|live agent|an agent)\b"
    r"|\b(?:talk|speak) (?:to|with) (?:a |an |some|the |your |any)\w*"
    r"|\b(?:call|ring|phone) me\b|^(?:person|agent|a person|someone|somebody)$"
)
_BOOK = frozenset(
    {
        "book",
        "booking",
        "book now",
        "book please",
        "please book",
        "book me in",
        "appointment",
        "an appointment",
        "new appointment",
        "schedule",
        "reserve",
        "reservation",
        "visit",
        "new visit",
    }
)
_BOOKING = re.compile(
    r"\b(?:book|schedule|arrange|make|get) (?:an?|another|one more) (?:\w+ )?"
    r"(?:visit|appointment|technician|repair|service|booking)\b"
    r"|\b(?:want|like|need|can i|may i|how do i|could i) (?:to )?(?:book|schedule)\b(?! (?:my|the|this|our)\b)"
)
_REQUESTS = (
    (Intent.NOBODY_CAME, (_NOBODY_CAME, *(phrases.nobody_came for phrases in OTHERS))),
    (Intent.LATE_QUESTION, (_LATE, *(phrases.late for phrases in OTHERS))),
    (Intent.HUMAN, (_HUMAN, *(phrases.human for phrases in OTHERS))),
    (Intent.CHANGE, (_CHANGE, *(phrases.change for phrases in OTHERS))),
)


def parse(body: str, open_questions: Sequence[OpenQuestion] = (), *, opted_out: bool = False) -> Reply:
    """The one thing that `body` asks for; whatever is not clear is FREE, for a person to read.

    STOP always means stop. A bare digit, or a bare yes, answers the only open question. With several
    open, the visit's reference before it says which; without one, `question` stays None.
    """
    word = read_word(body)
    if word is Word.HELP:
        return Reply(Intent.HELP)
    if word in (Word.STOP, Word.WISH):
        return Reply(Intent.STOP)
    words = plain_words(body)
    answer = _answer(body, words, open_questions)
    if answer:
        return answer
    if word is Word.START or (opted_out and words == "yes"):
        return Reply(Intent.START)
    return _request(words, open_questions)


def _answer(body: str, words: str, questions: Sequence[OpenQuestion]) -> Reply | None:
    named = [question for question in questions if question.reference.lower() in words.split()]
    if len(named) == 1:
        questions = named
        words = " ".join(word for word in words.split() if word != named[0].reference.lower())
    digit = _read_digit(body, words) if questions else None
    if digit is None:
        return None
    if len(questions) > 1:
        return Reply(Intent.ANSWER, digit)
    if digit not in questions[0].choices:
        return _FREE
    return Reply(Intent.ANSWER, digit, questions[0])


def _read_digit(body: str, words: str) -> int | None:
    """1 to 5 as a bare answer: `1.`, `(1)`, `#1`, `option 1`, `one`; `l`, `I` and a plain yes stand for 1."""
    if words in _AGREEING or words in _LOOKALIKES:
        return 1
    if words == "" and fold(body).strip() == "|":
        return 1
    kept = [word for word in words.split() if word not in _AROUND]
    return _DIGITS.get(kept[0]) if len(kept) == 1 else None


def _request(words: str, questions: Sequence[OpenQuestion]) -> Reply:
    if _ANOTHER_DAY.search(words) and len(questions) == 1 and 3 in questions[0].choices:
        return Reply(Intent.ANSWER, 3, questions[0])
    asked = (intent for intent, patterns in _REQUESTS if any(pattern.search(words) for pattern in patterns))
    return Reply(intent) if (intent := next(asked, None)) else _booking(words)


def _booking(words: str) -> Reply:
    """Any word that means "book", in any of our languages; else it is for a person."""
    if words in _BOOK or _BOOKING.search(words):
        return Reply(Intent.BOOK)
    for phrases in OTHERS:
        if words in phrases.book or phrases.booking.search(words):
            return Reply(Intent.BOOK, language=phrases.language)
    return _FREE


def read_technician(body: str) -> str:
    """A technician's answer as a code: `ok`, `late`, or `texted` for anything else."""
    words = plain_words(body)
    if words in _AGREEING or words in ("on my way", "leaving", "leaving now"):
        return "ok"
    return "late" if re.search(r"\b(?:late|delayed|delay|spat|tarde|retard|ritardo)\b", words) else "texted"
