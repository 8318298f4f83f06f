"""Twilio: the only file that knows its client, its codes for what went wrong, its log and its signatures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

import httpx2
from twilio.base.exceptions import TwilioException
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from notifications.channels.port import (
    Account,
    Around,
    ChannelError,
    Direction,
    Logged,
    Misconfigured,
    Never,
    Outbound,
    Pace,
    Passed,
    Report,
    Sent,
    TryLater,
    Unclear,
)

CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 30.0
LONGEST_VALIDITY_SECONDS = 36_000
CLOCKS_APART = timedelta(seconds=60)
PAGE_SIZE, MOST_PAGES = 100, 50
LARGE_PAGE = 1000
TRIAL = "Sent from your Twilio trial account - "  # put before every text of an account that pays nothing yet

BUSY = frozenset({"20429", "21611"})
OURS = frozenset({"20003", "21408", "21606", "21608"}) | frozenset(
    # a sender or an address for reports that is none: as much our configuration as those above
    {"20005", "21212", "21603", "21609", "21659", "21660", "21701", "21703", "21704", "21705"}
)
NOT_FOR_US = (401, 403, 404)  # wrong credentials, or an address at which there is no such account
KEYWORDS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"} | {
    "START",
    "YES",
    "UNSTOP",
    "HELP",
    "INFO",
}
CANNOT_BE_READ = (TwilioException, ValueError, TypeError, AttributeError, KeyError)


class Wire:
    """What carries the client's requests: one connection for each, nothing tried twice, and every end told apart.

    A connection is never used again: one that the other side closes meanwhile would leave a doubt.
    """

    def __init__(
        self, answer_seconds: float = ANSWER_SECONDS, around: Around = lambda name: nullcontext()
    ) -> None:
        self._around = around
        self._client = httpx2.Client(
            timeout=httpx2.Timeout(answer_seconds, connect=CONNECT_SECONDS),
            limits=httpx2.Limits(max_keepalive_connections=0),
        )

    def request(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """The answer, if it is a good one. Raises TryLater, Misconfigured, Never or Unclear for every other end."""
        with self._around(f"twilio {method} {_noun(url)}"):
            return self._request(method, url, params=params, data=data, headers=headers, auth=auth)

    def _request(self, method: str, url: str, *, auth: tuple[str, str] | None, **said: Any) -> Response:
        try:
            answer = self._client.request(method, url, auth=auth or httpx2.USE_CLIENT_DEFAULT, **said)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError, httpx2.InvalidURL) as error:
            raise TryLater(f"no connection ({type(error).__name__})") from None
        except httpx2.HTTPError as error:
            raise Unclear(f"no answer ({type(error).__name__})") from None
        _require_good(answer)
        return Response(answer.status_code, answer.text, answer.headers)


def _noun(url: str) -> str:
    """What is asked for there, as Messages: no sid, and nothing of a query."""
    found = re.search(r"/Accounts/\w+/([A-Za-z]+)", url)
    return found[1] if found else "Account"


def _require_good(answer: httpx2.Response) -> None:
    """Sort an answer: refused for now, because of us, for good; or nobody knows."""
    status, code = answer.status_code, _code(answer)
    if answer.is_success:
        return
    if not answer.is_client_error or status == 408:
        raise Unclear(f"answered {status}")
    if status == 429 or code in BUSY:
        raise TryLater(f"busy ({code})", _retry_after_seconds(answer))
    if status in NOT_FOR_US or code in OURS:
        raise Misconfigured(f"{code}, answered {status}")
    raise Never(code)


def _code(answer: httpx2.Response) -> str:
    """Twilio's code, else the status."""
    try:
        told = json.loads(answer.text)
    except ValueError:
        told = None
    code = told.get("code") if isinstance(told, dict) else None
    return str(code)[:20] if isinstance(code, int | str) else str(answer.status_code)


def _retry_after_seconds(answer: httpx2.Response) -> int | None:
    given: str = answer.headers.get("retry-after", "")
    return min(int(given), LONGEST_VALIDITY_SECONDS) if given.isdecimal() and given.isascii() else None


