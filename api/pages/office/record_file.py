"""The record of a phone and a day as a file: a table for people, the same as JSON for programs."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from api.csv.cells import escape
from api.pages.codes import say
from notifications.record.lines import Kind, Line, say_consent
from notifications.record.rows import Record

COLUMNS = (
    "at_local",
    "at_utc",
    "kind",
    "what",
    "visit",
    "to",
    "state",
    "says",
    "why",
    "reason",
    "words",
    "words_are",
    "provider_sid",
    "steps",
)
STANDING = "at the start of the day"


def title_of(line: Line) -> str:
    """What the line is, in the office's words."""
    if line.kind is Kind.TEXT:
        return say(line.code, "text")
    if line.kind is Kind.CALL:
        return f"Call: {say(line.code, 'call')}"
    return "From this phone" if line.kind is Kind.REPLY else "Consent"


def words_are(line: Line) -> str:
    """Whether they are the ones that went out, or what our rows would give now."""
    if line.words is None:
        return "not kept" if line.kind is Kind.TEXT else ""
    return "the very words" if line.words.are_the_very else "as it would read now"


def record_csv(record: Record) -> str:
    """RFC 4180 with the mark that spreadsheets look for. Nothing in it can be taken for a formula."""
    out = StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for row in (_standing(record), *(_row(record, line) for line in record.lines)):
        writer.writerow({name: escape(cell) for name, cell in row.items()})
    return f"\ufeff{out.getvalue()}"


def record_json(record: Record) -> dict[str, Any]:
    return {
        "phone": record.phone,
        "day": record.on.isoformat(),
        "time_zone": record.day.zone.key,
        "consent": _standing(record),
        "lines": [_line(record, line) for line in record.lines],
        "texts_of_another_office": record.elsewhere,
    }


def _standing(record: Record) -> dict[str, str]:
    return {
        **_times(record, record.day.since),
        "kind": Kind.CONSENT.value,
        "what": f"Consent {STANDING}",
        "state": record.consent.state if record.consent else "",
        "says": say_consent(record.consent),
        "why": record.shown,
    }


def _row(record: Record, line: Line) -> dict[str, str]:
    steps = " | ".join(f"{_local(record, step.at)} {step.says}" for step in line.steps)
    return {**_cells(record, line), "steps": steps}


def _line(record: Record, line: Line) -> dict[str, Any]:
    steps = [{**_times(record, step.at), "says": step.says} for step in line.steps]
    return {**_cells(record, line), "steps": steps}


def _cells(record: Record, line: Line) -> dict[str, str]:
    return {
        **_times(record, line.at),
        "kind": line.kind.value,
        "what": title_of(line),
        "visit": line.reference,
        "to": line.audience,
        "state": line.state,
        "says": line.says,
        "why": line.why,
        "reason": line.reason,
        "words": line.words.text if line.words else "",
        "words_are": words_are(line),
        "provider_sid": line.sid,
    }


def _times(record: Record, at: datetime) -> dict[str, str]:
    return {"at_local": _local(record, at), "at_utc": at.astimezone(UTC).isoformat(timespec="seconds")}


def _local(record: Record, at: datetime) -> str:
    """With its offset: in the hour that comes twice, the clock alone says nothing."""
    return at.astimezone(record.day.zone).isoformat(sep=" ", timespec="seconds")
