"""The telemetry contract, version 1, written out by hand for tests to compare the code with."""

from typing import Final, NamedTuple


class Range(NamedTuple):
    """A field with a range; a whole one takes integers only."""

    name: str
    low: float
    high: float
    whole: bool = False


NUMBERS: Final = (
    Range("lat", -90, 90),
    Range("lon", -180, 180),
    Range("heading_deg", 0, 360),
    Range("altitude_m", -500, 9_000),
    Range("speed_kmh", 0, 500),
    Range("odometer_km", 0, 999_999.9),
    Range("soc_pct", 0, 100),
    Range("pack_voltage_v", 0, 6_000),
    Range("pack_current_a", -3_000, 3_000),
    Range("insulation_kohm", 0, 60_000),
    Range("cell_voltage_max_v", 0, 15),
    Range("cell_voltage_min_v", 0, 15),
    Range("temp_max_c", -40, 210),
    Range("temp_min_c", -40, 210),
    Range("alarm_level", 0, 4, whole=True),
    Range("alarm_bits", 0, 4_294_967_295, whole=True),
    Range("signal_dbm", -150, 0, whole=True),
)
CHOICES: Final = {
    "vehicle_state": ("on", "off", "other"),
    "charge_state": ("parked_charging", "driving_charging", "not_charging", "full"),
    "gear": ("P", "R", "N", "D", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"),
    "power_source": ("main", "backup"),
}
ORDER: Final = (
    "lat",
    "lon",
    "fix",
    "heading_deg",
    "altitude_m",
    "speed_kmh",
    "odometer_km",
    "vehicle_state",
    "charge_state",
    "gear",
    "soc_pct",
    "pack_voltage_v",
    "pack_current_a",
    "insulation_kohm",
    "cell_voltage_max_v",
    "cell_voltage_min_v",
    "temp_max_c",
    "temp_min_c",
    "alarm_level",
    "alarm_bits",
    "power_source",
    "signal_dbm",
)
UNITS: Final = {
    "heading_deg": "°",
    "altitude_m": "m",
    "speed_kmh": "km/h",
    "odometer_km": "km",
    "soc_pct": "%",
    "pack_voltage_v": "V",
    "pack_current_a": "A",
    "insulation_kohm": "kΩ",
    "cell_voltage_max_v": "V",
    "cell_voltage_min_v": "V",
    "temp_max_c": "°C",
    "temp_min_c": "°C",
    "signal_dbm": "dBm",
}
REASONS: Final = {
    "bad_topic",
    "too_large",
    "bad_encoding",
    "bad_json",
    "bad_schema",
    "unknown_device",
    "unbound_device",
    "vin_mismatch",
    "future_time",
    "too_old",
}
