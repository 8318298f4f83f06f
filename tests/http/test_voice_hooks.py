"""A phone that rings: what the provider asks and tells about a call, and what somebody tells who is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import select

from api.main import create_app
from api.runtime.jobs import sweep
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from dispatch.callbacks.tables import Callback
from dispatch.clock import SetClock
from dispatch.field.actions import call_out
from dispatch.technicians.tables import AbsenceKind
from dispatch.visits.states import VisitState
from dispatch.visits.tables import Visit
from dispatch.work import SYSTEM
from notifications.calls.states import CallState
from notifications.calls.tables import Call
from notifications.consent import give_consent
from tests.fakes.beside import Beside, beside
from tests.fakes.twilio import NUMBER, TOKEN, Answer, Refuse, sign
from tests.http.conftest import BASE
from tests.worlds import World, a_quiet_town

PUBLIC = "https://visits.example"
STATUS, VOICE = f"{PUBLIC}/hooks/twilio/status", f"{PUBLIC}/hooks/twilio/voice"
ANA = "+12025550143"
HOOKS = (VOICE, f"{VOICE}/answer", f"{VOICE}/status")


@dataclass
class House:
    """A running application whose texts and calls go by the fake, known to the world as PUBLIC."""

    runtime: Runtime
    provider: Beside
    client: TestClient
    world: World

    def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Response:
        return self.client.post(url.removeprefix(PUBLIC), data=dict(form), headers=dict(headers))

    def pick_up(self, **more: Any) -> str:
        return said(self.provider.fake.pick_up(self.post, **more))

    def calls(self) -> list[Call]:
        return self._all(Call)

    def tasks(self) -> list[str]:
        return [one.about for one in self._all(Callback) if one.done_at is None]

    def _all(self, table: Any) -> list[Any]:
        with self.runtime.read() as work:
            found = list(work.session.exec(select(table)))
            work.session.expunge_all()
        return sorted(found, key=lambda row: row.id)


def said(answer: Response) -> str:
    """The words in the markup; nothing where the call is hung up at once."""
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    return " ".join(say.text or "" for say in ElementTree.fromstring(answer.text).iter("Say"))


@pytest.fixture
def house(runtime: Runtime, settings: Settings, clock: SetClock) -> Iterator[House]:
    """Tom and Una in a quiet town; Ana agreed to texts and calls."""
    known_as = settings.model_copy(update={"public_url": PUBLIC, "twilio_from": NUMBER})
    with beside(clock) as provider:
        runtime = replace(
            runtime,
            settings=known_as,
            channel=provider.channel(status_url=STATUS),
            voice=provider.voice(pages_url=VOICE),
        )
        client = TestClient(
            create_app(runtime), base_url=BASE, raise_server_exceptions=False, follow_redirects=False
        )
        world = a_quiet_town(runtime.workshop, clock, "Tom", "Una")
        with runtime.work(SYSTEM, "consent") as work:
            give_consent(work, ANA, "web")
        yield House(runtime, provider, client, world)


@pytest.fixture
def visit(house: House) -> Visit:
    """Ana's promise has broken, her number is a landline, and her phone rings."""
    world = house.world
    world.clock.at = world.at("08:00")
    visit = world.book("Ana Cole", "10:00")
    sweep(house.runtime)
    world.clock.at = world.at("11:56")
    with world.as_technician(world.who_comes(visit)) as (work, technician):
        call_out(work, technician, AbsenceKind.SICK)
    house.provider.fake.plan.append(Refuse(400, 21614))
    sweep(house.runtime)
    assert [one.shown["to"] for one in house.provider.fake.calls] == [ANA]
    return visit


def test_a_phone_rings_a_key_is_pressed_and_the_visit_is_back(house: House, visit: Visit) -> None:
    fake = house.provider.fake
    page = fake.pick_up(house.post)
    assert "To keep it, press 1." in said(page)
    settled = fake.press(page.text, "1", house.post)
    assert "settled." in said(settled)
    assert said(fake.press(settled.text, "", house.post)) == "Thank you. Goodbye."
    assert fake.end_call("completed", house.post).status_code == 204
    assert [call.state for call in house.calls()] == [CallState.TOLD]
    assert house.world.fresh(visit).state is VisitState.BOOKED
    assert house.tasks() == []
    assert len(fake.calls) == 1


