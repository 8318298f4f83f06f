"""Judges answers by an OpenAPI 3.0 description: by all that Twilio's schemas use, and nothing unknown passes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "object": dict,
    "array": list,
}
READ = {
    "type",
    "properties",
    "items",
    "enum",
    "pattern",
    "minLength",
    "maxLength",
    "format",
    "nullable",
    "$ref",
}
IGNORED = {"description", "title", "example", "default"}  # and all that begins with x-


class Description:
    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def complaints(self, path: str, method: str, status: int, body: Any) -> list[str]:
        """What is wrong with that answer; also a member that the description does not know, or one that is missing."""
        described = self._document["paths"][path][method]["responses"][str(status)]
        return list(self._judge(body, described["content"]["application/json"]["schema"], ""))

    def form_fields(self, path: str) -> set[str]:
        """What a POST there may say."""
        body = self._document["paths"][path]["post"]["requestBody"]
        schema = body["content"]["application/x-www-form-urlencoded"]["schema"]
        return set(schema["properties"])

    def _judge(self, value: Any, schema: dict[str, Any], where: str) -> Iterator[str]:
        while "$ref" in schema:
            schema = self._document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        unread = {name for name in schema.keys() - READ - IGNORED if not name.startswith("x-")}
        if unread:
            yield f"{where}: this judge does not know {sorted(unread)}"
        if value is None:
            if not schema.get("nullable"):
                yield f"{where}: null"
            return
        kind = schema.get("type")
        if kind and (not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "boolean")):
            yield f"{where}: {type(value).__name__}, not {kind}"
        elif kind == "string":
            yield from _judge_text(value, schema, where)
        elif kind == "array":
            for number, item in enumerate(value):
                yield from self._judge(item, schema["items"], f"{where}/{number}")
        elif "properties" in schema:
            for name in schema["properties"].keys() ^ value.keys():
                yield f"{where}/{name}: {'not described' if name in value else 'missing'}"
            for name in schema["properties"].keys() & value.keys():
                yield from self._judge(value[name], schema["properties"][name], f"{where}/{name}")


def _judge_text(value: str, schema: dict[str, Any], where: str) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{where}: {value!r} is none of {schema['enum']}"
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        yield f"{where}: {len(value)} characters"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{where}: {value!r} does not fit {schema['pattern']}"
    if schema.get("format") == "date-time-rfc-2822" and not _is_date(value):
        yield f"{where}: {value!r} is no date"
    if schema.get("format") == "uri" and not urlsplit(value).path.startswith("/"):
        yield f"{where}: {value!r} is no address"
    if schema.get("format") == "phone-number" and not re.fullmatch(r"\+\d{7,15}", value):
        yield f"{where}: {value!r} is no number"


def _is_date(value: str) -> bool:
    try:
        return parsedate_to_datetime(value).tzinfo is not None
    except ValueError:
        return False
