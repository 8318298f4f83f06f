"""What happens once before a process serves: the schema, the virtual clock, and the way in for the first people."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlmodel import col, select

from api.migrations.roles import NOT_ALLOWED, grant
from api.migrations.schema import migrate, newest_revision, seen_revision
from api.runtime.runtime import Runtime
from dispatch.access.links import issue
from dispatch.access.tables import Link, Scope
from dispatch.clock import ClockRow, parse_start, set_clock
from dispatch.errors import Invalid, Unavailable
from dispatch.territories.actions import add_dispatcher, open_territory
from dispatch.territories.tables import Dispatcher, Territory
from dispatch.work import SYSTEM, Work, is_lost

log = logging.getLogger("makegood.starting")

SETUP_LASTS = timedelta(hours=24)
MIGRATION_LOCK = 7_316_301
MIGRATION_TRIES = 6
NOT_OURS_TO_CHANGE = (
    "The schema is at {}, this Makegood needs {}, and the role of DATABASE_URL may not change it. Run "
    "`makegood migrate` with the owner's address in MAKEGOOD_MIGRATOR_URL first."
)
TABLES_IN_USE = "Others hold the tables that the migration needs. Nothing was changed; please run it again."
NEW_TERRITORY = "There is no such territory yet: to open it, give --zone, --lat and --lng."


def migrate_once(engine: Engine) -> None:
    """Bring the schema up to date; of several processes that start together, one does and the others wait.

    A newer schema than ours stays: the release before it works with it. Raises Unavailable where the schema is older
    and this role may not change it, or where others hold its tables for too long.
    """
    seen, newest = seen_revision(engine), newest_revision()
    if seen >= newest:
        if seen > newest:
            log.warning("the schema is at %s, newer than this Makegood (%s): update it soon", seen, newest)
        return
    if engine.dialect.name != "postgresql":
        migrate(engine)
        return
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
        try:
            _migrate_postgres(engine)
        except ProgrammingError as error:
            if getattr(error.orig, "sqlstate", None) != NOT_ALLOWED:
                raise
            raise Unavailable(NOT_OURS_TO_CHANGE.format(seen or "nothing", newest)) from error
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})


def _migrate_postgres(engine: Engine) -> None:
    for left in reversed(range(MIGRATION_TRIES)):
        try:
            migrate(engine)
        except OperationalError as error:
            if not is_lost(error):
                raise
            if not left:
                raise Unavailable(TABLES_IN_USE) from error
        else:
            break
    with engine.begin() as connection:
        grant(connection)


def prepare(runtime: Runtime) -> None:
    """Migrate, and start the virtual clock that the settings ask for unless it already runs."""
    migrate_once(runtime.workshop.engine)
    if runtime.settings.clock:
        at, rate = parse_start(runtime.settings.clock)
        with runtime.work(SYSTEM, "clock started") as work:
            if work.session.get(ClockRow, 1) is None:
                set_clock(work.session, at, rate)


def first_links(runtime: Runtime) -> list[tuple[str, str]]:
    """Name and one-time link of every dispatcher who was never given one; the second start finds none."""
    with runtime.work(SYSTEM, "first start") as work:
        given = select(Link.subject_id).where(Link.scope == Scope.SETUP)
        new = select(Dispatcher).where(col(Dispatcher.active), col(Dispatcher.id).not_in(given))
        return [(person.name, setup_link(work, runtime, person)) for person in work.session.exec(new)]


def has_dispatchers(runtime: Runtime) -> bool:
    with runtime.read() as work:
        return work.session.exec(select(Dispatcher.id)).first() is not None


def setup_link(work: Work, runtime: Runtime, dispatcher: Dispatcher) -> str:
    """A link that opens the board for `dispatcher`, once, within a day; the same one until it is used."""
    token = issue(work, runtime.key, Scope.SETUP, dispatcher.id, expires_at=work.now + SETUP_LASTS)
    return f"{runtime.settings.base_url}/setup/{token}"


def set_up(
    runtime: Runtime,
    territory_name: str,
    dispatcher_name: str,
    *,
    zone: str | None,
    centre: tuple[float, float] | None,
    country: str = "US",
    phone: str = "",
) -> str:
    """The set-up link of a dispatcher of a territory; both are made if they are not there yet.

    Raises Invalid or StateConflict as the territory's actions do. A new territory needs zone and centre.
    """
    with runtime.work(SYSTEM, "makegood setup") as work:
        known = select(Territory).where(Territory.name == territory_name)
        territory = work.session.exec(known).one_or_none()
        if territory is None:
            if zone is None or centre is None:
                raise Invalid.field("territory", "territory_new", NEW_TERRITORY)
            territory = open_territory(work, territory_name, zone, centre=centre, country=country)
            work.session.flush()
        mine = select(Dispatcher).where(
            Dispatcher.territory_id == territory.id, Dispatcher.name == dispatcher_name
        )
        dispatcher = work.session.exec(mine).first() or add_dispatcher(
            work, territory, dispatcher_name, phone=phone
        )
        work.session.flush()
        return setup_link(work, runtime, dispatcher)
