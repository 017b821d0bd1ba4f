"""Traces and metrics: a client span and a duration for each HTTP request of the library.

They follow the stable semantic conventions of OpenTelemetry for HTTP clients. Needs
`opentelemetry-api`: `pip install descope-ml[opentelemetry]`.

Example:
    >>> from descope_ml import opentelemetry
    >>> opentelemetry.instrument()
    >>> opentelemetry.uninstrument()
"""

from __future__ import annotations

import threading
from typing import Any, Final

from opentelemetry import context as otel_context
from opentelemetry import metrics, trace
from opentelemetry.trace import SpanKind, StatusCode

from descope_ml._native import VERSION
from descope_ml.events import HANDLERS

_SCOPE: Final = "descope_ml"
_SCHEMA_URL: Final = "https://opentelemetry.io/schemas/1.23.1"

# The buckets that the conventions recommend, in seconds.
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)

_FIRST_ERROR_STATUS: Final = 400

_DEFAULT_PORTS: Final = {"https": 443, "http": 80}

# One of them is set while an exporter sends its data. The SDK and the instrumentations use the last
# two, which the API does not document.
_SUPPRESSING: Final = (
    "suppress_instrumentation",
    getattr(otel_context, "_SUPPRESS_INSTRUMENTATION_KEY", "suppress_instrumentation"),
    getattr(otel_context, "_SUPPRESS_HTTP_INSTRUMENTATION_KEY", "suppress_http_instrumentation"),
)

_LOCK: Final = threading.Lock()

Attributes = dict[str, "str | int"]


def instrument(
    *,
    tracer_provider: trace.TracerProvider | None = None,
    meter_provider: metrics.MeterProvider | None = None,
) -> None:
    """Reports every HTTP request of calls that start from now on, attempts and key fetches too.

    A span has the span of the caller as its parent. No `traceparent` header is sent. Calls on this
    machine, such as the validation of a session with cached keys, have no span. If this was called
    before, the providers are replaced.

    Args:
        tracer_provider: Makes the spans. Default: the global provider.
        meter_provider: Receives `http.client.request.duration`. Default: the global provider.
    """
    _replace(_Instrumentation(tracer_provider, meter_provider))


def uninstrument() -> None:
    """Ends what `instrument` has started. Does nothing if it was not called."""
    _replace(None)


def _replace(new: _Instrumentation | None) -> None:
    with _LOCK:
        old = _INSTALLED.pop() if _INSTALLED else None
        HANDLERS.replace(old, new)
        if new is not None:
            _INSTALLED.append(new)


class _Instrumentation:
    """Turns events into spans and measurements."""

    def __init__(
        self,
        tracer_provider: trace.TracerProvider | None,
        meter_provider: metrics.MeterProvider | None,
    ) -> None:
        self._tracer = trace.get_tracer(_SCOPE, VERSION, tracer_provider, _SCHEMA_URL)
        meter = metrics.get_meter(_SCOPE, VERSION, meter_provider, _SCHEMA_URL)
        self._duration = meter.create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=_BUCKETS,
        )

    def __call__(self, event: dict[str, Any]) -> None:
        """Reports the requests of a call."""
        if any(otel_context.get_value(key) for key in _SUPPRESSING):
            return
        for request in event["requests"]:
            self._report(event, request)

    def _report(self, event: dict[str, Any], request: dict[str, Any]) -> None:
        common = _common_attributes(request)
        start = _nanoseconds(event["startTimeMs"]) + _nanoseconds(request["startMs"])
        span = self._tracer.start_span(
            request["method"],
            kind=SpanKind.CLIENT,
            attributes={**common, **_span_attributes(event, request)},
            start_time=start,
        )
        if "error.type" in common:
            span.set_status(StatusCode.ERROR)
        span.end(start + _nanoseconds(request["durationMs"]))
        # In the context of the span, so that the measurement can have it as its example.
        context = trace.set_span_in_context(span)
        self._duration.record(request["durationMs"] / 1000, common, context)


def _common_attributes(request: dict[str, Any]) -> Attributes:
    """The attributes of span and measurement. Their values are few."""
    attributes: Attributes = {
        "http.request.method": request["method"],
        "server.address": request["serverAddress"],
        "server.port": request["serverPort"],
    }
    http_status: int | None = request.get("httpStatus")
    if http_status is not None:
        attributes["http.response.status_code"] = http_status
        attributes["network.protocol.version"] = "1.1"
    if http_status is not None and http_status >= _FIRST_ERROR_STATUS:
        attributes["error.type"] = str(http_status)
    elif request["status"] != 0:
        attributes["error.type"] = request["name"]
    return attributes


def _span_attributes(event: dict[str, Any], request: dict[str, Any]) -> Attributes:
    attributes: Attributes = {"url.full": _url(request), "descope.operation": event["operation"]}
    if request["attempt"] > 1:
        attributes["http.request.resend_count"] = request["attempt"] - 1
    return attributes


def _url(request: dict[str, Any]) -> str:
    """The URL. It has neither user information nor a query."""
    scheme, host, port = request["scheme"], request["serverAddress"], request["serverPort"]
    if ":" in host:
        host = f"[{host}]"
    if port != _DEFAULT_PORTS[scheme]:
        host = f"{host}:{port}"
    return f"{scheme}://{host}{request['path']}"


def _nanoseconds(milliseconds: float) -> int:
    return round(milliseconds * 1000) * 1000


_INSTALLED: list[_Instrumentation] = []
