"""Counts requests and their time, by route and not by path, and the readers of the live feed."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class ApiMetrics:
    """The figures of one API process, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "guanche_api_requests",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "guanche_api_request_seconds",
            "Time to answer a request.",
            ["method", "route"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.live_readers = Gauge(
            "guanche_api_live_readers", "Open readers of the live feed.", registry=self.registry
        )
        self.live_dropped = Counter(
            "guanche_api_live_dropped", "Readers dropped as too slow.", registry=self.registry
        )
        self.contracts_verified = Counter(
            "guanche_api_contracts_verified",
            "Contracts read again, by what was found: whole, faulty, unread.",
            ["found"],
            registry=self.registry,
        )
        for found in ("whole", "faulty", "unread"):  # told as 0 before the first
            self.contracts_verified.labels(found)
        self.money_papers_made = Counter(
            "guanche_api_money_papers_made",
            "Papers of money made by themselves: bills, credit notes, notices.",
            ["kind"],
            registry=self.registry,
        )
        for kind in ("bill", "credit_note", "notice"):
            self.money_papers_made.labels(kind)
        self.billing_faults = Gauge(
            "guanche_api_billing_faults",
            "Leases that the last run of billing could not bill.",
            registry=self.registry,
        )
        self.billing_run_s = Gauge(
            "guanche_api_billing_run_seconds",
            "How long the last run of billing took.",
            registry=self.registry,
        )
        self.live_lag_s = Gauge(
            "guanche_api_live_poll_seconds",
            "How long the last look for changes took.",
            registry=self.registry,
        )

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request answered. Whoever makes methods up makes no new time series."""
        method = method if method in METHODS else "OTHER"
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        """The figures in Prometheus' text format."""
        return generate_latest(self.registry)
