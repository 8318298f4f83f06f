"""The fake says what Twilio's own description of its interface says, and remembers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.fakes.beside import Beside
from tests.fakes.description import Description
from tests.fakes.twilio import ACCOUNT, NUMBER, SERVICE, TOKEN, VERSION, sign

FILE = Path(__file__).parents[2] / "../shared/data/twilio/twilio_api_v2010.json"
PATHS = f"/{VERSION}/Accounts/{{AccountSid}}"
BASE = f"/{VERSION}/Accounts/{ACCOUNT}"
PHONE = "+12025550143"


@pytest.fixture(scope="module")
def description() -> Description:
    if not FILE.is_file():
        pytest.skip(
            "Twilio's description is not beside the checkout (../shared/data/twilio): nothing to judge by"
        )
    return Description(json.loads(FILE.read_text()))


@pytest.fixture
def asking(provider: Beside) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=provider.line.url, auth=(ACCOUNT, TOKEN)) as client:
        yield client


def create(asking: httpx2.Client, **form: str) -> dict[str, Any]:
    made: dict[str, Any] = asking.post(
        f"{BASE}/Messages.json", data={"To": PHONE, "From": NUMBER, "Body": "hello", **form}
    ).json()
    return made


def test_messages_are_as_described(asking: httpx2.Client, description: Description, provider: Beside) -> None:
    form = {"To": PHONE, "Body": "Zoë 🙂 " * 20, "ValidityPeriod": "300", "StatusCallback": "http://x/y"}
    for sender in ({"From": NUMBER}, {"MessagingServiceSid": SERVICE}):
        made = asking.post(f"{BASE}/Messages.json", data=form | sender)
        assert description.complaints(f"{PATHS}/Messages.json", "post", made.status_code, made.json()) == []
        assert (form | sender).keys() <= description.form_fields(f"{PATHS}/Messages.json")
    provider.fake.report(made.json()["sid"], "undelivered", lambda *_: None, code=30003)
    one = asking.get(f"{BASE}/Messages/{made.json()['sid']}.json")
    assert description.complaints(f"{PATHS}/Messages/{{Sid}}.json", "get", one.status_code, one.json()) == []
    assert (one.json()["status"], one.json()["error_code"]) == ("undelivered", 30003)
    for query in ("", "?PageSize=1"):
        page = asking.get(f"{BASE}/Messages.json{query}")
        assert description.complaints(f"{PATHS}/Messages.json", "get", page.status_code, page.json()) == []


def test_numbers_are_as_described(asking: httpx2.Client, description: Description, provider: Beside) -> None:
    provider.fake.numbers["+12025550101"] = False
    provider.fake.caller_ids.append("+12025550102")
    for path, key, count in (
        ("/IncomingPhoneNumbers.json", "incoming_phone_numbers", 2),
        ("/OutgoingCallerIds.json", "outgoing_caller_ids", 1),
    ):
        page = asking.get(f"{BASE}{path}")
        assert description.complaints(f"{PATHS}{path}", "get", page.status_code, page.json()) == []
        assert len(page.json()[key]) == count
        one = asking.get(f"{BASE}{path}", params={"PhoneNumber": page.json()[key][-1]["phone_number"]})
        assert one.json()[key] == page.json()[key][-1:]


def test_calls_and_the_account_are_as_described(asking: httpx2.Client, description: Description) -> None:
    form = {"To": PHONE, "From": NUMBER, "Url": "http://x/y", "Method": "POST", "Timeout": "25"}
    form |= {"MachineDetection": "Enable", "StatusCallback": "http://x/z", "StatusCallbackEvent": "completed"}
    made = asking.post(f"{BASE}/Calls.json", data=form)
    assert form.keys() <= description.form_fields(f"{PATHS}/Calls.json")
    one = asking.get(f"{BASE}/Calls/{made.json()['sid']}.json")
    page = asking.get(f"{BASE}/Calls.json")
    account = asking.get(f"{BASE}.json")
    for path, method, answer in (
        ("/Calls.json", "post", made),
        ("/Calls/{Sid}.json", "get", one),
        ("/Calls.json", "get", page),
    ):
        assert description.complaints(f"{PATHS}{path}", method, answer.status_code, answer.json()) == []
    complaints = description.complaints(
        f"/{VERSION}/Accounts/{{Sid}}.json", "get", account.status_code, account.json()
    )
    assert complaints == ["/auth_token: missing"]  # it keeps that to itself


def test_the_judge_sees_what_is_wrong(asking: httpx2.Client, description: Description) -> None:
    made = create(asking)
    del made["uri"]
    made |= {"sid": "SM1", "status": "flying", "num_segments": 1, "date_created": "today", "colour": "red"}
    complaints = description.complaints(f"{PATHS}/Messages.json", "post", 201, made)
    assert {one.split(":")[0] for one in complaints} == {
        *("/uri", "/sid", "/status", "/num_segments", "/date_created", "/colour"),
    }


def test_pages_follow_each_other_while_new_texts_come(asking: httpx2.Client) -> None:
    first = [create(asking, Body=f"text {number}")["body"] for number in range(5)]
    seen, following = [], f"{BASE}/Messages.json?PageSize=2&To=%2B12025550143"
    while following:
        page = asking.get(following).json()
        seen += [one["body"] for one in page["messages"]]
        following = page["next_page_uri"]
        create(asking, Body="meanwhile")
    assert seen == first[::-1]


def test_it_knows_its_own_account_only(provider: Beside, asking: httpx2.Client) -> None:
    assert httpx2.get(f"{provider.line.url}{BASE}/Messages.json").status_code == 401
    assert asking.get(f"/{VERSION}/Accounts/AC{'0' * 32}/Messages.json").status_code == 404
    assert asking.get(f"{BASE}/Messages/SM0.json").json()["code"] == 20404


def test_stop_and_start_are_obeyed(provider: Beside, asking: httpx2.Client) -> None:
    told: list[tuple[str, str]] = []

    def post(url: str, form: Any, headers: Any) -> None:
        told.append((form["Body"], headers["X-Twilio-Signature"]))
        assert headers["X-Twilio-Signature"] == sign(TOKEN, url, form)

    provider.fake.inbound_url = "https://visits.example/hooks/twilio/inbound"
    provider.fake.write(PHONE, " Stop ", post)
    assert create(asking)["code"] == 21610
    provider.fake.write(PHONE, "START", post)
    assert create(asking)["status"] == "queued"
    assert [body for body, _ in told] == [" Stop ", "START"]


def test_the_signature_is_the_one_in_twilios_documentation() -> None:
    """The worked example of their page on security."""
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert sign("12345", url, form) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
