"""The only place that chooses adapters: which database, which bell, which channel, which roads, which clock."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import SystemRandom

import httpx2
from sqlalchemy import Engine

from api.addresses.port import Addresses
from api.runtime.engine import build_engine
from api.runtime.runtime import Bell, Runtime
from api.runtime.settings import Settings
from api.runtime.traces import NoTraces, Traces, traced_solver
from api.webhooks.wire import Wire
from dispatch.access.breach_ranges import BreachRanges
from dispatch.access.breaches import Breaches, ListedBreaches
from dispatch.access.identity_provider import IdentityProvider
from dispatch.access.links import LinkKey
from dispatch.chance import Chance
from dispatch.clock import Clock, StoredClock, SystemClock
from dispatch.errors import Unavailable
from dispatch.travel import Travel
from dispatch.travel.osrm import OsrmTable
from dispatch.travel.roads import RoadGraph
from dispatch.travel.straight import StraightLine
from dispatch.work import Workshop
from notifications.asking import when_to_ask
from notifications.calls.port import VoiceChannel
from notifications.channels.pocket import Pocket
from notifications.channels.port import Pace, SmsChannel
from notifications.channels.silent import NoChannel
from notifications.channels.voice_memory import NoVoice
from notifications.channels.voice_pocket import VoicePocket
from notifications.reactions import Reactions
from notifications.render import Writer
from optimizer import Budget, Day, Plan, Solved, solve_in_child

CHILD_STARTS_SECONDS = 10.0
NO_GEOPY = (
    "NOMINATIM_URL or PHOTON_URL is set and geopy is not installed: "
    "`pip install makegood[geocode]`, or unset it."
)
NO_TRACES = (
    "OTEL_EXPORTER_OTLP_ENDPOINT is set and OpenTelemetry is not installed: "
    "`pip install makegood[otel]`, or unset it."
)


def build(settings: Settings) -> Runtime:
    """A runtime from settings. Opens no connection yet. Raises TravelError for road data that cannot be read."""
    if not settings.database_url:
        settings.data.mkdir(parents=True, exist_ok=True)
    engine, key, bell = build_engine(settings.database), _key(settings), Bell()
    clock: Clock = StoredClock() if settings.dev else SystemClock()
    told = {"base_url": settings.base_url, "company": settings.company}
    workshop = Workshop(
        engine,
        clock,
        Chance(SystemRandom()),
        _travel(settings),
        reactions=(Reactions(key, **told),),
        nudge=_nudge(settings, bell),
        phone_keys=_phone_keys(settings, key),
        own_numbers=frozenset({settings.twilio_from, settings.twilio_voice_from} - {""}),
        when_to_ask=when_to_ask,
    )
    traces = _traces(settings)
    channel = _channel(settings, engine, clock, traces)
    return Runtime(
        settings,
        workshop,
        channel,
        key,
        writer=Writer(key, **told),
        solver=traced_solver(search, traces),
        voice=_voice(settings, engine, clock, traces),
        breaches=_breaches(settings),
        company=_company(settings),
        addresses=_addresses(settings),
        poster=Wire(loopback=settings.dev),
        traces=traces,
        bell=bell,
    )


def search(day: Day, seconds: float, start: Plan | None) -> Solved:
    """A better plan for `day`: searched in a child process, judged, and repaired by hand when that fails."""
    deadline = seconds + CHILD_STARTS_SECONDS
    return solve_in_child(day, Budget(seconds=seconds), deadline_seconds=deadline, start=start)


def _traces(settings: Settings) -> Traces:
    """Raises Unavailable where the extra is asked for and is not there."""
    if not settings.otlp_endpoint:
        return NoTraces()
    try:
        from api.runtime.open_telemetry import to_collector  # an extra, and imports that only this mode needs
    except ModuleNotFoundError as error:
        raise Unavailable(NO_TRACES) from error
    return to_collector(settings.otlp_endpoint)


def _breaches(settings: Settings) -> Breaches:
    url = settings.breached_passwords_url
    return BreachRanges(httpx2.Client(), url) if url else ListedBreaches()


def _company(settings: Settings) -> IdentityProvider | None:
    if not settings.oidc_issuer:
        return None
    from api.auth.oidc import CompanySignIn  # an extra, and 0.2 s of imports that only this mode needs

    return CompanySignIn(
        httpx2.Client(),
        settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        back_url=f"{settings.base_url}/sign-in/company/back",
    )


def _addresses(settings: Settings) -> Addresses | None:
    """Raises Unavailable where the extra is asked for and is not there."""
    if not (settings.photon_url or settings.nominatim_url):
        return None
    try:
        from api.addresses.geopy_servers import GeopyServer  # an extra, and imports that only this mode needs
    except ModuleNotFoundError as error:
        raise Unavailable(NO_GEOPY) from error
    return GeopyServer(
        httpx2.Client(),
        "photon" if settings.photon_url else "nominatim",
        settings.photon_url or settings.nominatim_url,
        user_agent=f"makegood ({settings.company}; {settings.base_url})",
    )


def _key(settings: Settings) -> LinkKey:
    before = settings.link_secret_previous.get_secret_value()
    return LinkKey(settings.read_link_secret(), LinkKey(before.encode()) if before else None)


def _phone_keys(settings: Settings, key: LinkKey) -> tuple[bytes, ...]:
    """Whoever said stop and was erased has said stop for good, also where the secret was changed since."""
    retired = [LinkKey(secret.encode()) for secret in settings.retired_secrets]
    return tuple(one.for_phones() for one in (key, key.previous, *retired) if one)


def _travel(settings: Settings) -> Travel:
    if settings.osrm_url:
        return OsrmTable(httpx2.Client(), settings.osrm_url)
    return RoadGraph.read(settings.roads) if settings.roads else StraightLine()


def _channel(settings: Settings, engine: Engine, clock: Clock, traces: Traces) -> SmsChannel:
    if settings.twilio_lacks:
        return Pocket(engine, clock) if settings.dev else NoChannel()
    from notifications.channels.twilio import Twilio  # 0.2 s of imports that only this mode needs

    return Twilio(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        secondary_token=settings.twilio_auth_token_secondary.get_secret_value(),
        sender=settings.twilio_sender,
        status_url=f"{settings.base_url}/hooks/twilio/status",
        pace=Pace(settings.segments_per_second, settings.segments_per_day),
        base_url=settings.twilio_base_url,
        around=partial(traces.span, side="asking"),
    )


def _voice(settings: Settings, engine: Engine, clock: Clock, traces: Traces) -> VoiceChannel:
    """Who rings where no text arrives; whoever gave no number for it has persons ring."""
    if settings.twilio_lacks:
        return VoicePocket(engine, clock) if settings.dev else NoVoice()
    if not settings.twilio_voice_from:
        return NoVoice()
    from notifications.channels.twilio_voice import TwilioVoice  # as above

    return TwilioVoice(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        number=settings.twilio_voice_from,
        pages_url=f"{settings.base_url}/hooks/twilio/voice",
        base_url=settings.twilio_base_url,
        around=partial(traces.span, side="asking"),
    )


def _nudge(settings: Settings, bell: Bell) -> Callable[[], None]:
    """Who is told that there may be work: the workers, or the threads of this process."""
    if not settings.redis_url:
        return bell.ring
    from api.runtime.arq_worker import Doorbell  # 0.3 s of imports that only this mode needs

    return Doorbell(settings.redis).ring
