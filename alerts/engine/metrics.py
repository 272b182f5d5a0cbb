"""What the engine counts and times, in Prometheus' terms."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class EngineMetrics:
    """One set a process; every name starts with `guanche_alerts_`."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()

        def counter(name: str, text: str) -> Counter:
            return Counter(f"guanche_alerts_{name}", text, registry=self.registry)

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(f"guanche_alerts_{name}", text, registry=self.registry)

        self.samples_judged = counter("samples_judged", "Samples looked at by rules.")
        self.samples_late = counter("samples_late", "Samples that were history when they came.")
        self.batches_judged = counter("batches_judged", "Announced batches read.")
        self.batches_missed = counter(
            "batches_missed", "Announced batches that were gone before they were read, at most."
        )
        self.findings = counter("findings", "Times a telemetry rule began to hold.")
        self.clearings = counter("clearings", "Times a telemetry rule held no longer.")
        self.batches_behind = gauge("batches_behind", "Announced batches not yet read.")
        self.lag_seconds = gauge("lag_seconds", "Age of the oldest batch not yet read.")
        self.memory_bytes = gauge("memory_bytes", "What the engine remembers of vehicles.")
        self.checkpoint_bytes = gauge("checkpoint_bytes", "Size of the last checkpoint.")
        self.rules_broken = gauge(
            "rules_broken", "Rules that cannot be judged; `guanche alerts status` names them."
        )
        self.refused = Counter(
            "guanche_alerts_refused",
            "What alerts could not take: findings, rules that failed. Each is a row.",
            ("what",),
            registry=self.registry,
        )
        for what in ("finding", "rule"):
            self.refused.labels(what)
        self.cycle_seconds = Histogram(
            "guanche_alerts_cycle_seconds",
            "Reading to judged of a cycle that had batches.",
            registry=self.registry,
            buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 5, 30),
        )
        self.raise_delay_seconds = Histogram(
            "guanche_alerts_raise_delay_seconds",
            "From the COMMIT of a batch to the alerts it raises.",
            registry=self.registry,
            buckets=(0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300, 3600),
        )
