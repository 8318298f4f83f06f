"""A company's own sign-in, for people whom the office knows already: what is asked of whoever keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dispatch.errors import DispatchError


class ProviderSilent(DispatchError):
    """The company's sign-in does not answer, or answers what cannot be trusted."""

    code = "identity-provider-silent"
    title = "Your company's sign-in does not answer"


class NotVouched(DispatchError):
    """The company's sign-in answered, and does not say that this is somebody whom we know."""

    code = "not-vouched"
    title = "Your company's sign-in did not let you in"


@dataclass(frozen=True, slots=True)
class Errand:
    """What goes with one try: `state` comes back by the browser, `nonce` in the answer; `verifier` proves who began."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider has seen, and whether it asked for more than a password."""

    email: str
    email_is_verified: bool
    by_two_factors: bool


class IdentityProvider(Protocol):
    def door(self, errand: Errand) -> str:
        """The address to which the browser goes. Raises ProviderSilent."""
        ...

    def redeem(self, code: str, errand: Errand, now: datetime) -> Vouched:
        """Whom `code` stands for. Raises ProviderSilent, and NotVouched for a code or an answer that does not fit."""
        ...
