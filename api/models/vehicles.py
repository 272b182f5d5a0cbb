"""Vehicles as they are now, over HTTP."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from api.pages import Page
from fleet.usage.model import LatestState, SelectedCounts, VehicleNow, VehicleRow
from fleet.usage.selection import State

ROW_EXAMPLE: dict[str, Any] = {
    "vin": "LSGPC52U6AF102554",
    "plate": "粤BD12345",
    "model": "瑞驰 EC35",
    "owner": "qingfan",
    "operator": "shenzhen-qianxing",
    "device": "TBOX-0001",
    "state": "moving",
    "online": True,
    "last_heard_at": "2026-11-21T00:00:12Z",
    "ts": "2026-11-21T00:00:10Z",
    "age_s": 4,
    "soc_pct": 62.5,
    "speed_kmh": 41.0,
    "vehicle_state": "on",
    "charge_state": "not_charging",
    "alarm_level": 0,
    "odometer_km": 18342.6,
    "lat": 22.5431,
    "lon": 114.0579,
    "heading_deg": 87.0,
}
LATEST_EXAMPLE: dict[str, Any] = {
    "ts": "2026-11-21T00:00:10Z",
    "received_at": "2026-11-21T00:00:12Z",
    "device": "TBOX-0001",
    "operator": "shenzhen-qianxing",
    "fix": True,
    "altitude_m": 21.0,
    "gear": "D",
    "pack_voltage_v": 345.2,
    "pack_current_a": 31.5,
    "insulation_kohm": 5200.0,
    "cell_voltage_max_v": 3.31,
    "cell_voltage_min_v": 3.29,
    "temp_max_c": 28.0,
    "temp_min_c": 25.0,
    "alarm_bits": 0,
    "power_source": "main",
    "signal_dbm": -71,
    "online_changed_at": "2026-11-20T22:41:03Z",
}
MASKED_MEANING = (
    "Without the permission `location.read` positions are rounded to 0.01 degree, about a"
    " kilometre, and headings are null. Then this is true."
)


class VehicleOut(BaseModel):
    """A vehicle, who has it now, and how it was when last heard. Null is unknown."""

    model_config = ConfigDict(json_schema_extra={"example": ROW_EXAMPLE})

    vin: str
    plate: str | None
    model: str | None
    owner: str | None = Field(description="Code of its owner; null where out of your sight.")
    operator: str | None = Field(description="Code of who operates it now; null: nobody you see.")
    device: str | None = Field(description="Serial of the terminal that sits in it now.")
    state: State = Field(
        description="What it does, in one word. `never_heard`: nothing, or nothing while it was"
        " yours; `offline`: said so, or silent for the time-out; `moving`: faster than 3 km/h;"
        " `charging`: parked and charging; `parked`: any other that is heard."
    )
    online: bool = Field(description="Heard within the time-out: moving, charging or parked.")
    last_heard_at: datetime | None = Field(description="When anything last came from it.")
    ts: datetime | None = Field(description="When its latest sample was taken, by its clock.")
    age_s: int | None = Field(description="How long ago that was.")
    soc_pct: float | None = Field(description="State of charge.")
    speed_kmh: float | None
    vehicle_state: str | None = Field(description="`on`, `off` or `other`.")
    charge_state: str | None = Field(
        description="`parked_charging`, `driving_charging`, `not_charging` or `full`."
    )
    alarm_level: int | None = Field(description="0 none, 1 to 3 by severity, 4 a thermal event.")
    odometer_km: float | None
    lat: float | None = Field(description="Latitude in WGS-84, in degrees.")
    lon: float | None = Field(description="Longitude in WGS-84, in degrees.")
    heading_deg: float | None = Field(description="Clockwise from north.")

    @classmethod
    def of(cls, row: VehicleRow) -> "VehicleOut":
        """As the service gives it."""
        return cls(**row_of(row))


def row_of(row: VehicleRow) -> dict[str, Any]:
    """The row by the names of the API."""
    named = {name: getattr(row, name) for name in VehicleOut.model_fields if name not in _RENAMED}
    return named | {name: getattr(row, source) for name, source in _RENAMED.items()}


_RENAMED = {"owner": "owner_code", "operator": "operator_code", "device": "device_serial"}


class VehiclesPage(Page[VehicleOut]):
    """Some vehicles of a list, and where it goes on."""

    location_masked: bool = Field(description=MASKED_MEANING)


class LatestOut(BaseModel):
    """What else is known of the latest state. A field may be older than `ts`."""

    model_config = ConfigDict(json_schema_extra={"example": LATEST_EXAMPLE})

    ts: datetime | None = Field(description="When the latest sample was taken.")
    received_at: datetime | None = Field(description="When it reached us.")
    device: str | None = Field(description="Serial of the terminal that took it.")
    operator: str | None = Field(description="Code of who operated the vehicle then.")
    fix: bool | None = Field(description="False: the position repeats the last good one.")
    altitude_m: float | None
    gear: str | None
    pack_voltage_v: float | None
    pack_current_a: float | None = Field(description="Positive while discharging.")
    insulation_kohm: float | None
    cell_voltage_max_v: float | None
    cell_voltage_min_v: float | None
    temp_max_c: float | None = Field(description="Of the warmest probe of the battery.")
    temp_min_c: float | None = Field(description="Of the coldest.")
    alarm_bits: int | None = Field(description="General alarm flags, GB/T 32960.3.")
    power_source: str | None = Field(description="`main`, or `backup`: cut or unplugged.")
    signal_dbm: int | None
    online_changed_at: datetime | None = Field(description="When it last came or went.")

    @classmethod
    def of(cls, latest: LatestState) -> "LatestOut":
        """As the service gives it."""
        same = {
            name: getattr(latest, name)
            for name in cls.model_fields
            if name not in ("device", "operator")
        }
        return cls(**same, device=latest.device_serial, operator=latest.operator_code)


class VehicleDetail(VehicleOut):
    """One vehicle with its whole latest state."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": ROW_EXAMPLE
            | {"version": 1, "latest": LATEST_EXAMPLE, "location_masked": False}
        }
    )

    version: int = Field(description="Of its card, as in the ETag; changing the card asks for it.")
    latest: LatestOut | None = Field(description="Null: never heard while it was yours.")
    location_masked: bool = Field(description=MASKED_MEANING)

    @classmethod
    def of_now(cls, found: VehicleNow) -> "VehicleDetail":
        """As the service gives it."""
        return cls(
            **row_of(found.row),
            version=found.version,
            latest=found.latest and LatestOut.of(found.latest),
            location_masked=found.location_masked,
        )


