"""The figures of money, as `figures.py` keeps them: VAT, the order of payments, dunning, ageing."""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fleet.figure import Figures
from fleet.leasing.terms import ClauseConcern

Pct = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]
VatCategory = Literal["leasing", "goods", "services", "none"]


class VatRates(Figures):
    """VAT rates in per cent; `simplified` is 简易计税 of a general taxpayer, for leasing only."""

    name: ClassVar[str] = "vat.rates"
    meaning: ClassVar[str] = "VAT rates"
    chinese: ClassVar[str] = "增值税税率与征收率"

    leasing_pct: Pct
    goods_pct: Pct
    services_pct: Pct
    simplified_pct: Pct
    small_scale_pct: Pct


class VatTreatment(Figures):
    """As what each kind of line is taxed; none: not subject to VAT."""

    name: ClassVar[str] = "vat.treatment"
    meaning: ClassVar[str] = "What is taxed as what"
    chinese: ClassVar[str] = "增值税应税项目"

    rent: VatCategory
    mileage: VatCategory
    late_return: VatCategory
    late_fee: VatCategory
    early_end: VatCategory
    down_payment: VatCategory
    buy_out: VatCategory
    package: VatCategory
    cleaning: VatCategory
    energy: VatCategory
    damage: VatCategory
    missing: VatCategory
    violation: VatCategory
    deposit: VatCategory
    collection_cost: VatCategory
    reclaim: VatCategory
    opening: VatCategory
    other: VatCategory


class PaymentOrder(Figures):
    """Which bill a payment settles first, where its payer names none.

    `law`: 民法典 §560. `oldest_first`: agreed otherwise, by due day alone.
    """

    name: ClassVar[str] = "payment.order"
    meaning: ClassVar[str] = "Order in which payments settle bills"
    chinese: ClassVar[str] = "付款清偿顺序"

    rule: Literal["law", "oldest_first"]


class PaymentMatching(Figures):
    """From which confidence on a receipt is claimed for a customer without asking."""

    name: ClassVar[str] = "payment.matching"
    meaning: ClassVar[str] = "Confidence from which receipts are claimed by themselves"
    chinese: ClassVar[str] = "收款自动认领置信度"

    claim_from_pct: int = Field(ge=50, le=100)


class DunningStage(BaseModel):
    """A step of the ladder: so many days after the due day (below zero: before).

    `clause` names what the contract must have agreed on for it; `after` the stage whose notice must
    have arrived, its deadline over.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
    day: int = Field(ge=-60, le=1_000)
    kind: Literal[
        "reminder", "call", "demand", "lock_notice", "rescission_notice", "recovery", "suit"
    ]
    deadline_days: int | None = Field(None, ge=1, le=366)
    clause: ClauseConcern | None = None
    after: str | None = None


class DunningLadder(Figures):
    """催收阶梯: what is done about a bill, from before its due day on."""

    name: ClassVar[str] = "dunning.ladder"
    meaning: ClassVar[str] = "Stages of dunning"
    chinese: ClassVar[str] = "催收阶梯"

    stages: Annotated[tuple[DunningStage, ...], Field(min_length=1, max_length=40)]

    @model_validator(mode="after")
    def _in_order(self) -> "DunningLadder":
        days = [stage.day for stage in self.stages]
        if days != sorted(days):
            raise ValueError("stages follow one another by their day")
        seen: dict[str, DunningStage] = {}
        for stage in self.stages:
            if stage.code in seen:
                raise ValueError(f"{stage.code} stands twice")
            if stage.after is not None and stage.after not in seen:
                raise ValueError(f"{stage.code}: {stage.after} comes no earlier")
            seen[stage.code] = stage
        return self


class ReceivableAgeing(Figures):
    """账龄分段: up to how many days overdue each bucket reaches; one more holds the rest."""

    name: ClassVar[str] = "receivable.ageing"
    meaning: ClassVar[str] = "Buckets of ageing"
    chinese: ClassVar[str] = "应收账龄分段"

    up_to_days: Annotated[
        tuple[Annotated[int, Field(ge=1, le=3_660)], ...], Field(min_length=1, max_length=12)
    ]

    @model_validator(mode="after")
    def _rising(self) -> "ReceivableAgeing":
        if list(self.up_to_days) != sorted(set(self.up_to_days)):
            raise ValueError("each bucket reaches further than the one before")
        return self


class RestDays(Figures):
    """法定节假日: days `off` beside Saturdays and Sundays, and such as are `worked` instead.

    Of the year the figure is set for; without it Saturdays and Sundays are days of rest.
    """

    name: ClassVar[str] = "calendar.rest_days"
    meaning: ClassVar[str] = "Legal holidays, and days worked instead"
    chinese: ClassVar[str] = "法定节假日与调休上班日"

    off: Annotated[tuple[date, ...], Field(max_length=400)]
    worked: Annotated[tuple[date, ...], Field(max_length=400)]

    @model_validator(mode="after")
    def _either(self) -> "RestDays":
        if both := sorted(set(self.off) & set(self.worked)):
            raise ValueError(f"{both[0]} is both off and worked")
        return self
