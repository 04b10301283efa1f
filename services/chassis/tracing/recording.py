"""Spans for a collector: only where OTEL_TRACES_EXPORTER names an exporter, for which `duban[otel]` must be installed.

Nothing of OpenTelemetry is imported otherwise; all else is configured by its own OTEL_* variables.
"""

import os
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

HEADER = "traceparent"
TRACER: "Tracer | None" = None
PROVIDER: "TracerProvider | None" = None


def setup(service: str) -> None:
    """Let this process record, if it shall. Raises SystemExit where what it needs is not installed."""
    names = [name for name in os.environ.get("OTEL_TRACES_EXPORTER", "").split(",") if name not in ("", "none")]
    if not names:
        return
    try:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        provider = TracerProvider(resource=Resource.create({"service.name": f"duban.{service}"}))
        for name in names:
            [exporter] = entry_points(group="opentelemetry_traces_exporter", name=name)
            provider.add_span_processor(BatchSpanProcessor(exporter.load()()))
    except (ImportError, ValueError) as error:
        raise SystemExit(f"OTEL_TRACES_EXPORTER={','.join(names)}：没有安装相应的组件（{error!r}）") from None
    record(provider)


def record(provider: "TracerProvider | None") -> None:
    """From now on every span of this process goes to this provider, or to nobody."""
    global PROVIDER, TRACER
    PROVIDER, TRACER = provider, provider.get_tracer("duban") if provider else None


def stop() -> None:
    """Hand over what was not exported yet."""
    if PROVIDER:
        PROVIDER.shutdown()


def middlewares() -> list[Any]:
    """FastStream's own middleware for request/reply, where spans are recorded."""
    if not PROVIDER:
        return []
    from faststream.nats.opentelemetry import NatsTelemetryMiddleware

    return [NatsTelemetryMiddleware(tracer_provider=PROVIDER)]


def start(name: str, cause: str, began: int) -> "Span | None":
    """A span below FastStream's, where there is one, else below `cause`; None where nobody records."""
    if not TRACER:
        return None
    from opentelemetry.trace import get_current_span
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    inside = get_current_span().get_span_context().is_valid
    parent = None if inside else TraceContextTextMapPropagator().extract({HEADER: cause})
    return TRACER.start_span(name, parent, start_time=began)


def traceparent(span: "Span") -> str:
    """Its ids, as W3C writes them."""
    ids = span.get_span_context()
    return f"00-{ids.trace_id:032x}-{ids.span_id:016x}-{ids.trace_flags:02x}"


def link(span: "Span | None", other: str) -> None:
    """Point from a span to one of another trace."""
    if span:
        from opentelemetry.trace import SpanContext, TraceFlags

        trace, id, flags = (int(part, 16) for part in other.split("-")[1:])
        span.add_link(SpanContext(trace, id, is_remote=True, trace_flags=TraceFlags(flags)))


def end(span: "Span | None", name: str, events: int, error: BaseException | None) -> None:
    """It is over; of what it failed by only the type is recorded: its words may hold a person's data."""
    if span and span.is_recording():
        from opentelemetry.trace import StatusCode

        if error:
            span.set_status(StatusCode.ERROR, type(error).__name__)
        span.update_name(name)
        span.set_attribute("duban.events", events)
        span.end()
