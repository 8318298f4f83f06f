"""Traces: what spans say of jobs, searches and providers; that they are off by default; and no word of an error."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from sqlalchemy import event
from starlette.testclient import TestClient

from api.main import create_app
from api.runtime.jobs import Job, run_job
from api.runtime.open_telemetry import OpenTelemetry
from api.runtime.runtime import Runtime
from api.runtime.settings import Settings
from api.runtime.traces import NoTraces, traced_solver
from api.runtime.wiring import build
from dispatch.clock import SetClock
from notifications.calls.port import ToRing
from notifications.channels.port import ChannelError, Outbound
from optimizer import Day, Plan, Solved
from tests.architecture.source import ROOT
from tests.builders import PHONE
from tests.fakes.beside import beside
from tests.fakes.twilio import Refuse
from tests.http.conftest import BASE
from tests.http.overheard import captured, lines
from tests.unit.optimizer.worlds import a_day


@pytest.fixture
def kept() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def traces(kept: InMemorySpanExporter) -> OpenTelemetry:
    return OpenTelemetry(SimpleSpanProcessor(kept))


def facts(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})


def named(spans: Sequence[ReadableSpan], name: str) -> ReadableSpan:
    [found] = [one for one in spans if one.name == name]
    return found


def test_a_job_and_what_it_asks_for_are_one_trace(
    runtime: Runtime, traces: OpenTelemetry, kept: InMemorySpanExporter, clock: SetClock
) -> None:
    with beside(clock) as provider, captured() as log:
        around = lambda name: traces.span(name, "asking")  # noqa: E731
        channel = provider.channel(around=around)
        voice = provider.voice(around=around)

        def work(runtime: Runtime) -> int:
            channel.send(Outbound(PHONE, "Ana, come to the door", "message-1", 300))
            channel.log(PHONE, clock.at)
            channel.account()
            voice.place(ToRing(PHONE, "call-1"))
            provider.fake.plan.append(Refuse(400, 21610))
            with pytest.raises(ChannelError):
                channel.send(Outbound(PHONE, "Ana", "message-2", 300))
            return 3

        run_job(replace(runtime, traces=traces), Job("texts", work, 1))
        run_job(replace(runtime, traces=traces), Job("idle", lambda _: 0, 1))
    spans = kept.get_finished_spans()
    assert [one.name for one in spans] == [
        *("twilio POST Messages", "twilio GET Messages", "twilio GET Account", "twilio POST Calls"),
        *("twilio POST Messages", "job texts"),
    ]
    assert len({one.context.trace_id for one in spans}) == 1
    assert {one.parent.span_id for one in spans[:-1] if one.parent} == {spans[-1].context.span_id}
    assert {one.kind for one in spans[:-1]} == {SpanKind.CLIENT}
    assert facts(spans[-1]) == {"makegood.done": 3, "makegood.has_parts": True}
    assert facts(spans[-2]) == {"error.type": "Never"}
    told = "".join(one.to_json() for one in spans)
    assert PHONE[1:] not in told
    assert "Ana" not in told
    assert not [line for line in lines(log) if "Ana" in str(line)]


def test_a_search_says_how_large_the_day_was_and_who_answered(
    traces: OpenTelemetry, kept: InMemorySpanExporter
) -> None:
    day = a_day()

    def search(day: Day, seconds: float, start: Plan | None) -> Solved:
        return Solved(Plan(day.name, (), ()), "repair", "the child answered: Ana Cole")

    traced_solver(search, traces)(day, 1.0, None)
    [span] = kept.get_finished_spans()
    assert facts(span) == {
        "makegood.visits": len(day.visits),
        "makegood.technicians": len(day.technicians),
        "makegood.engine": "repair",
        "makegood.unserved": 0,
        "error.type": "no usable answer",
    }


def test_what_breaks_is_told_without_its_words(
    runtime: Runtime, traces: OpenTelemetry, kept: InMemorySpanExporter
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("Ana Cole said sesame")

    runtime = replace(runtime, traces=traces)
    client = TestClient(create_app(runtime), base_url=BASE, raise_server_exceptions=False)
    event.listen(runtime.workshop.engine, "begin", fail)
    client.get("/v/some-token-of-anas")
    event.remove(runtime.workshop.engine, "begin", fail)

    def break_down(_: Runtime) -> int:
        raise RuntimeError("Ana Cole said sesame")

    run_job(runtime, Job("broken", break_down, 1))
    page, job = kept.get_finished_spans()
    assert (page.name, page.status.status_code) == ("GET /v/{token}", StatusCode.ERROR)
    assert (job.name, facts(job)) == ("job broken", {"error.type": "RuntimeError"})
    told = page.to_json() + job.to_json()
    assert "sesame" not in told
    assert "some-token" not in told


def test_they_are_on_where_a_collector_is_named(tmp_path: Path) -> None:
    off = Settings.model_validate({"MAKEGOOD_DATA": tmp_path})
    assert isinstance(build(off).traces, NoTraces)
    on = {"MAKEGOOD_DATA": tmp_path, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
    traces = build(Settings.model_validate(on)).traces
    assert isinstance(traces, OpenTelemetry)
    traces.shut_down()
    with pytest.raises(ValueError, match="like http://collector:4318"):
        Settings.model_validate(on | {"OTEL_EXPORTER_OTLP_ENDPOINT": "collector"})


def alone(script: str) -> str:
    """What `script` says in a process of its own."""
    given = {"FASTAPI_OTEL_AUTO_CONFIGURE": "true", "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        timeout=60,
        env=given,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_without_one_nothing_of_it_is_loaded(tmp_path: Path) -> None:
    """The framework brings the bare interface along; what keeps and sends is ours to load, or to miss."""
    said = alone(f"""
        import sys
        from api.main import create_app
        from api.runtime.settings import Settings
        from api.runtime.wiring import build
        from dispatch.errors import Unavailable

        create_app(build(Settings.model_validate({{"MAKEGOOD_DATA": {str(tmp_path)!r}}})))
        print([name for name in sys.modules if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter"))])
        sys.modules["opentelemetry.sdk"] = None
        try:
            build(Settings.model_validate({{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}}))
        except Unavailable as error:
            print(error)
    """)
    assert said.startswith("[]\n")
    assert "pip install makegood[otel]" in said


def test_the_framework_tells_nobody_anything_by_itself(tmp_path: Path) -> None:
    """Also where somebody's own set-up keeps whatever is told: its spans would have paths, and with them tokens."""
    said = alone(f"""
        from opentelemetry import trace
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

        kept, provider = InMemorySpanExporter(), TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(kept))
        trace.set_tracer_provider(provider)
        from fastapi.testclient import TestClient
        from api.main import create_app
        from api.runtime.settings import Settings
        from api.runtime.starting import prepare
        from api.runtime.wiring import build

        runtime = build(Settings.model_validate({{"MAKEGOOD_DATA": {str(tmp_path)!r}}}))
        prepare(runtime)
        print(TestClient(create_app(runtime)).get("/v/some-token-of-anas").status_code)
        print([one.name for one in kept.get_finished_spans()])
    """)
    assert said == "404\n[]\n"