class SocBands(BaseModel):
    """Vehicles by state of charge. A bound belongs to the band above it, 100 to the last."""

    from_0_to_20: int
    from_20_to_50: int
    from_50_to_80: int
    from_80_to_100: int
    unknown: int


class VehicleCountsOut(BaseModel):
    """How many of the selected vehicles do what, by their latest state."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "total": 125,
                "online": 110,
                "moving": 41,
                "parked": 52,
                "charging": 17,
                "offline": 13,
                "never_heard": 2,
                "by_alarm_level": {"1": 3, "2": 1, "3": 0, "4": 0},
                "by_soc": {
                    "from_0_to_20": 9,
                    "from_20_to_50": 34,
                    "from_50_to_80": 51,
                    "from_80_to_100": 28,
                    "unknown": 3,
                },
            }
        }
    )

    total: int = Field(description="The five states add up to this.")
    online: int = Field(description="Moving, parked and charging together.")
    moving: int
    parked: int
    charging: int
    offline: int
    never_heard: int
    by_alarm_level: dict[str, int] = Field(description="Levels 1 to 4, offline vehicles included.")
    by_soc: SocBands

    @classmethod
    def of(cls, counts: SelectedCounts) -> "VehicleCountsOut":
        """As the service gives it."""
        return cls(
            total=counts.vehicles,
            online=counts.online,
            moving=counts.moving,
            parked=counts.parked,
            charging=counts.charging,
            offline=counts.offline,
            never_heard=counts.never_heard,
            by_alarm_level={
                "1": counts.alarm_1,
                "2": counts.alarm_2,
                "3": counts.alarm_3,
                "4": counts.alarm_4,
            },
            by_soc=SocBands(
                from_0_to_20=counts.soc_0_20,
                from_20_to_50=counts.soc_20_50,
                from_50_to_80=counts.soc_50_80,
                from_80_to_100=counts.soc_80_100,
                unknown=counts.soc_unknown,
            ),
        )
