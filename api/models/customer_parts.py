"""Drivers, bank accounts and the blacklist of customers over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from api.models.actors import Writer
from api.models.customers import Digits
from api.models.text import Day, Input, Line, Name
from fleet.customers.service import LONG_TERM, Account, Driver, DriverFacts, days_left
from fleet.local_days import local_day

DRIVER: dict[str, Any] = {
    "key": "0b9c1f4e-7a2c-4a53-9a52-0d6c7f2f7a11",
    "name": "王磊",
    "phone": "139****4321",
    "licence_no": "440***********1234",
    "classes": ["C1"],
    "first_issued_on": "2015-03-02",
    "valid_to_on": "2031-03-02",
    "long_term": False,
    "days_left": 1561,
    "version": 1,
}
ACCOUNT: dict[str, Any] = {
    "id": 7,
    "bank": "招商银行深圳科技园支行",
    "holder": "王芳",
    "account_no": "***************0123",
    "added_by": "nanshan.sales",
    "added_at": "2026-11-21T01:00:00Z",
}
DriverKeyPath = Annotated[UUID, Path(description="Key of the driver.")]
AccountIdPath = Annotated[int, Path(ge=1, le=2**63 - 1, description="`id` of the account.")]


class DriverOut(BaseModel):
    """Whoever drives for a customer."""

    model_config = ConfigDict(json_schema_extra={"example": DRIVER})

    key: UUID
    name: str
    phone: str | None = Field(description="Masked.")
    licence_no: str | None = Field(description="Masked.")
    classes: list[str] = Field(description="准驾车型.")
    first_issued_on: date | None
    valid_to_on: date | None = Field(description="Its last day; null: without an end, 长期.")
    long_term: bool
    days_left: int | None = Field(description="Below nought once it is over.")
    version: int = Field(ge=1)

    @classmethod
    def of(cls, driver: Driver, now: datetime) -> "DriverOut":
        """As the service gives them, days counted from now."""
        long_term = driver.valid_to_on == LONG_TERM
        return cls(
            key=driver.key,
            name=driver.name,
            phone=driver.phone_masked,
            licence_no=driver.licence_masked,
            classes=driver.classes,
            first_issued_on=driver.first_issued_on,
            valid_to_on=None if long_term else driver.valid_to_on,
            long_term=long_term,
            days_left=days_left(driver.valid_to_on, local_day(now, driver.zone)),
            version=driver.version,
        )


class DriverIn(Input):
    """A driver; without name and licence number the customer itself, by its ID card."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "name": "王磊",
                "licence_no": "11010519491231002X",
                "phone": "13987654321",
                "classes": ["C1"],
                "first_issued_on": "2015-03-02",
                "valid_to_on": "2031-03-02",
            }
        }
    )

    name: Name | None = None
    licence_no: Digits | None = Field(
        None, description="证号 of the 驾驶证; sealed at rest. As it was shown, masked, it stays."
    )
    phone: Digits | None = None
    classes: list[Annotated[str, Field(min_length=1, max_length=2)]] = Field(
        min_length=1, max_length=17, description="准驾车型: A1 … P.", examples=[["C1"]]
    )
    first_issued_on: Day | None = None
    valid_to_on: Day | None = Field(description="Its last day; null: without an end, 长期.")

    def facts(self) -> DriverFacts:
        """As the service takes it."""
        return DriverFacts(
            classes=tuple(self.classes),
            valid_to_on=self.valid_to_on,
            name=self.name,
            licence_no=self.licence_no,
            phone=self.phone,
            first_issued_on=self.first_issued_on,
        )


class AccountOut(BaseModel):
    """A bank account of a customer."""

    model_config = ConfigDict(json_schema_extra={"example": ACCOUNT})

    id: int
    bank: str
    holder: str
    account_no: str | None = Field(description="The last four digits.")
    added_by: Writer
    added_at: datetime

    @classmethod
    def of(cls, account: Account) -> "AccountOut":
        """As the service gives it."""
        return cls(
            id=account.id,
            bank=account.bank,
            holder=account.holder,
            account_no=account.account_masked,
            added_by=account.added_by,
            added_at=account.added_at,
        )


class AccountIn(Input):
    """A bank account."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "bank": "招商银行深圳科技园支行",
                "holder": "王芳",
                "account_no": "6222 0212 3456 7890 123",
            }
        }
    )

    bank: Name
    holder: Name
    account_no: Digits = Field(description="Sealed at rest.")


class Proposal(Input):
    """Why a customer is to lease nothing any more."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "三次逾期未付租金"}})

    reason: Line


class BlacklistDecision(Input):
    """Yes or no to what somebody else proposed."""

    model_config = ConfigDict(json_schema_extra={"example": {"approve": True, "note": None}})

    approve: bool
    note: Line | None = None


class Lifting(Input):
    """Why a customer may lease again."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "欠款已结清"}})

    reason: Line
