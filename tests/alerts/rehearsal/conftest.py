"""The small fleet of ingest, and the engine that watches it live."""

from tests.alerts.engine.conftest import Watch, fleet, watch

__all__ = ["Watch", "fleet", "watch"]
