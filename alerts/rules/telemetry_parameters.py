"""What can be set of rules that look at telemetry, each with its unit and its default.

Where one value raises and another clears, what lies between changes nothing.
"""

from typing import Literal, Self

from pydantic import Field, model_validator

from alerts.rules.model import Parameters

Seconds = float


class Lasting(Parameters):
    """How long it must be so before it is raised, and be over before it is cleared."""

    for_s: Seconds = Field(0, ge=0, le=86_400, description="It must be so for so long [s].")
    keep_s: Seconds = Field(
        60, ge=0, le=86_400, description="It must be over for so long to be cleared [s]."
    )
    reopen_within_s: Seconds = Field(
        1_800, ge=0, le=7 * 86_400, description="So soon again, it is the same alert [s]."
    )


class Above(Lasting):
    """Raised at or above a value, cleared below another."""

    raise_at: float = Field(ge=-1e6, le=1e6, description="At or above, it is raised.")
    clear_below: float = Field(ge=-1e6, le=1e6, description="Below, it is cleared.")

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.clear_below > self.raise_at:
            raise ValueError("clear_below must not be above raise_at")
        return self


class Below(Lasting):
    """Raised at or below a value, cleared above another."""

    raise_at: float = Field(ge=-1e6, le=1e6, description="At or below, it is raised.")
    clear_above: float = Field(ge=-1e6, le=1e6, description="Above, it is cleared.")

    @model_validator(mode="after")
    def _apart(self) -> Self:
        if self.clear_above < self.raise_at:
            raise ValueError("clear_above must not be below raise_at")
        return self


class Offline(Lasting):
    """Nothing was heard of a vehicle for long."""

    after_s: Seconds = Field(1_800, ge=10, le=30 * 86_400, description="Not heard for so long [s].")


class AlarmBits(Lasting):
    """Any of these flags of GB/T 32960.3-2016, table 18; bit 0 = temperature difference."""

    mask: int = Field(
        0b111_1111_1111_1111_1111, ge=1, le=0xFFFF_FFFF, description="Flags looked at."
    )


class TemperatureRise(Lasting):
    """How fast the hottest probe warms up while charging."""

    raise_at_c_per_min: float = Field(2.0, gt=0, le=100, description="Degrees a minute.")
    clear_below_c_per_min: float = Field(1.0, ge=0, le=100, description="Degrees a minute.")
    over_s: Seconds = Field(120, ge=10, le=3_600, description="Measured over so long [s].")


class Geofence(Lasting):
    """A place that a vehicle enters or leaves."""

    geofence: str = Field("", max_length=60, description="Code of the place.")
    when: Literal["inside", "outside"] = Field("outside", description="Where it must not be.")


class Moved(Lasting):
    """A vehicle moves that should stand."""

    speed_kmh: float = Field(5, gt=0, le=200, description="At or above is moving [km/h].")
    distance_m: float = Field(
        300, ge=0, le=100_000, description="Or so far from where it stood [m]; 0 = not looked at."
    )


class MovedAtNight(Moved):
    """Within these hours, by the clock of the organisation; may span midnight."""

    from_hour: int = Field(0, ge=0, le=23, description="First hour of the night.")
    until_hour: int = Field(5, ge=0, le=23, description="The hour it ends at.")


class RollBack(Parameters):
    """The odometer shows less than before."""

    by_km: float = Field(1.0, gt=0, le=100_000, description="By at least so much [km].")
    keep_s: Seconds = Field(
        86_400,
        ge=0,
        le=7 * 86_400,
        description="It stays open for so long after the last time, to be looked into [s].",
    )
    reopen_within_s: Seconds = Field(
        86_400, ge=0, le=7 * 86_400, description="So soon again, it is the same alert [s]."
    )


class NoCharge(Parameters):
    """A vehicle was not charged for days."""

    days: float = Field(7, gt=0, le=365, description="Days since it last charged.")


class Plausibility(Lasting):
    """The charge that flowed against what the gauge says, over windows of time."""

    window_s: Seconds = Field(1_800, ge=20, le=86_400, description="Windows of so long [s].")
    raise_at_pct: float = Field(15, gt=0, le=100, description="Points of SOC they differ by.")
    clear_below_pct: float = Field(8, ge=0, le=100, description="Points of SOC.")
    most_gap_s: Seconds = Field(
        120, ge=1, le=3_600, description="A window with a longer gap is left out."
    )


class Custom(Lasting):
    """An expression (CEL) over the fields of a sample and a vehicle."""

    expression: str = Field("false", min_length=1, max_length=2_000, description="True raises.")
    clear: str | None = Field(
        None, min_length=1, max_length=2_000, description="True clears; null = when not true."
    )
