"""Writes what only ingest writes, for the vehicles of `world.py`."""

from datetime import datetime
from typing import Any

from psycopg import Connection, sql

from tests.api.world import SERIALS, World


def store_state(
    conn: Connection[Any], world: World, operator: str, ts: datetime, **readings: object
) -> None:
    """The latest state of the vehicle of an operator, heard at `ts`."""
    _insert(
        conn,
        "vehicle_state",
        vehicle_id=world.vehicle_ids[operator],
        device_id=world.device_ids[operator],
        operator_id=world.organisation_ids[operator],
        ts=ts,
        received_at=ts,
        **{"online": True, "last_heard_at": ts} | readings,
    )


def store_sample(
    conn: Connection[Any], world: World, operator: str, ts: datetime, **readings: object
) -> None:
    """A sample of the vehicle of an operator."""
    _insert(
        conn,
        "telemetry",
        vehicle_id=world.vehicle_ids[operator],
        device_id=world.device_ids[operator],
        operator_id=world.organisation_ids[operator],
        ts=ts,
        seq=0,
        received_at=ts,
        **{"fix": True} | readings,
    )


def store_refusal(
    conn: Connection[Any], number: int, operator: str, received_at: datetime, **fields: object
) -> int:
    """The number of something that the device of an operator's vehicle sent."""
    usual = {
        "reason": "bad_json",
        "detail": "no JSON",
        "raw": b'{"lat": 22.5',
        "last_received_at": received_at,
    }
    _insert(
        conn,
        "ingest_rejects",
        digest=number.to_bytes(4),
        device_serial=SERIALS[operator],
        topic=f"v1/{SERIALS[operator]}/up/telemetry",
        received_at=received_at,
        **usual | fields,
    )
    ((refusal_id,),) = conn.execute("SELECT max(id) FROM ingest_rejects").fetchall()
    return int(refusal_id)


def _insert(conn: Connection[Any], table: str, **row: object) -> None:
    conn.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(map(sql.Placeholder, row)),
        ),
        row,
    )
    conn.commit()
