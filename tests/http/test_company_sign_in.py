"""Signing in with the company's own account: the code flow against an issuer on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import httpx2
import pytest
from fastapi.testclient import TestClient
from joserfc.jwk import ECKey
from pydantic import ValidationError
from sqlmodel import col, select

from api.auth.oidc import CompanySignIn
from api.main import create_app
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from dispatch.clock import SetClock
from dispatch.ledger import LedgerEntry
from dispatch.territories.tables import Dispatcher
from tests.conftest import OpenWork
from tests.fakes.issuer import CLIENT_ID, CLIENT_SECRET, Issuer, question_of
from tests.fakes.line import Line
from tests.http.conftest import BASE
from tests.http.office_people import Person, a_browser
from tests.http.pages.reading import Reader

EMAIL = "dana@alder.example"


@pytest.fixture
def issuer(clock: SetClock) -> Issuer:
    return Issuer(lambda: clock.at)


@pytest.fixture
def line(issuer: Issuer) -> Iterator[Line]:
    line = Line(issuer.app)
    issuer.url = line.url
    yield line
    line.cut()


@pytest.fixture
def browser(runtime: Runtime, line: Line) -> Iterator[Reader]:
    """At the door of a house whose company has its own sign-in."""
    with httpx2.Client() as client:
        company = CompanySignIn(
            client,
            line.url,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            back_url=f"{BASE}/sign-in/company/back",
        )
        yield a_browser(create_app(replace(runtime, company=company)))


@pytest.fixture
def dana(work: OpenWork, dispatcher: Dispatcher) -> Dispatcher:
    """Invited with her e-mail address; she has no password here."""
    with work() as w:
        w.session.get_one(Dispatcher, dispatcher.id).email = EMAIL
    return dispatcher


def go_to_company(browser: Reader) -> str:
    """To the provider and back: the address that it sends the browser to."""
    away = browser.client.get(browser.open("/sign-in").link("Sign in with your company"))
    assert away.status_code == 303
    let_in = httpx2.get(away.headers["location"])
    assert let_in.status_code == 302, let_in.text
    return str(let_in.headers["location"]).removeprefix(BASE)


def come_in(browser: Reader) -> Reader:
    return browser.open(go_to_company(browser)).press("Go on")


def kinds(work: OpenWork) -> list[str]:
    with work() as w:
        return list(w.session.exec(select(LedgerEntry.kind).order_by(col(LedgerEntry.seq))))


def test_where_the_company_asks_for_two_factors_the_board_opens(
    browser: Reader, issuer: Issuer, dana: Dispatcher, work: OpenWork
) -> None:
    issuer.claims |= {"amr": ["pwd", "mfa"], "email": "Dana@Alder.example"}
    assert come_in(browser).path == "/board"
    assert kinds(work)[-1] == "signed_in"


def test_where_it_does_not_our_second_key_is_asked_for(
    browser: Reader, dana: Dispatcher, clock: SetClock
) -> None:
    assert come_in(browser).path == "/sign-in/app"
    assert browser.client.get("/board").status_code == 401
    person = Person(browser, lambda: clock.at, EMAIL).scan()
    assert person.confirm().h1 == "Keep these ten codes"
    clock.advance(seconds=30)
    assert come_in(a_browser(browser.client.app)).path == "/sign-in/code"
    without_one = a_browser(browser.client.app).open("/sign-in")
    assert without_one.press("Go on", email=EMAIL, password="").status == 401


def test_coming_back_changes_nothing_by_itself(browser: Reader, dana: Dispatcher, work: OpenWork) -> None:
    before = kinds(work)
    back = go_to_company(browser)
    assert browser.open(back).h1 == "Your company knows you"
    assert "mg" not in browser.client.cookies
    assert kinds(work) == before


def test_what_goes_to_the_company_says_nothing_that_opens(browser: Reader, dana: Dispatcher) -> None:
    address = browser.client.get("/sign-in/company").headers["location"]
    asked = question_of(address)
    assert asked["scope"] == "openid email"
    assert asked["code_challenge_method"] == "S256"
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert browser.client.cookies["mg-company"] not in address
    assert CLIENT_SECRET not in address


@pytest.mark.parametrize("claims", [{"email": "nobody@alder.example"}, {"email": ""}, {"email": None}])
def test_nobody_is_made_who_was_not_invited(
    browser: Reader, issuer: Issuer, dana: Dispatcher, work: OpenWork, claims: dict[str, object]
) -> None:
    issuer.claims |= claims
    assert come_in(browser).status == 403
    assert "Ask an admin of your office to invite you" in browser.text
    with work() as w:
        assert len(w.session.exec(select(Dispatcher)).all()) == 1


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_is_not_verified_is_nobodys(
    browser: Reader, issuer: Issuer, dana: Dispatcher, verified: object
) -> None:
    issuer.claims["email_verified"] = verified
    assert come_in(browser).status == 403
    assert "does not say that your e-mail address is yours" in browser.text


def test_whoever_is_switched_off_here_stays_out(browser: Reader, dana: Dispatcher, work: OpenWork) -> None:
    with work() as w:
        w.session.get_one(Dispatcher, dana.id).active = False
    assert come_in(browser).status == 403


def test_a_code_from_another_browser_opens_nothing(browser: Reader, dana: Dispatcher) -> None:
    """Somebody is sent a link with a stranger's code: they must not come in as the stranger."""
    back = go_to_company(a_browser(browser.client.app))
    assert browser.open(back).press("Go on").status == 403
    browser.client.get("/sign-in/company")
    assert browser.open(back).press("Go on").status == 403
    assert "began in another browser" in browser.text


