"""The frames that detectors read, remember and give back: their columns and what they mean.

Instants are whole microseconds since 1970 in UTC. Null means unknown. Leaves out how a memory is
kept (`memory.py`) and which rule looks at which vehicle (`binding.py`).
"""

from typing import Final

import polars as pl
from polars.datatypes import DataType, DataTypeClass

Schema = dict[str, DataType | DataTypeClass]

MEASURED: Final[Schema] = {
    "lat": pl.Float64,
    "lon": pl.Float64,
    "speed_kmh": pl.Float64,
    "odometer_km": pl.Float64,
    "soc_pct": pl.Float64,
    "pack_voltage_v": pl.Float64,
    "pack_current_a": pl.Float64,
    "insulation_kohm": pl.Float64,
    "cell_voltage_max_v": pl.Float64,
    "cell_voltage_min_v": pl.Float64,
    "temp_max_c": pl.Float64,
    "temp_min_c": pl.Float64,
    "fix": pl.Boolean,
    "vehicle_state": pl.String,
    "charge_state": pl.String,
    "gear": pl.String,
    "power_source": pl.String,
    "alarm_level": pl.Int16,
    "alarm_bits": pl.Int64,
}
"""What a sample may say of its vehicle."""

READINGS: Final[Schema] = {
    "vehicle_id": pl.Int64,
    "ts_us": pl.Int64,
    "seq": pl.Int64,
    "organisation_id": pl.Int64,
    "received_us": pl.Int64,
    **MEASURED,
}
"""Samples as they were stored; `organisation_id` is who operated the vehicle then."""

VEHICLES: Final[Schema] = {
    "vehicle_id": pl.Int64,
    "tenant_id": pl.Int64,
    "organisation_id": pl.Int64,
    "organisation": pl.String,
    "vin": pl.String,
    "plate": pl.String,
    "model": pl.String,
    "owner_organisation_id": pl.Int64,
    "lease_id": pl.Int64,
    "lease_no": pl.String,
    "customer_id": pl.Int64,
    "capacity_kwh": pl.Float64,
    "groups": pl.List(pl.String),
    "utc_offset_s": pl.Int32,
}
"""What is known of vehicles now, one row each. No lease: not let."""

LATEST: Final[Schema] = {
    "vehicle_id": pl.Int64,
    "last_heard_us": pl.Int64,
    "online": pl.Boolean,
}
"""When anything was last heard of a vehicle; null: never."""

RULES: Final[Schema] = {
    "rule_no": pl.Int32,
    "rule_key": pl.String,
    "organisation_id": pl.Int64,
    "code": pl.String,
    "kind": pl.String,
    "for_us": pl.Int64,
    "keep_us": pl.Int64,
}
"""Rules by a number that holds within one binding."""

APPLIES: Final[Schema] = {"vehicle_id": pl.Int64, "rule_no": pl.Int32}
"""Which rule looks at which vehicle."""

EVENTS: Final[Schema] = {
    "rule_key": pl.String,
    "organisation_id": pl.Int64,
    "code": pl.String,
    "kind": pl.String,
    "vehicle_id": pl.Int64,
    "what": pl.String,
    "at_us": pl.Int64,
    "since_us": pl.Int64,
    "value": pl.Float64,
    "facts": pl.String,
}
"""What detectors say: `raise` or `clear`. A clear has the `since_us` of what it ends. `facts` is a
JSON object: what was measured, and what it was compared with."""

EPISODES: Final[Schema] = {
    "rule_key": pl.String,
    "organisation_id": pl.Int64,
    "code": pl.String,
    "kind": pl.String,
    "vehicle_id": pl.Int64,
    "phase": pl.String,
    "since_us": pl.Int64,
    "off_since_us": pl.Int64,
    "value": pl.Float64,
    "facts": pl.String,
}
"""What is under way. `pending`: so, and not yet for long enough. `firing`: raised. `clearing`:
raised, and over since `off_since_us`, not yet for long enough; `value` and `facts` are of then."""

CARRIED: Final[Schema] = {
    "vehicle_id": pl.Int64,
    "organisation_id": pl.Int64,
    "ts_us": pl.Int64,
    "seq": pl.Int64,
    "vehicle_state": pl.String,
    "charge_state": pl.String,
    "odometer_km": pl.Float64,
    "soc_pct": pl.Float64,
    "charged_us": pl.Int64,
    "switched_off_us": pl.Int64,
    "unlet_us": pl.Int64,
}
"""The newest sample of each vehicle, and what was last known of it. `charged_us`: when it was last
seen to charge, else first seen at all; `switched_off_us`: when it was last switched off;
`unlet_us`: since when it is not let, null where it is."""

PLACES: Final[Schema] = {
    "vehicle_id": pl.Int64,
    "cell": pl.Int64,
    "at_us": pl.Int64,
    "at_lat": pl.Float64,
    "at_lon": pl.Float64,
}
"""The first place of a vehicle in each of its last cells of time."""

WARMTH: Final[Schema] = {
    "vehicle_id": pl.Int64,
    "cell": pl.Int64,
    "at_us": pl.Int64,
    "temp_max_c": pl.Float64,
}
"""The first temperature of a charging vehicle in each of its last cells of time."""

FLOWS: Final[Schema] = {
    "vehicle_id": pl.Int64,
    "from_us": pl.Int64,
    "from_soc_pct": pl.Float64,
    "at_us": pl.Int64,
    "power_dw": pl.Int64,
    "energy_dw_ms": pl.Int64,
    "longest_gap_us": pl.Int64,
}
"""What flowed out of each battery in the window that is not over. In whole tenths of watts, so that
sums do not depend on how samples came together."""

KNOWN: Final[Schema] = {"vehicle_id": pl.Int64, **MEASURED}
"""What was last known of vehicles whose own rules ask for what was before."""
