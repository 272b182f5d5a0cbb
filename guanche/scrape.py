"""Reads what ingest and the API say of themselves over HTTP: health, and ingest's counters."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

TIMEOUT_S = 2.0
PREFIX = "guanche_ingest_"


class Health(NamedTuple):
    """Whether anybody answered, whether it says it is well, and its words."""

    answered: bool
    well: bool
    text: str


class IngestCounters(NamedTuple):
    """The counters of one ingest process since it started."""

    acknowledged: int
    stored: int
    duplicates: int
    late: int
    refused: Mapping[str, int]
    queued: int
    connected: bool
    database_up: bool
    lag_s: float


def read_health(host: str, port: int, path: str = "/healthz") -> Health:
    """What it says of its health; not answered if nobody listens there."""
    status, text = _get(f"http://{host}:{port}{path}")
    return Health(status is not None, status == 200, text.strip())


def read_counters(host: str, port: int) -> IngestCounters | None:
    """What /metrics says, or None if nobody answers."""
    status, text = _get(f"http://{host}:{port}/metrics")
    return parse_counters(text) if status == 200 else None


def parse_counters(text: str) -> IngestCounters:
    """The counters in a page of the Prometheus text format; one that is absent is 0."""
    plain: dict[str, float] = {}
    refused: dict[str, int] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            name = sample.name.removeprefix(PREFIX)
            if name == "samples_refused_total":
                if sample.value:
                    refused[sample.labels.get("reason", "")] = int(sample.value)
            elif not sample.labels:
                plain[name] = sample.value
    return IngestCounters(
        acknowledged=int(plain.get("messages_acknowledged_total", 0)),
        stored=int(plain.get("samples_stored_total", 0)),
        duplicates=int(plain.get("samples_duplicate_total", 0)),
        late=int(plain.get("samples_late_total", 0)),
        refused=refused,
        queued=int(plain.get("queue_messages", 0)),
        connected=bool(plain.get("connected", 0)),
        database_up=bool(plain.get("database_up", 0)),
        lag_s=plain.get("lag_seconds", 0.0),
    )


def _get(url: str) -> tuple[int | None, str]:
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:
            return answer.status, answer.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode("utf-8", "replace")
    except (OSError, ValueError) as error:
        return None, str(error)
