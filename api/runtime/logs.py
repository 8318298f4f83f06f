"""The log: one chain for our loggers and those of libraries, for a reader at a terminal or, as JSON, for a machine.

Nothing personal leaves it: no names (nobody logs them), phones by their last three digits, tokens as `***`, and of an
error its kind and its way through the code, never what it says.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from api.redaction import TOKEN_PATHS

# One dictionary for a whole request or job: threads get a copy of the variable, and with it the same dictionary.
_about: ContextVar[dict[str, Any] | None] = ContextVar("about", default=None)

# These tell the values that pass through them when they are asked for everything.
TALKATIVE = (
    "sqlalchemy",
    "httpx2",
    "httpcore",
    "httpx",
    "python_multipart",
    "twilio",
    "urllib3",
    "asyncio",
    "geopy",
)

_TOKEN = re.compile(
    rf"(?i)(?P<before>/(?:{'|'.join(TOKEN_PATHS)})/|\bbearer\s+|\b(?:token|code|password|secret|cookie)\s*[=:]\s*)"
    r"(?P<value>[^\s/\"',;&]+)"
)
_PHONE = re.compile(r"(?<![\w.:/-])(?:\+|00)?\d{7,12}(?P<last>\d{3})(?![\w.:/-])")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def begin(form: str = "", *, level: int = logging.INFO) -> None:
    """From now on this process logs to stderr: `form` is `json`, `text`, or empty for what fits the reader."""
    logging.basicConfig(level=level, handlers=[handler(form, sys.stderr)])
    hush()


def hush() -> None:
    """Libraries that would tell values only warn, whatever the level."""
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def handler(form: str, stream: TextIO) -> logging.Handler:
    """What writes every line to `stream`."""
    as_json = form == "json" or (form != "text" and not stream.isatty())
    written = logging.StreamHandler(stream)
    written.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=CHAIN,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_writers(stream, as_json),
            ],
        )
    )
    return written


def _writers(stream: TextIO, as_json: bool) -> list[Processor]:
    if as_json:
        return [structlog.processors.JSONRenderer(ensure_ascii=True, default=str)]
    return [
        structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    ]


@contextmanager
def speaking_of(**about: Any) -> Iterator[dict[str, Any]]:
    """Every line within the block carries `about`; the dictionary may learn more on the way."""
    shared = dict(about)
    token = _about.set(shared)
    try:
        yield shared
    finally:
        _about.reset(token)


def _add_about(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    for name, value in (_about.get() or {}).items():
        line.setdefault(name, value)
    return line


def _trace_without_words(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """An error as its kind and the places it came through: its words may quote what somebody typed."""
    given = line.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        line["exception"] = " <- ".join(_way_of(error))
    return line


def _way_of(error: BaseException) -> Iterator[str]:
    frames = traceback.extract_tb(error.__traceback__)
    yield " ".join(
        [type(error).__name__, *(f"{one.filename}:{one.lineno}:{one.name}" for one in frames[-12:])]
    )
    for inner in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from _way_of(inner)
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _way_of(cause)


def _mask(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    return {name: _unreadable(value) for name, value in line.items()}


def _unreadable(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return mask(value)


def mask(text: str) -> str:
    """`text` in one line, phones by their last three digits, tokens as `***`."""
    without = _TOKEN.sub(r"\g<before>***", _UNPRINTABLE.sub("?", text))
    return _PHONE.sub(r"***\g<last>", without)


CHAIN: list[Processor] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    _add_about,
    _trace_without_words,
    _mask,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
