"""Small builders: samples as devices send them, messages, bindings, and what came of them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ingest.bindings import BindingRow, Bindings, OperatorRow
from ingest.decode import decode_telemetry
from ingest.delivery import Delivery, Publish
from ingest.pipeline import Batch, process
from ingest.reading import EPOCH, Reading, Rejection
from schemas.telemetry import MEASURED, Reason

VIN_A: Final = "LSGPC52U6AF102554"
VIN_B: Final = "LDC613P23A1305189"
NOW: Final = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
NOW_US: Final = 1_772_352_000_000_000
SECOND_US: Final = 1_000_000
DAY_US: Final = 86_400 * SECOND_US

FULL: Final[dict[str, Any]] = {
    "lat": 22.543096,
    "lon": 114.057865,
    "fix": False,
    "heading_deg": 271.5,
    "altitude_m": -12.25,
    "speed_kmh": 61.5,
    "odometer_km": 123_456.7,
    "vehicle_state": "on",
    "charge_state": "driving_charging",
    "gear": "12",
    "soc_pct": 63.5,
    "pack_voltage_v": 351.25,
    "pack_current_a": -82.5,
    "insulation_kohm": 4_999.5,
    "cell_voltage_max_v": 3.3125,
    "cell_voltage_min_v": 3.25,
    "temp_max_c": 41.5,
    "temp_min_c": -3.5,
    "alarm_level": 3,
    "alarm_bits": 4_294_967_295,
    "power_source": "backup",
    "signal_dbm": -71,
}
"""Every measured field with a value of its own, each exact in the four bytes of its column."""


def encode(*samples: dict[str, Any]) -> bytes:
    """One sample as an object, several as an array."""
    return json.dumps(samples[0] if len(samples) == 1 else list(samples)).encode()


def sample_at(ts_us: int, **fields: Any) -> dict[str, Any]:
    """A sample at an instant, told to the µs."""
    return {"ts": to_datetime(ts_us).isoformat(), **fields}


def to_datetime(instant_us: int) -> datetime:
    return EPOCH + timedelta(microseconds=instant_us)


def read(**sample: Any) -> Reading:
    """The one reading of a sample that is accepted; `ts` is 1 ms unless said."""
    return read_bytes(encode({"ts": 1, **sample}))


def read_bytes(payload: bytes) -> Reading:
    readings, rejections = decode_telemetry(payload)
    assert rejections == []
    assert len(readings) == 1
    return readings[0]


def refuse(**sample: Any) -> Rejection:
    """The one rejection of a sample that is refused; `ts` is 1 ms unless said."""
    return refuse_bytes(encode({"ts": 1, **sample}))


def refuse_bytes(payload: bytes) -> Rejection:
    readings, rejections = decode_telemetry(payload)
    assert readings == []
    assert len(rejections) == 1
    return rejections[0]


def known(reading: Reading) -> dict[str, Any]:
    """The measured fields that are not unknown, by name."""
    pairs = zip(MEASURED, reading.measured, strict=True)
    return {name: value for name, value in pairs if value is not None}


def telemetry(
    *samples: dict[str, Any], serial: str = "T1", retained: bool = False, mid: int = 1
) -> Publish:
    return (f"v1/{serial}/up/telemetry".encode(), encode(*samples), retained, mid)


def status(online: bool, *, serial: str = "T1", retained: bool = False, mid: int = 1) -> Publish:
    payload = json.dumps({"online": online, "at": NOW.isoformat()}).encode()
    return (f"v1/{serial}/up/status".encode(), payload, retained, mid)


def binding(
    serial: str = "T1",
    *,
    vehicle_id: int = 1,
    vin: str = VIN_A,
    from_us: int = 0,
    until_us: int | None = None,
) -> BindingRow:
    """A device in a vehicle; device ids follow from the serial's number, T1 is 101."""
    return BindingRow(serial, 100 + int(serial[1:]), vehicle_id, vin, from_us, until_us)


BOUND: Final = Bindings([binding()], [OperatorRow(1, 7, 0, None)])
"""T1 sits in vehicle 1, operated by organisation 7, since 1970."""


def run(
    *publishes: Publish,
    bindings: Bindings = BOUND,
    latest: dict[int, tuple[int, int] | None] | None = None,
    received_us: int = NOW_US,
) -> Batch:
    """The messages of one delivery through every stage."""
    return process([Delivery(list(publishes), received_us)], bindings, latest or {})


def reasons(batch: Batch) -> list[Reason]:
    return [refusal.reason for refusal in batch.refusals]
