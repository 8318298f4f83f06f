"""A small identity provider: the addresses of OpenID Connect, codes that work once, tokens signed by its own key."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT_ID, CLIENT_SECRET = "makegood-at-alder", "a secret of the fake issuer"


class Issuer:
    """`claims` says whom it has before it; `answers` replaces what an address answers, by its path."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.url = ""
        self.key = self.signing_key = ECKey.generate_key("P-256", {"kid": "one"})
        self.claims: dict[str, Any] = {"email": "dana@alder.example", "email_verified": True}
        self.answers: dict[str, tuple[int, Any]] = {}
        self._codes: dict[str, dict[str, str]] = {}
        self.app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._describe),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
            ]
        )

    def _otherwise(self, request: Request) -> Response | None:
        found = self.answers.get(request.url.path)
        return JSONResponse(found[1], found[0]) if found else None

    async def _describe(self, request: Request) -> Response:
        described = {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        described |= {f"{name}_endpoint": f"{self.url}/{path}" for name, path in PATHS.items()}
        return self._otherwise(request) or JSONResponse(described)

    async def _authorize(self, request: Request) -> Response:
        """Its own sign-in page is left out: whoever comes is let in as `claims` says."""
        asked = dict(request.query_params)
        wanted = {"response_type": "code", "client_id": CLIENT_ID, "code_challenge_method": "S256"}
        if any(asked.get(name) != value for name, value in wanted.items()) or "openid" not in asked["scope"]:
            return JSONResponse({"error": "invalid_request"}, 400)
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": self.url}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(back)}", 302)

    async def _token(self, request: Request) -> Response:
        told = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        known = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        asked = self._codes.pop(told.get("code", ""), None)
        digest = hashlib.sha256(told.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if other := self._otherwise(request):
            return other
        if request.headers.get("authorization") != f"Basic {known}":
            return JSONResponse({"error": "invalid_client"}, 401)
        if (
            asked is None
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != told["redirect_uri"]
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {"access_token": "unused", "token_type": "Bearer", "id_token": self._id_token(asked["nonce"])}
        )

    def _id_token(self, nonce: str) -> str:
        at = int(self.now().timestamp())
        said = {"iss": self.url, "sub": "1", "aud": CLIENT_ID, "iat": at, "exp": at + 300, "nonce": nonce}
        return jwt.encode({"alg": "ES256", "kid": "one"}, said | self.claims, self.signing_key)

    async def _keys(self, request: Request) -> Response:
        return self._otherwise(request) or JSONResponse({"keys": [self.key.as_dict(private=False)]})


PATHS = {"authorization": "authorize", "token": "token"}


def question_of(address: str) -> dict[str, str]:
    """What an address asks, by name."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
