"""The territory and the people of its office, as forms. `/office/territory`."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form as FormBody
from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.csv.cells import say_number
from api.deps import ReadDep, StaffDep, WorkDep
from api.errors import status_of
from api.pages.again import shown_again
from api.pages.office.typed import Form, Reading, Typed
from api.pages.staff import staff_page
from api.principal import Principal
from api.strict import router
from api.versions import require_seen
from dispatch.errors import DispatchError
from dispatch.territories.actions import change_territory
from dispatch.territories.queries import get_territory, list_ladder, lock_territory
from dispatch.territories.tables import Territory
from dispatch.visits.queries import has_visits
from dispatch.work import Work

routes = router("/office/territory", "office", include_in_schema=False, default_response_class=HTMLResponse)


@routes.get("")
def show(request: Request, work: ReadDep, who: StaffDep, saved: bool = False) -> Response:
    return _page(request, work, who, form=_stored(work, who), saved=saved)


@routes.post("")
def change(request: Request, typed: Annotated[Typed, FormBody()], work: WorkDep, who: StaffDep) -> Response:
    def again(fresh: Work, error: DispatchError) -> Response:
        return _page(request, fresh, who, form=_stored(fresh, who).again(typed, error))

    territory = lock_territory(work.session, who.territory_id or "")
    with shown_again(again):
        reading, booked = Reading(typed), has_visits(work.session, territory.id)
        seen, place = reading.version(), reading.place()
        name, phone = reading.words("name", "name"), reading.text("office_phone", 40)
        radius_metres = round(reading.number("radius", 1, 200) * 1000)
        time_zone = territory.time_zone if booked else reading.words("time_zone", "time zone", 64)
        reading.require()
        require_seen(territory, seen)
        change_territory(
            work,
            territory,
            name=name,
            time_zone=time_zone,
            centre=(place.lat, place.lng),
            radius_metres=radius_metres,
            office_phone=phone,
            has_visits=booked,
        )
    return RedirectResponse("/office/territory?saved=1", 303)


def _stored(work: Work, who: Principal) -> Form:
    territory = get_territory(work.session, who.territory_id or "")
    return Form.of(_as_typed(territory), territory.row_version)


def _as_typed(territory: Territory) -> dict[str, str]:
    return {
        "name": territory.name,
        "office_phone": territory.office_phone,
        "time_zone": territory.time_zone,
        "lat": say_number(territory.centre_lat),
        "lng": say_number(territory.centre_lng),
        "radius": say_number(territory.radius_metres / 1000),
    }


def _page(
    request: Request,
    work: Work,
    who: Principal,
    *,
    form: Form,
    saved: bool = False,
) -> Response:
    return staff_page(
        request,
        work,
        who,
        "office_territory.html",
        status=status_of(form.error) if form.error else 200,
        form=form,
        ladder=list_ladder(work.session, who.territory_id or ""),
        booked=has_visits(work.session, who.territory_id or ""),
        saved=saved,
    )
