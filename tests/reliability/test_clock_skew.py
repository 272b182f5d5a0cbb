"""Terminals with wrong clocks: what is possible is stored, the rest refused, no state goes back."""

from collections import Counter
from typing import Any, Final, NamedTuple

import pytest

from kit import clock
from schemas.telemetry import Reason
from tests.reliability.figures import report, rng_of
from tests.reliability.forms import forms
from tests.reliability.rig import Rig
from tests.reliability.traffic import Message, live, message, sample

pytestmark = pytest.mark.reliability

MINUTE_MS: Final = 60_000
DAY_MS: Final = 1_440 * MINUTE_MS
EACH = 5
"""How many vehicles are wrong by each of the skews."""
FEW = 5
"""Vehicles whose samples come in any order: few, so that both processes move the same states."""


class Skew(NamedTuple):
    """How far a clock is off, or where it stands, and what becomes of its samples."""

    ahead_ms: int | None = None
    at_ms: int = 0
    refused: Reason | None = None


SKEWS: Final = {
    "31 days behind": Skew(-31 * DAY_MS, refused="too_old"),
    "30 days and a minute behind": Skew(-30 * DAY_MS - MINUTE_MS, refused="too_old"),
    "30 days less a minute behind": Skew(-30 * DAY_MS + MINUTE_MS),
    "7 days behind": Skew(-7 * DAY_MS),
    "1 hour behind": Skew(-60 * MINUTE_MS),
    "right": Skew(0),
    "4 minutes ahead": Skew(4 * MINUTE_MS),
    "6 minutes ahead": Skew(6 * MINUTE_MS, refused="future_time"),
    "1 hour ahead": Skew(60 * MINUTE_MS, refused="future_time"),
    "in 1970": Skew(at_ms=0, refused="too_old"),
    "before 1970": Skew(at_ms=-1, refused="too_old"),
    "in 2038": Skew(at_ms=2_145_916_800_000, refused="future_time"),
}
WATCH_STATES: Final = """
CREATE TABLE moves (back boolean NOT NULL);
CREATE FUNCTION note_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO moves VALUES ((NEW.ts, NEW.seq) < (OLD.ts, OLD.seq));
    RETURN NULL;
END $$;
CREATE TRIGGER note_move AFTER UPDATE ON vehicle_state FOR EACH ROW
    WHEN (OLD.ts IS NOT NULL AND (NEW.ts, NEW.seq) IS DISTINCT FROM (OLD.ts, OLD.seq))
    EXECUTE FUNCTION note_move();
"""
STATES_NOT_NEWEST: Final = """
SELECT count(*) FROM vehicle_state s
WHERE (s.ts, s.seq) IS DISTINCT FROM (
    SELECT (t.ts, t.seq) FROM telemetry t WHERE t.vehicle_id = s.vehicle_id
    ORDER BY t.ts DESC, t.seq DESC LIMIT 1)
"""
FUTURE_CHUNKS: Final = {
    "timescaledb": "SELECT count(*) FROM timescaledb_information.chunks"
    " WHERE hypertable_name = 'telemetry' AND range_start > now() + interval '5 min'",
    # Partitions are made ahead; none of them may hold a row.
    "postgresql": "SELECT count(DISTINCT tableoid) FROM telemetry"
    " WHERE ts > now() + interval '5 min'",
}


def test_skewed_clocks(rig: Rig, storage: str) -> None:
    ingest = rig.ingest(batch_messages=50, mqtt_receive_maximum=100)
    ingest.start().wait_ready()
    rig.publish(live(rig.devices, len(rig.devices))).finish()
    rig.wait_stored(len(rig.devices))
    rig.conn.execute(WATCH_STATES)
    rig.conn.commit()

    now_ms = clock.now_us() // 1_000
    accepted: list[Message] = []
    refused: list[Message] = []
    for number, skew in enumerate(SKEWS.values()):
        ts_ms = skew.at_ms if skew.ahead_ms is None else now_ms + skew.ahead_ms
        for place in range(EACH):
            seq = 1_000 + number * EACH + place
            each = message(rig.devices[seq % len(rig.devices)], sample(ts_ms, seq))
            (refused if skew.refused else accepted).append(each)
    # Refused samples carry no key: the log of acknowledgements is of what must be a row.
    mixed = accepted + [each._replace(key=b"") for each in refused]
    rng_of("skew").shuffle(mixed)
    rig.publish(mixed).finish()
    rig.wait_stored(len(rig.devices) + len(accepted))
    rig.publish(live(rig.devices, len(rig.devices), first_seq=5_000)).finish()
    expected = 2 * len(rig.devices) + len(accepted)
    rig.wait_stored(expected)

    tally, counters = rig.tally(), ingest.counters()
    assert counters is not None
    regressions = _count(rig, "SELECT count(*) FROM moves WHERE back")
    future_rows = _count(rig, "SELECT count(*) FROM telemetry WHERE ts > now() + interval '5 min'")
    future_chunks = _count(rig, FUTURE_CHUNKS[storage])
    report(
        f"T6 clock skew, {storage}",
        accepted=tally.stored,
        refused=tally.refused,
        lost=tally.lost,
        late=counters.late,
        state_regressions=regressions,
        state_updates=_count(rig, "SELECT count(*) FROM moves"),
        future_chunks=future_chunks,
    )
    reasons = Counter(skew.refused for skew in SKEWS.values() if skew.refused)
    assert tally == (expected, expected, 0, 0, 0, {r: n * EACH for r, n in reasons.items()})
    assert (regressions, future_rows, future_chunks) == (0, 0, 0)
    assert counters.late == 4 * EACH, "three skews behind, and what followed the one ahead"
    assert _count(rig, STATES_NOT_NEWEST) == 0


@forms(short=4_000, long=100_000)
def test_samples_in_any_order_through_two_processes(rig: Rig, storage: str, size: int) -> None:
    """Each process knows by heart where states stood when it moved them last; that may be old."""
    shared: dict[str, Any] = {
        "ingest_slots": 2,
        "mqtt_share_group": "reliability-share",
        "batch_messages": 20,
        "batch_ms": 5,
        "mqtt_receive_maximum": 40,
    }
    pair = [rig.ingest(name, **shared).start() for name in ("first", "second")]
    for process in pair:
        process.wait_ready()
    rig.conn.execute(WATCH_STATES)
    rig.conn.commit()
    now_ms = clock.now_us() // 1_000
    messages = [
        message(rig.devices[seq % FEW], sample(now_ms - (size - seq) * 100, seq))
        for seq in range(size)
    ]
    rng_of("order").shuffle(messages)
    rig.publish(messages, rate=2_000).finish()
    rig.wait_stored(size)
    tally = rig.tally()
    regressions = _count(rig, "SELECT count(*) FROM moves WHERE back")
    report(
        f"T6 any order, two processes, {storage}",
        stored=tally.stored,
        lost=tally.lost,
        duplicates=tally.duplicates,
        state_updates=_count(rig, "SELECT count(*) FROM moves"),
        state_regressions=regressions,
    )
    assert tally == (size, size, 0, 0, 0, {})
    assert regressions == 0
    assert _count(rig, STATES_NOT_NEWEST) == 0


def _count(rig: Rig, query: str) -> int:
    with rig.conn.transaction():
        row = rig.conn.execute(query).fetchone()
    assert row is not None
    return int(row[0])
