"""The only reader of the environment. Refuses unsafe settings instead of starting with them."""

from __future__ import annotations

import secrets
from decimal import Decimal
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


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
    no_color: str = Field(default="", validation_alias="NO_COLOR")
    roads: Path | None = Field(default=None, validation_alias="MAKEGOOD_ROADS")
    osrm_url: str = Field(default="", validation_alias="OSRM_URL")
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    redis_url: str = Field(default="", validation_alias="REDIS_URL")
    twilio_account_sid: str = Field(default="", validation_alias="TWILIO_ACCOUNT_SID")
    twilio_auth_token: SecretStr = Field(default=SecretStr(""), validation_alias="TWILIO_AUTH_TOKEN")
    twilio_from: str = Field(default="", validation_alias="TWILIO_FROM")
    twilio_messaging_service_sid: str = Field(default="", validation_alias="TWILIO_MESSAGING_SERVICE_SID")
    twilio_voice_from: str = Field(default="", validation_alias="TWILIO_VOICE_FROM")
    twilio_base_url: str = Field(default="", validation_alias="TWILIO_BASE_URL")
    link_secret: SecretStr = Field(default=SecretStr(""), validation_alias="MAKEGOOD_LINK_SECRET")

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
        if self.clock and not self.dev:
            raise ValueError("MAKEGOOD_CLOCK moves time and needs MAKEGOOD_DEV=1")
        secret = self.link_secret.get_secret_value()
        if secret and len(secret) < 32:
            raise ValueError("MAKEGOOD_LINK_SECRET must have at least 32 characters")
        metrics_token = self.metrics_token.get_secret_value()
        if metrics_token and len(metrics_token) < 20:
            raise ValueError("MAKEGOOD_METRICS_TOKEN must have at least 20 characters")
        return self

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data / 'makegood.db'}"

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
