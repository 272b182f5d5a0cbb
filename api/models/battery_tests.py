"""Battery safety tests over HTTP."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from api.models.amounts import Fen, exact_or_none, plain
from api.models.recorded import RECORDED, RecordedOut, about
from api.models.text import Day, Input, Line
from fleet.compliance.model import BatteryResult, BatteryTest
from fleet.compliance.records import Recorded

BATTERY_TEST: Final[dict[str, Any]] = {
    "tested_on": "2026-11-02",
    "result": "normal",
    "place": "深圳南山电池检测点",
    "soh_pct": 92.5,
    "charge_max_c": 41.5,
    "discharge_max_c": 38.0,
    "motor_max_c": 96.0,
    "controller_max_c": 71.0,
    "converter_max_c": 66.5,
    "note": None,
}
AMOUNTS: Final = (
    "soh_pct",
    "charge_max_c",
    "discharge_max_c",
    "motor_max_c",
    "controller_max_c",
    "converter_max_c",
)
Celsius = Annotated[float, Field(ge=-60, le=500, allow_inf_nan=False, description="°C, highest.")]


class BatteryTestIn(Input):
    """A test after GB/T 44500-2024."""

    model_config = ConfigDict(json_schema_extra={"example": {**BATTERY_TEST, "cost_fen": 20000}})

    tested_on: Day
    result: BatteryResult | None = Field(
        None,
        description="`normal` 正常, `maintain` 建议维护, as the report says; null: the readings"
        " decide, by the limits in force that day.",
    )
    place: Line | None = None
    soh_pct: Annotated[float, Field(ge=0, le=110, allow_inf_nan=False)] | None = None
    charge_max_c: Celsius | None = None
    discharge_max_c: Celsius | None = None
    motor_max_c: Celsius | None = None
    controller_max_c: Celsius | None = None
    converter_max_c: Celsius | None = None
    note: Line | None = None
    cost_fen: Fen | None = Field(None, description="Null leaves what is known.")

    def test(self) -> BatteryTest:
        """As the service takes it; where `result` is null, one that is to be judged."""
        amounts: dict[str, Decimal | None] = {
            name: exact_or_none(getattr(self, name), 1) for name in AMOUNTS
        }
        return BatteryTest(
            tested_on=self.tested_on,
            result=self.result or "normal",
            place=self.place,
            note=self.note,
            **amounts,
        )


class BatteryTestPaper(BaseModel):
    """What a battery test says."""

    model_config = ConfigDict(json_schema_extra={"example": BATTERY_TEST})

    tested_on: date
    result: BatteryResult
    place: str | None
    soh_pct: float | None
    charge_max_c: float | None
    discharge_max_c: float | None
    motor_max_c: float | None
    controller_max_c: float | None
    converter_max_c: float | None
    note: str | None

    @classmethod
    def of_paper(cls, test: BatteryTest) -> "BatteryTestPaper":
        """As the service gives it."""
        return cls(**told_of(test))


class BatteryTestOut(BatteryTestPaper, RecordedOut):
    """A battery test."""

    model_config = ConfigDict(json_schema_extra={"example": {**RECORDED, **BATTERY_TEST}})

    @classmethod
    def of(cls, recorded: Recorded[BatteryTest]) -> "BatteryTestOut":
        """As the service gives it."""
        return cls(**about(recorded), **told_of(recorded.paper))


def told_of(test: BatteryTest) -> dict[str, Any]:
    """The fields of a battery test."""
    told = {name: getattr(test, name) for name in BATTERY_TEST}
    return told | {name: plain(getattr(test, name)) for name in AMOUNTS}
