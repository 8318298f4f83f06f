"""Compilation is a luxury: with numba the kernels are machine code, without it they are plain Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

try:
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
    made: F = _njit(cache=True, nogil=True, error_model="numpy", _nrt=False, **options)(function)
    return made
