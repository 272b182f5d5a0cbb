"""What a lease is agreed on: the shape of its terms, and what no terms may lack or contradict.

A version of terms is whole: an amendment is another whole version from a day on. Leaves out what is
only unusual or risky (`cautions.py`), what needs approval (`approvals.py`), and all dates that
follow from the terms (`term_dates.py`, `rent_periods.py`).
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

LeaseKind = Literal["short", "long", "lease_to_own"]
LEASE_KINDS: Final[tuple[LeaseKind, ...]] = get_args(LeaseKind)
"""短租, 长租, 以租代购."""
TermUnit = Literal["day", "month"]
EndConvention = Literal["day_before", "corresponding_day"]
"""Until the day before the corresponding day, as is common and has to be agreed; or until the
corresponding day itself, which is the law without a word (Civil Code §201–202, §204)."""
Billing = Literal["anchor_month", "calendar_month", "once"]
Proration = Literal["actual_days", "fixed_30", "none"]
Party = Literal["lessor", "lessee"]
RentBegins = Literal["start_day", "hand_over"]
MileageSettled = Literal["each_period", "at_end"]
ClauseConcern = Literal[
    "late_fee", "lock", "termination", "repossession", "deposit", "sub_letting", "early_end"
]
CLAUSE_CONCERNS: Final[tuple[ClauseConcern, ...]] = get_args(ClauseConcern)
LONGEST_TERM_MONTHS: Final = 240
"""Twenty years, Civil Code §705."""
MOST_LINES: Final = 500
Fen = Annotated[int, Field(ge=0, le=10**13)]
Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Term(_Part):
    """How long: so many days or months; no count is open-ended (Civil Code §730)."""

    count: int | None = Field(None, ge=1, le=7_305)
    unit: TermUnit = "month"
    end: EndConvention = "day_before"

    @model_validator(mode="after")
    def _within_the_law(self) -> "Term":
        if self.unit == "month" and (self.count or 0) > LONGEST_TERM_MONTHS:
            raise ValueError("a lease runs for 20 years at most (民法典 §705)")
        return self


class Mileage(_Part):
    """Kilometres a period that the rent includes, and the price of each further one."""

    included_km: int = Field(ge=0, le=100_000)
    extra_fen_per_km: Fen
    carry_over: bool = True
    """What is not driven counts for later periods."""
    settled: MileageSettled = "at_end"
    """Billed after each period, from readings of the odometer; or proposed once, at the return."""


class Line(_Part):
    """One vehicle's place in a lease: what is wanted, what it costs.

    Which vehicle fills it, and since when, is told by the book. Numbers are never used again.
    """

    no: int = Field(ge=1, le=999)
    model_code: Annotated[str, Field(max_length=63)] | None = None
    vin: Annotated[str, Field(max_length=17)] | None = None
    """The vehicle it shall begin with; None: chosen at the hand-over."""
    rent_fen: Fen
    per: TermUnit = "month"
    """What the rent is for: a day, or a month."""
    deposit_fen: Fen = 0
    mileage: Mileage | None = None


class LateFee(_Part):
    """滞纳金: so much of the overdue amount a day, simple; None at all if paid within the grace."""

    rate_per_day: Decimal = Field(Decimal("0.0005"), ge=0, le=1, max_digits=9, decimal_places=8)
    grace_days: int = Field(3, ge=0, le=90)
    cap_pct: int | None = Field(None, ge=1, le=1_000)
    """Of the overdue amount; None: without a cap."""


class EarlyEndPrice(_Part):
    """What ending early costs the lessee: a share of the rent left, months of rent, or nothing."""

    kind: Literal["none", "share_of_remaining_rent", "months_of_rent"] = "none"
    pct: int | None = Field(None, ge=1, le=100)
    months: int | None = Field(None, ge=1, le=24)
    notice_days: int = Field(30, ge=0, le=366)

    @model_validator(mode="after")
    def _says_how_much(self) -> "EarlyEndPrice":
        if (self.kind == "share_of_remaining_rent") != (self.pct is not None):
            raise ValueError("pct is said for a share of the remaining rent, and only then")
        if (self.kind == "months_of_rent") != (self.months is not None):
            raise ValueError("months are said for months of rent, and only then")
        return self


class BuyOut(_Part):
    """以租代购: what is paid at the beginning, and what at the end makes it the lessee's."""

    down_payment_fen: Fen = 0
    price_fen: Fen
    """At the end of the term, per vehicle; 0: it passes with the last rent."""


class Terms(_Part):
    """All that was agreed, as it is signed."""

    kind: LeaseKind
    starts_on: date
    term: Term
    rent_begins: RentBegins = "hand_over"
    billing: Billing = "anchor_month"
    proration: Proration = "actual_days"
    pays_ahead_days: int = Field(0, ge=0, le=60)
    """How many days before its period a rent is due; 0: on the first day."""
    lines: tuple[Line, ...] = Field(min_length=1, max_length=MOST_LINES)
    late_fee: LateFee | None = Field(default_factory=LateFee)
    early_end: EarlyEndPrice = Field(default_factory=EarlyEndPrice)
    buy_out: BuyOut | None = None
    insured_by: Party = "lessor"
    energy_by: Party = "lessee"
    violations_by: Party = "lessee"
    maintenance_by: Party = "lessor"
    """Civil Code §712: the lessor, unless agreed."""
    sub_letting: bool = False
    violation_hold_fen: Fen = 0
    """Kept back of the deposit for violations that are not known yet …"""
    violation_hold_days: int = Field(30, ge=0, le=366)
    """… for so many days after the return."""
    clauses: dict[ClauseConcern, Text] = Field(default_factory=dict)
    """Which clause of the contract each remedy stands on, such as {"late_fee": "第8条"}."""
    remarks: Annotated[str, Field(max_length=2_000)] | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> "Terms":
        numbers = [line.no for line in self.lines]
        if len(set(numbers)) != len(numbers):
            raise ValueError("lines: each has a number of its own")
        vins = [line.vin for line in self.lines if line.vin is not None]
        if len(set(vins)) != len(vins):
            raise ValueError("lines: a vehicle stands in one line only")
        if (self.kind == "lease_to_own") != (self.buy_out is not None):
            raise ValueError("buy_out: said for a lease-to-own, and only then")
        if self.kind == "lease_to_own" and self.term.count is None:
            raise ValueError("term: a lease-to-own has an end")
        if self.billing == "once" and self.term.count is None:
            raise ValueError("billing: what is paid once has an end")
        if self.kind != "short" and any(line.per == "day" for line in self.lines):
            raise ValueError("lines: rent by the day is for short leases")
        return self

    def line(self, no: int) -> Line | None:
        """The line with this number."""
        return next((line for line in self.lines if line.no == no), None)
