"""What a provider tells us, and what somebody tells us who is none: the corpora for signatures, repeats and reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import select

from api.main import create_app
from api.pages.staff import text_banners
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from dispatch.callbacks.tables import Callback
from dispatch.clock import SetClock
from dispatch.events import ConsentChanged, Fact
from dispatch.visits.queries import get_visit
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import SYSTEM, Work
from notifications.channels.port import Outbound, Sent
from notifications.channels.twilio import Twilio
from notifications.consent import IN, OUT, consent_state, give_consent
from notifications.inbox.receive import act_on_waiting, keep
from notifications.inbox.tables import InboundText
from notifications.outbox.actions import send_due
from notifications.outbox.states import MessageState
from notifications.outbox.tables import Message
from tests.fakes.beside import Beside, beside
from tests.fakes.twilio import NUMBER, TOKEN, Answer, Refuse, sign
from tests.http.conftest import BASE
from tests.worlds import World, a_quiet_town

PUBLIC = "https://visits.example"
STATUS, INBOUND = f"{PUBLIC}/hooks/twilio/status", f"{PUBLIC}/hooks/twilio/inbound"
ANA, BEN = "+12025550143", "+12025550144"
ODD_ENDS = {"MessageSid": "SM1", "From": ANA, "To": NUMBER, "Body": "I need a ladder", "NumMedia": "0"}


@dataclass
class House:
    """A running application whose texts go by the fake, known to the world as PUBLIC."""

    runtime: Runtime
    provider: Beside
    client: TestClient
    world: World

    def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Response:
        return self.client.post(url.removeprefix(PUBLIC), data=dict(form), headers=dict(headers))

    def write(self, phone: str, body: str, **more: str) -> Response:
        return self.provider.fake.write(phone, body, self.post, **more)

    def report(self, sid: str, status: str, **more: Any) -> Response:
        answer = self.provider.fake.report(sid, status, self.post, **more)
        assert answer.status_code == 204
        return answer

    def send(self) -> int:
        return send_due(self.runtime.workshop, self.runtime.channel, self.runtime.writer)

    def rows(self) -> list[Message]:
        return self._all(Message)

    def received(self) -> list[InboundText]:
        return self._all(InboundText)

    def calls(self) -> list[str]:
        return sorted(call.about for call in self._all(Callback))

    def consent(self, phone: str) -> str | None:
        with self.runtime.read() as work:
            return consent_state(work, phone)

    def _all(self, table: Any) -> list[Any]:
        with self.runtime.read() as work:
            found = list(work.session.exec(select(table)))
            work.session.expunge_all()
        return sorted(found, key=lambda row: row.id)


@pytest.fixture
def house(runtime: Runtime, settings: Settings, clock: SetClock) -> Iterator[House]:
    """Tom in a quiet town at nine o'clock; Ana agreed to texts."""
    known_as = settings.model_copy(update={"public_url": PUBLIC, "twilio_from": NUMBER})
    with beside(clock) as provider:
        provider.fake.inbound_url = INBOUND
        runtime = replace(runtime, settings=known_as, channel=provider.channel(status_url=STATUS))
        app = create_app(runtime)
        client = TestClient(app, base_url=BASE, raise_server_exceptions=False, follow_redirects=False)
        world = a_quiet_town(runtime.workshop, clock, "Tom")
        with runtime.work(SYSTEM, "consent") as work:
            give_consent(work, ANA, "web")
        clock.at = world.at("09:00")
        yield House(runtime, provider, client, world)


@pytest.fixture
def visit(house: House) -> Visit:
    """Ana at noon; her confirmation waits."""
    return house.world.book("Ana Cole", "12:00")


@pytest.fixture
def sid(house: House, visit: Visit) -> str:
    """Her confirmation, accepted."""
    assert house.send() == 1
    return house.provider.fake.messages[0].sid


def state_of(house: House) -> MessageState:
    return house.rows()[0].state


# --- who may speak (S8) ----------------------------------------------------------------------------------


WRONG = {
    "no signature": "",
    "not a signature": "%%%",
    "not even letters": "é",
    "of another token": sign("another", INBOUND, ODD_ENDS),
    "for another address": sign(TOKEN, STATUS, ODD_ENDS),
    "for http": sign(TOKEN, INBOUND.replace("https:", "http:"), ODD_ENDS),
    "for another host": sign(TOKEN, INBOUND.replace("visits", "evil"), ODD_ENDS),
    "for another port": sign(TOKEN, INBOUND.replace(".example", ".example:8443"), ODD_ENDS),
    "for a longer address": sign(TOKEN, f"{INBOUND}?a=1", ODD_ENDS),
    "for the address behind the proxy": sign(TOKEN, f"{BASE}/hooks/twilio/inbound", ODD_ENDS),
    "for another text": sign(TOKEN, INBOUND, ODD_ENDS | {"Body": "STOP"}),
    "for fewer fields": sign(TOKEN, INBOUND, {"MessageSid": "SM1", "From": ANA, "Body": "I need a ladder"}),
}


