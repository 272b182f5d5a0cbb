"""A small fleet whose telemetry ingest writes, and an engine that watches it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from alerts.engine.metrics import EngineMetrics
from alerts.engine.service import CycleDone, Engine, TickDone
from alerts.rules.service import all_rules
from tests.ingest.builders import SECOND_US, sample_at, telemetry
from tests.ingest.conftest import Fleet, fleet, settings_for

__all__ = ["fleet"]

COOL, HOT = 30.0, 65.0


@dataclass
class Watch:
    """An engine on the small fleet's database; its clock stands `at_s` after the fleet's `now`."""

    fleet: Fleet
    most_samples: int = 20_000
    at_s: float = 0
    engine: Engine = field(init=False)
    metrics: EngineMetrics = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Begin as a new process would."""
        settings = settings_for(alert_checkpoint_s=15)
        self.metrics = EngineMetrics()
        self.engine = Engine(settings, self.metrics, most_samples=self.most_samples)

    def hear(self, *temperatures: float, serial: str = "T1", at_s: float | None = None) -> None:
        """One batch of samples a second apart, of this temperature each."""
        first_us = self.us(self.at_s if at_s is None else at_s)
        samples = [
            sample_at(first_us + n * SECOND_US, temp_max_c=temperature, vehicle_state="on")
            for n, temperature in enumerate(temperatures)
        ]
        self.fleet.write(telemetry(*samples, serial=serial), received_us=self.us(3_600))

    def us(self, at_s: float) -> int:
        """An instant of the test [µs since 1970]."""
        return self.fleet.now_us + round(at_s * SECOND_US)

    def cycle(self) -> CycleDone:
        """One cycle, committed."""
        conn = self.fleet.conn
        with conn.transaction():
            done = self.engine.cycle(conn, all_rules(conn), now=self.now())
        conn.commit()
        self.engine.committed()
        return done

    def fail_cycle(self) -> None:
        """One cycle whose transaction is rolled back, of which the engine is told."""
        conn = self.fleet.conn
        self.engine.cycle(conn, all_rules(conn), now=self.now())
        conn.rollback()
        self.engine.forget()

    def tick(self) -> TickDone:
        """One tick, committed."""
        conn = self.fleet.conn
        with conn.transaction():
            done = self.engine.tick(conn, all_rules(conn), now=self.now())
        conn.commit()
        self.engine.committed()
        return done

    def alerts(self) -> list[tuple[str, str, str, int]]:
        """Organisation, rule, state and number of fires of each alert, oldest first."""
        rows = self.fleet.find(
            "SELECT o.code, a.rule_code, a.state, a.fires FROM alerts a"
            " JOIN organisations o ON o.id = a.organisation_id ORDER BY a.id"
        )
        return [tuple(row.values()) for row in rows]

    def fires(self) -> list[tuple[str, int, float]]:
        """Rule, vehicle and the second since when it was so, of each fire."""
        rows = self.fleet.find("SELECT rule_code, subject_id, fire_key FROM alert_fires")
        return sorted(
            (row["rule_code"], row["subject_id"], (int(row["fire_key"]) - self.us(0)) / SECOND_US)
            for row in rows
        )

    def value(self, name: str) -> float:
        """A metric's value."""
        found = self.metrics.registry.get_sample_value(f"guanche_alerts_{name}")
        assert found is not None
        return found

    def checkpoint(self) -> dict[str, Any] | None:
        """The place it would begin anew at."""
        rows = self.fleet.find("SELECT batch_id, taken_at FROM alert_checkpoints")
        return rows[0] if rows else None

    def now(self) -> datetime:
        """What its clock shows."""
        return self.fleet.now + timedelta(seconds=self.at_s)


def set_rule(fleet: Fleet, code: str, kind: str, severity: str, **parameters: Any) -> None:
    """A rule of the head office, for all."""
    fleet.conn.execute(
        "INSERT INTO alert_rules (tenant_id, organisation_id, code, kind, enabled, severity,"
        " parameters, changed_by, changed_at)"
        " SELECT tenant_id, id, %s, %s, true, %s, %s, 'test', now()"
        " FROM organisations WHERE code = 'head'"
        " ON CONFLICT (organisation_id, code) DO UPDATE SET severity = excluded.severity,"
        " parameters = excluded.parameters, version = alert_rules.version + 1",
        [code, kind, severity, Jsonb(parameters)],
    )
    fleet.conn.commit()


@pytest.fixture
def watch(fleet: Fleet) -> Watch:
    """The engine and its fleet: A is operated by east, B by west. What is hot is told at once."""
    hot = {"raise_at": 60, "clear_below": 55, "for_s": 0, "keep_s": 0}
    set_rule(fleet, "high_temperature", "high_temperature", "critical", **hot)
    return Watch(fleet)
