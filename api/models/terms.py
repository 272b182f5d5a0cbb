"""The terms of a lease over HTTP: what comes in, bounded and strict, and what is told.

What may not be lacking or contradict itself is decided by `fleet/leasing/terms.py`; here its
sentences get their Chinese.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from api.models.text import Day, Input, plain_text
from api.models.text import Line as TextLine
from fleet.leasing import terms as agreed
from fleet.leasing.terms import (
    Billing,
    EndConvention,
    LeaseKind,
    MileageSettled,
    Party,
    Proration,
    RentBegins,
    Terms,
    TermUnit,
)
from fleet.registry.vin import normalise_vin

Fen = Annotated[int, Field(ge=0, le=10**13, description="Hundredths of a yuan.")]
LineNo = Annotated[int, Field(ge=1, le=999, description="Its number, never used again.")]
ModelCode = Annotated[
    str,
    Field(min_length=1, max_length=63, description="Code of a model.", examples=["ruichi-ec35"]),
    AfterValidator(plain_text),
]
LineVin = Annotated[
    str,
    Field(min_length=1, max_length=40, description="车架号 VIN.", examples=["LSGPC52U6AF102554"]),
    AfterValidator(plain_text),
]
Remarks = Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(plain_text)]

LINE_EXAMPLE: Final[dict[str, Any]] = {
    "no": 1,
    "model_code": "ruichi-ec35",
    "vin": "LSGPC52U6AF102554",
    "rent_fen": 280_000,
    "per": "month",
    "deposit_fen": 800_000,
    "mileage": {
        "included_km": 5_000,
        "extra_fen_per_km": 100,
        "carry_over": True,
        "settled": "at_end",
    },
}
EXAMPLE: Final[dict[str, Any]] = {
    "kind": "long",
    "starts_on": "2026-12-01",
    "term": {"count": 12, "unit": "month", "end": "day_before"},
    "rent_begins": "hand_over",
    "billing": "anchor_month",
    "proration": "actual_days",
    "pays_ahead_days": 0,
    "lines": [LINE_EXAMPLE],
    "late_fee": {"rate_per_day": 0.0005, "grace_days": 3, "cap_pct": None},
    "early_end": {"kind": "months_of_rent", "pct": None, "months": 1, "notice_days": 30},
    "buy_out": None,
    "insured_by": "lessor",
    "energy_by": "lessee",
    "violations_by": "lessee",
    "maintenance_by": "lessor",
    "sub_letting": False,
    "violation_hold_fen": 200_000,
    "violation_hold_days": 30,
    "clauses": {"late_fee": "第八条", "termination": "第十二条"},
    "remarks": None,
}
CONTRADICTIONS: Final[dict[str, str]] = {
    "a lease runs for 20 years at most (民法典 §705)": "租期不得超过二十年（民法典 §705）",
    "lines: each has a number of its own": "租赁项编号不能重复",
    "lines: a vehicle stands in one line only": "同一车辆只能用于一个租赁项",
    "buy_out: said for a lease-to-own, and only then": "买断条款仅用于且必须用于以租代购",
    "term: a lease-to-own has an end": "以租代购须有期限",
    "billing: what is paid once has an end": "一次性付租须有期限",
    "lines: rent by the day is for short leases": "仅短租可按日计租",
    "pct is said for a share of the remaining rent, and only then": "比例仅用于剩余租金方式，必填",
    "months are said for months of rent, and only then": "月数仅用于月租金方式，且必填",
}
"""The sentences of `fleet/leasing/terms.py`, in Chinese."""


class TermIn(Input):
    """How long; without a count it is open-ended."""

    count: int | None = Field(None, ge=1, le=7_305)
    unit: TermUnit = "month"
    end: EndConvention = Field(
        "day_before",
        description="To the day before the corresponding day; or to that day, which is the law"
        " where nothing is agreed (民法典 §201–202).",
    )


class MileageIn(Input):
    """Kilometres a month (or a day, as the rent is) that the rent includes."""

    included_km: int = Field(ge=0, le=100_000)
    extra_fen_per_km: Fen
    carry_over: bool = Field(True, description="What is not driven counts for later periods.")
    settled: MileageSettled = Field(
        "at_end", description="Billed after each period, or proposed once, at the return."
    )


class LineIn(Input):
    """A vehicle's place in the lease, and what it costs."""

    model_config = ConfigDict(json_schema_extra={"example": LINE_EXAMPLE})

    no: LineNo
    model_code: ModelCode | None = None
    vin: LineVin | None = Field(None, description="To begin with; null: chosen at hand-over.")
    rent_fen: Fen
    per: TermUnit = Field("month", description="What the rent is for.")
    deposit_fen: Fen = 0
    mileage: MileageIn | None = None


