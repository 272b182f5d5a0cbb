"""Odometers, purchases, places and the pool over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.models.amounts import Fen, Hours, Kilometres, Percent, exact_or_none, plain
from api.models.text import Code, Day, Input, Instant, Line, plain_text
from api.pages import Page
from fleet.lives.service import (
    Method,
    Odometer,
    OdometerReading,
    OdometerSource,
    PooledVehicle,
    Purchase,
    PurchaseFacts,
)

READING: dict[str, Any] = {
    "read_at": "2026-11-21T00:00:00Z",
    "odometer_km": 18342.6,
    "running_hours": 1204.5,
    "source": "hand",
    "note": "盘点",
    "recorded_by": "ops",
    "rolled_back_km": 0,
}
PURCHASE: dict[str, Any] = {
    "purchased_on": "2025-03-15",
    "price_fen": 9_980_000,
    "supplier": "深圳某汽车销售有限公司",
    "depreciation_method": "straight_line",
    "useful_life_months": 60,
    "residual_pct": 5,
}
PLACING: dict[str, Any] = {"depot": "shenzhen-nanshan", "tags": ["冷链"], "pooled": False}
Tag = Annotated[
    str,
    Field(min_length=1, max_length=100, description="At most 30 characters."),
    AfterValidator(plain_text),
]


class OdometerIn(Input):
    """What somebody read off the odometer."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"odometer_km": 18342.6, "note": "盘点"}}
    )

    odometer_km: Kilometres
    running_hours: Hours | None = None
    read_at: Instant | None = Field(None, description="When [now]; not in the future.")
    note: Line | None = None


class OdometerOut(BaseModel):
    """What the odometer said, and whether that lies below an earlier reading."""

    model_config = ConfigDict(json_schema_extra={"example": READING})

    read_at: datetime
    odometer_km: float
    running_hours: float | None
    source: OdometerSource
    note: str | None = Field(description="Null, too, where it is another's.")
    recorded_by: str | None = Field(description="Null for the system, and out of your sight.")
    rolled_back_km: float = Field(
        ge=0, description="How far it lies below the highest reading before; 0 up to 1 km."
    )

    @classmethod
    def of(cls, reading: OdometerReading) -> "OdometerOut":
        """As the service gives it."""
        return cls(
            read_at=reading.read_at,
            odometer_km=float(reading.odometer_km),
            running_hours=plain(reading.running_hours),
            source=reading.source,
            note=reading.note,
            recorded_by=reading.recorded_by,
            rolled_back_km=float(reading.rolled_back_km),
        )


class OdometerNow(BaseModel):
    """The newest that is known of an odometer, written down or reported."""

    odometer_km: float
    read_at: datetime
    source: OdometerSource

    @classmethod
    def of(cls, odometer: Odometer) -> "OdometerNow":
        """As the service gives it."""
        return cls(
            odometer_km=float(odometer.odometer_km),
            read_at=odometer.read_at,
            source=odometer.source,
        )


class OdometerPage(Page[OdometerOut]):
    """Readings, the newest first, and the newest that is known."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "items": [READING],
                "next": None,
                "current": {
                    "odometer_km": 18350.1,
                    "read_at": "2026-11-21T03:12:00Z",
                    "source": "telemetry",
                },
            }
        }
    )

    current: OdometerNow | None


class PurchaseIn(Input):
    """What a vehicle was bought for, and how it is written off."""

    model_config = ConfigDict(json_schema_extra={"example": PURCHASE})

    purchased_on: Day
    price_fen: Fen
    supplier: Line | None = None
    depreciation_method: Method = Field(
        description="`straight_line` 年限平均法, `double_declining` 双倍年限平均法, `none` 不计提."
    )
    useful_life_months: int | None = Field(None, ge=1, le=600)
    residual_pct: Percent | None = Field(None, description="残值率, % of the price.")

    def facts(self) -> PurchaseFacts:
        """As the service takes it."""
        return PurchaseFacts(
            purchased_on=self.purchased_on,
            price_fen=self.price_fen,
            supplier=self.supplier,
            depreciation_method=self.depreciation_method,
            useful_life_months=self.useful_life_months,
            residual_pct=exact_or_none(self.residual_pct, 2),
        )


class PurchaseOut(BaseModel):
    """A purchase, and what is left of it in the books."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **PURCHASE,
                "book_value_fen": 6_978_015,
                "book_value_on": "2026-11-21",
                "version": 1,
            }
        }
    )

    purchased_on: date
    price_fen: int
    supplier: str | None
    depreciation_method: Method
    useful_life_months: int | None
    residual_pct: float | None
    book_value_fen: int = Field(description="At the end of that day. 账面净值")
    book_value_on: date
    version: int = Field(ge=1)

    @classmethod
    def of(cls, purchase: Purchase, on: date) -> "PurchaseOut":
        """As the service gives it, with what it is worth on a day."""
        return cls(
            purchased_on=purchase.purchased_on,
            price_fen=purchase.price_fen,
            supplier=purchase.supplier,
            depreciation_method=purchase.depreciation_method,
            useful_life_months=purchase.useful_life_months,
            residual_pct=plain(purchase.residual_pct),
            book_value_fen=purchase.book_value_fen(on),
            book_value_on=on,
            version=purchase.version,
        )


class Placing(Input):
    """Where a vehicle stands, what it is marked with, and whether its owner offers it below."""

    model_config = ConfigDict(json_schema_extra={"example": PLACING})

    depot: Code | None = Field(description="Its operator, or an organisation below it.")
    tags: list[Tag] = Field(max_length=100, description="At most 20.")
    pooled: bool = Field(
        description="Offered to the organisations below its owner while it is in stock."
    )


class PooledOut(BaseModel):
    """A vehicle that an organisation above offers."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "vin": "LSGPC52U6AF102554",
                "plate": "粤BD12345",
                "model": "瑞驰 EC35",
                "model_code": "ruichi-ec35",
                "owner": "qingfan",
                "available_from_at": "2026-11-01T00:00:00Z",
                "body_type": "微型封闭货车",
                "gvw_kg": 2600,
                "battery_kwh": 41.86,
                "battery_chemistry": "lfp",
                "rated_range_km": 300,
                "box_volume_m3": 5.2,
            }
        }
    )

    vin: str
    plate: str | None
    model: str | None
    model_code: str | None
    owner: str
    available_from_at: datetime = Field(description="In stock since then.")
    body_type: str | None
    gvw_kg: int | None
    battery_kwh: float | None
    battery_chemistry: str | None
    rated_range_km: int | None
    box_volume_m3: float | None

    @classmethod
    def of(cls, pooled: PooledVehicle) -> "PooledOut":
        """As the service gives it."""
        return cls(
            vin=pooled.vin,
            plate=pooled.plate,
            model=pooled.model,
            model_code=pooled.model_code,
            owner=pooled.owner_code,
            available_from_at=pooled.available_from_at,
            body_type=pooled.body_type,
            gvw_kg=pooled.gvw_kg,
            battery_kwh=plain(pooled.battery_kwh),
            battery_chemistry=pooled.battery_chemistry,
            rated_range_km=pooled.rated_range_km,
            box_volume_m3=plain(pooled.box_volume_m3),
        )
