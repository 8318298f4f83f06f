"""Twilio's calls: how a phone is rung, what is said in its markup, and what its log knows of calls."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import datetime

from twilio.rest import Client
from twilio.twiml.voice_response import VoiceResponse

from notifications.calls.port import LoggedCall, Page, Placed, Standing, ToRing
from notifications.channels.port import Around, ChannelError, TryLater, Unclear
from notifications.channels.twilio import (
    ANSWER_SECONDS,
    CANNOT_BE_READ,
    CLOCKS_APART,
    MOST_PAGES,
    PAGE_SIZE,
    Wire,
)

RING_SECONDS = 25  # most mailboxes answer later
KEY_SECONDS = 8
VOICES = {"en": "en-US", "de": "de-DE", "es": "es-ES", "fr": "fr-FR", "it": "it-IT"}


class TwilioVoice:
    """`number` is what phones show, `pages_url` where the provider asks what to say and reports to."""

    name = "twilio"
    delivers = True

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        *,
        number: str,
        pages_url: str,
        base_url: str = "",
        detects_machines: bool = True,
        answer_seconds: float = ANSWER_SECONDS,
        around: Around = lambda name: nullcontext(),
    ) -> None:
        own = {"TWILIO_ACCOUNT_SID": account_sid}
        self._client = Client(
            account_sid, auth_token, http_client=Wire(answer_seconds, around), environment=own
        )
        if base_url:
            self._client.api.base_url = base_url
        self._number = number
        self._pages_url = pages_url
        self._detection = {"machine_detection": "Enable"} if detects_machines else {}

    def place(self, call: ToRing) -> Placed:
        """Pages and reports come with our own id, also when the answer to this request is lost."""
        try:
            made = self._client.calls.create(
                to=call.to,
                from_=self._number,
                url=f"{self._pages_url}?c={call.call_id}",
                method="POST",
                status_callback=f"{self._pages_url}/status?c={call.call_id}",
                status_callback_method="POST",
                status_callback_event=["completed"],
                timeout=RING_SECONDS,
                **self._detection,
            )
        except CANNOT_BE_READ:
            raise Unclear("the answer cannot be read") from None
        if not (isinstance(made.sid, str) and made.sid):
            raise Unclear("the answer has no sid")
        return Placed(made.sid)

    def log(self, to: str, since: datetime) -> Sequence[LoggedCall]:
        """Newest first, page by page, until a whole page is older; not asked by date, as with texts."""
        try:
            return self._log(to, since - CLOCKS_APART)
        except TryLater:
            raise
        except (ChannelError, *CANNOT_BE_READ) as error:
            raise TryLater(f"the log cannot be read ({type(error).__name__})") from None

    def _log(self, to: str, oldest: datetime) -> list[LoggedCall]:
        found: list[LoggedCall] = []
        page = self._client.calls.page(to=to, page_size=PAGE_SIZE)
        for _ in range(MOST_PAGES):
            young = [one for one in page if one.date_created is None or one.date_created >= oldest]
            ours = [one for one in young if one.direction == "outbound-api" and one._from == self._number]
            found += [LoggedCall(one.sid, str(one.status)) for one in ours]
            page = page.next_page() if young else None
            if page is None:
                return found
        raise TryLater("the log is too long")

    def standing(self) -> Standing:
        """Among the numbers of the account, else among those whose owners answered a call of Twilio's."""
        try:
            bought = self._client.incoming_phone_numbers.list(phone_number=self._number, limit=PAGE_SIZE)
            mine = [one for one in bought if one.phone_number == self._number]
            if mine:
                able = any((one.capabilities or {}).get("voice") for one in mine)
                return Standing.RINGS if able else Standing.SILENT
            verified = self._client.outgoing_caller_ids.list(phone_number=self._number, limit=PAGE_SIZE)
            known = any(one.phone_number == self._number for one in verified)
            return Standing.SHOWN if known else Standing.STRANGE
        except CANNOT_BE_READ:
            raise TryLater("the answer cannot be read") from None

    def markup(self, page: Page | None) -> str:
        """Said with the keys already listened to; no key after the last word comes back as no digits."""
        spoken = VoiceResponse()
        if page is None:
            spoken.hangup()
            return str(spoken)
        language = VOICES[page.language]
        if page.listens:
            keys = spoken.gather(
                action=f"{self._pages_url}/answer?c={page.call_id}&m={page.saying_id}",
                method="POST",
                num_digits=1,
                timeout=KEY_SECONDS,
                action_on_empty_result=True,
            )
            keys.say(page.words, language=language)
        else:
            spoken.say(page.words, language=language)
            spoken.hangup()
        return str(spoken)
