"""The small port: metrics and health."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse

import pytest

from ingest.metrics import Metrics
from kit.health import Health, HealthServer
from schemas.telemetry import REASONS


class Port:
    """A health server with facts that a test sets."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.facts: Health = {"ok": True, "queue_messages": 3}
        self.server = HealthServer("127.0.0.1", 0, self.metrics.registry, lambda: self.facts)

    def request(self, path: str, method: str = "GET") -> tuple[HTTPResponse, str]:
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        try:
            connection.request(method, path)
            response = connection.getresponse()
            return response, response.read().decode()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def port() -> Iterator[Port]:
    port = Port()
    port.server.start()
    yield port
    port.server.stop()


@pytest.mark.parametrize(("ok", "status"), [(True, 200), (False, 503)])
def test_health_is_its_status_code(port: Port, ok: bool, status: int) -> None:
    port.facts = {"ok": ok, "database_up": ok}
    response, body = port.request("/healthz")
    assert response.status == status
    assert response.headers["Content-Type"] == "application/json"
    assert json.loads(body) == port.facts


def test_metrics_are_there_before_anything_was_counted(port: Port) -> None:
    response, body = port.request("/metrics")
    assert response.status == 200
    assert response.headers["Content-Type"].startswith("text/plain")
    assert "guanche_ingest_messages_received_total 0.0" in body.splitlines()


def test_every_reason_is_counted_from_0() -> None:
    value_of = Metrics().registry.get_sample_value
    name = "guanche_ingest_samples_refused_total"
    assert {reason: value_of(name, {"reason": reason}) for reason in REASONS} == dict.fromkeys(
        REASONS, 0.0
    )


def test_metrics_follow_the_counters(port: Port) -> None:
    port.metrics.samples_stored.inc(5)
    port.metrics.samples_refused.labels("too_old").inc(2)
    port.metrics.queue_messages.set(7)
    lines = port.request("/metrics")[1].splitlines()
    assert "guanche_ingest_samples_stored_total 5.0" in lines
    assert 'guanche_ingest_samples_refused_total{reason="too_old"} 2.0' in lines
    assert "guanche_ingest_queue_messages 7.0" in lines


@pytest.mark.parametrize("path", ["/", "/metrics/", "/health", "/healthz/x"])
def test_any_other_path_is_not_found(port: Port, path: str) -> None:
    response, body = port.request(path)
    assert (response.status, body) == (404, "/metrics or /healthz\n")


def test_nothing_can_be_sent(port: Port) -> None:
    assert port.request("/metrics", "POST")[0].status == 501


def test_two_processes_have_metrics_of_their_own() -> None:
    first, second = Metrics(), Metrics()
    first.samples_stored.inc()
    name = "guanche_ingest_samples_stored_total"
    assert first.registry.get_sample_value(name) == 1
    assert second.registry.get_sample_value(name) == 0
