"""The figures there are, each with its type: what a name may hold, and nothing else.

Leaves out their amounts, which stand in the database with their day and their source.
"""

from typing import ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fleet.figure import Figures
from fleet.lease_figures import (
    ContractKeeping,
    CustomerRetention,
    EarlyEnd,
    HandOverPrices,
    HandOverTolerance,
    LateFeeMeasure,
    LeaseApproval,
    LeaseEnding,
    LeaseRescission,
    LoanPrimeRate,
    ViolationHandling,
)
from fleet.money_figures import (
    DunningLadder,
    PaymentMatching,
    PaymentOrder,
    ReceivableAgeing,
    RestDays,
    VatRates,
    VatTreatment,
)


class Interval(BaseModel):
    """How often, until a vehicle is that many years old; None: from then on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    until_years: int | None = Field(None, ge=1, le=60)
    every_months: int = Field(ge=1, le=120)
    line_at_years: tuple[int, ...] | None = None
    """The years at which it goes on the inspection line; None: each time. Else a mark suffices."""


Intervals = tuple[Interval, ...]
InspectionClass = Literal["goods", "commercial_passenger", "passenger", "passenger_strict"]


class InspectionIntervals(Figures):
    """How often each class of vehicle is inspected, 实施条例 §16."""

    name: ClassVar[str] = "inspection.intervals"
    meaning: ClassVar[str] = "How often vehicles are inspected"
    chinese: ClassVar[str] = "检验周期"

    goods: Intervals
    commercial_passenger: Intervals
    passenger: Intervals
    passenger_strict: Intervals

    @model_validator(mode="after")
    def _in_order(self) -> "InspectionIntervals":
        for each in ("goods", "commercial_passenger", "passenger", "passenger_strict"):
            steps: Intervals = getattr(self, each)
            ends = [step.until_years for step in steps]
            if not ends or ends[-1] is not None or None in ends[:-1]:
                raise ValueError(f"{each}: the last step, and no other, is without an end")
            known = [end for end in ends if end is not None]
            if known != sorted(set(known)):
                raise ValueError(f"{each}: the steps follow one another by age")
        return self


class InspectionWindow(Figures):
    """How early an inspection may be done, 登记规定 §54; the month of expiry is counted."""

    name: ClassVar[str] = "inspection.early_window"
    meaning: ClassVar[str] = "How many months before expiry an inspection may be done"
    chinese: ClassVar[str] = "提前检验月数"

    months: int = Field(ge=1, le=12)


class InspectionOverdue(Figures):
    """What an overdue inspection costs on the road, 交通安全法 §90, 记分办法 §11–12."""

    name: ClassVar[str] = "inspection.overdue"
    meaning: ClassVar[str] = "Consequences of an overdue inspection"
    chinese: ClassVar[str] = "逾期未检验的后果"

    fine_from_fen: int = Field(ge=0)
    fine_to_fen: int = Field(ge=0)
    points: int = Field(ge=0, le=12)
    points_coach_or_hazmat: int = Field(ge=0, le=12)
    blocks_hand_over: bool


class ScrapRisk(Figures):
    """After how many missed cycles a vehicle is to be scrapped."""

    name: ClassVar[str] = "inspection.scrap_risk"
    meaning: ClassVar[str] = "Missed inspection cycles before compulsory scrap"
    chinese: ClassVar[str] = "连续未检验强制报废周期数"

    missed_cycles: int = Field(ge=1, le=10)


class ServiceLife(Figures):
    """For how many years a vehicle may be used."""

    name: ClassVar[str] = "service_life.years"
    meaning: ClassVar[str] = "Years of service life"
    chinese: ClassVar[str] = "使用年限"

    micro_goods: int = Field(ge=1, le=60)
    goods: int = Field(ge=1, le=60)
    hazmat_goods: int = Field(ge=1, le=60)
    leased_passenger: int = Field(ge=1, le=60)


class CompulsoryLimits(Figures):
    """What 交强险 pays an accident at most."""

    name: ClassVar[str] = "insurance.compulsory_limits"
    meaning: ClassVar[str] = "Limits of the compulsory insurance"
    chinese: ClassVar[str] = "交强险责任限额"

    death_disability_fen: int = Field(ge=0)
    medical_fen: int = Field(ge=0)
    property_fen: int = Field(ge=0)
    without_fault_death_disability_fen: int = Field(ge=0)
    without_fault_medical_fen: int = Field(ge=0)
    without_fault_property_fen: int = Field(ge=0)


class RenewalWindows(Figures):
    """How many days before its end an insurance may be renewed."""

    name: ClassVar[str] = "insurance.renewal"
    meaning: ClassVar[str] = "Days before the end from which insurance may be renewed"
    chinese: ClassVar[str] = "保险可续保天数"

    compulsory_days: int = Field(ge=0, le=366)
    commercial_days: int = Field(ge=0, le=366)


class InsuredUse(Figures):
    """The use nature a policy of a leased goods vehicle should name, 保险法 §52."""

    name: ClassVar[str] = "insurance.use_nature"
    meaning: ClassVar[str] = "Use nature a leased goods vehicle is insured for"
    chinese: ClassVar[str] = "租赁货车投保使用性质"

    leased_goods: str = Field(min_length=1, max_length=20)


class PermitRules(Figures):
    """From which gross weight a goods vehicle needs a permit, and how often it is reviewed."""

    name: ClassVar[str] = "permit.required"
    meaning: ClassVar[str] = "Transport permits by gross vehicle weight"
    chinese: ClassVar[str] = "道路运输证要求"

    above_gvw_kg: int = Field(ge=0, le=100_000)
    review_months: int = Field(ge=1, le=120)
    technical_months: int = Field(ge=1, le=120)
    technical_months_old: int = Field(ge=1, le=120)
    old_from_months: int = Field(ge=1, le=600)


class BatteryTestLimits(Figures):
    """GB/T 44500-2024: temperatures above which a test says 建议维护; whether it is asked for."""

    name: ClassVar[str] = "battery_test.limits"
    meaning: ClassVar[str] = "Battery safety tests and their limits"
    chinese: ClassVar[str] = "动力电池安全检测限值"

    required: bool
    every_months: int | None = Field(ge=1, le=120)
    lfp_max_c: float
    nmc_max_c: float
    motor_max_c: float
    controller_max_c: float
    converter_max_c: float


class IdleCare(Figures):
    """How an idle vehicle's battery is kept, and how often somebody looks at it."""

    name: ClassVar[str] = "care.idle"
    meaning: ClassVar[str] = "Care of idle vehicles"
    chinese: ClassVar[str] = "闲置车辆养护"

    target_from_pct: int = Field(ge=0, le=100)
    target_to_pct: int = Field(ge=0, le=100)
    warn_below_pct: int = Field(ge=0, le=100)
    critical_below_pct: int = Field(ge=0, le=100)
    check_every_days: int = Field(ge=1, le=366)
    also: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> "IdleCare":
        if not self.critical_below_pct <= self.warn_below_pct <= self.target_to_pct:
            raise ValueError("critical, warning and target follow one another")
        if self.target_from_pct > self.target_to_pct:
            raise ValueError("the target begins after it ends")
        return self


KINDS: Final[dict[str, type[Figures]]] = {
    kind.name: kind
    for kind in (
        InspectionIntervals,
        InspectionWindow,
        InspectionOverdue,
        ScrapRisk,
        ServiceLife,
        CompulsoryLimits,
        RenewalWindows,
        InsuredUse,
        PermitRules,
        BatteryTestLimits,
        IdleCare,
        LeaseApproval,
        LeaseEnding,
        EarlyEnd,
        LeaseRescission,
        LoanPrimeRate,
        LateFeeMeasure,
        CustomerRetention,
        HandOverTolerance,
        HandOverPrices,
        ViolationHandling,
        ContractKeeping,
        VatRates,
        VatTreatment,
        PaymentOrder,
        PaymentMatching,
        DunningLadder,
        ReceivableAgeing,
        RestDays,
    )
}
"""By name."""
