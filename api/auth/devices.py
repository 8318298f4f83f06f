"""What a browser calls itself, in a word or two, so that people know their sessions apart. Nothing depends on it."""

from __future__ import annotations

from fastapi import Request

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def device_of(request: Request) -> str:
    """`Firefox, Windows`, as far as it says so."""
    said = request.headers.get("user-agent", "")
    found = [next((word for sign, word in known if sign in said), "") for known in (BROWSERS, SYSTEMS)]
    return ", ".join(word for word in found if word) or "a program"


def address_of(request: Request) -> str:
    """The network address that the request comes from; the proxy's word counts only where the settings trust it."""
    return request.client.host if request.client else "unknown"
