"""Engines for tests: the product's own, but what one of them has compiled, the next one knows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event

from api.runtime.engine import build_engine

_first: dict[str, Engine] = {}
_compiled: dict[str, dict[Any, Any]] = {}


def an_engine(url: str) -> Engine:
    """As `build_engine`, and a file need not survive a power cut.

    SQLAlchemy keeps compiled statements by dialect, one for each engine: a suite with an engine for each test
    would compile every statement anew, and the mappers' caches would hold on to hundreds of dialects.
    """
    engine = build_engine(url)
    kind = engine.dialect.name
    if kind == "sqlite":
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    if kind not in _first:
        engine.connect().close()  # a dialect asks its server what it can do
        _first[kind] = engine
    engine.dialect = _first[kind].dialect
    engine.update_execution_options(compiled_cache=_compiled.setdefault(kind, {}))
    return engine
