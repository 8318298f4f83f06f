"""What is set up, and what is missing before a first visit can be booked. `/office`."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from api.deps import ReadDep, StaffDep
from api.pages.staff import staff_page
from api.runtime.auditing import last_audit, list_findings
from api.strict import router
from dispatch.board.readiness import Gap, Missing, missing
from dispatch.services.queries import list_services
from dispatch.technicians.queries import list_technicians, weeks_of
from dispatch.territories.queries import get_territory, list_ladder

routes = router("/office", "office", include_in_schema=False, default_response_class=HTMLResponse)


@dataclass(frozen=True, slots=True)
class Mend:
    """A gap in words, with the page on which it is mended."""

    says: str
    link: str
    path: str
    blocks: bool


def mend(one: Missing) -> Mend:
    says, link, path = WORDS[one.gap]
    return Mend(says.format(about=one.about), link, path.format(id=one.about_id), one.blocks)


WORDS: dict[Gap, tuple[str, str, str]] = {
    Gap.NO_CENTRE: (
        "The middle of your territory is not set: no address can be served.",
        "Set the middle",
        "/office/territory",
    ),
    Gap.NO_SERVICE: ("No kind of work is on offer.", "Add a service", "/office/services/new"),
    Gap.NO_TECHNICIAN: ("Nobody can be sent.", "Add a technician", "/office/technicians/new"),
    Gap.NO_HOURS: ("No technician has working hours.", "Set the hours", "/office/technicians"),
    Gap.NO_HANDS: (
        "{about}: no technician with working hours has the skills that it needs.",
        "Give somebody the skill",
        "/office/technicians",
    ),
    Gap.NO_PARTS: (
        "{about}: the parts that it needs are in no van of somebody who can do it.",
        "Fill a van",
        "/office/technicians",
    ),
    Gap.NO_WINDOW: (
        "{about}: its window is longer than the hours in which you take bookings.",
        "Change the service",
        "/office/services/{id}",
    ),
    Gap.NO_OFFICE_PHONE: (
        "Customers do not see a number under which they can ring you.",
        "Enter the office’s phone",
        "/office/territory",
    ),
}


@routes.get("")
def show(request: Request, work: ReadDep, who: StaffDep) -> Response:
    territory = get_territory(work.session, who.territory_id or "")
    crew = list_technicians(work.session, territory.id)
    weeks = weeks_of(work.session, [one.id for one in crew])
    return staff_page(
        request,
        work,
        who,
        "office_overview.html",
        gaps=[mend(one) for one in missing(work, territory)],
        services=list_services(work.session),
        crew=crew,
        working=sum(1 for one in crew if weeks.get(one.id)),
        ladder=list_ladder(work.session, territory.id),
        own_policies=len(territory.overrides),
        findings=list_findings(work.session),
        audited=last_audit(work.session),
    )
