"""The only reader of the environment. Refuses unsafe settings instead of starting with them."""

from __future__ import annotations

import os
import secrets
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK = "http://127.0.0.1:"


class Settings(BaseSettings):
    """Environment variables. Three facts choose the mode: DATABASE_URL, REDIS_URL, TWILIO_*."""

    model_config = SettingsConfigDict(
        env_prefix="", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    data: Path = Field(default=Path("data"), validation_alias="MAKEGOOD_DATA")
    host: str = Field(default="127.0.0.1", validation_alias="MAKEGOOD_HOST")
    port: int = Field(default=8000, validation_alias="MAKEGOOD_PORT")
    trusted_proxy: str = Field(default="", validation_alias="MAKEGOOD_TRUSTED_PROXY")
    public_url: str = Field(default="", validation_alias="MAKEGOOD_PUBLIC_URL")
    company: str = Field(default="Makegood", validation_alias="MAKEGOOD_COMPANY", max_length=40)
    colour: str = Field(default="", validation_alias="MAKEGOOD_COLOUR", pattern="^(#[0-9a-fA-F]{6})?$")
    logo: Path | None = Field(default=None, validation_alias="MAKEGOOD_LOGO")
    terms_url: str = Field(default="", validation_alias="MAKEGOOD_TERMS_URL", pattern="^(https://.+)?$")
    privacy_url: str = Field(default="", validation_alias="MAKEGOOD_PRIVACY_URL", pattern="^(https://.+)?$")
    segment_price: Decimal = Field(default=Decimal(0), validation_alias="MAKEGOOD_SEGMENT_PRICE", ge=0, le=10)
    segments_per_second: float = Field(
        default=1, validation_alias="MAKEGOOD_SEGMENTS_PER_SECOND", ge=0.1, le=1000
    )
    segments_per_day: int = Field(default=20_000, validation_alias="MAKEGOOD_SEGMENTS_PER_DAY", ge=0)
    clock: str = Field(default="", validation_alias="MAKEGOOD_CLOCK")
    dev: bool = Field(default=False, validation_alias="MAKEGOOD_DEV")
    log: Literal["", "json", "text"] = Field(default="", validation_alias="MAKEGOOD_LOG")
    metrics_token: SecretStr = Field(default=SecretStr(""), validation_alias="MAKEGOOD_METRICS_TOKEN")
    otlp_endpoint: str = Field(default="", validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    no_color: str = Field(default="", validation_alias="NO_COLOR")
    roads: Path | None = Field(default=None, validation_alias="MAKEGOOD_ROADS")
    osrm_url: str = Field(default="", validation_alias="OSRM_URL")
    nominatim_url: str = Field(default="", validation_alias="NOMINATIM_URL")
    photon_url: str = Field(default="", validation_alias="PHOTON_URL")
    addresses_per_second: float = Field(
        default=1, validation_alias="MAKEGOOD_ADDRESSES_PER_SECOND", ge=0.1, le=100
    )
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    migrator_url: str = Field(default="", validation_alias="MAKEGOOD_MIGRATOR_URL")
    database_password: SecretStr = Field(default=SecretStr(""), validation_alias="DATABASE_PASSWORD")
    redis_url: str = Field(default="", validation_alias="REDIS_URL")
    redis_password: SecretStr = Field(default=SecretStr(""), validation_alias="REDIS_PASSWORD")
    twilio_account_sid: str = Field(default="", validation_alias="TWILIO_ACCOUNT_SID")
    twilio_auth_token: SecretStr = Field(default=SecretStr(""), validation_alias="TWILIO_AUTH_TOKEN")
    twilio_auth_token_secondary: SecretStr = Field(
        default=SecretStr(""), validation_alias="TWILIO_AUTH_TOKEN_SECONDARY"
    )
    twilio_from: str = Field(default="", validation_alias="TWILIO_FROM")
    twilio_messaging_service_sid: str = Field(default="", validation_alias="TWILIO_MESSAGING_SERVICE_SID")
    sender_registered: bool = Field(default=False, validation_alias="MAKEGOOD_SENDER_REGISTERED")
    twilio_voice_from: str = Field(default="", validation_alias="TWILIO_VOICE_FROM")
    twilio_base_url: str = Field(default="", validation_alias="TWILIO_BASE_URL")
    breached_passwords_url: str = Field(default="", validation_alias="MAKEGOOD_BREACHED_PASSWORDS_URL")
    oidc_issuer: str = Field(default="", validation_alias="OIDC_ISSUER")
    oidc_client_id: str = Field(default="", validation_alias="OIDC_CLIENT_ID")
    oidc_client_secret: SecretStr = Field(default=SecretStr(""), validation_alias="OIDC_CLIENT_SECRET")
    link_secret: SecretStr = Field(default=SecretStr(""), validation_alias="MAKEGOOD_LINK_SECRET")
    link_secret_previous: SecretStr = Field(
        default=SecretStr(""), validation_alias="MAKEGOOD_LINK_SECRET_PREVIOUS"
    )
    link_secrets_retired: SecretStr = Field(
        default=SecretStr(""), validation_alias="MAKEGOOD_LINK_SECRETS_RETIRED"
    )

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, given: dict[str, Any]) -> dict[str, Any]:
        """`NAME_FILE` names the file in which the secret NAME stands; white space around it is nobody's secret."""
        read = {}
        for name in cls.secret_names():
            path = os.environ.get(f"{name}_FILE")
            if not path:
                continue
            if given.get(name):
                raise ValueError(f"{name} and {name}_FILE are both set: keep one of them")
            try:
                read[name] = Path(path).read_text().strip()
            except (OSError, UnicodeDecodeError) as error:
                why = getattr(error, "strerror", None) or "it is no text"
                raise ValueError(f"{name}_FILE names {path}, which cannot be read: {why}") from None
        return {**given, **read}

    @model_validator(mode="after")
    def _refuse_unsafe(self) -> Settings:
        if self.dev and self.twilio_account_sid and not self.twilio_is_fake:
            raise ValueError(
                "MAKEGOOD_DEV=1 opens doors for a demo and must not meet real Twilio credentials"
            )
        if (
            self.twilio_base_url
            and not self.twilio_is_fake
            and not self.twilio_base_url.startswith("https://")
        ):
            raise ValueError("TWILIO_BASE_URL gets the token with every request: https, or this machine")
        if self.logo and not (self.logo.is_file() and self.logo.suffix in (".svg", ".png", ".webp")):
            raise ValueError("MAKEGOOD_LOGO names a file: .svg, .png or .webp")
        if any(sign.isalpha() for sign in self.twilio_from):
            raise ValueError("TWILIO_FROM is a number like +12025550100: a name cannot be answered with STOP")
        if not (self.twilio_lacks or self.twilio_is_fake or self.sender_registered):
            raise ValueError(
                "carriers hold back texts of unregistered senders: set MAKEGOOD_SENDER_REGISTERED=1 once the "
                "10DLC campaign or the toll-free verification is approved, or where your country wants neither"
            )
        if self.migrator_url and not self.database_url:
            raise ValueError(
                "MAKEGOOD_MIGRATOR_URL is the owner's address of the same Postgres: set DATABASE_URL too"
            )
        if self.breached_passwords_url and not self.breached_passwords_url.startswith(("https://", LOOPBACK)):
            raise ValueError("MAKEGOOD_BREACHED_PASSWORDS_URL must be https, or this machine")
        if self.nominatim_url and self.photon_url:
            raise ValueError("NOMINATIM_URL and PHOTON_URL are both set: keep one of them")
        for name, url in (("NOMINATIM_URL", self.nominatim_url), ("PHOTON_URL", self.photon_url)):
            if url and not url.startswith(("https://", LOOPBACK)):
                raise ValueError(f"{name} is told where customers live: https, or this machine")
        oidc = (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret.get_secret_value())
        if any(oidc) and not all(oidc):
            raise ValueError("OIDC_ISSUER, OIDC_CLIENT_ID and OIDC_CLIENT_SECRET belong together")
        if self.oidc_issuer and not self.oidc_issuer.startswith(("https://", LOOPBACK)):
            raise ValueError("OIDC_ISSUER must be https, or this machine")
        if self.otlp_endpoint and urlsplit(self.otlp_endpoint).scheme not in ("http", "https"):
            raise ValueError("OTEL_EXPORTER_OTLP_ENDPOINT is like http://collector:4318")
        if self.clock and not self.dev:
            raise ValueError("MAKEGOOD_CLOCK moves time and needs MAKEGOOD_DEV=1")
        if self.database_password.get_secret_value() and not self.database_url:
            raise ValueError("DATABASE_PASSWORD is one of a server: set DATABASE_URL too")
        if self.redis_url and urlsplit(self.redis_url).scheme not in ("redis", "rediss", "unix"):
            raise ValueError("REDIS_URL is like redis://:password@host:6379/0, or rediss:// with TLS")
        secrets = [one.get_secret_value() for one in (self.link_secret, self.link_secret_previous)]
        if any(0 < len(secret) < 32 for secret in (*secrets, *self.retired_secrets)):
            raise ValueError(
                "MAKEGOOD_LINK_SECRET must have at least 32 characters, the previous one and the retired ones too"
            )
        if 0 < len(self.metrics_token.get_secret_value()) < 20:
            raise ValueError("MAKEGOOD_METRICS_TOKEN must have at least 20 characters")
        return self

    @property
    def retired_secrets(self) -> list[str]:
        """Link secrets of before, one a line: they open nothing any more."""
        lines = self.link_secrets_retired.get_secret_value().splitlines()
        return [line.strip() for line in lines if line.strip()]

    @classmethod
    def secret_names(cls) -> list[str]:
        """What may stand in a file of its own: every secret, and the addresses that may hold a password."""
        secrets = {str(f.validation_alias) for f in cls.model_fields.values() if f.annotation is SecretStr}
        return sorted(secrets | {"DATABASE_URL", "REDIS_URL"})

    @property
    def database(self) -> str:
        url = self.database_url or f"sqlite:///{self.data / 'makegood.db'}"
        return _with_password(url, self.database_password)

    @property
    def redis(self) -> str:
        return _with_password(self.redis_url, self.redis_password)

    @property
    def erasures(self) -> Path:
        """The list of erasures, beside the database: see `api/runtime/erasures.py`."""
        return self.data / "erasures.txt"

    @property
    def base_url(self) -> str:
        return self.public_url.rstrip("/") or f"http://127.0.0.1:{self.port}"

    @property
    def twilio_is_fake(self) -> bool:
        """Somebody on this machine stands in for Twilio."""
        return urlsplit(self.twilio_base_url).hostname in ("127.0.0.1", "localhost", "::1")

    @property
    def twilio_sender(self) -> str:
        """The messaging service, else the number."""
        return self.twilio_messaging_service_sid or self.twilio_from

    @property
    def twilio_lacks(self) -> list[str]:
        """What must be set before texts can go to Twilio."""
        return [
            name
            for name, value in (
                ("TWILIO_ACCOUNT_SID", self.twilio_account_sid),
                ("TWILIO_AUTH_TOKEN", self.twilio_auth_token.get_secret_value()),
                ("TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID", self.twilio_sender),
            )
            if not value
        ]

    def read_link_secret(self) -> bytes:
        """The configured secret, or one made at first start and kept in the data folder."""
        configured = self.link_secret.get_secret_value()
        if configured:
            return configured.encode()
        path = self.data / "link.secret"
        if not path.exists():
            self.data.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32))
        return path.read_text().strip().encode()


def _with_password(url: str, password: SecretStr) -> str:
    """`url` with that password in the place of its own, whatever signs it has; without one, `url` as it is."""
    parts, secret = urlsplit(url), quote(password.get_secret_value(), safe="")
    if not secret:
        return url
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}:{secret}@{host}"))
