"""The office signs in: a password, a second factor, waits for whoever guesses, sessions that end."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from api.main import create_app
from api.runtime.runtime import Runtime
from dispatch.access.breaches import BreachesSilent, ListedBreaches
from dispatch.access.links import issue
from dispatch.access.tables import Credential, DoorSession, Link, RecoveryCode, Scope, Tries
from dispatch.clock import SetClock
from dispatch.ledger import LedgerEntry
from dispatch.territories.tables import Dispatcher, StaffRole, Territory
from tests import builders
from tests.asked import asked, changes
from tests.conftest import OpenWork
from tests.http.conftest import KEY, SAME_SITE
from tests.http.office_people import PASSWORD, Person, a_browser
from tests.http.pages.reading import Reader

EMAIL = "dana@alder.example"
SERVICES = "/api/v1/services"

NewLink = Callable[[], str]


@pytest.fixture
def new_link(work: OpenWork, dispatcher: Dispatcher) -> NewLink:
    def make() -> str:
        with work() as w:
            token = issue(w, KEY, Scope.SETUP, dispatcher.id, expires_at=w.now + timedelta(days=1))
        return f"/setup/{token}"

    return make


@pytest.fixture
def stranger(client: TestClient, clock: SetClock) -> Person:
    """Dana before her first day: a browser, a phone, and nothing set up."""
    return Person(a_browser(client.app), lambda: clock.at, EMAIL)


@pytest.fixture
def dana(stranger: Person, new_link: NewLink, clock: SetClock) -> Person:
    """Dana after it; half a minute later, so that her next code is a new one."""
    stranger.use_link(new_link())
    clock.advance(seconds=30)
    return stranger


def text_of(page: Reader) -> str:
    """What stands on the page, without the request's own id."""
    return page.text.rpartition(" · ")[0] or page.text


def status_of(browser: Reader, path: str = SERVICES) -> int:
    return browser.client.get(path).status_code


# --- the first time -------------------------------------------------------------------------------------


def test_the_link_leads_to_a_password_then_to_the_second_key_then_in(
    stranger: Person, new_link: NewLink, work: OpenWork, dispatcher: Dispatcher
) -> None:
    link, browser = new_link(), stranger.browser
    browser.open(link)
    assert "Hello Dana Reed" in browser.h1
    browser.press("Go on", email=" Dana@Alder.Example ", password=PASSWORD)
    assert (browser.path, browser.h1) == ("/sign-in/app", "Your phone becomes the second key")
    assert status_of(browser) == 401
    assert status_of(browser, "/board") == 401
    stranger.scan().confirm()
    assert browser.h1 == "Keep these ten codes"
    assert len(set(stranger.codes)) == 10
    browser.follow("I have kept them")
    assert browser.status == 200
    assert browser.path == "/board"
    with work() as w:
        assert w.session.get_one(Dispatcher, dispatcher.id).email == EMAIL
        kinds = w.session.exec(select(LedgerEntry.kind).order_by(col(LedgerEntry.seq))).all()
    assert kinds[-2:] == ["credentials_chosen", "signed_in"]


def test_the_link_works_once(dana: Person, new_link: NewLink, client: TestClient, work: OpenWork) -> None:
    with work() as w:
        (used,) = w.session.exec(select(Link)).all()
        assert used.used_at is not None
        used_path = f"/setup/{KEY.token(Scope.SETUP, used.subject_id, used.version)}"
    assert a_browser(client.app).open(used_path).status == 410
    sent = client.post(f"{used_path}/credentials", data={"email": EMAIL, "password": PASSWORD})
    assert sent.status_code == 410
    assert new_link() != used_path


def test_of_two_who_choose_together_one_gets_in(client: TestClient, new_link: NewLink) -> None:
    link = new_link()

    def choose(number: int) -> int:
        form = {"email": f"dana{number}@alder.example", "password": PASSWORD}
        return a_browser(client.app).client.post(f"{link}/credentials", data=form).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(choose, range(4))) == [303, 410, 410, 410]


