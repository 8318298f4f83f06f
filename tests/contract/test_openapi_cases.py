"""Whatever is sent to the API, fit or unfit: no answer is a crash, and each is as the description says.

One property for each kind of people, over all that they may ask for. `MAKEGOOD_STORM=1` takes the full dose.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from httpx2 import Response
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.policy import Who
from tests.contract.whole_api import ASKERS, WholeApi

STORM = os.environ.get("MAKEGOOD_STORM") == "1"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
dose = settings(
    max_examples=2_000 if STORM else 100,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Path) -> WholeApi:
    return WholeApi(tmp_path_factory.mktemp("api"), _sqlite_template)


@pytest.mark.parametrize("who", ASKERS)
def test_every_answer_is_as_described(api: WholeApi, who: Who) -> None:
    wrong: dict[tuple[str, str], str] = {}

    @dose
    @given(case=cases(api, who))
    def ask(case: Case) -> None:
        answer = api.ask(who, case.as_transport_kwargs())
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as failed:
            for one in failed.exceptions:
                wrong.setdefault((case.operation.label, one.title), _told(case, answer, one))

    ask()
    assert not wrong, "\n\n".join(wrong.values())


def cases(api: WholeApi, who: Who) -> st.SearchStrategy[Case]:
    """Of every operation alike. Who asks shows who they are: that is none of what is made up."""
    spec = deepcopy(api.app.openapi())
    for methods in spec["paths"].values():
        for operation in methods.values():
            del operation["security"]
    described = schemathesis.openapi.from_dict(spec)
    each = [
        _cases_of(described[path][method], api.things, api.fitting(who))
        for method, path in api.operations(who)
    ]
    return st.one_of(each)


def _cases_of(
    operation: APIOperation, things: Mapping[str, str], fitting: Mapping[str, Any]
) -> st.SearchStrategy[Case]:
    """Fit ones about things that are there and things that are not, and unfit ones where something can be unfit."""
    there = {one.name: things[one.name] for one in operation.path_parameters if one.name in things}
    fit, unfit = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
    found = [
        st.builds(_with, operation.as_strategy(fit, path_parameters=there or None), some_of(fitting)),
        operation.as_strategy(fit),
    ]
    if operation.body or operation.query:
        found.append(operation.as_strategy(unfit, path_parameters=there or None))
    return st.one_of(found)


def some_of(fitting: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Mostly all."""
    return st.sets(st.sampled_from(sorted(fitting)), max_size=2).map(
        lambda left: {name: value for name, value in fitting.items() if name not in left}
    )


def _with(case: Case, fitting: Mapping[str, Any]) -> Case:
    for part in (case.query, case.body):
        if isinstance(part, dict):
            part |= {name: value for name, value in fitting.items() if name in part}
    if "If-Match" in case.headers:
        case.headers["If-Match"] = '"1"'
    return case


def _told(case: Case, answer: Response, failure: Failure) -> str:
    said = f"{failure.title}: {failure.message[:500]}\n{case.as_curl_command()[:2000]}"
    return f"{said}\n{answer.status_code} {answer.text[:600]}"
