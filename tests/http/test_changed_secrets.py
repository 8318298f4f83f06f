"""A secret is changed while the house has customers: what goes on to open, what ends, what new texts carry."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from sqlalchemy import Engine
from sqlmodel import select

from api.main import create_app
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from api.runtime.starting import prepare
from api.runtime.wiring import build
from dispatch.access.links import LinkKey, issue
from dispatch.access.tables import Link, Scope
from dispatch.clock import SetClock
from dispatch.customers.tables import Customer
from dispatch.visits.tables import Visit
from dispatch.work import SYSTEM, Workshop
from notifications.audit import ALL, run_audit
from notifications.channels.twilio import Twilio
from notifications.consent import consent_state, give_consent, withdraw_consent
from notifications.people.erase import erase
from notifications.people.whose import the_customers_of
from notifications.render import Writer
from tests.builders import a_customer, near
from tests.fakes.twilio import ACCOUNT, NUMBER, TOKEN, sign
from tests.http.conftest import BASE, KEY
from tests.stories.detour import TUESDAY, book
from tests.worlds import World, a_quiet_town

OLD, NEW = "a secret for tests, of forty bytes and more", "another secret, after the one that leaked out"
MINE = "/api/v1/visits/mine"


@pytest.fixture
def world(runtime: Runtime, clock: SetClock) -> World:
    return a_quiet_town(runtime.workshop, clock, "Tom")


@pytest.fixture
def visit(world: World) -> Visit:
    return book(world, "Ana Cole", TUESDAY, "10:00", near(km_north=1))


def token_of(runtime: Runtime, visit: Visit) -> str:
    """What the visit's next text links to."""
    with runtime.read() as work:
        link = runtime.writer.link(work.session, visit.id)
    assert link
    return link.removeprefix(f"{BASE}/v/")


def restarted(runtime: Runtime, *, previous: str = "") -> Runtime:
    """Started again with another link secret."""
    key = LinkKey(NEW.encode(), LinkKey(previous.encode()) if previous else None)
    settings = runtime.settings.model_copy(update={"link_secret_previous": SecretStr(previous)})
    changed = replace(runtime, settings=settings, key=key, writer=Writer(key, BASE, "Makegood"))
    prepare(changed)
    return changed


def opens(runtime: Runtime, token: str) -> bool:
    client = TestClient(create_app(runtime), base_url=BASE)
    answer = client.get(MINE, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in (200, 401)
    return answer.status_code == 200


def test_with_the_previous_secret_both_links_open(runtime: Runtime, visit: Visit) -> None:
    before = token_of(runtime, visit)
    changed = restarted(runtime, previous=OLD)
    after = token_of(changed, visit)
    assert before != after
    assert (opens(changed, before), opens(changed, after)) == (True, True)
    with runtime.read() as work:
        assert run_audit(work, ALL) == []


def test_without_it_the_old_links_end_and_the_next_text_has_a_new_one(runtime: Runtime, visit: Visit) -> None:
    before = token_of(runtime, visit)
    changed = restarted(runtime)
    assert (opens(changed, before), opens(changed, token_of(changed, visit))) == (False, True)


def test_the_previous_secret_is_taken_away_when_its_time_is_over(runtime: Runtime, visit: Visit) -> None:
    before = token_of(runtime, visit)
    changed = restarted(runtime, previous=OLD)
    after = token_of(changed, visit)
    changed = restarted(runtime)
    assert (opens(changed, before), opens(changed, after)) == (False, True)
    assert token_of(changed, visit) == after


def test_a_start_with_the_same_secret_writes_nothing(runtime: Runtime, visit: Visit) -> None:
    def links() -> list[tuple[str, int]]:
        with runtime.read() as work:
            return [(one.token_hash, one.version) for one in work.session.exec(select(Link))]

    before = links()
    prepare(runtime)
    assert links() == before
    restarted(runtime, previous=OLD)
    once = links()
    restarted(runtime, previous=OLD)
    assert links() == once
    assert len(once) == len(before) + 1


def test_a_link_of_the_old_secret_is_not_given_out_again(runtime: Runtime, visit: Visit) -> None:
    """Also by a process that did not look at its start: the row and the token always belong together."""
    with runtime.work(SYSTEM, "test") as work:
        token = issue(work, LinkKey(NEW.encode()), Scope.TRACK, visit.id, expires_at=work.now)
        again = issue(work, LinkKey(NEW.encode()), Scope.TRACK, visit.id, expires_at=work.now)
    assert token == again != KEY.token(Scope.TRACK, visit.id, 1)


def test_who_said_stop_and_was_erased_is_known_after_the_secret_was_changed_twice(
    engine: Engine, clock: SetClock, tmp_path: Path
) -> None:
    url = engine.url.render_as_string(hide_password=False)
    known: dict[str, str] = {"DATABASE_URL": url, "MAKEGOOD_DATA": str(tmp_path)}

    def house(secret: str, **others: str) -> Workshop:
        settings = Settings.model_validate(known | {"MAKEGOOD_LINK_SECRET": secret} | others)
        built = build(settings).workshop
        built.engine.dispose()
        return replace(built, engine=engine, clock=clock)

    phone, third = "+12125550143", "and a third one, of more than thirty-two signs"
    with house(OLD).work(SYSTEM, "test") as work:
        customer = a_customer(work, name="Ana Cole", phone=phone)
        give_consent(work, phone, "web")
        withdraw_consent(work, phone, "sms")
    clock.advance(days=1)
    with house(OLD).work(SYSTEM, "test") as work:
        erase(work, the_customers_of(work.session, work.session.get_one(Customer, customer.id)))
    said = {}
    for name, changed in {
        "the same": house(OLD),
        "previous": house(NEW, MAKEGOOD_LINK_SECRET_PREVIOUS=OLD),
        "retired": house(third, MAKEGOOD_LINK_SECRET_PREVIOUS=NEW, MAKEGOOD_LINK_SECRETS_RETIRED=f"{OLD}\n"),
        "thrown away": house(third, MAKEGOOD_LINK_SECRET_PREVIOUS=NEW),
    }.items():
        with changed.read() as work:
            said[name] = consent_state(work, phone)
    assert said == {"the same": "out", "previous": "out", "retired": "out", "thrown away": None}


def test_while_a_token_is_exchanged_either_signs() -> None:
    def channel(secondary: str) -> Twilio:
        return Twilio(ACCOUNT, TOKEN, sender=NUMBER, status_url=BASE, secondary_token=secondary)

    form = {"MessageSid": "SM1", "Body": "hello"}
    by_first, by_second = (sign(token, BASE, form) for token in (TOKEN, "the next token"))
    both, one = channel("the next token"), channel("")
    assert both.is_signed(BASE, form, by_first)
    assert both.is_signed(BASE, form, by_second)
    assert not both.is_signed(BASE, form, sign("neither", BASE, form))
    assert not both.is_signed(BASE, {**form, "Body": "bye"}, by_second)
    assert (one.is_signed(BASE, form, by_first), one.is_signed(BASE, form, by_second)) == (True, False)
    assert not one.is_signed(BASE, form, sign("", BASE, form))
