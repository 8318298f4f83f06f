"""What calendars read: a technician's coming visits, behind an address of their own. `/calendar/{token}`."""

from __future__ import annotations

from hashlib import sha256

from fastapi import Request, Response

from api.calendar import CalendarFile, technicians_calendar
from api.deps import CalendarDep, ReadDep, RuntimeDep
from api.strict import router
from api.versions import is_known
from dispatch.board.coming import coming_visits
from dispatch.technicians.queries import get_technician

routes = router("/calendar/{token}", "feeds", include_in_schema=False)


@routes.get("/visits.ics")
def visits(token: str, request: Request, work: ReadDep, who: CalendarDep, runtime: RuntimeDep) -> Response:
    """304 where nothing has changed since it was read."""
    technician = get_technician(work.session, who.subject_id)
    name = f"{runtime.settings.company}: {technician.first_name}"
    body = technicians_calendar(coming_visits(work, technician), name=name)
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if is_known(tag, request.headers.get("if-none-match")):
        return Response(status_code=304, headers=headers)
    named = {"Content-Disposition": 'inline; filename="visits.ics"'}
    return CalendarFile(body, headers=headers | named)