class LateFeeIn(Input):
    """滞纳金 of the overdue amount; null: none is agreed."""

    rate_per_day: float = Field(0.0005, ge=0, le=1, allow_inf_nan=False)
    grace_days: int = Field(3, ge=0, le=90)
    cap_pct: int | None = Field(None, ge=1, le=1_000)


class EarlyEndIn(Input):
    """What ending early costs the lessee."""

    kind: Annotated[
        str, Field(max_length=40, pattern="^(none|share_of_remaining_rent|months_of_rent)$")
    ] = "none"
    pct: int | None = Field(None, ge=1, le=100)
    months: int | None = Field(None, ge=1, le=24)
    notice_days: int = Field(30, ge=0, le=366)


class BuyOutIn(Input):
    """以租代购: the down payment, and the price per vehicle at the end."""

    down_payment_fen: Fen = 0
    price_fen: Fen


class Clauses(Input):
    """Which clause of the contract each remedy stands on."""

    late_fee: TextLine | None = None
    lock: TextLine | None = None
    termination: TextLine | None = None
    repossession: TextLine | None = None
    deposit: TextLine | None = None
    sub_letting: TextLine | None = None
    early_end: TextLine | None = None


class TermsIn(Input):
    """All that is agreed, whole."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    kind: LeaseKind = Field(description="短租, 长租, 以租代购.")
    starts_on: Day
    term: TermIn
    rent_begins: RentBegins = "hand_over"
    billing: Billing = "anchor_month"
    proration: Proration = "actual_days"
    pays_ahead_days: int = Field(0, ge=0, le=60)
    lines: list[LineIn] = Field(min_length=1, max_length=agreed.MOST_LINES)
    late_fee: LateFeeIn | None = Field(default_factory=LateFeeIn)
    early_end: EarlyEndIn = Field(default_factory=EarlyEndIn)
    buy_out: BuyOutIn | None = None
    insured_by: Party = "lessor"
    energy_by: Party = "lessee"
    violations_by: Party = "lessee"
    maintenance_by: Party = "lessor"
    sub_letting: bool = False
    violation_hold_fen: Fen = 0
    violation_hold_days: int = Field(30, ge=0, le=366)
    clauses: Clauses = Field(default_factory=Clauses)
    remarks: Remarks | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> "TermsIn":
        try:
            self.terms()
        except ValidationError as unfit:
            problem = unfit.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
            facts = {"problem": problem, "problem_zh": CONTRADICTIONS.get(problem, "格式不正确")}
            raise PydanticCustomError("terms_contradict", "{problem}", facts) from None
        return self

    def terms(self) -> Terms:
        """As the service takes it; VINs as they are kept."""
        told = self.model_dump(exclude={"clauses", "late_fee", "lines"})
        lines = [line.model_dump() for line in self.lines]
        for line in lines:
            line["vin"] = line["vin"] and normalise_vin(line["vin"])
        fee = None if self.late_fee is None else self.late_fee.model_dump()
        if fee is not None:
            fee["rate_per_day"] = Decimal(str(fee["rate_per_day"]))
        clauses = self.clauses.model_dump(exclude_none=True)
        return Terms(**told, lines=lines, late_fee=fee, clauses=clauses)


class TermsOut(BaseModel):
    """The terms as they are agreed."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    kind: LeaseKind
    starts_on: date
    term: agreed.Term
    rent_begins: RentBegins
    billing: Billing
    proration: Proration
    pays_ahead_days: int
    lines: list[agreed.Line]
    late_fee: LateFeeIn | None
    early_end: agreed.EarlyEndPrice
    buy_out: agreed.BuyOut | None
    insured_by: Party
    energy_by: Party
    violations_by: Party
    maintenance_by: Party
    sub_letting: bool
    violation_hold_fen: int
    violation_hold_days: int
    clauses: Clauses
    remarks: str | None

    @classmethod
    def of(cls, terms: Terms) -> "TermsOut":
        """As the service gives them."""
        told = dict(terms)
        fee = terms.late_fee
        if fee is not None:
            told["late_fee"] = {**dict(fee), "rate_per_day": float(fee.rate_per_day)}
        told["clauses"] = {str(name): text for name, text in terms.clauses.items()}
        return cls.model_validate(told)
