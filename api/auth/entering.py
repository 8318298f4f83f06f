"""From a proved identity to a session: the cookie of whoever is let in, new at every step."""

from __future__ import annotations

from fastapi import Request, Response

from api.auth.cookies import read_cookie, set_cookie
from api.auth.devices import device_of
from api.runtime.runtime import Runtime
from dispatch.access.sessions import DEV_LASTS, LASTS, Lasts, begin_session, leave
from dispatch.work import Work


def lasts(runtime: Runtime, role: str) -> Lasts:
    return DEV_LASTS if runtime.settings.dev else LASTS[role]


def begin(work: Work, runtime: Runtime, request: Request, role: str, subject_id: str) -> str:
    """A session of that role, and the end of the one that this browser had: nobody keeps an id from before."""
    before = read_cookie(request, runtime.settings.base_url)
    if before:
        leave(work, before)
    return begin_session(work, role, subject_id, lasts=lasts(runtime, role), device=device_of(request))


def let_in(response: Response, runtime: Runtime, role: str, secret: str) -> Response:
    """`response` with the session's cookie."""
    seconds = int(lasts(runtime, role).at_most.total_seconds())
    set_cookie(response, runtime.settings.base_url, secret, seconds=seconds)
    return response
