"""What an alert process counts, in Prometheus' terms. What the engine counts: `alerts/engine`."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from alerts.jobs import JOBS


class ProcessMetrics:
    """One set a process; every name starts with `guanche_alerts_`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.leader = Gauge(
            "guanche_alerts_leader", "1 while it is this process's turn to act.", registry=registry
        )
        self.jobs = Counter(
            "guanche_alerts_jobs",
            "Jobs run, by name and how they ended.",
            ("name", "result"),
            registry=registry,
        )
        self.job_seconds = Gauge(
            "guanche_alerts_job_seconds", "How long each took last.", ("name",), registry=registry
        )
        self.messages = Counter(
            "guanche_alerts_messages",
            "Messages tried, by what came of it.",
            ("result",),
            registry=registry,
        )
        self.messages_waiting = Gauge(
            "guanche_alerts_messages_waiting", "Messages due and not sent.", registry=registry
        )
        self.database_up = Gauge(
            "guanche_alerts_database_up",
            "1 while every thread has its database.",
            registry=registry,
        )
        for name in JOBS:
            self.job_seconds.labels(name)
            for result in ("done", "failed"):
                self.jobs.labels(name, result)

    def count_job(self, name: str, well: bool, took_s: float) -> None:
        """A job has ended."""
        self.jobs.labels(name, "done" if well else "failed").inc()
        self.job_seconds.labels(name).set(took_s)