def test_nothing_is_believed_without_its_signature(house: House, visit: Visit) -> None:
    [call] = house.calls()
    form = {"CallSid": call.provider_sid or "", "CallStatus": "completed", "Digits": "1", "To": ANA}
    for hook in HOOKS:
        url = f"{hook}?c={call.id}&m={call.saying_id}"
        other = f"{hook}?c={call.id}&m={'0' * 26}"
        wrong = ("", "%%%", sign("another", url, form), sign(TOKEN, hook, form), sign(TOKEN, other, form))
        for signature in (*wrong, sign(TOKEN, url, form | {"Digits": "4"})):
            answer = house.post(url, form, {"X-Twilio-Signature": signature})
            assert (answer.status_code, answer.content) == (403, b""), hook
    assert [one.state for one in house.calls()] == [CallState.RINGING]
    assert house.world.recovery(visit).choice is None


def test_only_a_bounded_post_is_read(house: House, client: TestClient) -> None:
    for hook in HOOKS:
        path = hook.removeprefix(PUBLIC)
        assert house.client.get(path).status_code == 405
        signed = {"X-Twilio-Signature": sign(TOKEN, hook, {})}
        assert house.client.post(path, data={"Digits": "1" * 64_000}, headers=signed).status_code == 413
        assert client.post(path, data={"CallSid": "CA1"}).status_code == 404  # where no machine rings


def test_the_same_key_told_many_times_at_once_has_one_effect(house: House, visit: Visit) -> None:
    fake = house.provider.fake
    page = fake.pick_up(house.post)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: fake.press(page.text, "1", house.post), range(8)))
    assert all("settled." in said(answer) for answer in answers)
    facts = house.world.facts(visit)
    assert facts.count("choice_made") == 1
    fake.press(page.text, "3", house.post)
    assert house.world.facts(visit) == facts


def test_a_call_of_another_name_can_say_and_do_nothing(house: House, visit: Visit) -> None:
    [call] = house.calls()
    form = {"CallSid": "CA" + "f" * 32, "CallStatus": "completed", "Digits": "1"}
    for hook in HOOKS:
        for c in (call.id, "0" * 26, "%00", ""):
            url = f"{hook}?c={c}&m={call.saying_id}"
            answer = house.post(url, form, {"X-Twilio-Signature": sign(TOKEN, url, form)})
            assert answer.status_code in (200, 204)
            assert "Say" not in answer.text
    assert [one.state for one in house.calls()] == [CallState.RINGING]


def test_a_mailbox_is_told_nothing(house: House, visit: Visit) -> None:
    assert house.pick_up(answered_by="machine_start") == ""
    assert [call.state for call in house.calls()] == [CallState.MISSED, CallState.WAITING]
    house.provider.fake.end_call("completed", house.post)
    assert len(house.calls()) == 2


def test_it_rings_twice_and_then_a_person(house: House, visit: Visit, clock: SetClock) -> None:
    fake = house.provider.fake
    fake.end_call("no-answer", house.post)
    fake.end_call("no-answer", house.post)
    clock.advance(seconds=300)
    sweep(house.runtime)
    assert len(fake.calls) == 2
    fake.end_call("busy", house.post)
    assert house.tasks() == ["text_rejected:21614"]
    clock.advance(seconds=300)
    sweep(house.runtime)
    assert len(fake.calls) == 2


def test_a_lost_answer_is_found_in_the_log_and_nobody_is_rung_twice(
    house: House, visit: Visit, clock: SetClock
) -> None:
    fake = house.provider.fake
    fake.end_call("no-answer", house.post)
    fake.plan.append(Answer(500))
    fake.lists_late = True
    clock.advance(seconds=300)
    sweep(house.runtime)
    assert [call.state for call in house.calls()] == [CallState.MISSED, CallState.UNKNOWN]
    clock.advance(seconds=60)
    sweep(house.runtime)
    fake.list_all()
    clock.advance(seconds=60)
    sweep(house.runtime)
    assert [call.state for call in house.calls()] == [CallState.MISSED, CallState.RINGING]
    assert len(fake.calls) == 2


def test_a_customer_hears_their_own_language(house: House) -> None:
    world = house.world
    world.clock.at = world.at("08:00")
    visit = world.book("Ana Cole", "10:00", language="de")
    sweep(house.runtime)
    world.clock.at = world.at("11:56")
    with world.as_technician(world.who_comes(visit)) as (work, technician):
        call_out(work, technician, AbsenceKind.SICK)
    house.provider.fake.plan.append(Refuse(400, 21614))
    sweep(house.runtime)
    page = house.provider.fake.pick_up(house.post)
    assert "drücken Sie die 1." in said(page)
    assert next(ElementTree.fromstring(page.text).iter("Say")).attrib["language"] == "de-DE"
