"""Every knob of the territory as a form, in the units that people use. `/office/policies`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form as FormBody
from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api.deps import ReadDep, StaffDep, WorkDep
from api.errors import status_of
from api.pages.again import shown_again
from api.pages.office import knobs
from api.pages.office.rules import TABLES
from api.pages.office.typed import Form, Reading, Typed
from api.pages.staff import staff_page
from api.principal import Principal
from api.strict import router
from api.versions import require_seen
from dispatch.errors import DispatchError
from dispatch.policies import Policies
from dispatch.territories.actions import set_policies
from dispatch.territories.queries import get_territory, lock_territory
from dispatch.territories.tables import Territory
from dispatch.work import Work

routes = router("/office/policies", "office", include_in_schema=False, default_response_class=HTMLResponse)

SPARE_RULES = 2


@routes.get("")
def show(request: Request, work: ReadDep, who: StaffDep, saved: bool = False) -> Response:
    return _page(request, work, who, _stored(work, who), saved=saved)


@routes.post("")
def save(request: Request, typed: Annotated[Typed, FormBody()], work: WorkDep, who: StaffDep) -> Response:
    def again(fresh: Work, error: DispatchError) -> Response:
        return _page(request, fresh, who, _stored(fresh, who).again(typed, error))

    territory = lock_territory(work.session, who.territory_id or "")
    with shown_again(again):
        reading = Reading(typed)
        seen, policies = reading.version(), read(reading, typed)
        reading.require()
        require_seen(territory, seen)
        set_policies(work, territory, policies.overrides())
    return RedirectResponse("/office/policies?saved=1", 303)


def read(reading: Reading, typed: Typed) -> Policies:
    """What was typed, as policies. Whatever is ticked goes back to its default, whatever stands in its field."""
    values: dict[str, Any] = {}
    for _, group in knobs.grouped():
        for name, _, unit in group:
            to_default = reading.ticked(f"default-{name}")
            before = len(reading.errors)
            is_rules = unit is knobs.Unit.RULES
            value = TABLES[name].read(reading, typed) if is_rules else knobs.read_knob(reading, name)
            if to_default:
                del reading.errors[before:]
            else:
                values[name] = value
    policies = Policies(**values)
    if policies.last_window_end_at <= policies.first_window_at:
        reading.note("last_window_end_at", "window_empty", "The last window ends after the first one begins.")
    return policies


def _stored(work: Work, who: Principal) -> Form:
    territory = get_territory(work.session, who.territory_id or "")
    policies, stored = territory.policies, dict[str, str]()
    for _, group in knobs.grouped():
        for name, _, unit in group:
            if unit is not knobs.Unit.RULES:
                stored[name] = knobs.typed_as(name, getattr(policies, name))
    for name, table in TABLES.items():
        stored |= table.stored(getattr(policies, name))
    return Form.of(stored, territory.row_version)


def _page(request: Request, work: Work, who: Principal, form: Form, *, saved: bool = False) -> Response:
    territory = get_territory(work.session, who.territory_id or "")
    spare = 0 if form.error else SPARE_RULES
    rows = {name: max(table.rows(form.values), default=0) + spare for name, table in TABLES.items()}
    return staff_page(
        request,
        work,
        who,
        "office_policies.html",
        status=status_of(form.error) if form.error else 200,
        form=form,
        groups=list(knobs.grouped()),
        own=_own(territory),
        defaults=_defaults(territory),
        currency=knobs.currency_of(territory.country),
        tables=TABLES,
        rows={name: range(1, count + 1) for name, count in rows.items()},
        saved=saved,
    )


def _own(territory: Territory) -> set[str]:
    """The knobs that stand otherwise than their defaults."""
    return set(territory.policies.overrides())


def _defaults(territory: Territory) -> dict[str, str]:
    currency, usual = knobs.currency_of(territory.country), Policies()
    names = [name for _, group in knobs.grouped() for name, _, unit in group if unit is not knobs.Unit.RULES]
    told = {name: knobs.told(name, getattr(usual, name), currency) for name in names}
    return told | {name: f"{len(getattr(usual, name))} rules" for name in TABLES}
