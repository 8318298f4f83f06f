"""The cookie that carries a session: bound to this host where there is https."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

SECURE_NAME = "__Host-mg"
LOCAL_NAME = "mg"
COOKIE_NAMES = (SECURE_NAME, LOCAL_NAME)


def cookie_name(base_url: str) -> str:
    return SECURE_NAME if base_url.startswith("https:") else LOCAL_NAME


def read_cookie(request: Request, base_url: str) -> str | None:
    return request.cookies.get(cookie_name(base_url))


def set_cookie(response: Response, base_url: str, secret: str, *, seconds: int) -> None:
    secure = base_url.startswith("https:")
    response.set_cookie(
        cookie_name(base_url),
        secret,
        max_age=seconds,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def clear_cookie(response: Response, base_url: str) -> None:
    set_cookie(response, base_url, "", seconds=0)


def proof_name(base_url: str) -> str:
    return "__Host-mg-proof" if base_url.startswith("https:") else "mg-proof"


def set_proof(response: Response, base_url: str, secret: str, *, seconds: int) -> None:
    """What a browser keeps that entered the code from the customer's phone: no link that is passed on carries it."""
    response.set_cookie(
        proof_name(base_url),
        secret,
        max_age=seconds,
        path="/",
        secure=base_url.startswith("https:"),
        httponly=True,
        samesite="strict",
    )
