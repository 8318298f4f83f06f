"""Whatever a phone sends, we understand something and never fall over."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from notifications.consent import Word, read_word
from notifications.inbox.parse import Intent, OpenQuestion, parse, read_technician
from notifications.messages import QUESTIONS, read_question
from notifications.segments import measure, simplify

QUESTION = st.builds(
    OpenQuestion,
    recovery_id=st.text(max_size=5),
    reference=st.text(max_size=8),
    choices=st.sampled_from([question.answers for question in QUESTIONS.values()]),
)
NOISE = st.text(alphabet=" .,!?()\u200b\ufe0f", max_size=4)


@given(st.text(), st.lists(QUESTION, max_size=3), st.booleans())
def test_any_text_means_something(body: str, questions: list[OpenQuestion], opted_out: bool) -> None:
    reply = parse(body, questions, opted_out=opted_out)
    assert (reply.digit is not None) == (reply.intent is Intent.ANSWER)
    if reply.question is not None:
        assert reply.question in questions
        assert reply.digit in reply.question.choices
    read_technician(body)


@given(
    NOISE,
    NOISE,
    st.sampled_from(["STOP", "Stop", "stop", "ＳＴＯＰ", "sToP"]),
    st.lists(QUESTION, max_size=2),
)
def test_stop_is_stop_whatever_is_around_it(
    before: str, after: str, word: str, questions: list[OpenQuestion]
) -> None:
    assert read_word(before + word + after) is Word.STOP
    assert parse(before + word + after, questions).intent is Intent.STOP


@given(st.text())
def test_a_question_that_cannot_be_read_offers_nothing_wrong(text: str) -> None:
    if text.partition(":")[0] not in QUESTIONS:
        assert read_question(text) == {}


@given(st.text(min_size=1))
def test_every_text_has_a_price_and_plain_signs_never_cost_more(text: str) -> None:
    text = text.encode("utf-16", "ignore").decode("utf-16")
    size = measure(text)
    assert size.segments >= 1
    if size.alphabet == "GSM-7":
        assert measure(simplify(text)) == size
