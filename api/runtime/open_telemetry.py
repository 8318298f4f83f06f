"""The only importer of OpenTelemetry: our spans, by its own rules and standard variables, to a collector of yours."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace import Span as SdkSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span as OtelSpan
from opentelemetry.trace import SpanKind, StatusCode, format_trace_id, get_current_span

from api.runtime.traces import Fact, Side

KINDS: dict[Side, SpanKind] = {
    "inner": SpanKind.INTERNAL,
    "asked": SpanKind.SERVER,
    "asking": SpanKind.CLIENT,
}
STANDARD = {
    "method": "http.request.method",
    "route": "http.route",
    "status": "http.response.status_code",
    "error": "error.type",
}
DROPPED, HAS_PARTS = "makegood.dropped", "makegood.has_parts"


class OpenTelemetry:
    """Spans go through `processor`, but for those of which nobody wants to know."""

    def __init__(self, processor: SpanProcessor) -> None:
        self._provider = TracerProvider(resource=_resource())
        self._provider.add_span_processor(_Worthwhile(processor))
        self._tracer = self._provider.get_tracer("makegood")

    def span(self, name: str, side: Side = "inner", **facts: Fact) -> AbstractContextManager[_Span]:
        get_current_span().set_attribute(HAS_PARTS, True)
        return _Span(
            self._tracer.start_as_current_span(
                name,
                kind=KINDS[side],
                attributes={_named(fact): value for fact, value in facts.items()},
                record_exception=False,  # what an error says may quote somebody
                set_status_on_exception=False,
            )
        )

    def shut_down(self) -> None:
        """Send what was not sent yet; a process that ends by itself does so too."""
        self._provider.shutdown()


def to_collector(endpoint: str) -> OpenTelemetry:
    """By OTLP over HTTP to `endpoint`/v1/traces. Headers, sampling and the rest are the standard variables'."""
    return OpenTelemetry(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")))


def _resource() -> Resource:
    found = Resource.create()
    if str(found.attributes.get(SERVICE_NAME, "")).startswith("unknown_service"):
        return found.merge(Resource({SERVICE_NAME: "makegood"}))
    return found


def _named(fact: str) -> str:
    return STANDARD.get(fact, f"makegood.{fact}")


class _Span:
    """Open within its block; an error that leaves it is noted by its kind."""

    def __init__(self, opening: AbstractContextManager[OtelSpan]) -> None:
        self._opening = opening

    def __enter__(self) -> _Span:
        self._span = self._opening.__enter__()
        self.trace_id = format_trace_id(self._span.get_span_context().trace_id)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.fail(kind.__name__)
        self._opening.__exit__(kind, error, trace)

    def tell(self, **facts: Fact) -> None:
        for fact, value in facts.items():
            self._span.set_attribute(_named(fact), value)

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def fail(self, kind: str) -> None:
        self.tell(error=kind)
        self._span.set_status(StatusCode.ERROR)

    def drop(self) -> None:
        self._span.set_attribute(DROPPED, True)


class _Worthwhile(SpanProcessor):
    """Lets pass what was not dropped, or has parts that would be left without their whole."""

    def __init__(self, following: SpanProcessor) -> None:
        self._following = following

    def on_start(self, span: SdkSpan, parent_context: object = None) -> None:
        """Nothing is decided before the end."""

    def on_end(self, span: ReadableSpan) -> None:
        facts = span.attributes or {}
        if not facts.get(DROPPED) or facts.get(HAS_PARTS):
            self._following.on_end(span)

    def shutdown(self) -> None:
        self._following.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._following.force_flush(timeout_millis)
