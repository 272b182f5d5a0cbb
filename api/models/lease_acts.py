"""What is done with leases over HTTP."""

from typing import Any, Final, Literal

from pydantic import ConfigDict, Field

from api.models.terms import EXAMPLE as TERMS
from api.models.terms import Fen, LineNo, ModelCode, TermsIn
from api.models.text import Code, Day, Input, Instant, Line, Name
from fleet.leasing.terms import LeaseKind, TermUnit

DRAFT: Final[dict[str, Any]] = {"customer_no": "C2611-PZ84QK", "terms": TERMS}


class LeaseChange(Input):
    """A draft as it is to be, whole."""

    model_config = ConfigDict(json_schema_extra={"example": DRAFT})

    customer_no: Name
    terms: TermsIn
    reference: Name | None = Field(None, description="The number it has elsewhere.")


class LeaseIn(LeaseChange):
    """A new draft."""

    organisation: Code | None = Field(
        None, description="That of the customer; said only to be sure of it."
    )


class Sign(Input):
    """The lease is signed by both sides."""

    model_config = ConfigDict(json_schema_extra={"example": {}})

    signed_at: Instant | None = Field(None, description="When it was; null: now.")


class Decide(Input):
    """Allow unusual terms, or refuse them."""

    model_config = ConfigDict(json_schema_extra={"example": {"approve": True, "note": "大客户"}})

    approve: bool
    note: Line | None = None


class Because(Input):
    """Why it is done."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "客户取消订单"}})

    reason: Line


class Amend(Input):
    """Other terms from a day on, whole."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"effective_on": "2027-01-01", "terms": TERMS, "reason": "租金调整"}
        }
    )

    effective_on: Day = Field(description="Today at the earliest.")
    terms: TermsIn
    reason: Line


class Extend(Input):
    """The term runs on."""

    model_config = ConfigDict(json_schema_extra={"example": {"ends_on": "2028-05-31"}})

    ends_on: Day | None = Field(description="The new last day; null: open-ended.")
    reason: Line | None = None


class Suspend(Input):
    """The lease, or one line of it, rests."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"from_on": "2027-02-01", "credited": True, "reason": "春节停运"}
        }
    )

    from_on: Day = Field(description="The first day; today, or up to a month ago.")
    line_no: LineNo | None = Field(None, description="Null: all of it.")
    credited: bool = Field(description="No rent for these days.")
    reason: Line


class Resume(Input):
    """It goes on."""

    model_config = ConfigDict(json_schema_extra={"example": {"on": "2027-02-15"}})

    on: Day = Field(description="The first day that does not rest any more.")
    line_no: LineNo | None = None


class Terminate(Input):
    """Ended before its time by one side, or both."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"by": "lessor", "clause": "第十二条", "reason": "逾期三期未付，催告期满"}
        }
    )

    by: Literal["lessor", "lessee", "both"]
    clause: Line | None = Field(None, description="Which it stands on.")
    reason: Line


class Renew(Input):
    """A draft that goes on the day after the lease ends."""

    model_config = ConfigDict(json_schema_extra={"example": {}})

    terms: TermsIn | None = Field(None, description="Null: those of the lease.")
    reference: Name | None = None


class ListPriceIn(Input):
    """标价 of a model from a day on."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "model_code": "ruichi-ec35",
                "lease_kind": "long",
                "rent_fen": 280_000,
                "per": "month",
                "deposit_fen": 800_000,
                "valid_from_on": "2027-01-01",
            }
        }
    )

    model_code: ModelCode
    lease_kind: LeaseKind
    rent_fen: Fen
    per: TermUnit = "month"
    deposit_fen: Fen = 0
    valid_from_on: Day | None = Field(None, description="Null: today.")
    organisation: Code | None = Field(None, description="Whose list; null: your own.")