@pytest.mark.parametrize(
    ("email", "password", "says"),
    [
        ("", PASSWORD, "e-mail address, like dana@example.com"),
        ("dana", PASSWORD, "e-mail address, like dana@example.com"),
        (EMAIL, "short", "12 signs or more"),
        (EMAIL, "", "12 signs or more"),
        (EMAIL, "x" * 129, "At most 128"),
        (EMAIL, "dana@alder.example", "Others would try this one first"),
        (EMAIL, "Makegood2026!", "Others would try this one first"),
    ],
)
def test_what_does_not_do_is_said_and_loses_nothing(
    stranger: Person, new_link: NewLink, work: OpenWork, email: str, password: str, says: str
) -> None:
    browser = stranger.browser.open(new_link())
    browser.press("Go on", email=email, password=password)
    assert browser.status == 422
    assert says in browser.text
    with work() as w:
        assert w.session.exec(select(Link.used_at)).all() == [None]
        assert w.session.exec(select(Credential)).all() == []
    stranger.use_link(browser.path.removesuffix("/credentials"))
    assert browser.h1 == "Keep these ten codes"


def test_an_address_that_somebody_else_has(
    dana: Person, client: TestClient, work: OpenWork, territory: Territory
) -> None:
    with work() as w:
        eve = builders.a_dispatcher(w, territory, name="Eve Moss")
        token = issue(w, KEY, Scope.SETUP, eve.id, expires_at=w.now + timedelta(days=1))
    browser = a_browser(client.app).open(f"/setup/{token}")
    browser.press("Go on", email=EMAIL.upper(), password=PASSWORD)
    assert (browser.status, "Somebody else here" in browser.text) == (422, True)


def test_a_password_from_a_break_in_is_refused_and_a_silent_list_is_no_reason(
    runtime: Runtime, clock: SetClock, new_link: NewLink, caplog: pytest.LogCaptureFixture
) -> None:
    class Silent:
        def is_known(self, password: str) -> bool:
            raise BreachesSilent("ConnectTimeout")

    known = create_app(replace(runtime, breaches=ListedBreaches([PASSWORD])))
    browser = a_browser(known).open(new_link())
    browser.press("Go on", email=EMAIL, password=PASSWORD)
    assert (browser.status, "known from a break-in" in browser.text) == (422, True)
    silent = Person(a_browser(create_app(replace(runtime, breaches=Silent()))), lambda: clock.at, EMAIL)
    assert silent.use_link(new_link()).h1 == "Keep these ten codes"
    assert "ConnectTimeout" in caplog.text
    assert PASSWORD not in caplog.text


def test_whoever_stops_before_the_second_key_goes_on_there(
    stranger: Person, new_link: NewLink, client: TestClient
) -> None:
    stranger.browser.open(new_link()).press("Go on", email=EMAIL, password=PASSWORD)
    browser = stranger.give_password(a_browser(client.app))
    assert browser.path == "/sign-in/app"
    assert browser.open("/sign-in/code").path == "/sign-in/app"
    browser.press("This is my second key", code="000000")
    assert browser.status == 401
    assert stranger.scan().confirm().h1 == "Keep these ten codes"


def test_a_new_link_resets_everything(
    dana: Person, new_link: NewLink, client: TestClient, clock: SetClock
) -> None:
    old_browser, old_app, old_codes = dana.browser, dana.app, dana.codes
    assert status_of(old_browser) == 200
    again = Person(a_browser(client.app), lambda: clock.at, EMAIL)
    again.password = "another lantern, another attic"
    again.use_link(new_link())
    assert status_of(old_browser) == 401
    assert again.app
    assert old_app
    assert again.app.secret != old_app.secret
    assert dana.give_password(a_browser(client.app)).status == 401
    clock.advance(seconds=30)
    browser = again.give_password(a_browser(client.app))
    for stale in (old_app.at(clock.at), old_codes[0]):
        assert browser.press("Open the board", code=stale).status == 401
    assert browser.press("Open the board", code=again.code).path == "/board"


# --- signing in -----------------------------------------------------------------------------------------


def test_password_then_code_open_the_board(dana: Person, client: TestClient) -> None:
    browser = dana.give_password(a_browser(client.app))
    assert browser.path == "/sign-in/code"
    assert status_of(browser) == 401
    assert browser.press("Open the board", code=f" {dana.code[:3]} {dana.code[3:]} ").path == "/board"
    assert browser.open("/sign-in").path == "/board"