class Twilio:
    """`sender` is a number, or the sid of a messaging service. `status_url` is where reports come back to.

    While a token is exchanged there are two: we speak with `auth_token`, and believe what either of them signed.
    """

    name = "twilio"
    delivers = True

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        *,
        sender: str,
        status_url: str,
        secondary_token: str = "",
        pace: Pace | None = None,
        base_url: str = "",
        answer_seconds: float = ANSWER_SECONDS,
        around: Around = lambda name: nullcontext(),
    ) -> None:
        # a region in the environment is not ours to read: with one, the client would ask another host
        own = {"TWILIO_ACCOUNT_SID": account_sid}
        self._client = Client(
            account_sid, auth_token, http_client=Wire(answer_seconds, around), environment=own
        )
        self._validators = [RequestValidator(token) for token in (auth_token, secondary_token) if token]
        if base_url:
            self._client.api.base_url = base_url
        self._named = sender
        self._sender = {"messaging_service_sid" if sender.startswith("MG") else "from_": sender}
        self._status_url = status_url
        self.pace = pace

    def send(self, text: Outbound) -> Sent:
        """Reports on it come with our own id, also when the answer to this call is lost."""
        try:
            made = self._client.messages.create(
                to=text.to,
                body=text.body,
                status_callback=f"{self._status_url}?o={text.message_id}",
                validity_period=min(text.validity_seconds, LONGEST_VALIDITY_SECONDS),
                **self._sender,
            )
        except CANNOT_BE_READ:
            raise Unclear("the answer cannot be read") from None
        if not (isinstance(made.sid, str) and made.sid):
            raise Unclear("the answer has no sid")
        return Sent(made.sid)

    def log(self, to: str, since: datetime) -> Sequence[Logged]:
        """Newest first, page by page, until a whole page is older.

        Not asked by date: a text that still waits has no date of sending and would not be listed. An account that
        hides bodies (redaction) or changes them shows texts that no commitment fits; a list that lags shows none.
        """
        try:
            return self._log(to, since - CLOCKS_APART)
        except TryLater:
            raise
        except (ChannelError, *CANNOT_BE_READ) as error:
            raise TryLater(f"the log cannot be read ({type(error).__name__})") from None

    def _log(self, to: str, oldest: datetime) -> list[Logged]:
        found: list[Logged] = []
        page = self._client.messages.page(to=to, page_size=PAGE_SIZE)
        for _ in range(MOST_PAGES):
            young = [one for one in page if one.date_created is None or one.date_created >= oldest]
            ours = [one for one in young if one.direction == "outbound-api"]
            found += [Logged(one.sid, (one.body or "").removeprefix(TRIAL)) for one in ours]
            page = page.next_page() if young else None
            if page is None:
                return found
        raise TryLater("the log is too long")

    def look_up(self, sid: str) -> Report:
        try:
            told = self._client.messages(sid).fetch()
        except TryLater:
            raise
        except (ChannelError, *CANNOT_BE_READ) as error:
            raise TryLater(f"the text cannot be read ({type(error).__name__})") from None
        return Report(str(told.status or ""), str(told.error_code or ""))

    def log_all(self, since: datetime) -> Iterator[Passed]:
        """Page by page until a whole page is older; not asked by date, for the same reason as `log`.

        Of an account that others use too, what goes to or comes from our sender alone.
        """
        try:
            yield from self._pages(since - CLOCKS_APART)
        except TryLater:
            raise
        except (ChannelError, *CANNOT_BE_READ) as error:
            raise TryLater(f"the log cannot be read ({type(error).__name__}: {error})"[:160]) from None

    def _pages(self, oldest: datetime) -> Iterator[Passed]:
        page = self._client.messages.page(page_size=LARGE_PAGE)
        while page is not None:
            young = [one for one in page if one.date_created is not None and one.date_created >= oldest]
            yield from (passed for one in young if (passed := self._passed(one)))
            page = page.next_page() if young else None

    def _passed(self, one: Any) -> Passed | None:
        """What it is to us; None for another sender's text and for what Twilio answered by itself."""
        direction = Direction.IN if one.direction == "inbound" else Direction.OUT
        mine, other = (one.to, one.from_) if direction is Direction.IN else (one.from_, one.to)
        service = one.messaging_service_sid
        is_ours = self._named in (mine, service) or (
            # a text that came in to a number of our service may not say so
            direction is Direction.IN and service is None and self._named.startswith("MG")
        )
        if not is_ours or one.direction == "outbound-reply":
            return None
        return Passed(direction, one.sid, other or "", (one.body or "").removeprefix(TRIAL), one.date_created)

    def account(self) -> Account:
        """Its `status` is active, suspended or closed; a trial reaches verified phones only."""
        try:
            told = self._client.api.v2010.accounts(self._client.account_sid).fetch()
        except CANNOT_BE_READ:
            raise TryLater("the answer cannot be read") from None
        return Account(str(told.status), is_trial=told.type == "Trial")

    def is_signed(self, url: str, form: Mapping[str, Any], signature: str) -> bool:
        """Whether that came from whoever has a token of ours, to this very address, with this very form."""
        return any(one.validate(url, form, signature) for one in self._validators)

    def has_answered(self, body: str, opt_out_type: str) -> bool:
        """Whether Twilio itself answers that text: one of its words alone, or marked as such."""
        return bool(opt_out_type) or body.strip().upper() in KEYWORDS
