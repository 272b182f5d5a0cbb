"""Revenue shares over HTTP: agreements, what a month comes to, settlements."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from api.models.actors import Decider, Writer
from api.models.amounts import Fen
from api.models.ledger import Month
from api.models.text import Code, Input
from fleet.shares.service import (
    Agreement,
    Basis,
    Correction,
    Settlement,
    Statement,
    VehicleShare,
)

AgreementKey = Annotated[UUID, Path(description="Key of the agreement.")]
SettlementKey = Annotated[UUID, Path(description="Key of the settlement.")]
SharePct = Annotated[
    str,
    Field(
        pattern=r"^(100(\.0{1,2})?|[0-9]{1,2}(\.[0-9]{1,2})?)$",
        max_length=6,
        description="Per cent of what the vehicles bring in, net of VAT.",
        examples=["30.00"],
    ),
]


def first_of(month: str) -> date:
    """The first day of a month YYYY-MM."""
    return date.fromisoformat(f"{month}-01")


class AgreementOut(BaseModel):
    """分成协议: what an operator owes the owner of its vehicles, for whole months."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "key": "0198f0c2-6d3a-4b1e-9a52-0d6c7f2f7a31",
                "owner": "head",
                "operator": "shenzhen-nanshan",
                "basis": "earned",
                "share_pct": "30.00",
                "floor_fen": 90000,
                "from_month": "2026-03",
                "until_month": None,
                "recorded_by": "li.na",
                "recorded_at": "2026-03-01T02:00:00Z",
                "ended_by": None,
            }
        }
    )

    key: UUID
    owner: str | None = Field(description="Null where it is out of sight.")
    operator: str | None
    basis: Basis = Field(description="Of what was earned by day, or of money received.")
    share_pct: str
    floor_fen: int = Field(description="保底: at least so much a vehicle and month, by its days.")
    from_month: str
    until_month: str | None = Field(description="The first month it is not of; null: no end.")
    recorded_by: Writer
    recorded_at: datetime
    ended_by: Decider

    @classmethod
    def of(cls, agreement: Agreement) -> "AgreementOut":
        """As the service gives it."""
        until_on = agreement.valid_until_on
        return cls(
            key=agreement.key,
            owner=agreement.owner_code,
            operator=agreement.operator_code,
            basis=agreement.basis,
            share_pct=f"{agreement.share_pct:.2f}",
            floor_fen=agreement.floor_fen,
            from_month=f"{agreement.valid_from_on:%Y-%m}",
            until_month=None if until_on is None else f"{until_on:%Y-%m}",
            recorded_by=agreement.recorded_by,
            recorded_at=agreement.recorded_at,
            ended_by=agreement.ended_by,
        )


class AgreementIn(Input):
    """An agreement between an owner and the operator of its vehicles."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "owner": "head",
                "operator": "shenzhen-nanshan",
                "basis": "earned",
                "share_pct": "30.00",
                "floor_fen": 90000,
                "from_month": "2026-03",
                "until_month": None,
            }
        }
    )

    owner: Code
    operator: Code
    basis: Basis
    share_pct: SharePct
    floor_fen: Fen = 0
    from_month: Month
    until_month: Month | None = Field(None, description="The first month it is not of.")

    @property
    def pct(self) -> Decimal:
        """Per cent."""
        return Decimal(self.share_pct)


class AgreementEnd(Input):
    """From which month on it is no more."""

    model_config = ConfigDict(json_schema_extra={"example": {"until_month": "2026-12"}})

    until_month: Month


class SettleIn(Input):
    """The month to settle."""

    model_config = ConfigDict(json_schema_extra={"example": {"month": "2026-03"}})

    month: Month


class VehicleShareOut(BaseModel):
    """What is owed for a vehicle and month."""

    vin: str
    plate: str | None
    days: int = Field(description="With the operator, of those of the month.")
    of_days: int
    basis_fen: int = Field(description="What it brought in, net of VAT.")
    share_fen: int
    floor_fen: int
    amount_fen: int

    @classmethod
    def of(cls, row: VehicleShare) -> "VehicleShareOut":
        """As the service gives it."""
        return cls(
            vin=row.vin,
            plate=row.plate,
            days=row.days,
            of_days=row.of_days,
            basis_fen=row.basis_fen,
            share_fen=row.due.share_fen,
            floor_fen=row.due.floor_fen,
            amount_fen=row.due.amount_fen,
        )


class CorrectionOut(BaseModel):
    """A vehicle and month that was settled otherwise than it is now."""

    month_on: date
    vin: str
    was_fen: int
    is_fen: int
    amount_fen: int

    @classmethod
    def of(cls, row: Correction) -> "CorrectionOut":
        """As the service gives it."""
        return cls(
            month_on=row.month_on,
            vin=row.vin,
            was_fen=row.was_fen,
            is_fen=row.is_fen,
            amount_fen=row.amount_fen,
        )


class PreviewOut(BaseModel):
    """What a month comes to by what is known now."""

    agreement: AgreementOut
    month: str
    vehicles: list[VehicleShareOut]
    corrections: list[CorrectionOut]
    carried_in_fen: int = Field(description="Below zero: what earlier months left over.")
    amount_fen: int
    carried_out_fen: int

    @classmethod
    def of(cls, statement: Statement) -> "PreviewOut":
        """As the service gives it."""
        return cls(
            agreement=AgreementOut.of(statement.agreement),
            month=f"{statement.month_on:%Y-%m}",
            vehicles=[VehicleShareOut.of(row) for row in statement.vehicles],
            corrections=[CorrectionOut.of(row) for row in statement.corrections],
            carried_in_fen=statement.carried_in_fen,
            amount_fen=statement.amount_fen,
            carried_out_fen=statement.carried_out_fen,
        )


class SettlementOut(BaseModel):
    """分成结算单 of a list."""

    key: UUID
    agreement: UUID
    owner: str | None
    operator: str | None
    month: str = Field(examples=["2026-03"])
    amount_fen: int
    sha256: str = Field(description="Of the canonical text of its content.")
    settled_by: Writer
    settled_at: datetime

    @classmethod
    def of(cls, settlement: Settlement) -> "SettlementOut":
        """As the service gives it."""
        return cls(**_told(settlement))


class SettlementDetailOut(SettlementOut):
    """分成结算单 as it was settled, vehicle by vehicle."""

    content: dict[str, Any] = Field(description="As printed; frozen.")

    @classmethod
    def of(cls, settlement: Settlement) -> "SettlementDetailOut":
        """As the service gives it."""
        return cls(**_told(settlement), content=dict(settlement.content))


def _told(settlement: Settlement) -> dict[str, Any]:
    return {
        "key": settlement.key,
        "agreement": settlement.agreement_key,
        "owner": settlement.owner_code,
        "operator": settlement.operator_code,
        "month": f"{settlement.month_on:%Y-%m}",
        "amount_fen": settlement.amount_fen,
        "sha256": settlement.content_sha256.hex(),
        "settled_by": settlement.settled_by,
        "settled_at": settlement.settled_at,
    }
