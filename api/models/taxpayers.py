"""Which VAT payer an organisation is, over HTTP."""

from datetime import date, datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from api.models.actors import Writer
from api.models.text import Code, Day, Input
from fleet.vat.service import Taxpayer, TaxProfile

PROFILE: Final[dict[str, Any]] = {
    "organisation": "shenzhen-nanshan",
    "taxpayer": "general",
    "simplified": False,
    "valid_from_on": "2026-01-01",
    "recorded_by": "nanshan.finance",
    "recorded_at": "2025-12-20T02:00:00Z",
}


class TaxpayerOut(BaseModel):
    """Which taxpayer an organisation is from a day on, and those below it that say nothing."""

    model_config = ConfigDict(json_schema_extra={"example": PROFILE})

    organisation: str
    taxpayer: Taxpayer = Field(description="一般纳税人 or 小规模纳税人.")
    simplified: bool = Field(description="A general one that chose 简易计税 for leasing.")
    valid_from_on: date
    recorded_by: Writer
    recorded_at: datetime

    @classmethod
    def of(cls, profile: TaxProfile) -> "TaxpayerOut":
        """As the service gives it."""
        same = {name: getattr(profile, name) for name in cls.model_fields if name != "organisation"}
        return cls(**same, organisation=profile.organisation_code)


class TaxpayerIn(Input):
    """Which taxpayer an organisation is from a day on; the last word for a day counts."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {name: PROFILE[name] for name in PROFILE if not name.startswith("recorded")}
        }
    )

    organisation: Code
    taxpayer: Taxpayer
    simplified: bool = False
    valid_from_on: Day
