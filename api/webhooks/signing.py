"""How a receiver knows that a delivery is ours and fresh: HMAC-SHA-256 over id, instant and body."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from api.webhooks.tables import Delivery, Subscription
from dispatch.access.links import LinkKey
from dispatch.ledger import LedgerEntry

OLD_SECRET_LASTS = timedelta(hours=24)


def secrets_of(key: LinkKey, subscription: Subscription, now: datetime) -> list[str]:
    """The secrets that are valid now, the newest first."""
    versions = [subscription.secret_version]
    if subscription.old_secret_until_at and now < subscription.old_secret_until_at:
        versions.append(subscription.secret_version - 1)
    return [key.derive(f"webhook|{subscription.id}|{version}") for version in versions]


def headers_of(delivery_id: str, body: bytes, now: datetime, secrets: Sequence[str]) -> dict[str, str]:
    timestamp = str(int(now.timestamp()))
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    signatures = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": "Makegood",
        "Makegood-Id": delivery_id,
        "Makegood-Timestamp": timestamp,
        "Makegood-Signature": ",".join(f"v1={signature}" for signature in signatures),
    }


def body_of(delivery: Delivery, entry: LedgerEntry | None) -> bytes:
    """The fact as the feed of events shows it; a test has the number 0 and no data."""
    told: dict[str, Any] = {"seq": delivery.seq, "at": _at(delivery.queued_at), "kind": delivery.kind}
    if entry is not None:
        told |= {
            "at": _at(entry.at),
            "visit_id": entry.visit_id,
            "actor": entry.actor,
            "cause": entry.cause,
            "data": entry.data,
            "hash": entry.hash,
        }
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()


def _at(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