def test_a_wrong_signature_is_turned_away_and_nothing_is_kept(house: House) -> None:
    for name, signature in WRONG.items():
        answer = house.post(INBOUND, ODD_ENDS, {"X-Twilio-Signature": signature.encode()})
        assert (answer.status_code, answer.content) == (403, b""), name
    assert house.received() == []


def test_a_right_signature_is_for_one_form_only(house: House) -> None:
    """A field more, or one said twice, after it was signed; or signed by a key that we do not have."""
    signature = sign(TOKEN, INBOUND, ODD_ENDS)
    path, kind = "/hooks/twilio/inbound", {"Content-Type": "application/x-www-form-urlencoded"}
    headers = kind | {"X-Twilio-Signature": signature}
    for more in ("&OptOutType=STOP", "&Body=STOP", "&" * 300 + "&".join(f"a{n}=1" for n in range(300))):
        answer = house.client.post(path, content=urlencode(ODD_ENDS) + more, headers=headers)
        assert answer.status_code == 403, more
    settings = {"X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=HMAC_SHA256"}
    assert house.client.post(path, content=urlencode(ODD_ENDS), headers=headers | settings).status_code == 403
    assert house.received() == []
    assert house.client.post(path, content=urlencode(ODD_ENDS), headers=headers).status_code == 200


def test_the_order_of_the_address_is_part_of_it(house: House, sid: str) -> None:
    form = {"MessageSid": sid, "MessageStatus": "delivered"}
    headers = {"X-Twilio-Signature": sign(TOKEN, f"{STATUS}?a=1&o=2", form)}
    assert house.post(f"{STATUS}?o=2&a=1", form, headers).status_code == 403
    assert house.post(f"{STATUS}?a=1&o=2", form, headers).status_code == 204


def test_headers_of_a_proxy_change_nothing(house: House) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "Host": "evil.example"}
    headers = forged | {"X-Twilio-Signature": sign(TOKEN, INBOUND, ODD_ENDS)}
    assert house.post(INBOUND, ODD_ENDS, headers).status_code == 200


def test_only_a_bounded_post_is_read(house: House, client: TestClient) -> None:
    for path in ("/hooks/twilio/status", "/hooks/twilio/inbound"):
        assert house.client.get(path).status_code == 405
        signed = {"X-Twilio-Signature": sign(TOKEN, PUBLIC + path, {})}
        assert house.client.post(path, data={"Body": "x" * 64_000}, headers=signed).status_code == 413
        assert house.client.post(path, files={"Body": b"x"}, headers=signed).status_code == 403
        assert client.post(path, data=ODD_ENDS).status_code == 404  # where nobody carries texts
    assert house.received() == []


# --- one effect for one text, for ever (S7) -----------------------------------------------------------


def test_a_text_that_is_told_twice_has_one_effect(house: House, clock: SetClock) -> None:
    first = house.write(ANA, "I need a ladder", sid="SM7")
    assert (first.status_code, first.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert first.text.endswith("<Response/>")
    clock.advance(days=90)
    assert house.write(ANA, "I need a ladder", sid="SM7").status_code == 200
    assert [text.body for text in house.received()] == ["I need a ladder"]
    assert len(house.calls()) == 1


def test_a_text_that_is_told_many_times_at_once_has_one_effect(house: House) -> None:
    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(lambda _: house.write(ANA, "I need a ladder", sid="SM7"), range(12)))
    assert {answer.status_code for answer in told} == {200}
    assert len(house.received()) == len(house.calls()) == 1


# --- what a text may be made of (S9, S11) --------------------------------------------------------------


BODIES = {
    "x" * 1600: "x" * 1600,
    "x" * 2000: "x" * 1600,
    "a\x00b": "ab",
    "%00": "%00",
    "flags 🇩🇪🇺🇸": "flags 🇩🇪🇺🇸",
    "": "",
}


def test_any_body_is_kept_safely(house: House) -> None:
    for body in BODIES:
        assert house.write(ANA, body).status_code == 200
    assert {text.body for text in house.received()} == set(BODIES.values())
    assert len(house.received()) == len(BODIES)


