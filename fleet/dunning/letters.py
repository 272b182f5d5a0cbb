"""Decides what a letter claims: its bill, and as a demand all that is overdue of the lease.

A letter that follows a demand claims no bill that was not demanded, its time over. Leaves out the
words (`texts.py`) and the amounts of late fees, which the caller has from `fleet/receivables`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from fleet.dunning.ladder import Step, Unpaid, is_over
from fleet.dunning.model import FORMAL, BillDue, Claim, Made
from fleet.lease_book import late_fee_a_year_pct
from fleet.lease_figures import LateFeeMeasure, LeaseRescission, LoanPrimeRate

RENT_BILLS: Final = frozenset({"rent", "purchase"})
RULE: Final = "民法典 §585; 合同编通则解释 §65"


@dataclass(frozen=True, slots=True)
class Fee:
    """The late fee of a bill to a day, in fen."""

    amount_fen: int
    days: int
    capped: bool


def claimed_bills(
    bill: BillDue,
    step: Step,
    of_lease: Sequence[BillDue],
    made: Mapping[int, Mapping[str, Made]],
    today: date,
) -> list[BillDue]:
    """The bills of a letter, its own first, the others by due day."""
    if step.stage.kind not in FORMAL or bill.lease_id is None:
        return [bill]
    others = [
        each
        for each in of_lease
        if each.bill_id != bill.bill_id
        and each.due_on < today
        and _was_demanded(step.stage.after, made.get(each.bill_id, {}), today)
    ]
    return [bill, *others]


def claim_of(bill: BillDue, fee: Fee | None, today: date) -> Claim:
    """A bill as it is claimed on a day. Days count from the due day, or from a later issue."""
    since_on = max(bill.due_on, bill.issued_on)
    fee = fee or Fee(0, 0, capped=False)
    return Claim(
        bill_no=bill.bill_no,
        kind=bill.kind,
        due_on=bill.due_on,
        days_overdue=max(0, (today - since_on).days),
        open_fen=bill.open_fen,
        late_fee_fen=fee.amount_fen,
        late_fee_days=fee.days,
        late_fee_capped=fee.capped,
        late_fee=bill.late_fee,
        late_fee_clause=bill.late_fee_clause,
    )


def unpaid_of(bills: Sequence[BillDue], today: date, figures: LeaseRescission) -> Unpaid:
    """What is overdue of the rent of a lease; each bill of rent is a period.

    >>> def rent(no: int, due: date) -> BillDue:
    ...     return BillDue(no, "B", 1, 1, 1, 1, "rent", due, due, 358_000, 358_000, None, None)
    >>> figures = LeaseRescission(unpaid_periods=2, unpaid_share_pct=15)
    >>> bills = [rent(1, date(2026, 4, 1)), rent(2, date(2026, 5, 1)), rent(3, date(2026, 6, 1))]
    >>> unpaid = unpaid_of(bills, date(2026, 6, 1), figures)
    >>> unpaid.periods, unpaid.fen
    (2, 716000)
    """
    overdue = [each for each in bills if each.kind in RENT_BILLS and each.due_on < today]
    overdue = [each for each in overdue if each.open_principal_fen > 0]
    return Unpaid(sum(each.open_principal_fen for each in overdue), len(overdue), figures)


def court_warning(
    rate_per_day: Decimal, measure: LateFeeMeasure, lpr: LoanPrimeRate
) -> dict[str, str] | None:
    """That a late fee is above what courts measure by; None: it is not.

    >>> measure = LateFeeMeasure(warn_above_lpr_times=4)
    >>> warning = court_warning(Decimal("0.0005"), measure, LoanPrimeRate(one_year_pct=Decimal(3)))
    >>> warning["en"]
    'the late fee is 18.25 % a year, above 12 % (4 x LPR 3 %): a court may cut it'
    >>> court_warning(Decimal("0.0003"), measure, LoanPrimeRate(one_year_pct=Decimal(3))) is None
    True
    """
    year = late_fee_a_year_pct(rate_per_day)
    times = measure.warn_above_lpr_times
    rate = lpr.one_year_pct.normalize()
    limit = (times * lpr.one_year_pct).normalize()
    if year <= limit:
        return None
    return {
        "code": "late_fee_high",
        "en": f"the late fee is {year:f} % a year, above {limit:f} % ({times} x LPR {rate:f} %):"
        " a court may cut it",
        "zh": f"违约金折合年利率 {year:f}%，超过 {limit:f}%（LPR {rate:f}% 的 {times} 倍），"
        "债务人请求时法院可能予以调减",
        "rule": RULE,
    }


def _was_demanded(after: str | None, made: Mapping[str, Made], today: date) -> bool:
    """Whether the notice that a letter follows arrived of this bill, too, and its time is over."""
    if after is None:
        return True
    before = made.get(after)
    if before is None or before.arrived_on is None:
        return False
    return before.deadline_on is None or is_over(before.deadline_on, today)
