"""OpenID Connect: the code flow with PKCE, state and nonce. Only this file knows authlib, an extra."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx2
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from dispatch.access.identity_provider import Errand, NotVouched, ProviderSilent, Vouched

SIGNED_BY = ["RS256", "ES256", "PS256"]  # never a secret that both share, and never `none`
TWO_FACTORS = {"mfa", "otp", "hwk", "swk", "sms", "fido", "pop"}  # RFC 8176, and what providers say besides
LEEWAY_SECONDS = 60
TIMEOUT_SECONDS = 10.0
AWAY = "Your company's sign-in does not answer. Please sign in with your password, or try again in a minute."
STALE = "Your company's sign-in gave an answer that does not fit this try. Please begin again."


class CompanySignIn:
    """One issuer. Its addresses and keys are asked for at every sign-in: they may change, and people sign in seldom."""

    def __init__(
        self, client: httpx2.Client, issuer: str, *, client_id: str, client_secret: str, back_url: str
    ) -> None:
        self._client = client
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._back_url = back_url

    def door(self, errand: Errand) -> str:
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._back_url,
            "scope": "openid email",
            "state": errand.state,
            "nonce": errand.nonce,
            "code_challenge": create_s256_code_challenge(errand.verifier),
            "code_challenge_method": "S256",
        }
        return str(add_params_to_uri(self._described()["authorization_endpoint"], list(asked.items())))

    def redeem(self, code: str, errand: Errand, now: datetime) -> Vouched:
        described = self._described()
        token = self._token(described["token_endpoint"], code, errand)
        try:
            given: Any = self._get(described["jwks_uri"])
            keys = KeySet.import_key_set(given)
            decoded = jwt.decode(token, keys, algorithms=SIGNED_BY)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                options={
                    "iss": {"essential": True, "value": self._issuer},
                    "aud": {"essential": True, "value": self._client_id},
                },
                params={"nonce": errand.nonce, "client_id": self._client_id},
            )
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise NotVouched(STALE) from error
        methods = claims.get("amr") or []
        return Vouched(
            email=str(claims.get("email") or ""),
            email_is_verified=claims.get("email_verified") is True,
            by_two_factors=bool(TWO_FACTORS.intersection(map(str, methods))),
        )

    def _token(self, address: str, code: str, errand: Errand) -> str:
        told = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back_url,
            "code_verifier": errand.verifier,
        }
        auth = httpx2.BasicAuth(self._client_id, self._client_secret)
        try:
            answer = self._client.post(address, data=told, auth=auth, timeout=TIMEOUT_SECONDS)
            if 400 <= answer.status_code < 500:
                raise NotVouched(STALE)
            return str(answer.raise_for_status().json()["id_token"])
        except (httpx2.HTTPError, ValueError, KeyError, TypeError) as error:
            raise ProviderSilent(AWAY) from error

    def _described(self) -> dict[str, Any]:
        found = self._get(f"{self._issuer}/.well-known/openid-configuration")
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if found.get("issuer") != self._issuer or not all(
            isinstance(found.get(name), str) for name in needed
        ):
            raise ProviderSilent(AWAY)
        return found

    def _get(self, address: str) -> dict[str, Any]:
        try:
            found = self._client.get(address, timeout=TIMEOUT_SECONDS).raise_for_status().json()
        except (httpx2.HTTPError, ValueError) as error:
            raise ProviderSilent(AWAY) from error
        if not isinstance(found, dict):
            raise ProviderSilent(AWAY)
        return found
