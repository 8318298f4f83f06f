"""Nobody sets a column by naming it: what a body has that its route did not ask for is refused, and nothing sticks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel
from sqlalchemy import Engine, select

from api.migrations.tables import METADATA
from api.pages.office.typed import Typed
from api.policy import Who
from dispatch.clock import SetClock
from dispatch.work import Workshop
from tests.http.conftest import Client
from tests.http.identities import BODIES, Somebody, people, two_halves
from tests.http.routes import Known, every_route

SESAME = "sesame"
COLUMNS = sorted({column.name for table in METADATA.tables.values() for column in table.columns})


@pytest.fixture
def everybody(workshop: Workshop, clock: SetClock, client: TestClient, sign_in: Client) -> list[Somebody]:
    north, _ = two_halves(workshop, clock)
    return list(people(north, client, sign_in))


def test_every_body_forbids_what_it_does_not_know(client: TestClient) -> None:
    for known in every_route(client.app):
        for model in _models(known):
            fits = issubclass(model, Typed) or model.model_config.get("extra") == "forbid"
            assert fits, (known.name, model)


def test_no_column_can_be_set_by_its_name(
    client: TestClient, everybody: list[Somebody], engine: Engine
) -> None:
    asked = 0
    for known in every_route(client.app):
        if not known.takes_json:
            continue
        (model, *_) = _models(known)
        one = next(one for one in everybody if one.who in known.line)
        strangers = dict.fromkeys(set(COLUMNS) - set(model.model_fields), SESAME)
        answer = one.ask(known, one.half.things, BODIES.get(known.name, {}) | strangers)
        assert answer.status_code == 422, (known.name, answer.text)
        named = {e["pointer"] for e in answer.json()["errors"] if e["code"] == "extra_forbidden"}
        assert named == {f"/{name}" for name in strangers}, known.name
        asked += 1
    assert asked > 20
    assert SESAME not in _everything_kept(engine)


def test_no_column_can_be_set_by_a_field_of_a_form(
    client: TestClient, everybody: list[Somebody], engine: Engine
) -> None:
    for known in every_route(client.app):
        if known.route.body_field is None or known.takes_json:
            continue
        (model, *_) = _models(known)
        strangers = dict.fromkeys(set(COLUMNS) - set(model.model_fields), SESAME)
        for one in everybody:
            if (
                one.who in known.line
                and one.who is not Who.KEY
                and not (issubclass(model, Typed) and _is_asked_for(known))
            ):
                answer = one.ask(known, one.half.things, BODIES.get(known.name, {}) | strangers)
                assert answer.status_code in (409, 412, 422, 428), (known.name, one.who, answer.text[:300])
    assert SESAME not in _everything_kept(engine)


def _is_asked_for(known: Known) -> bool:
    """Why sending is stopped, and the words of a text, are whatever somebody writes."""
    return known.path.startswith(("/office/sending", "/office/texts"))


def _models(known: Known) -> list[type[BaseModel]]:
    """The body of a route, and what is inside it."""
    field = known.route.body_field
    return list(_inside(field.field_info.annotation)) if field is not None else []


def _inside(kind: Any) -> Iterator[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
        for field in kind.model_fields.values():
            yield from _inside(field.annotation)
    for part in get_args(kind):
        yield from _inside(part)


def _everything_kept(engine: Engine) -> str:
    with engine.connect() as connection:
        return str([connection.execute(select(table)).all() for table in METADATA.tables.values()])
