"""From a typed address to a pin: what a form with an address shows after "Find it on the map" was pressed.

The same page serves browsers without scripts, and `find.js`, which takes the part `#found` out of it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from api.addresses.port import AddressesSilent, area_of
from api.addresses.search import AddressSearch
from api.addresses.writing import kept_line
from api.auth.devices import address_of
from api.auth.guessing import Guesses
from api.pages.again import Sent
from dispatch.errors import DispatchError, Invalid
from dispatch.territories.tables import Territory
from dispatch.travel.port import Point
from dispatch.words import clean

LEAST_SIGNS = 3
log = logging.getLogger("makegood.addresses")


class Look(Sent):
    """The form as it stands, half filled in. With `chosen` the place was picked from what was found."""

    service: str = Field(default="", max_length=40)
    address: str = Field(default="", max_length=240)
    lat: str = Field(default="", max_length=30, pattern=r"^(-?\d{1,3}(\.\d*)?)?$")
    lng: str = Field(default="", max_length=30, pattern=r"^(-?\d{1,3}(\.\d*)?)?$")
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One line to press: `query` asks for the same form with this place in it."""

    line: str
    place: Point
    query: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of it: choices, or none, or nobody who could say, or a refusal."""

    choices: Sequence[Choice] = ()
    attribution: str = ""
    is_silent: bool = False
    is_chosen: bool = False
    error: DispatchError | None = None


def may_search(request: Request) -> bool:
    return _search(request) is not None


def may_suggest(request: Request) -> bool:
    """Whether it may be asked while somebody types."""
    search = _search(request)
    return search is not None and search.while_typing


async def look_for(request: Request, look: Look, territory: Territory, language: str) -> Looked:
    """Nobody is asked where this house has nobody to ask. Holds no connection to the database while it waits."""
    search = _search(request)
    if search is None:
        return Looked()
    if look.chosen:
        return Looked(is_chosen=True, attribution=search.attribution)
    asked: Guesses = request.app.state.addresses_asked
    try:
        words = clean(look.address, "address", limit=240)
        if len(words) < LEAST_SIGNS:
            raise Invalid.field("address", "text_missing", "Please give the house number and the street.")
        asked.require_patience(address_of(request))
        asked.note(address_of(request))
        found = await run_in_threadpool(search.find, words, area_of(territory), language)
    except AddressesSilent as error:
        log.warning("the address search is silent: %s", error)
        return Looked(is_silent=True)
    except DispatchError as error:
        return Looked(error=error)
    choices = [_choice(look, words, one.line, one.place) for one in found]
    return Looked(choices, attribution=search.attribution)


def _choice(look: Look, typed: str, line: str, place: Point) -> Choice:
    kept = kept_line(typed, line)
    asked = {"service": look.service} if look.service else {}
    asked |= {"address": kept, "lat": f"{place.lat:.5f}", "lng": f"{place.lng:.5f}", "chosen": "true"}
    return Choice(line, place, urlencode(asked))


def _search(request: Request) -> AddressSearch | None:
    search: AddressSearch | None = request.app.state.address_search
    return search
