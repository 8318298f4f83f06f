"""The application: routers, the frame around every request, and the life of the background jobs."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from sqlalchemy.exc import SQLAlchemyError

from api import errors, openapi
from api.addresses.search import AddressSearch
from api.auth import company, sign_in
from api.auth import pages as doors
from api.auth.guessing import ADDRESSES_LIMIT, KEY_LIMIT, LINKS_LIMIT, Flood, Guesses
from api.device_rate import Reports
from api.frame import Frame
from api.hooks import twilio, twilio_voice
from api.live import Feed
from api.metrics.board import Metrics
from api.pages import (
    again,
    asking,
    board_visit,
    book,
    brand,
    calls,
    changing,
    day_calendar,
    day_installed,
    demo,
    emergency,
    feeds,
    front,
    on_paper,
    plain,
    portraits,
    pressed,
    proving,
    reports_crew,
    reports_mending,
    reports_punctuality,
    reports_regulator,
    sooner,
    speaking,
    tracking,
    tracking_map,
    trouble,
)
from api.pages import board as board_pages
from api.pages import day as day_pages
from api.pages import proposals as proposal_pages
from api.pages import reports as report_pages
from api.pages.office import (
    export_links,
    keys,
    me,
    overview,
    people,
    person,
    policies,
    sending,
    technician_calendar,
)
from api.pages.office import record as record_pages
from api.pages.office import services as service_pages
from api.pages.office import technicians as technician_pages
from api.pages.office import territory as territory_page
from api.pages.office import texts as text_pages
from api.pages.office import webhooks as webhook_pages
from api.pages.render import HERE
from api.planner import Planner
from api.proxy import TrustedProxy
from api.routers import (
    day,
    dev_break,
    dev_clock,
    dev_pocket,
    device,
    emergencies,
    events,
    exports,
    health,
    inbox,
    invitations,
    maps,
    metrics,
    optimizer,
    photos,
    plans,
    recoveries,
    reports,
    services,
    slots,
    technicians,
    territories,
    visits,
    webhooks,
)
from api.runtime.embedded import Embedded
from api.runtime.jobs import JOBS, LOOKS, RANGES
from api.runtime.pace import Pace
from api.runtime.runtime import Runtime
from api.runtime.traces import traced_solve
from api.static_files import PackedFiles
from api.street_map import StreetMap

log = logging.getLogger("makegood.looks")

# Whoever is in front closes an idle connection first (browsers, Caddy: two minutes); closed here in the moment in which
# a request comes, it would be reset, and a POST is not sent again by itself.
KEEP_ALIVE_SECONDS = 130

# Its own spans and logs would tell paths with tokens and the words of errors; ours are in api/runtime/traces.py.
NOT_BY_THE_FRAMEWORK: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}

ROUTERS = (
    health.routes,
    metrics.routes,
    territories.routes,
    services.routes,
    technicians.routes,
    slots.routes,
    visits.routes,
    emergencies.routes,
    day.routes,
    device.routes,
    photos.routes,
    recoveries.routes,
    plans.routes,
    reports.routes,
    inbox.routes,
    invitations.routes,
    events.routes,
    exports.routes,
    webhooks.routes,
    maps.routes,
    optimizer.routes,
    twilio.routes,
    twilio_voice.routes,
    doors.routes,
    sign_in.routes,
    company.routes,
    plain.routes,
    front.routes,
    speaking.routes,
    brand.routes,
    tracking.routes,
    tracking_map.routes,
    on_paper.routes,
    proving.routes,
    changing.routes,
    sooner.routes,
    calls.routes,
    portraits.routes,
    asking.routes,
    book.routes,
    feeds.routes,
    day_calendar.routes,
    day_installed.routes,
    day_pages.routes,
    board_pages.routes,
    board_visit.routes,
    emergency.routes,
    trouble.routes,
    proposal_pages.routes,
    report_pages.routes,
    reports_crew.routes,
    reports_mending.routes,
    reports_punctuality.routes,
    reports_regulator.routes,
    overview.routes,
    record_pages.routes,
    person.routes,
    service_pages.routes,
    technician_pages.routes,
    technician_calendar.routes,
    territory_page.routes,
    people.routes,
    me.routes,
    policies.routes,
    text_pages.routes,
    sending.routes,
    keys.routes,
    webhook_pages.routes,
    export_links.routes,
)
DEV_ROUTERS = (demo.routes, dev_clock.routes, dev_pocket.routes, dev_break.routes)


def create_app(runtime: Runtime) -> FastAPI:
    """The web process around `runtime`. Without Redis it also runs the jobs, from start-up to shut-down.

    The routers' routes are taken as they are: `include_router` would build each of them a second time for each
    application, at its first request, and look them up through one more layer at every request.
    """
    routers = ROUTERS + (DEV_ROUTERS if runtime.settings.dev else ())
    app = FastAPI(
        routes=[route for routes in routers for route in routes.routes],
        title="Makegood",
        description="When a promise to a customer breaks, the same day makes it good.",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        redirect_slashes=False,
        telemetry=NOT_BY_THE_FRAMEWORK,
        lifespan=_lifespan,
    )
    app.state.runtime = runtime
    app.state.guesses = Guesses()
    app.state.flood = Flood(runtime)
    app.state.asked = Guesses(limit=KEY_LIMIT, words="This key asks too often. Please wait.")
    app.state.links_asked = Guesses(
        limit=LINKS_LIMIT, words="You asked for many links. Please wait a minute."
    )
    app.state.addresses_asked = Guesses(
        limit=ADDRESSES_LIMIT,
        words="You searched for many addresses. Please wait a minute, or put the pin on the house.",
    )
    app.state.address_search = (
        AddressSearch(runtime.addresses, per_second=runtime.settings.addresses_per_second)
        if runtime.addresses
        else None
    )
    app.state.device_reports = Reports()
    app.state.feed = Feed(runtime)
    app.state.breaks = []
    app.state.streets = StreetMap(runtime)
    app.state.pace = Pace()
    app.state.planner = Planner(solve=traced_solve(runtime.traces))
    app.state.metrics = Metrics(runtime)
    app.mount("/static", PackedFiles(directory=HERE / "static"))
    errors.install(app)
    again.install(app)
    pressed.install(app)
    app.openapi = lambda: openapi.describe(app)  # type: ignore[method-assign]
    app.add_middleware(Frame, base_url=runtime.settings.base_url, metrics=app.state.metrics, runtime=runtime)
    if runtime.settings.trusted_proxy:
        app.add_middleware(TrustedProxy, trusted_hosts=runtime.settings.trusted_proxy)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """What this process alone knows, it writes itself, also where workers do everything else."""
    runtime: Runtime = app.state.runtime
    jobs = (LOOKS, RANGES) if runtime.settings.redis_url else JOBS
    with Embedded(runtime, jobs):
        yield
    try:
        runtime.looks.write(runtime.workshop)
        runtime.ranges.write(runtime.workshop)
    except (SQLAlchemyError, OSError) as away:
        log.warning("the last looks or ranges were not written: %s", type(away).__name__)