def test_a_code_works_once(browser: Reader, issuer: Issuer, dana: Dispatcher) -> None:
    back = go_to_company(browser)
    cookie = browser.client.cookies["mg-company"]
    browser.open(back).press("Go on")
    browser.client.cookies.set("mg-company", cookie, path="/sign-in")
    assert browser.open(back).press("Go on").status == 403


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another try's"},
        {"aud": "another program"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"azp": "another program", "aud": [CLIENT_ID, "another program"]},
    ],
)
def test_an_answer_that_was_not_meant_for_this_try(
    browser: Reader, issuer: Issuer, dana: Dispatcher, claims: dict[str, object]
) -> None:
    issuer.claims |= {"amr": ["mfa"], **claims}
    assert come_in(browser).status == 403
    assert "does not fit this try" in browser.text


def test_an_answer_signed_by_somebody_else(browser: Reader, issuer: Issuer, dana: Dispatcher) -> None:
    issuer.signing_key = ECKey.generate_key("P-256", {"kid": "one"})
    assert come_in(browser).status == 403


@pytest.mark.parametrize(
    ("path", "answer", "status"),
    [
        ("/token", (503, {}), 503),
        ("/token", (200, {"access_token": "x"}), 503),
        ("/token", (200, {"id_token": "no.token"}), 403),
        ("/token", (401, {"error": "invalid_client"}), 403),
        ("/keys", (500, {}), 503),
        ("/keys", (200, ["nothing"]), 503),
        ("/keys", (200, {"keys": []}), 403),
    ],
)
def test_whatever_goes_wrong_there_is_said_and_the_password_still_works(
    browser: Reader,
    issuer: Issuer,
    dana: Dispatcher,
    path: str,
    answer: tuple[int, object],
    status: int,
) -> None:
    back = go_to_company(browser)
    issuer.answers[path] = answer
    page = browser.open(back).press("Go on")
    assert page.status == status
    assert [button.text for button in page.page.every("button")] == ["Go on"]
    assert CLIENT_SECRET not in page.text


def test_an_issuer_that_calls_itself_otherwise_or_is_away(
    browser: Reader, issuer: Issuer, line: Line, dana: Dispatcher
) -> None:
    issuer.answers["/.well-known/openid-configuration"] = (200, {"issuer": "https://evil.example"})
    assert browser.client.get("/sign-in/company").status_code == 503
    line.cut()
    assert browser.client.get("/sign-in/company").status_code == 503
    assert browser.open("/sign-in").status == 200


def test_without_one_nothing_is_offered(client: TestClient) -> None:
    assert "company’s account" not in a_browser(client.app).open("/sign-in").text
    assert client.get("/sign-in/company").status_code == 404
    assert client.get("/sign-in/company/back").status_code == 404
    assert client.post("/sign-in/company", data={"code": "x", "state": "y"}).status_code == 404


@pytest.mark.parametrize(
    "given",
    [
        {"OIDC_ISSUER": "https://id.alder.example"},
        {"OIDC_ISSUER": "https://id.alder.example", "OIDC_CLIENT_ID": "x"},
        {"OIDC_ISSUER": "http://id.alder.example", "OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "y"},
    ],
)
def test_half_a_company_sign_in_does_not_start(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="OIDC_ISSUER"):
        Settings.model_validate(given)
