"""Traces by OpenTelemetry, where it is installed and a collector is named; nothing at all otherwise."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

log = logging.getLogger(__name__)

SERVICE: Final = "roadmap-graph-api"


def open_traces(endpoint: str | None) -> Traces | None:
    """Traces that go to a collector by OTLP over HTTP; None without an endpoint, or without the extra `otel`.

    Everything else is after OpenTelemetry's own variables (OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER ...).
    """
    if endpoint is None:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning("OTEL_EXPORTER_OTLP_ENDPOINT is set, and the extra `otel` is not installed: no traces.")
        return None
    given = OTELResourceDetector().detect()
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: SERVICE}).merge(given))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")))
    return Traces(provider)


class Traces:
    """Makes spans. None of them holds a variable, a parameter, or the text of an error."""

    def __init__(self, provider: TracerProvider) -> None:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        self._provider = provider
        self._tracer = provider.get_tracer(__name__)
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def request(self, headers: Mapping[str, str], method: str, path: str) -> Iterator[Span]:
        """An HTTP request, below the span that its `traceparent` names."""
        from opentelemetry.context import Context
        from opentelemetry.trace import SpanKind

        with self._tracer.start_as_current_span(
            f"HTTP {method}",
            context=self._propagator.extract(headers, context=Context()),
            kind=SpanKind.SERVER,
            attributes={"http.request.method": method, "url.path": path},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            yield span

    @contextmanager
    def caller(self, headers: Mapping[str, str]) -> Iterator[None]:
        """What a WebSocket carries; the socket itself, which may last for days, is no span."""
        from opentelemetry.context import Context, attach, detach

        token = attach(self._propagator.extract(headers, context=Context()))
        try:
            yield
        finally:
            detach(token)

    def operation(self) -> OperationSpan:
        """A span for an operation, below the current one, that has begun."""
        return OperationSpan(self, self._tracer.start_span("GraphQL operation"))

    @contextmanager
    def span(self, name: str, attributes: Mapping[str, str | int]) -> Iterator[None]:
        """A part of the current span."""
        from opentelemetry.trace import StatusCode

        with self._tracer.start_as_current_span(
            name, attributes=dict(attributes), record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield
            except BaseException as error:
                span.set_status(StatusCode.ERROR, type(error).__name__)
                raise

    def close(self) -> None:
        """Send what is left; takes as long as the collector does."""
        self._provider.shutdown()


class OperationSpan:
    """The span of an operation: several tasks may work within it, one after another."""

    def __init__(self, traces: Traces, span: Span) -> None:
        self.traces = traces
        self._span = span

    @property
    def trace_id(self) -> str:
        """What the whole trace is called, in hexadecimal."""
        return f"{self._span.get_span_context().trace_id:032x}"

    def enter(self) -> None:
        """Let spans that follow in this task be below this one."""
        from opentelemetry.context import attach
        from opentelemetry.trace import set_span_in_context

        attach(set_span_in_context(self._span))

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Let spans within be below this one."""
        from opentelemetry.trace import use_span

        with use_span(self._span, record_exception=False, set_status_on_exception=False):
            yield

    def end(self, name: str | None, kind: str | None, outcome: str) -> None:
        """End it, named after what it was."""
        from opentelemetry.trace import StatusCode

        if kind is not None:
            self._span.update_name(f"{kind} {name}" if name else kind)
            self._span.set_attribute("graphql.operation.type", kind)
        if name:
            self._span.set_attribute("graphql.operation.name", name)
        self._span.set_attribute("graph_api.outcome", outcome)
        if outcome in {"internal", "unavailable"}:
            self._span.set_status(StatusCode.ERROR)
        self._span.end()
