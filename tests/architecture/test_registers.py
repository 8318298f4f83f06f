"""Lists that must be complete: refusals and statuses, settings and their page, tables and migrations."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine

from api.errors import STATUS
from api.migrations.tables import METADATA
from api.runtime.settings import Settings
from dispatch.errors import DispatchError
from dispatch.store import UtcDateTime
from tests.architecture.source import PACKAGES, ROOT

MADE_BY_THE_GUARDS = {"row_counts", "places_at_once"}
NEEDS_AN_ALEMBIC_CONTEXT = {"api.migrations.env"}


def import_everything() -> None:
    for package in PACKAGES:
        for found in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            if found.name not in NEEDS_AN_ALEMBIC_CONTEXT and ".versions." not in found.name:
                importlib.import_module(found.name)


def every_refusal(kind: type[DispatchError] = DispatchError) -> Iterator[type[DispatchError]]:
    yield kind
    for child in kind.__subclasses__():
        yield from every_refusal(child)


def test_every_refusal_has_a_status_and_a_code_of_its_own() -> None:
    import_everything()
    kinds = list(dict.fromkeys(every_refusal()))
    assert [kind.__name__ for kind in kinds if kind not in STATUS] == []
    codes = [kind.code for kind in kinds]
    assert sorted(codes) == sorted(set(codes))
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", code) for code in codes)


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    table = (ROOT / "docs/operations.md").read_text().partition("## Settings")[2].partition("\n## ")[0]
    documented = {
        name
        for line in table.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`([A-Z_]{4,})`", line.split("|")[1])
    }
    assert documented == {str(field.validation_alias) for field in Settings.model_fields.values()}


def test_the_migrations_give_the_tables_that_the_code_declares(engine: Engine) -> None:
    def is_ours(thing: object, name: str | None, kind: str, reflected: bool, _: object) -> bool:
        return not (kind == "table" and name in MADE_BY_THE_GUARDS)

    def compare_type(_: object, __: object, ___: object, ____: object, ours: object) -> bool | None:
        is_wrapped = isinstance(ours, UtcDateTime) or type(ours).__name__.endswith("Column")
        return False if is_wrapped else None

    with engine.connect() as connection:
        options = {"include_object": is_ours, "compare_type": compare_type}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA) == []