def test_every_step_has_a_new_session(dana: Person, client: TestClient, work: OpenWork) -> None:
    browser = a_browser(client.app)
    dana.give_password(browser)
    entering = browser.client.cookies["mg"]
    browser.press("Open the board", code=dana.code)
    inside = browser.client.cookies["mg"]
    assert entering != inside
    browser.client.cookies.set("mg", entering)
    assert browser.open("/sign-in/code").status == 401
    with work() as w:
        kept = " ".join(row.model_dump_json() for row in w.session.exec(select(DoorSession)))
    assert inside not in kept


def test_a_wrong_password_and_an_unknown_address_look_the_same(dana: Person, client: TestClient) -> None:
    pages = []
    for email, password in ((EMAIL, "not the lantern at all"), ("nobody@alder.example", PASSWORD)):
        browser = a_browser(client.app).open("/sign-in").press("Go on", email=email, password=password)
        pages.append((browser.status, text_of(browser), "set-cookie" in str(browser.client.cookies)))
    assert pages[0] == pages[1]
    assert pages[0][0] == 401


def test_for_an_unknown_address_as_much_is_done_as_for_a_known_one(
    dana: Person, client: TestClient, runtime: Runtime
) -> None:
    """The same statements reach the database, the same work is done on a hash."""

    def statements_of(email: str) -> list[str]:
        with asked(runtime.workshop.engine) as statements:
            a_browser(client.app).client.post("/sign-in", data={"email": email, "password": "wrong password"})
        return [one.split("(")[0].split("WHERE")[0][:60] for one in statements]

    known, unknown = statements_of(EMAIL), statements_of("nobody@alder.example")
    assert known == unknown
    assert len(known) > 5


def test_who_was_switched_off_is_nobody(dana: Person, client: TestClient, work: OpenWork) -> None:
    with work() as w:
        w.session.exec(select(Dispatcher)).one().active = False
    assert dana.give_password(a_browser(client.app)).status == 401
    assert status_of(dana.browser) == 401


@pytest.mark.parametrize("email", [EMAIL, "nobody@alder.example"])
def test_whoever_guesses_waits_whether_we_know_the_address_or_not(
    dana: Person, client: TestClient, clock: SetClock, email: str
) -> None:
    def guess(password: str) -> Reader:
        return a_browser(client.app).open("/sign-in").press("Go on", email=email, password=password)

    assert [guess(f"wrong guess number {number}").status for number in range(5)] == [401] * 5
    late = guess(PASSWORD)
    assert late.status == 429
    assert "Please wait 30 seconds, then try again" in late.text
    answer = client.post("/sign-in", data={"email": email, "password": PASSWORD})
    assert answer.headers["retry-after"] == "30"
    clock.advance(seconds=30)
    assert guess("wrong again, and longer").status == 401
    assert guess(PASSWORD).status == 429
    clock.advance(seconds=60)
    right = guess(PASSWORD)
    assert (right.status, right.path) == ((200, "/sign-in/code") if email == EMAIL else (401, "/sign-in"))


def test_guesses_at_many_accounts_from_one_address_wait_too(dana: Person, client: TestClient) -> None:
    for number in range(20):
        form = {"email": f"somebody{number}@alder.example", "password": "one password for all"}
        assert client.post("/sign-in", data=form).status_code == 401
    assert dana.give_password(a_browser(client.app)).status == 429


def test_signing_in_often_is_no_guess(dana: Person, client: TestClient, clock: SetClock) -> None:
    for _ in range(25):
        assert dana.sign_in(a_browser(client.app)).path == "/board"
        clock.advance(seconds=30)


# --- the second factor ----------------------------------------------------------------------------------


def test_a_code_counts_once(dana: Person, client: TestClient) -> None:
    used = dana.code
    assert dana.sign_in(a_browser(client.app)).path == "/board"
    replayed = dana.give_password(a_browser(client.app)).press("Open the board", code=used)
    assert (replayed.status, "used already" in replayed.text) == (401, True)
    assert status_of(replayed) == 401


