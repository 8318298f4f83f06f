"""Compilation is a luxury: with numba the kernels are machine code, without it they are plain Python."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

try:
    from llvmlite.binding import get_host_cpu_name as _processor
    from numba import __version__ as _version
    from numba import njit as _njit
except ImportError:  # the same code runs, some hundred times slower
    _njit = None

F = TypeVar("F", bound=Callable[..., Any])

IS_COMPILED = _njit is not None


def compiled(function: F) -> F:
    """`function` as machine code, kept on disk between runs, without the interpreter's lock while it runs."""
    return _compile(function)


def inlined(function: F) -> F:
    """The same for a small function of an inner loop: it becomes part of its callers.

    A call passes every array of its arguments by value, some hundred words; that would cost more than the work.
    """
    return _compile(function, forceinline=True)


def _compile(function: F, **options: bool) -> F:
    if _njit is None:
        return function
    options |= {"nogil": True, "_nrt": False}
    try:
        made: F = _njit(cache=True, error_model="numpy", **options)(function)
    except RuntimeError:  # no folder can be written: compiled anew by every process
        made = _njit(error_model="numpy", **options)(function)
    return made


def kept_in(function: Callable[..., Any]) -> Path | None:
    """The folder that keeps a compiled function's machine code between runs; None where nothing is kept."""
    folder = function.stats.cache_path if IS_COMPILED else None  # type: ignore[attr-defined]
    return Path(folder) if folder else None


def edition() -> str:
    """What machine code is good for: these sources, this compiler, this kind of processor."""
    found = hashlib.sha256(f"{_version} {_processor()}".encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        found.update(source.read_bytes())
    return found.hexdigest()