def test_bytes_that_are_no_text_are_kept_as_far_as_they_can_be_read(house: House) -> None:
    """Signed as we read it: what a provider sends is UTF-8, and what is not is shown as such."""
    form = {"MessageSid": "SM1", "From": ANA, "Body": "caf\ufffd"}
    headers = {
        "X-Twilio-Signature": sign(TOKEN, INBOUND, form),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    content = b"MessageSid=SM1&From=%2B12025550143&Body=caf%E9"
    assert house.client.post("/hooks/twilio/inbound", content=content, headers=headers).status_code == 200
    assert house.received()[0].body == "caf\ufffd"


def test_pictures_are_counted_and_not_fetched(house: House) -> None:
    asked = house.provider.fake.requests
    media = {
        "NumMedia": "10",
        "MediaUrl0": f"{house.provider.line.url}/x.jpg",
        "MediaUrl1": "http://169.254.169.254/",
    }
    assert house.write(ANA, "", **media).status_code == 200
    assert house.received()[0].body == "(pictures: 10)"
    assert house.provider.fake.requests == asked


def test_who_cannot_be_answered_is_kept_and_not_answered(house: House) -> None:
    senders = ["", "VERIFY", "72345", "client:ana", "+1"]
    for sender in senders:
        assert house.write(sender, "Your code is 1234").status_code == 200
    assert {text.phone for text in house.received()} == set(senders)
    assert {text.effect for text in house.received()} == {"kept: nobody who could be answered"}
    assert house.rows() == []


def test_our_own_number_is_not_talked_to(house: House) -> None:
    assert house.write(NUMBER, "HELP").status_code == 200
    assert house.client.post(
        "/hooks/twilio/inbound", headers={"X-Twilio-Signature": sign(TOKEN, INBOUND, {})}
    )
    assert house.received() == house.rows() == []


def test_a_stranger_is_answered_once_in_ten_minutes(house: House) -> None:
    for number in range(3):
        house.write(BEN, f"hello {number}")
    assert [row.purpose for row in house.rows()] == ["stranger"]


# --- stop, start, help: the provider answers those first (S1, S4, S5) ------------------------------------


@pytest.mark.parametrize(
    "word", ["STOP", "stop", " Stop ", "STOPALL", "unsubscribe", "End", "quit", "cancel", "revoke"]
)
def test_stop_is_confirmed_by_the_provider_alone(house: House, visit: Visit, sid: str, word: str) -> None:
    house.write(ANA, word)
    assert house.consent(ANA) == OUT
    assert house.send() == 0
    assert house.provider.fake.read(ANA)[1:] == ["You have been unsubscribed."]
    with house.runtime.read() as work:
        assert get_visit(work.session, visit.id).state is VisitState.BOOKED
    assert house.calls() == ["text_may_cancel" if word == "cancel" else "text_opted_out"]


@pytest.mark.parametrize("word", ["stop.", "STOP!", "ＳＴＯＰ", "opt out", "opt-out"])
def test_a_stop_that_the_provider_does_not_know_is_confirmed_by_us(house: House, sid: str, word: str) -> None:
    house.write(ANA, word)
    assert house.consent(ANA) == OUT
    assert house.send() == 1
    assert "no more texts" in house.provider.fake.read(ANA)[-1]


def test_start_brings_texts_back_and_help_is_answered_once(house: House, sid: str) -> None:
    for word in ("STOP", "START", "HELP"):
        assert house.write(ANA, word).status_code == 200
    assert house.consent(ANA) == IN
    assert [row.purpose for row in house.rows()] == ["booking_confirmed"]
    house.write(ANA, "please help", OptOutType="HELP")
    assert len(house.rows()) == 1


def test_a_stop_that_only_the_provider_heard_is_believed(house: House, visit: Visit) -> None:
    """It never reached us; the next text is refused, and a person rings."""
    house.provider.fake.opted_out.add(ANA)
    assert house.send() == 0
    assert house.consent(ANA) == OUT
    assert house.rows()[0].reason == "opted_out"
    assert house.calls() == ["text_opted_out"]


def test_the_office_sees_that_our_settings_are_refused(house: House, visit: Visit, clock: SetClock) -> None:
    house.provider.fake.plan.append(Refuse(401, 20003))
    house.send()
    for refused in (True, False):
        with house.runtime.read() as work:
            says = [banner.says for banner in text_banners(work, house.runtime)]
        expected = ["No text goes out: the provider refuses our settings (20003, answered 401)."]
        assert says == (expected if refused else [])
        clock.advance(minutes=1)
        house.send()
    assert house.provider.fake.read(ANA)


# --- reports (4.4) ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "after"),
    [
        (["queued", "sending", "sent", "delivered"], MessageState.DELIVERED),
        (["delivered", "sent", "queued"], MessageState.DELIVERED),
        (["sent", "delivered", "undelivered"], MessageState.DELIVERED),
        (["undelivered", "delivered"], MessageState.DELIVERED),
        (["failed", "sent", "failed"], MessageState.UNDELIVERED),
        (["delivered", "delivered", "delivered"], MessageState.DELIVERED),
        (["DELIVERED "], MessageState.DELIVERED),
        (["teleported"], MessageState.SENT),
        ([""], MessageState.SENT),
    ],
)
def test_reports_may_come_in_any_order_and_number(
    house: House, sid: str, words: list[str], after: MessageState
) -> None:
    for word in words:
        house.report(sid, word)
    assert state_of(house) is after
    assert house.calls() == (["text_undelivered"] if words[0] in ("failed", "undelivered") else [])


