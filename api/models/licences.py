"""Licences of vehicles over HTTP."""

from datetime import date
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from api.models.text import Day, Input, Name
from fleet.compliance.model import Licence

LICENCE: Final[dict[str, Any]] = {
    "vehicle_type": "微型厢式货车",
    "use_nature": "营运",
    "registered_on": "2019-05-10",
    "issued_on": "2024-05-12",
    "motor_no": "TZ180XS0012345",
    "gvw_kg": 2510,
    "seats": 2,
    "stricter": False,
}
STRICTER: Final = (
    "A private passenger car that lost the easier intervals: an injury accident, or an illegal"
    " modification."
)


class LicenceIn(Input):
    """A licence as it is printed."""

    model_config = ConfigDict(json_schema_extra={"example": LICENCE})

    vehicle_type: Name = Field(description="车辆类型, as printed.")
    use_nature: Name = Field(description="使用性质, as printed.")
    registered_on: Day = Field(description="注册日期: inspections are counted from it.")
    issued_on: Day | None = Field(None, description="发证日期.")
    motor_no: Name | None = Field(None, description="发动机号, of an electric vehicle its motor's.")
    gvw_kg: int | None = Field(None, ge=100, le=60_000, description="总质量.")
    seats: int | None = Field(None, ge=1, le=99, description="核定载人数.")
    stricter: bool = Field(False, description=STRICTER)

    def licence(self, version: int) -> Licence:
        """As the service takes it."""
        return Licence(**{name: getattr(self, name) for name in LICENCE}, version=version)


class LicenceOut(BaseModel):
    """A licence as it was written down."""

    model_config = ConfigDict(json_schema_extra={"example": {**LICENCE, "version": 1}})

    vehicle_type: str
    use_nature: str
    registered_on: date
    issued_on: date | None
    motor_no: str | None
    gvw_kg: int | None
    seats: int | None
    stricter: bool = Field(description=STRICTER)
    version: int = Field(ge=1)

    @classmethod
    def of(cls, licence: Licence) -> "LicenceOut":
        """As the service gives it."""
        return cls(**{name: getattr(licence, name) for name in cls.model_fields})
