"""What an ingest process says on its HTTP port, read with the real server."""

from collections.abc import Iterator
from contextlib import contextmanager

from guanche.scrape import IngestCounters, parse_counters, read_counters, read_health
from ingest.metrics import Metrics
from kit.health import HealthServer


@contextmanager
def serving(metrics: Metrics, *, ok: bool) -> Iterator[HealthServer]:
    server = HealthServer("127.0.0.1", 0, metrics.registry, lambda: {"ok": ok, "why": "test"})
    server.start()
    try:
        yield server
    finally:
        server.stop()


def test_counters_are_those_of_ingest() -> None:
    metrics = Metrics()
    metrics.messages_received.inc(15)
    metrics.messages_acknowledged.inc(12)
    metrics.samples_stored.inc(10)
    metrics.samples_duplicate.inc(3)
    metrics.samples_late.inc(2)
    metrics.samples_refused.labels("bad_json").inc(4)
    metrics.queue_messages.set(7)
    metrics.connected.set(1)
    metrics.database_up.set(1)
    metrics.lag_seconds.set(0.25)
    with serving(metrics, ok=True) as server:
        counters = read_counters("127.0.0.1", server.port)
    assert counters == IngestCounters(
        acknowledged=12,
        stored=10,
        duplicates=3,
        late=2,
        refused={"bad_json": 4},
        queued=7,
        connected=True,
        database_up=True,
        lag_s=0.25,
    )


def test_a_page_without_our_counters_is_all_zero() -> None:
    counters = parse_counters("# TYPE other gauge\nother 5\n")
    assert counters == IngestCounters(0, 0, 0, 0, {}, 0, False, False, 0.0)


def test_health_that_is_well() -> None:
    with serving(Metrics(), ok=True) as server:
        health = read_health("127.0.0.1", server.port)
    assert (health.answered, health.well) == (True, True)


def test_health_that_is_not() -> None:
    with serving(Metrics(), ok=False) as server:
        health = read_health("127.0.0.1", server.port)
    assert (health.answered, health.well, health.text) == (
        True,
        False,
        '{"ok": false, "why": "test"}',
    )


def test_nobody_there(unused_port: int) -> None:
    assert read_health("127.0.0.1", unused_port).answered is False
    assert read_counters("127.0.0.1", unused_port) is None
