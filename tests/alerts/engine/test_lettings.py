"""Samples that come after down-time are judged by the lease of their time."""

from datetime import timedelta
from typing import LiteralString

import pytest

from tests.ingest.builders import sample_at, telemetry
from tests.ingest.conftest import PLAIN_ONLY

from .conftest import Watch

pytestmark = PLAIN_ONLY


def let(watch: Watch, *, from_s: float, until_s: float | None) -> None:
    """Vehicle A was let, and came back."""
    conn, now = watch.fleet.conn, watch.fleet.now
    began = now + timedelta(seconds=from_s)
    [row] = watch.fleet.find("SELECT tenant_id, id FROM organisations WHERE code = 'east'")
    owner = [row["tenant_id"], row["id"]]

    def insert(statement: LiteralString, *values: object) -> int:
        [(number,)] = conn.execute(statement + " RETURNING id", values).fetchall()
        return int(number)

    customer = insert(
        "INSERT INTO customers (tenant_id, organisation_id, customer_no, kind, name, created_by,"
        " created_at) VALUES (%s, %s, 'C2611-000001', 'company', 'x', 'lin', now())",
        *owner,
    )
    lease = insert(
        "INSERT INTO leases (tenant_id, organisation_id, lease_no, customer_id, kind, state, terms,"
        " starts_on, signed_at, started_at, created_by, created_at) VALUES (%s, %s,"
        " 'L2611-000001', %s, 'long', 'active', '{\"lines\": []}', %s, %s, %s, 'lin', %s)",
        *(*owner, customer, began.date(), began, began, now),
    )
    until = None if until_s is None else now + timedelta(seconds=until_s)
    insert(
        "INSERT INTO lease_segments (tenant_id, organisation_id, lease_id, line_no, vehicle_id,"
        " let_period, from_event_no) VALUES (%s, %s, %s, 1, %s, tstzrange(%s, %s), 1)",
        *(*owner, lease, watch.fleet.a, began, until),
    )
    conn.commit()


def drive(watch: Watch, *seconds: float) -> None:
    samples = [sample_at(watch.us(at), speed_kmh=60, vehicle_state="on") for at in seconds]
    watch.fleet.write(telemetry(*samples), received_us=watch.us(3_600))


@pytest.mark.parametrize("most_samples", [1, 20_000])
def test_after_down_time_samples_are_judged_by_the_lease_of_their_time(
    watch: Watch, most_samples: int
) -> None:
    let(watch, from_s=-9 * 86_400, until_s=1_000)
    drive(watch, *range(800, 1_000, 50))
    drive(watch, 999.9)
    drive(watch, 1_000, 1_010, 1_200)
    watch.most_samples = most_samples
    watch.start()
    watch.at_s = 3_600
    while watch.cycle().more:
        pass
    assert watch.fires() == [("moved_without_lease", watch.fleet.a, 1_000.0)]


def test_what_drove_before_it_was_let_is_found_after_down_time(watch: Watch) -> None:
    let(watch, from_s=1_000, until_s=None)
    drive(watch, 900, 950, 990, 1_000, 1_100)
    watch.at_s = 1_800
    watch.cycle()
    watch.tick()  # over since 1,000, for long enough
    assert watch.fires() == [("moved_without_lease", watch.fleet.a, 900.0)]
    assert watch.alerts() == [("east", "moved_without_lease", "resolved", 1)]
    [alert] = watch.fleet.find("SELECT lease_id FROM alerts")
    assert alert["lease_id"] is None
