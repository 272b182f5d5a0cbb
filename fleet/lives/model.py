"""The shapes of odometers, purchases and the pool."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from fleet.lives.depreciation import Method, Writing, book_value_fen
from fleet.local_days import DEFAULT_ZONE

OdometerSource = Literal["telemetry", "hand", "work_order", "transfer"]


@dataclass(frozen=True, slots=True)
class OdometerReading:
    """What the odometer said at an instant.

    `rolled_back_km` is how far that lies below the highest reading before; 0 up to 1 km. `note` and
    `recorded_by` are None where they are those of an organisation out of sight.
    """

    id: int
    read_at: datetime
    odometer_km: Decimal
    running_hours: Decimal | None
    source: OdometerSource
    note: str | None
    recorded_by: str | None
    rolled_back_km: Decimal


@dataclass(frozen=True, slots=True)
class Odometer:
    """The newest that is known of an odometer."""

    odometer_km: Decimal
    read_at: datetime
    source: OdometerSource


@dataclass(frozen=True, slots=True)
class PurchaseFacts:
    """What a vehicle was bought for, tax included, and how it is written off."""

    purchased_on: date
    price_fen: int
    supplier: str | None = None
    depreciation_method: Method = "none"
    useful_life_months: int | None = None
    residual_pct: Decimal | None = None

    def book_value_fen(self, on: date) -> int:
        """What is left of the price in the books at the end of a day."""
        if self.useful_life_months is None or self.residual_pct is None:
            return self.price_fen
        writing = Writing(
            self.price_fen, self.depreciation_method, self.useful_life_months, self.residual_pct
        )
        return book_value_fen(writing, self.purchased_on, on)


@dataclass(frozen=True, slots=True)
class Purchase(PurchaseFacts):
    """A purchase as it is kept, and the zone of its owner's days."""

    version: int = 1
    time_zone: str = DEFAULT_ZONE


@dataclass(frozen=True, slots=True)
class PooledVehicle:
    """A vehicle that an organisation above offers, and since when it is to be had."""

    vin: str
    plate: str | None
    model: str | None
    model_code: str | None
    owner_code: str
    available_from_at: datetime
    body_type: str | None
    gvw_kg: int | None
    battery_kwh: Decimal | None
    battery_chemistry: str | None
    rated_range_km: int | None
    box_volume_m3: Decimal | None