def test_reports_that_come_in_the_same_moment_are_all_heard(house: House, sid: str) -> None:
    words = ["queued", "sending", "sent", "delivered"] * 3
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda word: house.report(sid, word), words))
    assert state_of(house) is MessageState.DELIVERED


def test_a_report_without_our_own_id_finds_its_text_by_the_sid(house: House, sid: str) -> None:
    house.report(sid, "delivered", url=STATUS)
    assert state_of(house) is MessageState.DELIVERED


def test_a_report_about_nothing_of_ours_changes_nothing(house: House, sid: str) -> None:
    for url in (STATUS, f"{STATUS}?o={'0' * 26}", f"{STATUS}?o=%00{'x' * 400}"):
        form = {"MessageSid": "SM" + "f" * 32, "MessageStatus": "delivered"}
        answer = house.post(url, form, {"X-Twilio-Signature": sign(TOKEN, url, form)})
        assert answer.status_code == 204
    assert state_of(house) is MessageState.SENT


def test_a_report_that_names_another_row_is_refused_with_an_alarm(
    house: House, sid: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Once a row that has a sid of its own, once one that has none yet because its answer was lost."""
    house.world.book("Ana Cole", "14:00")
    house.provider.fake.plan.append(Answer(500))
    house.send()
    first, second = sorted(house.rows(), key=lambda row: row.provider_sid is None)
    lost = house.provider.fake.messages[1].sid
    for row, other in ((first, lost), (second, sid)):
        caplog.clear()
        house.report(other, "delivered", url=f"{STATUS}?o={row.id}")
        assert "another text" in caplog.text
    assert {row.state for row in house.rows()} == {MessageState.SENT, MessageState.UNKNOWN}
    house.report(lost, "delivered")
    assert {row.state for row in house.rows()} == {MessageState.SENT, MessageState.DELIVERED}


def test_a_report_before_any_attempt_is_not_believed(house: House, visit: Visit) -> None:
    [row] = house.rows()
    form, url = {"MessageSid": "SM1", "MessageStatus": "delivered"}, f"{STATUS}?o={row.id}"
    house.post(url, form, {"X-Twilio-Signature": sign(TOKEN, url, form)})
    assert state_of(house) is MessageState.PENDING


@pytest.mark.parametrize(
    ("code", "reason"), [("30006", "undelivered:30006"), ("<b>", "undelivered"), ("", "undelivered")]
)
def test_why_it_was_not_delivered_is_kept_when_it_is_a_code(
    house: House, sid: str, code: str, reason: str
) -> None:
    house.report(sid, "undelivered", code=code)
    assert house.rows()[0].reason == reason


def test_a_report_that_comes_before_the_answer_settles_the_doubt(
    house: House, visit: Visit, clock: SetClock
) -> None:
    house.provider.fake.plan.append(Answer(500))
    assert house.send() == 0
    assert state_of(house) is MessageState.UNKNOWN
    house.report(house.provider.fake.messages[0].sid, "sent")
    assert (state_of(house), house.rows()[0].provider_sid) == (
        MessageState.SENT,
        house.provider.fake.messages[0].sid,
    )
    clock.advance(minutes=9)
    assert house.send() == 0
    assert len(house.provider.fake.read(ANA)) == 1


class Eager(Twilio):
    """The report is quicker than the answer to the call."""

    house: House

    def send(self, text: Outbound) -> Sent:
        sent = super().send(text)
        self.house.report(sent.sid, "delivered")
        return sent


def test_a_report_that_overtakes_the_answer_is_not_undone_by_it(house: House, visit: Visit) -> None:
    house.world.book("Ana Cole", "14:00")
    channel = house.provider.channel(kind=Eager, status_url=STATUS)
    channel.house = house
    send_due(house.runtime.workshop, channel, house.runtime.writer)
    assert {row.state for row in house.rows()} == {MessageState.DELIVERED}
    assert len(house.provider.fake.read(ANA)) == 2


def test_without_a_report_the_log_settles_the_doubt(house: House, visit: Visit, clock: SetClock) -> None:
    house.provider.fake.plan.append(Answer(201, b"<html>"))
    house.send()
    assert state_of(house) is MessageState.UNKNOWN
    clock.advance(seconds=60)
    house.send()
    [filed] = house.provider.fake.messages
    assert (state_of(house), house.rows()[0].provider_sid) == (MessageState.SENT, filed.sid)


def test_a_report_three_days_late_is_heard(house: House, sid: str, clock: SetClock) -> None:
    clock.advance(days=3)
    house.report(sid, "delivered")
    assert state_of(house) is MessageState.DELIVERED


def test_a_report_after_two_clean_looks_still_keeps_it_from_being_sent_again(
    house: House, visit: Visit, clock: SetClock
) -> None:
    """The list lags by more than two minutes: only the report knows."""
    house.provider.fake.lists_late = True
    house.provider.fake.plan.append(Answer(500))
    house.send()
    for _ in range(2):
        clock.advance(seconds=60)
        house.send()
    assert state_of(house) is MessageState.PENDING
    house.report(house.provider.fake.messages[0].sid, "delivered")
    clock.advance(seconds=30)
    assert house.send() == 0
    assert len(house.provider.fake.read(ANA)) == 1
    assert state_of(house) is MessageState.DELIVERED


def test_a_report_after_a_person_took_over_changes_nothing(
    house: House, visit: Visit, clock: SetClock
) -> None:
    house.provider.fake.plan.append(Answer(500))
    house.send()
    house.provider.set_down(True)
    clock.advance(minutes=10)
    house.send()
    house.provider.set_down(False)
    assert house.rows()[0].reason == "unsure"
    house.report(house.provider.fake.messages[0].sid, "delivered")
    assert state_of(house) is MessageState.HANDED_OVER


# --- kept first, acted on then --------------------------------------------------------------------------------


def test_a_text_is_kept_also_when_acting_on_it_fails_and_is_acted_on_later(
    house: House, clock: SetClock
) -> None:
    """Whatever is the matter, the provider hears that we have it; nobody else tells us again."""
    workshop = house.runtime.workshop
    broken = replace(workshop, reactions=(*workshop.reactions, lambda work, fact: 1 // 0))
    app = create_app(replace(house.runtime, workshop=broken))
    client = TestClient(app, base_url=BASE, raise_server_exceptions=False)
    sick = replace(house, client=client)
    assert sick.write(ANA, "STOP", sid="SM7").status_code == 200
    [text] = house.received()
    assert (text.body, text.effect, house.consent(ANA)) == ("STOP", "", IN)
    clock.advance(seconds=3)
    assert act_on_waiting(workshop) == 1
    assert (house.received()[0].effect, house.consent(ANA)) == ("no more texts", OUT)
    assert act_on_waiting(workshop) == 0
    assert house.write(ANA, "STOP", sid="SM7").status_code == 200
    assert len(house.received()) == 1


def test_what_cannot_be_acted_on_three_times_is_read_by_a_person(house: House, clock: SetClock) -> None:
    """And it keeps no other text from its turn."""
    workshop = house.runtime.workshop

    def trip(work: Work, fact: Fact) -> None:
        if isinstance(fact, ConsentChanged):
            raise ZeroDivisionError

    broken = replace(workshop, reactions=(*workshop.reactions, trip))
    with workshop.work(SYSTEM, "kept") as work:
        keep(work, provider_sid="SM8", phone=ANA, body="STOP")
        keep(work, provider_sid="SM9", phone=BEN, body="where are you?")
    clock.advance(seconds=3)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            act_on_waiting(broken)
    assert [text.effect for text in house.received()] == ["", "to the inbox"]
    assert act_on_waiting(broken) == 1
    assert house.received()[0].effect == "to the inbox"
    assert "inbox" in house.calls()
