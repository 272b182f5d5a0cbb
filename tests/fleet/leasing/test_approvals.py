"""Terms that sales may not promise alone, and up to where they may."""

from dataclasses import dataclass

import pytest

from fleet.lease_figures import LeaseApproval
from fleet.leasing.approvals import reasons_of
from fleet.leasing.terms import Term, Terms, TermUnit
from tests.fleet.leasing.written import line, terms

FIGURES = LeaseApproval(discount_above_pct=10, term_above_months=36, deposit_below_pct=50)


@dataclass(frozen=True)
class Price:
    rent_fen: int = 300_000
    per: TermUnit = "month"
    deposit_fen: int = 800_000


FULL = {"rent_fen": 300_000, "deposit_fen": 800_000}
CASES: list[tuple[str, Terms, list[tuple[str, int | None]]]] = [
    ("as_listed", terms(line(**FULL)), []),
    ("ten_per_cent_off", terms(line(rent_fen=270_000, deposit_fen=800_000)), []),
    ("a_fen_more_off", terms(line(rent_fen=269_999, deposit_fen=800_000)),
     [("rent_below_list", 1)]),
    ("dearer_than_listed", terms(line(rent_fen=400_000, deposit_fen=800_000)), []),
    ("half_the_deposit", terms(line(rent_fen=300_000, deposit_fen=400_000)), []),
    ("a_fen_less_deposit", terms(line(rent_fen=300_000, deposit_fen=399_999)),
     [("deposit_below_list", 1)]),
    ("three_years", terms(line(**FULL), months=36), []),
    ("three_years_and_a_month", terms(line(**FULL), months=37), [("term_long", None)]),
    ("three_years_and_a_day", terms(line(**FULL), term=Term(count=1_097, unit="day")),
     [("term_long", None)]),
    ("three_years_in_days", terms(line(**FULL), term=Term(count=1_096, unit="day")), []),
    ("open_ended", terms(line(**FULL), months=None), []),
    ("by_the_day_at_the_month_s_price",
     terms(line(rent_fen=10_000, per="day", deposit_fen=800_000), kind="short"), []),
    ("by_the_day_too_cheap",
     terms(line(rent_fen=8_999, per="day", deposit_fen=800_000), kind="short"),
     [("rent_below_list", 1)]),
    ("a_line_without_a_price", terms(line(**FULL), line(2, rent_fen=1)), []),
    ("all_at_once", terms(line(rent_fen=1), months=60),
     [("term_long", None), ("rent_below_list", 1), ("deposit_below_list", 1)]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("agreed", "expected"), [pytest.param(*case[1:], id=case[0]) for case in CASES]
)
def test_reasons(agreed: Terms, expected: list[tuple[str, int | None]]) -> None:
    reasons = reasons_of(agreed, {1: Price()}, FIGURES)
    assert [(each.code, each.line_no) for each in reasons] == expected


def test_the_reasons_carry_their_figures() -> None:
    agreed = terms(line(rent_fen=200_000, deposit_fen=100_000), months=37)
    assert [each.en for each in reasons_of(agreed, {1: Price()}, FIGURES)] == [
        "the term runs to 2029-04-17; 36 months, to 2029-03-17, are allowed",
        "line 1: rent 2,000.00 is 33.33 % below the list, 3,000.00; 10 % is allowed",
        "line 1: deposit 1,000.00 is below 50 % of the list, 8,000.00",
    ]
    assert [each.zh for each in reasons_of(agreed, {1: Price()}, FIGURES)] == [
        "租期至 2029-04-17，超过 36 个月（至 2029-03-17）",
        "第 1 号租赁项：租金 2,000.00 元，低于标价 3,000.00 元 33.33%，限 10%",
        "第 1 号租赁项：押金 1,000.00 元，低于标准 8,000.00 元的 50%",
    ]


def test_a_price_by_the_day_measures_a_rent_by_the_month() -> None:
    a_day = {1: Price(rent_fen=10_000, per="day", deposit_fen=0)}
    assert reasons_of(terms(line(rent_fen=270_000)), a_day, FIGURES) == []
    (reason,) = reasons_of(terms(line(rent_fen=269_999)), a_day, FIGURES)
    assert reason.code == "rent_below_list"


def test_what_is_listed_for_nothing_is_not_measured() -> None:
    assert reasons_of(terms(line(rent_fen=0)), {1: Price(0, "month", 0)}, FIGURES) == []
