"""The demo's accounting finds what is lost, and only that."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import Connection

from guanche.demo_probe import percentile
from guanche.demo_tally import tally
from simulators.ack_log import AckedSample, payload_digest
from tests.guanche.conftest import SeededFleet, insert_refusal

BROKEN = b'{"ts":17'


def acked(device_id: str, ts: datetime, seq: int = 0, digest: str = "") -> AckedSample:
    return AckedSample(device_id, int(ts.timestamp() * 1000), seq, frozenset(), digest)


def test_every_acknowledged_sample_is_stored_refused_or_lost(
    conn: Connection[Any], seeded: SeededFleet
) -> None:
    device = seeded.roster[0].device_id
    now = datetime.now(UTC)
    ahead = now + timedelta(hours=2)
    raw = b'{"ts":%d,"seq":9,"speed_kmh":1}' % int(ahead.timestamp() * 1000)
    insert_refusal(conn, raw=raw, reason="future_time", device_serial=device, times=2)
    insert_refusal(conn, raw=BROKEN, device_serial=device)
    stored = acked(device, seeded.began_at)
    refused = acked(device, ahead, seq=9)
    malformed = acked(device, seeded.began_at, seq=77, digest=payload_digest(BROKEN))
    lost_sample = acked(device, seeded.began_at, seq=1)
    lost_malformed = acked(device, seeded.began_at, seq=78, digest=payload_digest(b"{["))
    vehicle_ids = [row[0] for row in conn.execute("SELECT id FROM vehicles")]
    result = tally(
        conn,
        [stored, stored, refused, malformed, lost_sample, lost_malformed],
        vehicle_ids=vehicle_ids,
        since=seeded.began_at,
        now=now,
    )
    assert result.acknowledged == 6
    assert result.stored == 11
    assert result.refused == {"bad_json": 1, "future_time": 2}
    assert result.lost == [lost_sample, lost_malformed]


def test_rows_received_before_are_not_ours(conn: Connection[Any], seeded: SeededFleet) -> None:
    vehicle_ids = [row[0] for row in conn.execute("SELECT id FROM vehicles")]
    since = seeded.began_at + timedelta(minutes=4)
    result = tally(conn, [], vehicle_ids=vehicle_ids, since=since, now=datetime.now(UTC))
    assert result.stored == 7


@pytest.mark.parametrize(
    ("ordered", "share", "expected"),
    [
        ([], 0.5, None),
        ([7.0], 0.99, 7.0),
        ([1.0, 2.0, 3.0, 4.0], 0.5, 2.0),
        ([float(n) for n in range(1, 101)], 0.99, 99.0),
        ([float(n) for n in range(1, 101)], 1.0, 100.0),
    ],
)
def test_percentiles_are_of_nearest_rank(
    ordered: list[float], share: float, expected: float | None
) -> None:
    assert percentile(ordered, share) == expected
