"""Writers when this program or the database is at fault."""

from typing import Any

import pytest
from psycopg import Connection

from ingest import writer
from ingest.pipeline import process
from kit import db

from .builders import sample_at, telemetry
from .conftest import PLAIN_ONLY, Fleet, running_writers, wait_until


@PLAIN_ONLY
def test_a_fault_of_this_program_refuses_the_message_that_brings_it_out(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ending the process would not help: the message would be delivered to the next one."""

    def stumble(deliveries: list[Any], *others: Any) -> Any:
        if any(b"stumble" in publish[1] for d in deliveries for publish in d.publishes):
            raise ZeroDivisionError("nobody thought of that")
        return process(deliveries, *others)

    monkeypatch.setattr(writer, "process", stumble)
    good = [telemetry(sample_at(fleet.now_us - n), mid=n) for n in (1, 2, 4)]
    bad = telemetry(sample_at(fleet.now_us - 3, driver="stumble"), mid=3)
    with running_writers(fleet.url, batch_ms=50) as writing:
        writing.put(*good[:2], bad, good[2])
        writing.acks.wait_for(4)
        assert writing.pool.alive
    assert writing.acks.mids == [1, 2, 3, 4]
    assert len(fleet.telemetry()) == 3
    [refusal] = fleet.refusals()
    assert (refusal["reason"], refusal["raw"], refusal["device_serial"]) == (
        "bad_schema", bad[1], "T1",
    )  # fmt: skip
    assert refusal["detail"] == "it cannot be stored: ZeroDivisionError: nobody thought of that"


@PLAIN_ONLY
def test_a_database_that_holds_a_batch_too_long_is_not_up(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "STUCK_AFTER_S", 0.2)
    with running_writers(fleet.url, batch_ms=1) as writing:
        writing.write(telemetry(sample_at(fleet.now_us - 9)))
        assert (writing.pool.database_up, writing.pool.oldest_us) == (True, None)
        with db.connect(fleet.url) as other:
            other.execute("LOCK TABLE telemetry")
            writing.put(telemetry(sample_at(fleet.now_us - 8)), received_us=fleet.now_us)
            wait_until(lambda: not writing.pool.database_up, "noticed")
            assert writing.pool.oldest_us == fleet.now_us
            other.rollback()
        writing.acks.wait_for(2)
        wait_until(lambda: writing.pool.database_up, "well again")
        assert writing.pool.oldest_us is None
    assert len(fleet.telemetry()) == 2


@PLAIN_ONLY
def test_a_state_that_somebody_deleted_is_made_again(fleet: Fleet, conn: Connection[Any]) -> None:
    with running_writers(fleet.url, batch_ms=1) as writing:
        writing.write(telemetry(sample_at(fleet.now_us - 9, soc_pct=50)))
        conn.execute("DELETE FROM vehicle_state")
        conn.commit()
        writing.write(telemetry(sample_at(fleet.now_us - 8, soc_pct=49)))
    assert fleet.state()["soc_pct"] == 49