def test_of_two_who_send_one_code_together_one_gets_in(dana: Person, client: TestClient) -> None:
    browsers = [dana.give_password(a_browser(client.app)) for _ in range(4)]
    code = {"code": dana.code}
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda one: one.client.post("/sign-in/code", data=code).status_code, browsers)
    assert sorted(answers) == [303, 401, 401, 401]


def test_whoever_guesses_codes_waits_and_a_new_password_step_does_not_help(
    dana: Person, client: TestClient, clock: SetClock
) -> None:
    browser = dana.give_password(a_browser(client.app))
    for number in range(5):
        assert browser.press("Open the board", code=f"{number:06}").status == 401
    assert browser.press("Open the board", code=dana.code).status == 429
    fresh = dana.give_password(a_browser(client.app))
    assert fresh.press("Open the board", code=dana.code).status == 429
    clock.advance(seconds=30)
    assert fresh.press("Open the board", code=dana.code).path == "/board"


def test_a_recovery_code_opens_once(dana: Person, client: TestClient, work: OpenWork) -> None:
    first, second = dana.codes[:2]
    browser = dana.give_password(a_browser(client.app)).press("Open the board", code=first.upper())
    assert browser.status == 200
    assert "9 recovery codes are left" in browser.text
    again = dana.give_password(a_browser(client.app)).press("Open the board", code=first)
    assert again.status == 401
    assert again.press("Open the board", code=second.replace("-", " ")).status == 200
    with work() as w:
        kept = " ".join(row.model_dump_json() for row in w.session.exec(select(RecoveryCode)))
    assert not any(code in kept for code in dana.codes)


def test_the_first_step_is_forgotten_after_a_quarter_of_an_hour(
    dana: Person, client: TestClient, clock: SetClock
) -> None:
    browser = dana.give_password(a_browser(client.app))
    clock.advance(minutes=15)
    assert browser.press("Open the board", code=dana.code).status == 401


def test_no_secret_of_the_second_factor_is_in_the_database(dana: Person, work: OpenWork) -> None:
    assert dana.app
    with work() as w:
        rows = [
            *w.session.exec(select(Credential)),
            *w.session.exec(select(DoorSession)),
            *w.session.exec(select(Tries)),
        ]
        kept = " ".join(row.model_dump_json() for row in rows)
    assert dana.app.secret not in kept
    assert PASSWORD not in kept


# --- sessions -------------------------------------------------------------------------------------------


def test_a_session_ends_after_half_an_hour_of_nothing(dana: Person, clock: SetClock) -> None:
    for _ in range(5):
        clock.advance(minutes=29)
        assert status_of(dana.browser) == 200
    clock.advance(minutes=30)
    assert status_of(dana.browser) == 401


def test_and_after_twelve_hours_of_work(dana: Person, clock: SetClock) -> None:
    for _ in range(35):
        clock.advance(minutes=20)
        assert status_of(dana.browser) == 200
    clock.advance(minutes=20)
    assert status_of(dana.browser) == 401


def test_being_here_is_written_once_a_minute(dana: Person, clock: SetClock, runtime: Runtime) -> None:
    clock.advance(minutes=1)
    with asked(runtime.workshop.engine) as statements:
        for _ in range(10):
            assert status_of(dana.browser) == 200
    (written,) = changes(statements)
    assert written.startswith("UPDATE door_sessions")


def test_a_role_taken_away_counts_from_the_next_request(dana: Person, work: OpenWork) -> None:
    assert status_of(dana.browser, "/office/people") == 200
    with work() as w:
        w.session.exec(select(Dispatcher)).one().role = StaffRole.DISPATCHER
    assert status_of(dana.browser, "/office/people") == 403
    assert status_of(dana.browser, "/board") == 200


def test_another_site_cannot_sign_somebody_in(dana: Person, client: TestClient) -> None:
    browser = dana.give_password(a_browser(client.app))
    headers = SAME_SITE | {"Sec-Fetch-Site": "cross-site"}
    answer = browser.client.post("/sign-in/code", data={"code": dana.code}, headers=headers)
    assert answer.status_code == 403
