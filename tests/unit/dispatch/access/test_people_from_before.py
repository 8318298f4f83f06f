"""Whoever worked here before there were roles keeps what they could do."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlmodel import Session, select

from api.migrations.schema import alembic_config, migrate
from api.runtime.engine import build_engine
from dispatch.territories.tables import Dispatcher, StaffRole


def test_existing_people_become_admins(tmp_path: Path) -> None:
    engine, config = build_engine(f"sqlite:///{tmp_path / 'old.db'}"), alembic_config()
    before = ScriptDirectory.from_config(config).get_revision("0016").down_revision
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, str(before))
    with engine.begin() as connection:
        place = "'North', 'UTC', 'US', '', 40, -77, 40000, '{}', '2026-03-02', 1"
        names = "name, time_zone, country, office_phone, centre_lat, centre_lng, radius_metres, overrides, created_at"
        connection.execute(text(f"INSERT INTO territories (id, {names}, row_version) VALUES ('t', {place})"))
        person = "'d', 't', 'Dana Reed', '', 1, 1, ''"
        columns = "id, territory_id, name, phone, ladder, active, salt"
        connection.execute(text(f"INSERT INTO dispatchers ({columns}) VALUES ({person})"))
    migrate(engine)
    with Session(engine) as session:
        dana = session.exec(select(Dispatcher)).one()
        assert (dana.role, dana.email) == (StaffRole.ADMIN, None)
    engine.dispose()
