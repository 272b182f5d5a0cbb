"""What can be set of rules that the clock drives.

Days count down to the due day: 7 is a week before, -3 three days after.
"""

from pydantic import Field, field_validator

from alerts.rules.model import Days, Parameters


class Reminders(Parameters):
    """When one is reminded of something with a due day."""

    offsets_days: tuple[Days, ...] = Field(
        min_length=1, max_length=20, description="Days left at each reminder; below 0: after it."
    )
    every_days: int = Field(
        7, ge=0, le=365, description="Afterwards every so many days; 0 = never."
    )
    critical_from_days: Days | None = Field(
        0, description="Critical once so few days are left; null = never."
    )

    @field_validator("offsets_days")
    @classmethod
    def _falling(cls, offsets: tuple[int, ...]) -> tuple[int, ...]:
        """Sorted from early to late, each once."""
        return tuple(sorted(set(offsets), reverse=True))


class Maintenance(Reminders):
    """By date, or by what the odometer says."""

    km_before: tuple[int, ...] = Field(
        (1_000, 500, 0), max_length=10, description="Kilometres left at each reminder."
    )


class IdleCare(Parameters):
    """A vehicle that nobody leases is looked after (LEASING.md §4)."""

    warn_below_soc_pct: float = Field(40, ge=0, le=100, description="Charge it [%].")
    critical_below_soc_pct: float = Field(20, ge=0, le=100, description="Charge it now [%].")
    check_every_days: int = Field(30, ge=1, le=365, description="Days between checks.")


class Mileage(Parameters):
    """Kilometres of a lease's allowance that are used up."""

    used_pct: tuple[float, ...] = Field(
        (80, 95, 100), min_length=1, max_length=10, description="Reminds at each share [%]."
    )


class Once(Parameters):
    """Nothing can be set: it is so, or it is not."""
