"""ETag, If-Match for rows that two people may edit, If-None-Match for what is read again and again."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header

from api.refusals import PreconditionRequired, VersionConflict
from dispatch.store import VersionedRow

IF_MATCH = "If-Match"
IfMatch = Annotated[str | None, Header(alias=IF_MATCH, description="The ETag of the version you saw.")]


def etag(row: VersionedRow) -> str:
    return f'"{row.row_version}"'


def require_current(row: VersionedRow, if_match: str | None) -> None:
    """Raises PreconditionRequired without a version, VersionConflict for another than the current one."""
    if if_match is None:
        raise PreconditionRequired("Please send If-Match with the ETag of the version you saw.")
    if if_match != etag(row):
        raise VersionConflict("Somebody changed this since you read it.", current_version=row.row_version)


def require_seen(row: VersionedRow, seen: int) -> None:
    """The same for a form, which carries the version that it was filled in from."""
    if seen != row.row_version:
        raise VersionConflict(
            "Somebody saved other values while you filled this in. What you typed is still here; where it "
            "differs from what is stored now, that stands beside it. Press again to save yours.",
            current_version=row.row_version,
        )


def is_known(tag: str, if_none_match: str | None) -> bool:
    """Whether whoever asks has this version already (RFC 9110, the weak comparison)."""
    known = [one.strip().removeprefix("W/") for one in (if_none_match or "").split(",")]
    return tag.removeprefix("W/") in known or "*" in known
