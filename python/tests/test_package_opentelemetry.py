"""Spans and metrics of OpenTelemetry, with its SDK."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import httpx
import pytest
from opentelemetry import context as otel_context
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import Histogram, HistogramDataPoint, InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

import descope_ml
from descope_ml import (
    ApiError,
    DeliveryMethod,
    DescopeClient,
    DescopeClientAsync,
    NetworkError,
    opentelemetry,
)
from event_loops import Main, each_loop
from local_server import LocalServer, Reply

PHONE = "+14155550123"
PATH = "/v1/auth/magiclink/signin/sms"


class Telemetry:
    """What the library has reported."""

    def __init__(self) -> None:
        """Makes the providers."""
        self.exporter = InMemorySpanExporter()
        self.tracer_provider = TracerProvider()
        self.tracer_provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.reader = InMemoryMetricReader()
        self.meter_provider = MeterProvider([self.reader])
        self.tracer = self.tracer_provider.get_tracer("the program")

    def spans(self) -> list[ReadableSpan]:
        """The client spans."""
        spans = self.exporter.get_finished_spans()
        return [span for span in spans if span.kind is SpanKind.CLIENT]

    def points(self) -> list[HistogramDataPoint]:
        """The measurements of the duration."""
        data = self.reader.get_metrics_data()
        metrics = [
            metric
            for resource in (data.resource_metrics if data else [])
            for scope in resource.scope_metrics
            for metric in scope.metrics
        ]
        assert [(metric.name, metric.unit) for metric in metrics] in (
            [],
            [("http.client.request.duration", "s")],
        )
        points: list[HistogramDataPoint] = []
        for metric in metrics:
            assert isinstance(metric.data, Histogram)
            points += metric.data.data_points
        return points


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    """Instruments the package."""
    telemetry = Telemetry()
    opentelemetry.instrument(
        tracer_provider=telemetry.tracer_provider, meter_provider=telemetry.meter_provider
    )
    yield telemetry
    opentelemetry.uninstrument()


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def test_a_call_has_a_client_span_and_a_measurement(
    client: DescopeClient, server: LocalServer, telemetry: Telemetry
) -> None:
    with telemetry.tracer.start_as_current_span("page") as page:
        client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    (span,) = telemetry.spans()
    common = {
        "http.request.method": "POST",
        "server.address": "127.0.0.1",
        "server.port": server.server_port,
        "network.protocol.version": "1.1",
        "http.response.status_code": 200,
    }
    assert attributes(span) == {
        **common,
        "url.full": f"{server.url}{PATH}",
        "descope.operation": "magiclink/signin/sms",
    }
    assert (span.name, span.status.status_code) == ("POST", StatusCode.UNSET)
    assert span.parent is not None
    assert span.parent.span_id == page.get_span_context().span_id
    assert isinstance(page, ReadableSpan)
    assert page.start_time and span.start_time and span.end_time and page.end_time  # noqa: PT018
    # The clocks of both spans differ by less than 5 ms.
    assert page.start_time - 5_000_000 <= span.start_time <= span.end_time
    assert span.end_time <= page.end_time + 5_000_000
    (point,) = telemetry.points()
    assert dict(point.attributes or {}) == common
    assert point.count == 1
    assert point.sum * 1e9 == pytest.approx(span.end_time - span.start_time, abs=1e3)
    assert list(point.explicit_bounds)[:3] == [0.005, 0.01, 0.025]
    assert PHONE not in span.to_json()


def test_each_attempt_has_its_span(
    server: LocalServer, client: DescopeClient, telemetry: Telemetry
) -> None:
    client = DescopeClient("P2test", base_url=server.url)
    replies = [Reply(503, "{}"), Reply()]
    server.answer = lambda: replies.pop(0)
    client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    first, second = telemetry.spans()
    assert attributes(first)["error.type"] == "503"
    assert "http.request.resend_count" not in attributes(first)
    assert first.status.status_code is StatusCode.ERROR
    assert attributes(second)["http.request.resend_count"] == 1
    assert second.status.status_code is StatusCode.UNSET
    assert sorted(point.count for point in telemetry.points()) == [1, 1]


def test_errors_have_a_type(
    client: DescopeClient, server: LocalServer, telemetry: Telemetry
) -> None:
    server.answer = lambda: Reply(400, '{"errorCode": "E062108"}')
    with pytest.raises(ApiError):
        client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    refusing = DescopeClient("P2test", base_url="http://127.0.0.1:1", max_attempts=1)
    with pytest.raises(NetworkError):
        refusing.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    rejected, refused = telemetry.spans()
    assert attributes(rejected)["error.type"] == "400"
    assert attributes(rejected)["http.response.status_code"] == 400
    assert attributes(refused)["error.type"] == "DESCOPE_E_NETWORK"
    assert "http.response.status_code" not in attributes(refused)
    # Nothing was exchanged.
    assert attributes(rejected)["network.protocol.version"] == "1.1"
    assert "network.protocol.version" not in attributes(refused)
    for span in (rejected, refused):
        assert span.status.status_code is StatusCode.ERROR
    types = {dict(point.attributes or {})["error.type"] for point in telemetry.points()}
    assert types == {"400", "DESCOPE_E_NETWORK"}


def test_threads_have_the_parent_of_their_call(server: LocalServer, telemetry: Telemetry) -> None:
    client = DescopeClient("P2test", base_url=server.url)

    def call(_: int) -> int:
        with telemetry.tracer.start_as_current_span("page") as page:
            client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        return page.get_span_context().span_id

    with ThreadPoolExecutor(8) as threads:
        pages = list(threads.map(call, range(40)))
    assert sorted(span.parent.span_id for span in telemetry.spans() if span.parent) == sorted(pages)


@each_loop
def test_awaited_calls_have_the_parent_of_their_task(
    run: Callable[[Main], None], server: LocalServer, telemetry: Telemetry
) -> None:
    client = DescopeClientAsync("P2test", base_url=server.url)
    pages: list[int] = []
    # All calls are in progress at the same time.
    server.respond_together(10)

    async def call() -> None:
        with telemetry.tracer.start_as_current_span("page") as page:
            await client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
        pages.append(page.get_span_context().span_id)

    async def main() -> None:
        async with anyio.create_task_group() as tasks:
            for _ in range(10):
                tasks.start_soon(call)

    run(main)
    parents = [span.parent.span_id for span in telemetry.spans() if span.parent]
    assert sorted(parents) == sorted(pages)
    assert len(pages) == 10


def test_a_program_can_use_its_own_handler_as_well(
    client: DescopeClient, telemetry: Telemetry
) -> None:
    events: list[dict[str, Any]] = []
    descope_ml.set_event_handler(events.append)
    client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    opentelemetry.uninstrument()
    client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    descope_ml.set_event_handler(None)
    assert (len(events), len(telemetry.spans())) == (2, 1)


def test_instrumenting_twice_reports_once(client: DescopeClient, telemetry: Telemetry) -> None:
    opentelemetry.instrument(tracer_provider=telemetry.tracer_provider)
    client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    assert len(telemetry.spans()) == 1
    opentelemetry.uninstrument()
    opentelemetry.uninstrument()
    client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    assert len(telemetry.spans()) == 1


@pytest.mark.parametrize(
    "key",
    [
        "suppress_instrumentation",
        vars(otel_context)["_SUPPRESS_INSTRUMENTATION_KEY"],
        vars(otel_context)["_SUPPRESS_HTTP_INSTRUMENTATION_KEY"],
    ],
    ids=["instrumentations", "the SDK", "HTTP"],
)
def test_a_suppressed_context_has_no_span(
    client: DescopeClient, telemetry: Telemetry, key: str
) -> None:
    token = otel_context.attach(otel_context.set_value(key, True))
    try:
        client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    finally:
        otel_context.detach(token)
    assert telemetry.spans() == []


def test_only_the_api_is_imported() -> None:
    program = (
        "import sys; from descope_ml import opentelemetry; opentelemetry.instrument();"
        "print([name for name in sys.modules if name.startswith('opentelemetry.sdk')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"[]\n", b"")


def test_the_attributes_are_those_of_the_httpx_instrumentation(
    server: LocalServer, telemetry: Telemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The official package makes its requests with httpx."""
    monkeypatch.setenv("OTEL_SEMCONV_STABILITY_OPT_IN", "http")
    instrumentor = HTTPXClientInstrumentor()
    other = Telemetry()
    instrumentor.instrument(
        tracer_provider=other.tracer_provider, meter_provider=other.meter_provider
    )
    client = DescopeClient("P2test", base_url=server.url, max_attempts=1)
    try:
        for status in (200, 400):
            server.answer = lambda status=status: Reply(status)  # type: ignore[misc]
            httpx.post(f"{server.url}{PATH}", json={})
            if status == 200:
                client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
            else:
                with pytest.raises(ApiError):
                    client.magiclink.sign_in(DeliveryMethod.SMS, PHONE)
    finally:
        instrumentor.uninstrument()
    for theirs, ours in zip(other.spans(), telemetry.spans()):
        own, expected = attributes(ours), attributes(theirs)
        del own["descope.operation"]
        # The address of the peer is recommended only.
        expected.pop("network.peer.address", None)
        expected.pop("network.peer.port", None)
        assert (own, ours.name) == (expected, theirs.name)
        assert theirs.status.status_code == ours.status.status_code

    def measured(telemetry: Telemetry) -> list[dict[str, Any]]:
        return [dict(point.attributes or {}) for point in telemetry.points()]

    assert measured(other) == measured(telemetry)
