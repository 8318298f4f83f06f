"""An answer is kept so that it can be told again, without the secrets of the links in it: those are derived anew."""

from __future__ import annotations

import json
import re
from typing import Any

from sqlmodel import Session

from api.redaction import TOKEN_PATHS
from dispatch.access.links import LinkKey, find_link
from dispatch.access.tables import Link

_IN_PATH = re.compile(rf"/({'|'.join(TOKEN_PATHS)})/([A-Za-z0-9_-]{{22}})(?![A-Za-z0-9_-])")
_INSTEAD = re.compile(r"\{link ([0-9a-z]{26})\}")


def without_tokens(session: Session, body: dict[str, Any]) -> dict[str, Any]:
    """`…/book/{link 01kj…}` for `…/book/Zp0x…`: the id of the link, where its token stood."""

    def instead(found: re.Match[str]) -> str:
        link = find_link(session, found[2])
        return f"/{found[1]}/{{link {link.id}}}" if link else found[0]

    kept: dict[str, Any] = json.loads(_IN_PATH.sub(instead, json.dumps(body)))
    return kept


def with_tokens(session: Session, key: LinkKey, kept: dict[str, Any]) -> dict[str, Any]:
    """The same body as it was told the first time."""

    def token(found: re.Match[str]) -> str:
        link = session.get_one(Link, found[1])
        return key.token(link.scope, link.subject_id, link.version)

    body: dict[str, Any] = json.loads(_INSTEAD.sub(token, json.dumps(kept)))
    return body
