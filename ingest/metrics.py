"""What ingest counts and times, in Prometheus' terms."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from schemas.telemetry import REASONS


class Metrics:
    """One set a process; every name starts with `guanche_ingest_`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

        def counter(name: str, text: str, labels: tuple[str, ...] = ()) -> Counter:
            return Counter(f"guanche_ingest_{name}", text, labels, registry=self.registry)

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(f"guanche_ingest_{name}", text, registry=self.registry)

        self.messages_received = counter("messages_received", "Messages the broker delivered.")
        self.messages_acknowledged = counter(
            "messages_acknowledged", "Messages written, committed and acknowledged."
        )
        self.samples_stored = counter("samples_stored", "Samples that became rows.")
        self.samples_duplicate = counter("samples_duplicate", "Samples that were rows already.")
        self.samples_late = counter(
            "samples_late", "Samples older than their vehicle's state when written."
        )
        self.samples_refused = counter("samples_refused", "Refusals, by reason.", ("reason",))
        self.batches_retried = counter("batches_retried", "Batches written at a second attempt.")
        self.reconnects = counter("reconnects", "Connections to the broker after the first.")
        self.lag_seconds = gauge("lag_seconds", "Age of the oldest message not yet committed.")
        self.queue_messages = gauge("queue_messages", "Messages waiting in memory.")
        self.queue_bytes = gauge("queue_bytes", "Payload bytes waiting in memory.")
        self.broker_dropped_messages = gauge(
            "broker_dropped_messages", "Messages the broker says it dropped since its start."
        )
        self.connected = gauge("connected", "Broker sessions that are connected and subscribed.")
        self.database_up = gauge("database_up", "1 while batches are being written.")
        self.batch_samples = Histogram(
            "guanche_ingest_batch_samples",
            "Samples in a batch.",
            registry=self.registry,
            buckets=(1, 10, 100, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 80_000),
        )
        self.batch_seconds = Histogram(
            "guanche_ingest_batch_seconds",
            "Decoding to COMMIT of a batch.",
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 5, 30),
        )
        for reason in REASONS:
            self.samples_refused.labels(reason)
