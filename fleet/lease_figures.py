"""The figures of leasing, as `figures.py` keeps them: customers, leases, hand-overs, contracts."""

from decimal import Decimal
from typing import ClassVar

from pydantic import Field

from fleet.figure import Figures


class LeaseApproval(Figures):
    """Up to which terms sales may promise alone."""

    name: ClassVar[str] = "lease.approval"
    meaning: ClassVar[str] = "Terms of a lease that somebody else approves"
    chinese: ClassVar[str] = "租约条款审批界限"

    discount_above_pct: int = Field(ge=0, le=100)
    term_above_months: int = Field(ge=1, le=240)
    deposit_below_pct: int = Field(ge=0, le=100)


class LeaseEnding(Figures):
    """How long before its last day a lease counts as about to end."""

    name: ClassVar[str] = "lease.ending"
    meaning: ClassVar[str] = "Days before the end from which a lease is about to end"
    chinese: ClassVar[str] = "租约临近到期天数"

    notice_days: int = Field(ge=0, le=366)


class EarlyEnd(Figures):
    """What a court measures the price of an early end by, 民法典 §585, 合同编通则解释 §65."""

    name: ClassVar[str] = "lease.early_end"
    meaning: ClassVar[str] = "The measure of damages when a lease ends early"
    chinese: ClassVar[str] = "提前退租损失衡量"

    reletting_days: int = Field(ge=0, le=366)
    court_cut_above_pct: int = Field(ge=100, le=1000)


class LeaseRescission(Figures):
    """From when a finance lease may be rescinded without a clause, 融资租赁解释 §5."""

    name: ClassVar[str] = "lease.rescission"
    meaning: ClassVar[str] = "Unpaid rent from which a lease-to-own may be rescinded"
    chinese: ClassVar[str] = "以租代购解除条件"

    unpaid_periods: int = Field(ge=1, le=24)
    unpaid_share_pct: int = Field(ge=1, le=100)


class LoanPrimeRate(Figures):
    """LPR, one year, in per cent a year."""

    name: ClassVar[str] = "money.lpr"
    meaning: ClassVar[str] = "Loan prime rate"
    chinese: ClassVar[str] = "贷款市场报价利率"

    one_year_pct: Decimal = Field(gt=0, le=50, max_digits=5, decimal_places=2)


class LateFeeMeasure(Figures):
    """Above how many times the LPR a late fee is warned of."""

    name: ClassVar[str] = "late_fee.measure"
    meaning: ClassVar[str] = "When a late fee is likely to be cut"
    chinese: ClassVar[str] = "滞纳金预警倍数"

    warn_above_lpr_times: int = Field(ge=1, le=100)


class CustomerRetention(Figures):
    """How long a customer's data are kept after their last lease, 民法典 §188, 电子商务法 §31."""

    name: ClassVar[str] = "customer.retention"
    meaning: ClassVar[str] = "Years a customer's data are kept after the last lease"
    chinese: ClassVar[str] = "客户资料保存年限"

    years_after_last_lease: int = Field(ge=1, le=30)


class HandOverTolerance(Figures):
    """How far what people typed may lie from what the vehicle said at that minute."""

    name: ClassVar[str] = "hand_over.tolerance"
    meaning: ClassVar[str] = "Tolerances between typed and told readings"
    chinese: ClassVar[str] = "交接读数允差"

    odometer_km: int = Field(ge=0, le=1000)
    soc_pct: int = Field(ge=0, le=100)
    distance_m: int = Field(ge=0, le=100_000)
    within_minutes: int = Field(ge=1, le=24 * 60)


class HandOverPrices(Figures):
    """What is proposed at a return where the lease says nothing else."""

    name: ClassVar[str] = "hand_over.prices"
    meaning: ClassVar[str] = "Prices proposed at a return"
    chinese: ClassVar[str] = "还车费用标准"

    energy_fen_per_kwh: int = Field(ge=0, le=100_000)
    cleaning_fen: int = Field(ge=0, le=10_000_000)


class ViolationHandling(Figures):
    """Within how many days a violation is handled; after how many it may be transferred."""

    name: ClassVar[str] = "violation.handling"
    meaning: ClassVar[str] = "Times for handling traffic violations"
    chinese: ClassVar[str] = "违章处理期限"

    handle_within_days: int = Field(ge=1, le=366)
    transfer_after_end_days: int = Field(ge=0, le=366)


class ContractKeeping(Figures):
    """How long contracts are kept, how often read again, how soon uploaded to 12123."""

    name: ClassVar[str] = "contract.keeping"
    meaning: ClassVar[str] = "Keeping and verifying contracts"
    chinese: ClassVar[str] = "合同保存与校验"

    years_after_end: int = Field(ge=1, le=100)
    verify_every_days: int = Field(ge=1, le=366)
    upload_within_hours: int = Field(ge=1, le=720)
