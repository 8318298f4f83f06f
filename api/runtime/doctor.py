"""Looks at every outside thing and says, in a sentence each, whether it works and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from sqlalchemy import URL, Engine, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from api.addresses.port import AddressesSilent, Area
from api.migrations.schema import newest_revision, seen_revision
from api.runtime.auditing import last_audit, list_findings
from api.runtime.clocks import MOST_APART, clock_apart_of
from api.runtime.job_notes import list_alarms, list_notes
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from api.runtime.wiring import build
from dispatch.access.tables import Credential
from dispatch.territories.tables import Dispatcher, StaffRole
from dispatch.travel import Point, TravelError
from dispatch.work import SYSTEM
from notifications.calls.port import Standing
from notifications.channels.port import ChannelError, Misconfigured, Provider
from notifications.witness.queries import get_state, list_open_lost
from notifications.witness.testimony import why_held

CALLS = {
    Standing.RINGS: "come from {}, which can ring",
    Standing.SHOWN: "show {}, whose owner agreed to that; who rings back reaches that owner",
    Standing.SILENT: "cannot come from {}: that number takes texts only. Set TWILIO_VOICE_FROM to a number "
    "with Voice among its capabilities; until then a person rings instead.",
    Standing.STRANGE: "cannot come from {}: this account has no such number. Set TWILIO_VOICE_FROM to one of its "
    "numbers as +12025550100, or verify it as a caller id in Twilio's console.",
}
SOMEWHERE = Point(40.2637, -76.8864)


@dataclass(frozen=True, slots=True)
class Finding:
    """`is_well` is False for what must be mended before Makegood can keep its promises."""

    about: str
    is_well: bool
    says: str


def examine(settings: Settings) -> Iterator[Finding]:
    """One finding for each outside thing; none of the looks changes anything."""
    yield Finding("settings", True, _settings(settings))
    try:
        runtime = build(settings)
    except TravelError as error:
        yield Finding("travel", False, f"{error}. Mend MAKEGOOD_ROADS, or unset it for straight lines.")
        return
    yield _database(runtime.workshop.engine)
    yield _jobs(settings)
    yield from look_at_notes(runtime)
    yield from _texts(runtime)
    yield _calls(runtime)
    yield from look_at_witness(runtime)
    yield from look_at_people(runtime)
    yield _travel(runtime)
    yield _addresses(runtime)
    yield _clock(runtime)
    yield from look_at_clocks(runtime)
    yield _log(settings)
    yield _metrics(settings)
    yield _traces(settings)


def _settings(settings: Settings) -> str:
    given = sorted(
        str(field.validation_alias)
        for name, field in type(settings).model_fields.items()
        if name in settings.model_fields_set
    )
    return f"set: {', '.join(given) or 'none, all defaults'}; pages are at {settings.base_url}"


def _database(engine: Engine) -> Finding:
    where = make_url(str(engine.url)).render_as_string(hide_password=True)
    newest = newest_revision()
    try:
        seen = seen_revision(engine)
    except SQLAlchemyError as error:
        kind = type(error).__name__
        return Finding(
            "database", False, f"{where} does not answer ({kind}). Check DATABASE_URL and the server."
        )
    if seen != newest:
        return Finding(
            "database", False, f"{where} is at {seen or 'nothing'}, not {newest}. Run `makegood migrate`."
        )
    return Finding("database", True, f"{where}, schema {seen}" + line_to(engine.url))


def line_to(url: URL) -> str:
    """What is to be said of the way to the server, if anything."""
    is_near = (url.host or "localhost") in ("localhost", "127.0.0.1", "::1")
    if url.get_backend_name() == "sqlite" or is_near or url.query.get("sslmode") == "verify-full":
        return ""
    return (
        "; nobody checks whether that server is yours: add ?sslmode=verify-full&sslrootcert=… to DATABASE_URL"
    )


def _jobs(settings: Settings) -> Finding:
    if not settings.redis_url:
        return Finding("jobs", True, "run inside `makegood serve`; set REDIS_URL to run them in workers")
    from redis.exceptions import RedisError

    from api.runtime.arq_worker import ping  # only this mode needs arq

    try:
        ping(settings.redis)
    except (RedisError, OSError) as error:
        return Finding("jobs", False, f"Redis does not answer ({type(error).__name__}). Check REDIS_URL.")
    return Finding("jobs", True, "run in `makegood worker`; Redis answers")


def look_at_notes(runtime: Runtime) -> Iterator[Finding]:
    """How the jobs and the audit went last; silent where there is no schema yet."""
    try:
        with runtime.read() as work:
            notes, alarms = list_notes(work.session), list_alarms(work.session)
            audited, broken = last_audit(work.session), list_findings(work.session)
    except SQLAlchemyError:
        return
    for one in alarms:
        yield Finding(
            "jobs",
            False,
            f"{one.name} failed {one.failures_in_a_row} times in a row ({one.trouble}). The log says where.",
        )
    ended = [one for one in notes if one.ended_at]
    if ended:
        last = ", ".join(f"{one.name} {one.ended_at:%d %b %H:%M:%S}" for one in ended)
        yield Finding("jobs", True, f"last ended (UTC): {last}")
    else:
        yield Finding("jobs", True, "none ran here yet; `makegood serve` or `makegood worker` runs them")
    if broken:
        numbers = ", ".join(sorted({one.invariant for one in broken}))
        yield Finding("audit", False, f"{len(broken)} rows break {numbers}. Run `makegood audit`.")
    elif audited:
        yield Finding("audit", True, f"clean at {audited.ran_at.isoformat(timespec='minutes')}")
    else:
        yield Finding("audit", True, "runs with the jobs, for the first time soon after the start")


def look_at_clocks(runtime: Runtime) -> Iterator[Finding]:
    """Whether this machine and the database agree about the time; silent where the database is away."""
    if runtime.workshop.engine.dialect.name == "sqlite":
        return
    try:
        apart = clock_apart_of(runtime.workshop.engine)
    except SQLAlchemyError:
        return
    yield judge_clocks(apart)


def judge_clocks(apart: timedelta) -> Finding:
    says = f"{apart.total_seconds():+.1f} s from the database's clock"
    if abs(apart) <= MOST_APART:
        return Finding("clock", True, says)
    return Finding("clock", False, f"{says}. Let both machines take their time from the same servers (NTP).")


def _log(settings: Settings) -> Finding:
    form = {"json": "JSON", "text": "text"}.get(settings.log, "text on a terminal, JSON elsewhere")
    return Finding("log", True, f"{form}; set MAKEGOOD_LOG to json or text for one of them")


def _metrics(settings: Settings) -> Finding:
    if settings.metrics_token.get_secret_value():
        return Finding("metrics", True, f"open at {settings.base_url}/metrics with the token")
    return Finding("metrics", True, "closed; set MAKEGOOD_METRICS_TOKEN to let Prometheus read them")


def _traces(settings: Settings) -> Finding:
    where = urlsplit(settings.otlp_endpoint)
    if where.hostname:
        return Finding("traces", True, f"go to {where.scheme}://{where.hostname}:{where.port or 'its port'}")
    return Finding("traces", True, "off; OTEL_EXPORTER_OTLP_ENDPOINT names a collector to send them to")


def _texts(runtime: Runtime) -> Iterator[Finding]:
    settings = runtime.settings
    if runtime.provider:
        yield _account(runtime.provider)
        yield _sender(settings.twilio_sender)
        yield look_at_hooks(settings)
    elif settings.twilio_lacks and len(settings.twilio_lacks) < 3:
        missing = " and ".join(settings.twilio_lacks)
        yield Finding("texts", False, f"do not go to Twilio: set {missing} too.")
    elif runtime.channel.delivers:
        yield Finding("texts", True, f"go to {runtime.channel.name}")
    else:
        yield Finding(
            "texts",
            False,
            "are kept, none are sent: no provider here. Set TWILIO_…; MAKEGOOD_DEV=1 has a simulator.",
        )


def look_at_witness(runtime: Runtime) -> Iterator[Finding]:
    """Silent where there is no schema yet: that is told about the database."""
    try:
        with runtime.read() as work:
            held, state = why_held(work), get_state(work.session)
            lost = len(list_open_lost(work.session))
    except SQLAlchemyError:
        return
    if held:
        yield Finding("witness", False, f"No text goes out: {held}. Run `makegood witness`.")
    elif state.trouble:
        yield Finding(
            "witness", False, f"The provider's log could not be read ({state.trouble}); it is tried again."
        )
    elif lost or state.found.get("missing"):
        missing = len(state.found.get("missing", []))
        yield Finding(
            "witness",
            False,
            f"{lost} texts at the provider wait for a person's call, {missing} of ours are not there. "
            "They are on the board, and `makegood audit` lists them.",
        )
    elif state.ran_at:
        yield Finding(
            "witness", True, f"heard {state.ran_at.isoformat(timespec='minutes')}, log and record agree"
        )
    else:
        yield Finding("witness", True, "is heard in the first night")


def look_at_people(runtime: Runtime) -> Iterator[Finding]:
    """Whether anybody can decide about the house; silent where there is no schema yet."""
    try:
        with runtime.read() as work:
            admins = select(Dispatcher.id).where(col(Dispatcher.active), Dispatcher.role == StaffRole.ADMIN)
            ready = select(Credential.dispatcher_id).where(
                col(Credential.factor_at).is_not(None), col(Credential.dispatcher_id).in_(admins)
            )
            known, able = (len(work.session.exec(query).all()) for query in (admins, ready))
    except SQLAlchemyError:
        return
    if runtime.settings.dev:
        yield Finding("people", True, "come in by the demo's doors, without passwords (MAKEGOOD_DEV=1)")
    elif not able:
        yield Finding("people", False, "No admin can sign in yet. Run `makegood setup` and open its link.")
    else:
        yield Finding("people", True, f"{able} of {known} admins have a password and a second key")


def _account(provider: Provider) -> Finding:
    try:
        account = provider.account()
    except Misconfigured as error:
        return Finding(
            "texts",
            False,
            f"Twilio does not let us in ({error}). Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN in its console.",
        )
    except ChannelError as error:
        return Finding(
            "texts", False, f"Twilio cannot be asked ({error}). Check the way out and TWILIO_BASE_URL."
        )
    if account.status != "active":
        return Finding(
            "texts", False, f"the account at Twilio is {account.status}. Mend that in its console."
        )
    trial = "; a trial account reaches verified phones only" if account.is_trial else ""
    return Finding("texts", True, f"go to Twilio, the account is active{trial}")


def _sender(sender: str) -> Finding:
    if re.fullmatch(r"\+[1-9]\d{6,14}|MG[0-9a-fA-F]{32}", sender):
        return Finding("sender", True, sender)
    return Finding(
        "sender",
        False,
        f"{sender!r} is no sender. Set TWILIO_FROM to a number as +12025550100, or "
        "TWILIO_MESSAGING_SERVICE_SID to MG and 32 digits.",
    )


def _calls(runtime: Runtime) -> Finding:
    number = runtime.settings.twilio_voice_from
    if runtime.voice_provider is None:
        if runtime.voice.delivers:
            return Finding("calls", True, f"go to {runtime.voice.name}")
        lacks = "TWILIO_VOICE_FROM to a number that can ring" if runtime.provider else "TWILIO_…"
        return Finding("calls", True, f"nobody is rung by a machine, people ring; set {lacks}")
    try:
        standing = runtime.voice_provider.standing()
    except ChannelError as error:
        return Finding("calls", False, f"Twilio does not say whether {number} can ring ({error}): see texts.")
    return Finding("calls", standing in (Standing.RINGS, Standing.SHOWN), CALLS[standing].format(number))


def look_at_hooks(settings: Settings) -> Finding:
    """Whether Twilio could reach us by the public address. A fake on this machine reaches every address here."""
    inbound = f"{settings.base_url}/hooks/twilio/inbound"
    wrong = None if settings.twilio_is_fake else _why_unreachable(settings.base_url)
    if wrong:
        return Finding(
            "hooks",
            False,
            f"Twilio cannot call {inbound}: {wrong}. Set MAKEGOOD_PUBLIC_URL to what phones see.",
        )
    return Finding("hooks", True, f"let Twilio send incoming messages to {inbound} by POST")


def _why_unreachable(base_url: str) -> str | None:
    """What keeps somebody outside from coming by that address, as far as it shows."""
    address = urlsplit(base_url)
    host = address.hostname or ""
    if address.scheme != "https":
        return "it is not https"
    if address.query or address.fragment or "@" in address.netloc:
        return "it is more than a host and a path"
    try:
        return None if ip_address(host).is_global else "it is an address of this house only"
    except ValueError:
        return None if "." in host and "_" not in host else "it is no name that others know"


def _travel(runtime: Runtime) -> Finding:
    travel = runtime.workshop.travel
    try:
        travel.snap(SOMEWHERE)
    except TravelError as error:
        return Finding("travel", False, f"{travel.name}: {error}. Check OSRM_URL or MAKEGOOD_ROADS.")
    if travel.is_estimate:
        return Finding(
            "travel", True, "straight lines, and pages say so; set MAKEGOOD_ROADS or OSRM_URL for roads"
        )
    return Finding("travel", True, travel.name)


def _addresses(runtime: Runtime) -> Finding:
    if runtime.addresses is None:
        return Finding(
            "addresses", True, "put on the map by hand; set PHOTON_URL to find them by their words"
        )
    try:
        runtime.addresses.find("1 Main Street", Area(SOMEWHERE, 20_000), "en")
    except AddressesSilent as error:
        mend = "Check PHOTON_URL or NOMINATIM_URL; until then the pin is put on the map by hand."
        return Finding("addresses", False, f"{runtime.addresses.name} does not answer ({error}). {mend}")
    return Finding("addresses", True, f"found by {runtime.addresses.name}")


def _clock(runtime: Runtime) -> Finding:
    if not runtime.settings.dev:
        return Finding("clock", True, "the machine's")
    try:
        with runtime.read(SYSTEM) as work:
            return Finding("clock", True, f"virtual, it shows {work.now.isoformat(timespec='seconds')}")
    except SQLAlchemyError as error:
        return Finding("clock", False, f"cannot be read ({type(error).__name__}): see database.")
