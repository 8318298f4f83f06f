"""The way to a door, in whatever map the phone that asks has."""

from __future__ import annotations

from collections.abc import Callable

from dispatch.board.card import Card

APPLE = ("iPhone", "iPad", "Macintosh")
DESKS = ("Windows NT", "X11", "CrOS")


def way_for(user_agent: str) -> Callable[[Card], str]:
    """The link of a card for this browser: Apple's map app, any map app by `geo:`, or a map in the browser."""
    if any(sign in user_agent for sign in APPLE):
        return lambda card: f"https://maps.apple.com/?daddr={card.lat},{card.lng}&dirflg=d"
    if any(sign in user_agent for sign in DESKS) and "Android" not in user_agent:
        return lambda card: (
            f"https://www.openstreetmap.org/directions?engine=fossgis_osrm_car&route=;{card.lat},{card.lng}"
        )
    return lambda card: f"geo:{card.lat},{card.lng}?q={card.lat},{card.lng}"
