"""The application: routers, the frame around every request, and the life of the background jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api import errors
from api.auth import company, sign_in
from api.auth import pages as doors
from api.auth.guessing import KEY_LIMIT, Guesses
from api.device_rate import Reports
from api.frame import Frame
from api.hooks import twilio, twilio_voice
from api.live import Feed
from api.metrics.board import Metrics
from api.pages import (
    again,
    board_visit,
    book,
    changing,
    day_installed,
    demo,
    front,
    plain,
    proving,
    tracking,
    tracking_map,
)
from api.pages import board as board_pages
from api.pages import day as day_pages
from api.pages import proposals as proposal_pages
from api.pages import reports as report_pages
from api.pages.office import export_links, keys, me, overview, people, person, policies, sending
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
from api.runtime.pace import Pace
from api.runtime.runtime import Runtime
from api.static_files import PackedFiles
from api.street_map import StreetMap

# Whoever is in front closes an idle connection first (browsers, Caddy: two minutes); closed here in the moment in which
# a request comes, it would be reset, and a POST is not sent again by itself.
KEEP_ALIVE_SECONDS = 130

ROUTERS = (
    health.routes,
    metrics.routes,
    territories.routes,
    services.routes,
    technicians.routes,
    slots.routes,
    visits.routes,
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
    tracking.routes,
    tracking_map.routes,
    proving.routes,
    changing.routes,
    book.routes,
    day_installed.routes,
    day_pages.routes,
    board_pages.routes,
    board_visit.routes,
    proposal_pages.routes,
    report_pages.routes,
    overview.routes,
    record_pages.routes,
    person.routes,
    service_pages.routes,
    technician_pages.routes,
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
        lifespan=_lifespan,
    )
    app.state.runtime = runtime
    app.state.guesses = Guesses()
    app.state.asked = Guesses(limit=KEY_LIMIT, words="This key asks too often. Please wait.")
    app.state.device_reports = Reports()
    app.state.feed = Feed(runtime)
    app.state.breaks = []
    app.state.streets = StreetMap(runtime)
    app.state.pace = Pace()
    app.state.planner = Planner()
    app.state.metrics = Metrics(runtime)
    app.mount("/static", PackedFiles(directory=HERE / "static"))
    errors.install(app)
    again.install(app)
    app.openapi = lambda: errors.describe(app)  # type: ignore[method-assign]
    app.add_middleware(Frame, base_url=runtime.settings.base_url, metrics=app.state.metrics)
    if runtime.settings.trusted_proxy:
        app.add_middleware(TrustedProxy, trusted_hosts=runtime.settings.trusted_proxy)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    runtime: Runtime = app.state.runtime
    if runtime.settings.redis_url:
        yield
        return
    with Embedded(runtime):
        yield
