"""A provider that remembers: Twilio's 2010-04-01 Messages and Calls, and all that can go wrong with them.

`plan` is read from its front, one entry for each POST of a message: None accepts, anything else misbehaves.
Time is the test's clock. Reports and texts of phone owners go out when the test says so, signed, to `post`.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from notifications.segments import measure

ACCOUNT, TOKEN = "AC" + "0a" * 16, "a token for tests only"
NUMBER, SERVICE = "+12025550100", "MG" + "0b" * 16
VERSION = "2010-04-01"
OPT_OUT = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
OPT_IN = {"START", "YES", "UNSTOP"}
CODES = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20429: "Too Many Requests",
    20500: "Internal server error",
    21205: "Url is not a valid URL",
    21210: "'From' phone number not verified",
    21213: "'From' phone number is required",
    21211: "Invalid 'To' Phone Number",
    21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
    21602: "Message body is required",
    21603: "A 'From' phone number is required",
    21606: "The 'From' phone number provided is not a valid, SMS-capable phone number for your account",
    21610: "Attempt to send to unsubscribed recipient",
    21617: "The concatenated message body exceeds the 1600 character limit",
}

Post = Callable[[str, Mapping[str, str], Mapping[str, str]], Any]


@dataclass(frozen=True)
class Refuse:
    """Not accepted, and said so."""

    status: int
    code: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """Accepted or not (`accepts`), and then this status and body."""

    status: int
    body: bytes = b""
    accepts: bool = True


@dataclass(frozen=True)
class Hang:
    """Accepted, and never a word about it."""


@dataclass(frozen=True)
class CutOff:
    """Accepted; the line breaks in the middle of the answer."""


Trouble = Refuse | Answer | Hang | CutOff


@dataclass
class Filed:
    """A message or call as it is kept."""

    shown: dict[str, Any]
    asked: dict[str, str]
    created_at: datetime
    is_listed: bool = True

    @property
    def sid(self) -> str:
        return str(self.shown["sid"])


class FakeTwilio:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.plan: deque[Trouble | None] = deque()
        self.messages: list[Filed] = []
        self.received: list[Filed] = []
        self.calls: list[Filed] = []
        self.requests = 0
        self.opted_out: set[str] = set()
        self.lists_late = False
        self.account_status = "active"
        self.numbers: dict[str, bool] = {NUMBER: True}  # those of the account, and whether they can ring
        self.caller_ids: list[str] = []  # of others, who agreed that phones show them
        self.page_sizes: list[int] = []
        self.inbound_url = ""
        self.latency: Callable[[], None] = lambda: None
        self._released: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._made = 0

    # --- what a test asks -------------------------------------------------------------------------------

    def read(self, phone: str) -> list[str]:
        """What lies on that phone, oldest first."""
        return [one.shown["body"] for one in self.messages if one.shown["to"] == phone]

    def list_all(self) -> None:
        """The list catches up."""
        for one in [*self.messages, *self.calls]:
            one.is_listed = True

    def release(self) -> None:
        """Whoever hangs goes on, so that the server can be stopped."""
        loop, self._loop = self._loop, None
        if loop and self._released:
            loop.call_soon_threadsafe(self._released.set)

    def report(self, sid: str, status: str, post: Post, *, code: int | None = None, url: str = "") -> Any:
        """Tell the status callback of that message; a test may repeat and shuffle reports as it likes."""
        filed = next(one for one in self.messages if one.sid == sid)
        filed.shown["status"], filed.shown["error_code"] = status, code
        form = {
            "AccountSid": ACCOUNT,
            "ApiVersion": VERSION,
            "From": filed.shown["from"] or "",
            "MessageSid": sid,
            "MessageStatus": status,
            "SmsSid": sid,
            "SmsStatus": status,
            "To": filed.shown["to"],
        } | ({"ErrorCode": str(code)} if code else {})
        return self.sign_and_post(url or filed.asked["StatusCallback"], form, post)

    def pick_up(self, post: Post, *, answered_by: str = "human", number: int = -1) -> Any:
        """That call is taken, by a person or a machine: we are asked what to say."""
        filed = self.calls[number]
        filed.shown["status"], filed.shown["answered_by"] = "in-progress", answered_by
        form = self._of_call(filed) | {"AnsweredBy": answered_by}
        return self.sign_and_post(filed.asked["Url"], form, post)

    def press(self, markup: str, digits: str, post: Post, *, number: int = -1) -> Any:
        """A key, or none, when what `markup` says was heard: what it says then is done."""
        [gather] = ElementTree.fromstring(markup).iter("Gather")
        form = self._of_call(self.calls[number]) | {"Digits": digits}
        return self.sign_and_post(gather.attrib["action"], form, post)

    def end_call(self, status: str, post: Post, *, number: int = -1, url: str = "") -> Any:
        filed = self.calls[number]
        filed.shown["status"] = status
        return self.sign_and_post(url or filed.asked["StatusCallback"], self._of_call(filed), post)

    def _of_call(self, filed: Filed) -> dict[str, str]:
        return {
            "AccountSid": ACCOUNT,
            "ApiVersion": VERSION,
            "CallSid": filed.sid,
            "CallStatus": filed.shown["status"],
            "Direction": "outbound-api",
            "From": filed.shown["from"],
            "To": filed.shown["to"],
        }

    def write(self, phone: str, body: str, post: Post, *, sid: str = "", **more: str) -> Any:
        """The owner of `phone` texts our number: STOP and its like are obeyed and answered here first."""
        word = body.strip().upper()
        if word in OPT_OUT:
            self.opted_out.add(phone)
            self.file({"To": phone, "Body": "You have been unsubscribed."}, "outbound-reply")
        if word in OPT_IN:
            self.opted_out.discard(phone)
        filed = self._file_received(phone, body, sid or self._new_sid("SM"))
        form = {
            "AccountSid": ACCOUNT,
            "ApiVersion": VERSION,
            "Body": body,
            "From": phone,
            "MessageSid": filed.sid,
            "NumMedia": "0",
            "NumSegments": "1",
            "To": NUMBER,
        } | more
        return self.sign_and_post(self.inbound_url, form, post)

    def sign_and_post(self, url: str, form: Mapping[str, str], post: Post) -> Any:
        return post(url, form, {"X-Twilio-Signature": sign(TOKEN, url, form)})

    # --- the server ---------------------------------------------------------------------------------------

    @property
    def app(self) -> ASGIApp:
        base = f"/{VERSION}/Accounts/{{account}}"
        routes = [
            Route(f"{base}.json", self._account),
            Route(f"{base}/Messages.json", self._create_message, methods=["POST"]),
            Route(f"{base}/Messages.json", self._list_messages),
            Route(f"{base}/Messages/{{sid}}.json", self._one_message),
            Route(f"{base}/Calls.json", self._create_call, methods=["POST"]),
            Route(f"{base}/Calls.json", self._list_calls),
            Route(f"{base}/Calls/{{sid}}.json", self._one_call),
            Route(f"{base}/IncomingPhoneNumbers.json", self._list_numbers),
            Route(f"{base}/OutgoingCallerIds.json", self._list_caller_ids),
        ]
        return _Gate(Starlette(routes=routes), self)

    async def _account(self, request: Request) -> Response:
        return JSONResponse(
            {
                "date_created": _stamp(self.now()),
                "date_updated": _stamp(self.now()),
                "friendly_name": "Alder Repairs",
                "owner_account_sid": ACCOUNT,
                "sid": ACCOUNT,
                "status": self.account_status,
                "subresource_uris": {"messages": f"/{VERSION}/Accounts/{ACCOUNT}/Messages.json"},
                "type": "Full",
                "uri": f"/{VERSION}/Accounts/{ACCOUNT}.json",
            }
        )

    async def _create_message(self, request: Request) -> Response:
        asked = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        self.latency()
        trouble = self.plan.popleft() if self.plan else None
        if isinstance(trouble, Refuse):
            return refusal(trouble.status, trouble.code, trouble.headers)
        wrong = self._what_is_wrong(asked)
        if wrong:
            return refusal(400, wrong)
        if isinstance(trouble, Answer) and not trouble.accepts:
            return Response(trouble.body, trouble.status)
        filed = self.file(asked, "outbound-api")
        if isinstance(trouble, Hang):
            self._loop, self._released = asyncio.get_running_loop(), asyncio.Event()
            await self._released.wait()
        if isinstance(trouble, CutOff):
            return _HalfAnAnswer()
        if isinstance(trouble, Answer):
            return Response(trouble.body, trouble.status)
        return JSONResponse(filed.shown, 201)

    def _what_is_wrong(self, asked: Mapping[str, str]) -> int | None:
        if not re.fullmatch(r"\+[1-9]\d{6,14}", asked.get("To", "")):
            return 21211
        if "From" not in asked and "MessagingServiceSid" not in asked:
            return 21603
        if asked.get("From", NUMBER) != NUMBER or asked.get("MessagingServiceSid", SERVICE) != SERVICE:
            return 21606
        if not asked.get("Body"):
            return 21602
        if len(asked["Body"]) > 1600:
            return 21617
        return 21610 if asked["To"] in self.opted_out else None

    async def _list_messages(self, request: Request) -> Response:
        wanted = {"to": request.query_params.get("To"), "from": request.query_params.get("From")}
        found = [
            one.shown
            for one in sorted(
                [*self.messages, *self.received], key=lambda one: (one.created_at, one.sid), reverse=True
            )
            if one.is_listed and all(value in (None, one.shown[name]) for name, value in wanted.items())
        ]
        return self._page(request, "Messages", "messages", found)

    async def _one_message(self, request: Request) -> Response:
        return _one(self.messages, request)

    async def _create_call(self, request: Request) -> Response:
        asked = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        trouble = self.plan.popleft() if self.plan else None
        if isinstance(trouble, Refuse):
            return refusal(trouble.status, trouble.code, trouble.headers)
        wrong = self._what_is_wrong_with_the_call(asked)
        if wrong:
            return refusal(400, wrong)
        if isinstance(trouble, Answer) and not trouble.accepts:
            return Response(trouble.body, trouble.status)
        filed = self._file_call(asked)
        if isinstance(trouble, Hang):
            self._loop, self._released = asyncio.get_running_loop(), asyncio.Event()
            await self._released.wait()
        if isinstance(trouble, CutOff):
            return _HalfAnAnswer()
        if isinstance(trouble, Answer):
            return Response(trouble.body, trouble.status)
        return JSONResponse(filed.shown, 201)

    def _what_is_wrong_with_the_call(self, asked: Mapping[str, str]) -> int | None:
        if not re.fullmatch(r"\+[1-9]\d{6,14}", asked.get("To", "")):
            return 21211
        if not asked.get("From"):
            return 21213
        if asked["From"] != NUMBER:
            return 21210
        return None if asked.get("Url", "").startswith("http") else 21205

    def _file_call(self, asked: dict[str, str]) -> Filed:
        sid, now = self._new_sid("CA"), _stamp(self.now())
        shown = {
            "account_sid": ACCOUNT,
            "answered_by": None,
            "api_version": VERSION,
            "caller_name": None,
            "date_created": now,
            "date_updated": now,
            "direction": "outbound-api",
            "duration": None,
            "end_time": None,
            "forwarded_from": None,
            "from": asked.get("From"),
            "from_formatted": asked.get("From"),
            "group_sid": None,
            "parent_call_sid": None,
            "phone_number_sid": None,
            "price": None,
            "price_unit": "USD",
            "queue_time": "0",
            "sid": sid,
            "start_time": None,
            "status": "queued",
            "subresource_uris": {},
            "to": asked["To"],
            "to_formatted": asked["To"],
            "trunk_sid": None,
            "uri": f"/{VERSION}/Accounts/{ACCOUNT}/Calls/{sid}.json",
        }
        filed = Filed(shown, asked, self.now(), is_listed=not self.lists_late)
        self.calls.append(filed)
        return filed

    async def _list_calls(self, request: Request) -> Response:
        wanted = request.query_params.get("To")
        found = [
            one.shown for one in reversed(self.calls) if one.is_listed and wanted in (None, one.shown["to"])
        ]
        return self._page(request, "Calls", "calls", found)

    async def _one_call(self, request: Request) -> Response:
        return _one(self.calls, request)

    async def _list_numbers(self, request: Request) -> Response:
        wanted, now = request.query_params.get("PhoneNumber"), _stamp(self.now())
        found = [
            {
                "account_sid": ACCOUNT,
                "address_requirements": "none",
                "address_sid": None,
                "api_version": VERSION,
                "beta": False,
                "bundle_sid": None,
                "capabilities": {"fax": False, "mms": True, "sms": True, "voice": can_ring},
                "date_created": now,
                "date_updated": now,
                "emergency_address_sid": None,
                "emergency_address_status": "unregistered",
                "emergency_status": "Active",
                "friendly_name": number,
                "identity_sid": None,
                "origin": "twilio",
                "phone_number": number,
                "sid": f"PN{count:032x}",
                "sms_application_sid": None,
                "sms_fallback_method": "POST",
                "sms_fallback_url": None,
                "sms_method": "POST",
                "sms_url": None,
                "status": "in-use",
                "status_callback": None,
                "status_callback_method": "POST",
                "trunk_sid": None,
                "type": "local",
                "uri": f"/{VERSION}/Accounts/{ACCOUNT}/IncomingPhoneNumbers/PN{count:032x}.json",
                "voice_application_sid": None,
                "voice_caller_id_lookup": False,
                "voice_fallback_method": "POST",
                "voice_fallback_url": None,
                "voice_method": "POST",
                "voice_receive_mode": "voice",
                "voice_url": None,
            }
            for count, (number, can_ring) in enumerate(self.numbers.items())
            if wanted in (None, number)
        ]
        return self._page(request, "IncomingPhoneNumbers", "incoming_phone_numbers", found)

    async def _list_caller_ids(self, request: Request) -> Response:
        wanted, now = request.query_params.get("PhoneNumber"), _stamp(self.now())
        found = [
            {
                "account_sid": ACCOUNT,
                "date_created": now,
                "date_updated": now,
                "friendly_name": number,
                "phone_number": number,
                "sid": f"PN{count:032x}",
                "uri": f"/{VERSION}/Accounts/{ACCOUNT}/OutgoingCallerIds/PN{count:032x}.json",
            }
            for count, number in enumerate(self.caller_ids)
            if wanted in (None, number)
        ]
        return self._page(request, "OutgoingCallerIds", "outgoing_caller_ids", found)

    def _page(self, request: Request, noun: str, key: str, found: list[dict[str, Any]]) -> Response:
        """`PageToken` names the last one seen, so that what comes meanwhile shifts nothing."""
        asked = dict(request.query_params)
        size, number = min(int(asked.get("PageSize", "50")), 1000), int(asked.get("Page", "0"))
        self.page_sizes.append(size)
        seen = [one["sid"] for one in found].index(asked["PageToken"][2:]) + 1 if "PageToken" in asked else 0
        page, rest = found[seen : seen + size], found[seen + size :]
        asked = {name: value for name, value in asked.items() if name not in ("Page", "PageToken")}
        here = f"/{VERSION}/Accounts/{ACCOUNT}/{noun}.json?" + urlencode(asked | {"PageSize": size})
        following = f"{here}&Page={number + 1}&PageToken=PA{page[-1]['sid']}" if rest else None
        return JSONResponse(
            {
                "end": seen + max(len(page) - 1, 0),
                "first_page_uri": f"{here}&Page=0",
                "next_page_uri": following,
                "page": number,
                "page_size": size,
                "previous_page_uri": None,
                "start": seen,
                "uri": f"{here}&Page={number}",
                key: page,
            }
        )

    def file(self, asked: dict[str, str], direction: str) -> Filed:
        filed = self._written(asked, direction, self._new_sid("SM"))
        self.messages.append(filed)
        return filed

    def _written(self, asked: dict[str, str], direction: str, sid: str) -> Filed:
        now = _stamp(self.now())
        uri = f"/{VERSION}/Accounts/{ACCOUNT}/Messages/{sid}"
        is_by_service = "MessagingServiceSid" in asked
        shown = {
            "account_sid": ACCOUNT,
            "api_version": VERSION,
            "body": asked["Body"],
            "date_created": now,
            "date_sent": None,
            "date_updated": now,
            "direction": direction,
            "error_code": None,
            "error_message": None,
            "from": None if is_by_service else NUMBER,
            "messaging_service_sid": asked.get("MessagingServiceSid"),
            "num_media": "0",
            "num_segments": "0" if is_by_service else str(measure(asked["Body"]).segments),
            "price": None,
            "price_unit": "USD",
            "sid": sid,
            "status": "accepted" if is_by_service else "queued",
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": asked["To"],
            "uri": f"{uri}.json",
        }
        return Filed(shown, asked, self.now(), is_listed=not self.lists_late)

    def _file_received(self, phone: str, body: str, sid: str) -> Filed:
        """An incoming text stands in the log too, once, however often we are told of it."""
        known = next((one for one in self.received if one.sid == sid), None)
        if known:
            return known
        filed = self._written({"To": NUMBER, "Body": body}, "inbound", sid)
        filed.shown |= {"from": phone, "status": "received", "date_sent": filed.shown["date_created"]}
        self.received.append(filed)
        return filed

    def _new_sid(self, kind: str) -> str:
        self._made += 1
        return f"{kind}{self._made:032x}"


class _Gate:
    """Before every request: who asks, and for which account. Counts what arrives."""

    def __init__(self, app: ASGIApp, fake: FakeTwilio) -> None:
        self._app, self._fake = app, fake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        self._fake.requests += 1
        expected = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if request.headers.get("authorization") != expected:
            await refusal(401, 20003)(scope, receive, send)
        elif not request.url.path.startswith(f"/{VERSION}/Accounts/{ACCOUNT}"):
            await refusal(404, 20404)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class _HalfAnAnswer(Response):
    """More is announced than comes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"1000"), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"sid": "SM', "more_body": True})


def refusal(status: int, code: int | None, headers: Mapping[str, str] | None = None) -> Response:
    """As Twilio refuses; without a code, as somebody in between does."""
    if code is None:
        return Response("no", status, headers=headers)
    told = {"code": code, "message": CODES.get(code, ""), "status": status}
    told["more_info"] = f"https://www.twilio.com/docs/errors/{code}"
    return JSONResponse(told, status, headers=dict(headers or {}))


def sign(token: str, url: str, form: Mapping[str, str] | Iterable[tuple[str, str]]) -> str:
    """Twilio's signature, worked out as its documentation says: the address, then names and values in order."""
    pairs = form.items() if isinstance(form, Mapping) else form
    signed = url + "".join(name + value for name, value in sorted(set(pairs)))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def _one(filed: list[Filed], request: Request) -> Response:
    found = [one.shown for one in filed if one.sid == request.path_params["sid"]]
    return JSONResponse(found[0]) if found else refusal(404, 20404)


def _stamp(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC))
