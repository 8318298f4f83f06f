"""The commands of a house that is up: each reads the settings, builds the runtime and hands over."""

from __future__ import annotations

import argparse
import gc
import sys
import time
from contextlib import nullcontext
from functools import partial

import uvicorn

from api.main import KEEP_ALIVE_SECONDS, create_app
from api.migrations.roles import APP, AUDITOR, grant, make_roles
from api.runtime.doctor import examine
from api.runtime.engine import build_engine
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from api.runtime.starting import first_links, has_dispatchers, migrate_once, prepare, set_up
from api.runtime.warming import Warming
from api.runtime.wiring import build
from api.simulation.demo import play
from api.simulation.script import add_arguments, read_script
from optimizer import is_warm, load_kernels

SETUP_EXAMPLE = (
    "makegood setup --territory NAME --zone America/New_York --lat 40.26 --lng -76.88 --dispatcher NAME"
)
COMES_IN = "chooses a password and a second key with this link, once, within a day:"


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    serve = commands.add_parser("serve", help="the web process; runs the jobs too when there is no Redis")
    serve.set_defaults(run=_serve)
    worker = commands.add_parser("worker", help="a worker for the jobs; needs REDIS_URL")
    worker.set_defaults(run=_work)
    migrate = commands.add_parser("migrate", help="bring the database's schema up to date")
    migrate.add_argument(
        "--roles", action="store_true", help=f"also make {APP} and {AUDITOR} in Postgres, with their rights"
    )
    migrate.set_defaults(run=_migrate)
    doctor = commands.add_parser("doctor", help="what works, what is missing, how to mend it")
    doctor.set_defaults(run=_doctor)
    setup = commands.add_parser(
        "setup", help="open a territory, name somebody of its office, print the link that lets them in"
    )
    setup.add_argument("--territory", required=True)
    setup.add_argument("--dispatcher", required=True)
    setup.add_argument("--zone", help="time zone of a new territory, like America/New_York")
    setup.add_argument("--lat", type=float, help="the middle of a new territory")
    setup.add_argument("--lng", type=float)
    setup.add_argument("--country", default="US", help="of phone numbers without a country code")
    setup.add_argument("--phone", default="", help="the dispatcher's")
    setup.set_defaults(run=_setup)
    demo = commands.add_parser("demo", help="a fictional town, one living day at 60x, everything embedded")
    demo.set_defaults(run=partial(_demo, fast=False))
    rehearse = commands.add_parser("rehearse", help="the same day as fast as it will go; prints its figures")
    rehearse.set_defaults(run=partial(_demo, fast=True))
    for command in (demo, rehearse):
        add_arguments(command)


def _serve(arguments: argparse.Namespace) -> int:
    runtime = build(Settings())
    prepare(runtime)
    _say_how_to_enter(runtime)
    settings, app = runtime.settings, create_app(runtime)
    gc.collect()
    gc.freeze()  # what is there by now stays: looking through it for garbage again and again halts every answer
    with Warming():
        uvicorn.run(
            app,
            host=settings.host,
            port=settings.port,
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=5,  # open pages keep a stream each
            proxy_headers=False,  # the application believes its own proxy, see api/proxy.py
        )
    return 0


def _say_how_to_enter(runtime: Runtime) -> None:
    if not has_dispatchers(runtime):
        print(f"Nobody works here yet. Let the first dispatcher in with:\n  {SETUP_EXAMPLE}", flush=True)
    for name, link in first_links(runtime):
        print(f"{name} {COMES_IN}\n  {link}", flush=True)
    print(f"Makegood answers on {runtime.settings.base_url}", flush=True)


def _work(arguments: argparse.Namespace) -> int:
    settings = Settings()
    if not settings.redis_url:
        print("A worker waits for a bell: set REDIS_URL. Without it, `makegood serve` does the work itself.")
        return 2
    from api.runtime.arq_worker import work_until_told_to_stop  # only this command needs arq

    runtime = build(settings)
    prepare(runtime)
    with Warming():
        work_until_told_to_stop(runtime)
    return 0


def _migrate(arguments: argparse.Namespace) -> int:
    settings = Settings()
    engine = build_engine(settings.migrator_url) if settings.migrator_url else build(settings).workshop.engine
    if arguments.roles and engine.dialect.name != "postgresql":
        print("Roles are of Postgres: set DATABASE_URL.")
        return 2
    try:
        migrate_once(engine)
        print("The schema is up to date.")
        if arguments.roles:
            with engine.begin() as connection:
                make_roles(connection)
                grant(connection)
            print(f"{APP} may work and {AUDITOR} may look. Each may log in once it has a password.")
    finally:
        engine.dispose()
    return 0


def _doctor(arguments: argparse.Namespace) -> int:
    findings = list(examine(Settings()))
    for finding in findings:
        print(f"{'ok     ' if finding.is_well else 'MISSING'} {finding.about:<10} {finding.says}")
    return 0 if all(finding.is_well for finding in findings) else 1


def _setup(arguments: argparse.Namespace) -> int:
    runtime = build(Settings())
    prepare(runtime)
    has_place = arguments.lat is not None and arguments.lng is not None
    link = set_up(
        runtime,
        arguments.territory,
        arguments.dispatcher,
        zone=arguments.zone,
        centre=(arguments.lat, arguments.lng) if has_place else None,
        country=arguments.country,
        phone=arguments.phone,
    )
    print(f"{arguments.dispatcher} {COMES_IN}\n  {link}")
    return 0


def _demo(arguments: argparse.Namespace, *, fast: bool) -> int:
    """A fast day fails when a visit was forgotten or an invariant is broken; who watches may stop any time."""
    script = read_script(arguments, roads=Settings().roads, colours=sys.stdout.isatty(), fast=fast)
    if script.fast:  # with what a house that is awake repairs with
        if not is_warm():
            print("Compiling the optimizer, once: about half a minute.", flush=True)
        load_kernels()
    with nullcontext() if script.fast else Warming():
        outcome = play(script, partial(print, flush=True), time.sleep)
    return 0 if outcome.is_well or not script.fast else 1
