"""Deposits over HTTP."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.models.actors import Writer
from api.models.text import Day, Input, Line
from fleet.deposits.service import (
    Block,
    BlockCode,
    Channel,
    Deposit,
    DepositStanding,
    Movement,
    MovementKind,
    Total,
)

SOME: dict[str, Any] = {
    "lease_no": "L2611-7KQ4MX",
    "lease_state": "ended",
    "organisation": "shenzhen-nanshan",
    "customer_no": "C2611-9QRTKX",
    "customer_name": "深圳市顺达物流有限公司",
    "agreed_fen": 800000,
    "asked_fen": 800000,
    "open_fen": 0,
    "received_fen": 800000,
    "opening_fen": 0,
    "applied_fen": 100000,
    "refunded_fen": 0,
    "credited_fen": 0,
    "held_back_fen": 0,
    "held_fen": 700000,
}
MoreThanNothing = Annotated[
    int, Field(ge=1, le=10**13, description="Hundredths of a yuan.", examples=[100000])
]


class DepositOut(BaseModel):
    """The deposit of a lease. Held = received + opening − applied − refunded − credited."""

    model_config = ConfigDict(json_schema_extra={"example": SOME})

    lease_no: str
    lease_state: str
    organisation: str
    customer_no: str
    customer_name: str
    agreed_fen: int = Field(description="By the terms.")
    asked_fen: int = Field(description="On bills, less credit notes.")
    open_fen: int = Field(description="Not paid of that.")
    received_fen: int = Field(description="Paid on bills.")
    opening_fen: int = Field(description="Held from before the books began.")
    applied_fen: int = Field(description="Settled bills, less what was taken back.")
    refunded_fen: int
    credited_fen: int = Field(description="Became credit as a note took a paid bill off.")
    held_back_fen: int = Field(description="By people, and not released.")
    held_fen: int

    @classmethod
    def of(cls, deposit: Deposit) -> "DepositOut":
        """As the service gives it."""
        same = {name: getattr(deposit, name) for name in cls.model_fields if name != "organisation"}
        return cls(**same, organisation=deposit.organisation_code)


class BlockOut(BaseModel):
    """What stands against giving back."""

    block: str = Field(description="By this it is released.")
    code: BlockCode
    amount_fen: int | None = Field(description="Null: against all of it.")
    released_fen: int
    stands_fen: int | None = Field(description="Of it, still; null: against all of it.")
    until_on: date | None = Field(description="The last day, where it is known.")
    en: str
    zh: str

    @classmethod
    def of(cls, block: Block) -> "BlockOut":
        """As the service gives it."""
        same = {name: getattr(block, name) for name in cls.model_fields if name != "block"}
        return cls(**same, block=block.key)


class MovementOut(BaseModel):
    """One move of a deposit."""

    key: UUID
    kind: MovementKind
    amount_fen: int
    left_fen: int = Field(description="Not undone of what was applied or held back.")
    moved_on: date
    until_on: date | None
    reason: str
    bank_reference: str | None
    channel: Channel | None
    bill_no: str | None
    undoes_key: UUID | None
    releases: str | None
    recorded_by: Writer
    recorded_at: datetime

    @classmethod
    def of(cls, movement: Movement) -> "MovementOut":
        """As the service gives it."""
        return cls(**{name: getattr(movement, name) for name in cls.model_fields})


class DepositStandingOut(BaseModel):
    """All a clerk asks about the deposit of a lease, today."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "deposit": SOME,
                "on": "2026-11-22",
                "returned_on": "2026-11-10",
                "vehicles_out": 0,
                "refundable_fen": 500000,
                "blocks": [
                    {
                        "block": "violation_hold",
                        "code": "violation_hold",
                        "amount_fen": 200000,
                        "released_fen": 0,
                        "stands_fen": 200000,
                        "until_on": "2026-12-10",
                        "en": "held until 2026-12-10 for violations not known yet",
                        "zh": "按约定预留违章押金至 2026-12-10",
                    }
                ],
                "movements": [],
            }
        }
    )

    deposit: DepositOut
    on: date
    returned_on: date | None = Field(description="The day the last vehicle came back.")
    vehicles_out: int
    refundable_fen: int = Field(description="May be given back today.")
    blocks: list[BlockOut] = Field(description="What stands against more.")
    movements: list[MovementOut]

    @classmethod
    def of(cls, standing: DepositStanding) -> "DepositStandingOut":
        """As the service gives it."""
        same = ("on", "returned_on", "vehicles_out", "refundable_fen")
        return cls(
            **{name: getattr(standing, name) for name in same},
            deposit=DepositOut.of(standing.deposit),
            blocks=[BlockOut.of(each) for each in standing.blocks],
            movements=[MovementOut.of(each) for each in standing.movements],
        )


class DepositTotalOut(BaseModel):
    """押金负债: what is held of customers' money."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "leases": 214,
                "held_fen": 171200000,
                "held_back_fen": 400000,
                "open_fen": 1600000,
            }
        }
    )

    leases: int = Field(description="Of which something is held.")
    held_fen: int
    held_back_fen: int = Field(description="Of that, by people.")
    open_fen: int = Field(description="Asked for and not paid.")

    @classmethod
    def of(cls, total: Total) -> "DepositTotalOut":
        """As the service gives it."""
        return cls(**{name: getattr(total, name) for name in cls.model_fields})


class DepositApplied(Input):
    """A bill of the lease that the deposit settles."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"bill": "B2026-3-000012", "amount_fen": 100000, "reason": "抵扣欠租"}
        }
    )

    bill: Annotated[str, Field(min_length=1, max_length=40, description="Number of the bill.")]
    amount_fen: MoreThanNothing | None = Field(None, description="As much as there is.")
    reason: Line
    on: Day | None = Field(None, description="Today.")


class DepositUnapplied(Input):
    """What the deposit settled is open again."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "movement": "0198f0c2-6d3a-4b1e-9a52-0d6c7f2f7a31",
                "amount_fen": 40000,
                "reason": "误抵",
            }
        }
    )

    movement: UUID = Field(strict=False, description="Key of the movement that settled it.")
    amount_fen: MoreThanNothing | None = Field(None, description="All that is left of it.")
    reason: Line
    on: Day | None = Field(None, description="Today.")


class DepositHeld(Input):
    """So much is not given back for now."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"amount_fen": 100000, "until_on": "2026-12-31", "reason": "待定损"}
        }
    )

    amount_fen: MoreThanNothing
    until_on: Day | None = Field(None, description="The last day; until it is released.")
    reason: Line


class DepositReleased(Input):
    """What stands against giving back stands no more."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"block": "violation_hold", "reason": "已核实无违章"}}
    )

    block: Annotated[str, Field(min_length=1, max_length=120, description="As it is listed.")]
    amount_fen: MoreThanNothing | None = Field(None, description="All of it.")
    reason: Line


class DepositRefunded(Input):
    """So much was given back."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "amount_fen": 500000,
                "channel": "bank",
                "bank_reference": "C0331000017",
                "reason": "退租",
            }
        }
    )

    amount_fen: MoreThanNothing
    channel: Channel
    bank_reference: Annotated[Line | None, Field(description="The bank's number of it.")] = None
    reason: Line
    on: Day | None = Field(None, description="Today.")


class DepositOpened(Input):
    """So much is held from before the books began."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"amount_fen": 800000, "reason": "期初迁移"}}
    )

    amount_fen: MoreThanNothing
    reason: Line
    on: Day | None = Field(None, description="Today.")
