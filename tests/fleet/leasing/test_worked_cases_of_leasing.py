"""The worked cases of leasing, by the numbers they have in the domain facts: 7, 8, 11, 13."""

from datetime import date
from decimal import Decimal

import pytest

from fleet.lease_figures import EarlyEnd, LateFeeMeasure, LeaseRescission, LoanPrimeRate
from fleet.leasing.cautions import Measures, cautions_of, late_fee_a_year_pct, simple_fee_fen
from fleet.leasing.proration import rent_of
from fleet.leasing.rent_periods import Rhythm, rent_periods
from fleet.leasing.rescission import (
    Arrears,
    lessee_claim_fen,
    may_rescind,
    may_rescind_finance_lease,
)
from fleet.leasing.terms import LateFee, Proration
from tests.fleet.leasing.written import day, terms

RESCISSION = LeaseRescission(unpaid_periods=2, unpaid_share_pct=15)
MEASURES = Measures(
    LoanPrimeRate(one_year_pct=Decimal("3.0")),
    LateFeeMeasure(warn_above_lpr_times=4),
    EarlyEnd(reletting_days=30, court_cut_above_pct=130),
)


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        pytest.param(
            "2026-01-31",
            ["01-31…02-27", "02-28…03-30", "03-31…04-29", "04-30…05-30"],
            id="common_year",
        ),
        pytest.param("2024-01-31", ["01-31…02-28", "02-29…03-30"], id="leap_year"),
    ],
)
def test_case_7_months_are_counted_from_the_anchor(start: str, expected: list[str]) -> None:
    periods = rent_periods(Rhythm(day(start)), last_on=None, until_on=date(2030, 1, 1))
    told = [f"{p.from_on:%m-%d}…{p.last_on:%m-%d}" for p, _ in zip(periods, expected, strict=False)]
    assert told == expected


@pytest.mark.parametrize(
    ("start", "rent_fen", "proration", "days", "expected_fen"),
    [
        pytest.param("2026-03-18", 300_000, "actual_days", 14, 135_484, id="by_actual_days"),
        pytest.param("2026-03-18", 300_000, "fixed_30", 14, 140_000, id="by_30_days"),
        pytest.param("2026-03-18", 300_000, "none", 14, 300_000, id="not_at_all"),
        pytest.param("2028-02-10", 290_000, "actual_days", 20, 200_000, id="leap_february"),
    ],
)
def test_case_8_the_first_calendar_month(
    start: str, rent_fen: int, proration: Proration, days: int, expected_fen: int
) -> None:
    rhythm = Rhythm(day(start), "calendar_month")
    first = next(rent_periods(rhythm, last_on=None, until_on=date(2030, 1, 1)))
    assert first.days == days
    assert rent_of(rent_fen, "month", first, proration) == expected_fen


def test_case_11_a_late_fee_above_four_times_the_lpr_is_warned_of_and_no_error() -> None:
    agreed = terms(late_fee=LateFee(rate_per_day=Decimal("0.0005")))
    (caution,) = [c for c in cautions_of(agreed, MEASURES) if c.code == "late_fee_high"]
    assert caution.en == (
        "the late fee is 18.25 % a year, above 12.0 % (4 x LPR 3.0 %):"
        " 3,000 for 30 days cost 45.00, at the limit 29.59"
    )
    assert "18.25%" in caution.zh
    assert caution.rule == "民法典 §585; 合同编通则解释 §65"


@pytest.mark.parametrize(
    ("pct_a_year", "expected_fen"),
    [("18.25", 4_500), ("12", 2_959), ("4.5", 1_110)],
    ids=["agreed", "four_times_lpr", "lpr_and_a_half"],
)
def test_case_11_3000_for_30_days(pct_a_year: str, expected_fen: int) -> None:
    assert simple_fee_fen(300_000, Decimal(pct_a_year), 30) == expected_fen
    assert late_fee_a_year_pct(Decimal("0.0005")) == Decimal("18.25")


@pytest.mark.parametrize(
    ("unpaid", "grounds", "lacks"),
    [
        pytest.param((716_000, 2, True), ("periods",), (), id="two_periods"),
        pytest.param((358_000, 1, True), (), ("too_little_unpaid",), id="one_period"),
        pytest.param((716_000, 2, False), (), ("demand_not_expired",), id="no_demand"),
        pytest.param((1_933_200, 1, True), ("share",), (), id="15_per_cent"),
        pytest.param((1_933_199, 1, True), (), ("too_little_unpaid",), id="a_fen_below_it"),
        pytest.param((2_148_000, 6, True), ("periods", "share"), (), id="both"),
    ],
)
def test_case_13_when_a_finance_lease_may_be_rescinded(
    unpaid: tuple[int, int, bool], grounds: tuple[str, ...], lacks: tuple[str, ...]
) -> None:
    arrears = Arrears(36 * 358_000, *unpaid)
    standing = may_rescind_finance_lease(arrears, RESCISSION, clause_met=None)
    assert (standing.may, standing.grounds, standing.lacks) == (not lacks, grounds, lacks)
    assert standing.share_from_fen == 1_933_200


def test_case_13_with_a_clause_only_the_clause_counts() -> None:
    one, two = Arrears(12_888_000, 358_000, 1, True), Arrears(12_888_000, 716_000, 2, True)
    assert may_rescind_finance_lease(one, RESCISSION, clause_met=True).grounds == ("clause",)
    assert may_rescind_finance_lease(two, RESCISSION, clause_met=False).may is False


@pytest.mark.parametrize(
    ("arrears", "lacks"),
    [
        (Arrears(3_600_000, 300_000, 1, True), ()),
        (Arrears(3_600_000, 300_000, 1, False), ("demand_not_expired",)),
        (Arrears(3_600_000, 0, 0, True), ("nothing_unpaid",)),
    ],
    ids=["demand_expired", "demand_runs", "all_paid"],
)
def test_an_ordinary_lease_needs_a_demand_only(arrears: Arrears, lacks: tuple[str, ...]) -> None:
    standing = may_rescind(arrears)
    assert (standing.may, standing.lacks) == (not lacks, lacks)


@pytest.mark.parametrize(
    ("paid_fen", "recovered_fen", "expected_fen"),
    [
        pytest.param(10_740_000, 4_500_000, 2_300_000, id="most_is_paid"),
        pytest.param(6_444_000, 4_500_000, 0, id="half_is_not_most"),
        pytest.param(6_444_001, 4_500_000, 2_300_000, id="a_fen_more_than_half"),
        pytest.param(10_740_000, 2_000_000, 0, id="worth_less_than_the_debts"),
    ],
)
def test_case_13_what_the_lessee_may_claim_back(
    paid_fen: int, recovered_fen: int, expected_fen: int
) -> None:
    claim = lessee_claim_fen(
        total_rent_fen=12_888_000,
        paid_rent_fen=paid_fen,
        recovered_fen=recovered_fen,
        debts_fen=2_200_000,
    )
    assert claim == expected_fen
