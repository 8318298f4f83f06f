"""Who may open which door: links that are capabilities, and the sessions they start."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON
from sqlmodel import Field

from dispatch.store import Row, UtcDateTime, text_enum


class Scope(StrEnum):
    TRACK = "track"  # one visit: see, change, cancel, report
    BOOK = "book"  # book a visit
    ENROL = "enrol"  # become this technician's phone; single use
    SETUP = "setup"  # become this dispatcher; single use
    CALENDAR = "calendar"  # read this technician's coming visits, as a calendar does


class Link(Row, table=True):
    """A capability in a text. Only the hash is kept; the token is derived again when a text is made."""

    __tablename__ = "links"

    id: str = Field(primary_key=True, max_length=26)
    token_hash: str = Field(max_length=64, unique=True)
    scope: Scope = Field(sa_type=text_enum(Scope))
    subject_id: str = Field(max_length=26, index=True)
    version: int = 1
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Invitation(Row, table=True):
    """A personal link to book with: whose territory, who sent it, and to which phone if any."""

    __tablename__ = "invitations"

    id: str = Field(primary_key=True, max_length=26)
    territory_id: str = Field(foreign_key="territories.id", max_length=26)
    phone: str = Field(default="", max_length=20)
    invited_by: str = Field(max_length=80)
    invited_at: datetime = Field(sa_type=UtcDateTime, index=True)


class DoorSession(Row, table=True):
    """A signed-in phone or browser. Only the hash of the cookie's value is kept.

    Where `idle_seconds` is set, whoever has asked for nothing that long must sign in again. `device` is what the
    browser says it is, in a word or two, so that people know their sessions apart. `seen_at` is up to a minute old.
    """

    __tablename__ = "door_sessions"

    id: str = Field(primary_key=True, max_length=26)
    token_hash: str = Field(max_length=64, unique=True)
    role: str = Field(max_length=20)
    subject_id: str = Field(max_length=26, index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    idle_seconds: int | None = None
    device: str = Field(default="", max_length=60)


class Credential(Row, table=True):
    """How somebody of the office proves who they are. No secret of the second factor is kept: it is derived.

    `factor_at` says since when the second factor counts, `last_step` which time step's code was used last.
    """

    __tablename__ = "credentials"

    dispatcher_id: str = Field(primary_key=True, foreign_key="dispatchers.id", max_length=26)
    password_hash: str = Field(max_length=200)
    password_at: datetime = Field(sa_type=UtcDateTime)
    factor_version: int = 1
    factor_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_step: int = 0


class RecoveryCode(Row, table=True):
    """Stands in for the second factor once, and only for the version of it that it was made with."""

    __tablename__ = "recovery_codes"

    code_hash: str = Field(primary_key=True, max_length=64)
    dispatcher_id: str = Field(foreign_key="dispatchers.id", index=True, max_length=26)
    factor_version: int
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Tries(Row, table=True):
    """How often something was guessed at or done since `since_at`, and until when that counts. `about` is a hash."""

    __tablename__ = "tries"

    about: str = Field(primary_key=True, max_length=64)
    since_at: datetime = Field(sa_type=UtcDateTime, index=True)
    failures: int = 0
    wait_until: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ApiKey(Row, table=True):
    """What a program shows at the door. Only the hash is kept; `territory_id` None is all of them."""

    __tablename__ = "api_keys"

    id: str = Field(primary_key=True, max_length=26)
    token_hash: str = Field(max_length=64, unique=True)
    name: str = Field(max_length=120)
    scopes: list[str] = Field(default_factory=list, sa_type=JSON)
    territory_id: str | None = Field(default=None, foreign_key="territories.id", max_length=26)
    created_by: str = Field(max_length=80)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    last_used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class PhoneCode(Row, table=True):
    """Six digits sent to the phone on file, for one link. They are derived from a secret and the id: no row holds them.

    `proof_hash` is of what the browser that entered them keeps; it is believed until `proven_until_at`.
    """

    __tablename__ = "phone_codes"

    id: str = Field(primary_key=True, max_length=26)
    visit_id: str = Field(foreign_key="visits.id", index=True, max_length=26)
    phone: str = Field(max_length=20, index=True)
    prefix: str = Field(max_length=20, index=True)
    asked_at: datetime = Field(sa_type=UtcDateTime, index=True)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    tries: int = 0
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    proof_hash: str | None = Field(default=None, max_length=64, unique=True)
    proven_until_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
