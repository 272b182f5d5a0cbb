"""What terms are warned of, and what they are not."""

from decimal import Decimal
from typing import Any

import pytest

from fleet.leasing.cautions import cautions_of, customer_cautions
from fleet.leasing.terms import EarlyEndPrice, LateFee, Term, Terms
from tests.fleet.leasing.test_worked_cases_of_leasing import MEASURES
from tests.fleet.leasing.written import line, terms, to_own

CLAUSES: Any = {
    "late_fee": "第8条",
    "lock": "第9条",
    "termination": "第10条",
    "repossession": "第11条",
    "deposit": "第5条",
    "early_end": "第12条",
    "sub_letting": "第7条",
}
CAREFUL: dict[str, Any] = {
    "clauses": CLAUSES,
    "late_fee": LateFee(rate_per_day=Decimal("0.0003")),
    "violation_hold_fen": 200_000,
}
DEPOSITED = line(deposit_fen=300_000)


def codes(agreed: Terms, *, in_writing: bool = True) -> list[str]:
    return [each.code for each in cautions_of(agreed, MEASURES, in_writing=in_writing)]


def careful(*lines: Any, **more: Any) -> Terms:
    return terms(*(lines or (DEPOSITED,)), **{**CAREFUL, **more})


def without(concern: str) -> Any:
    return {name: clause for name, clause in CLAUSES.items() if name != concern}


HALF = EarlyEndPrice(kind="share_of_remaining_rent", pct=50)
CASES: list[tuple[str, Terms, list[str]]] = [
    ("careful", careful(), ["use_after_expiry"]),
    ("lease_to_own", to_own(DEPOSITED, **CAREFUL), []),
    ("open_ended", careful(months=None), ["open_ended"]),
    ("late_fee_as_is_common", careful(late_fee=LateFee()), ["late_fee_high", "use_after_expiry"]),
    ("late_fee_at_the_limit",
     careful(late_fee=LateFee(rate_per_day=Decimal("0.00032876"))), ["use_after_expiry"]),
    ("late_fee_a_little_above",
     careful(late_fee=LateFee(rate_per_day=Decimal("0.00032877"))),
     ["late_fee_high", "use_after_expiry"]),
    ("no_late_fee", careful(late_fee=None, clauses=without("late_fee")), ["use_after_expiry"]),
    ("late_fee_without_clause", careful(clauses=without("late_fee")),
     ["late_fee_without_clause", "use_after_expiry"]),
    ("deposit_without_clause", careful(clauses=without("deposit")),
     ["deposit_without_clause", "use_after_expiry"]),
    ("lock_without_clause", careful(clauses=without("lock")),
     ["lock_without_clause", "use_after_expiry"]),
    ("repossession_without_clause", careful(clauses=without("repossession")),
     ["repossession_without_clause", "use_after_expiry"]),
    ("termination_without_clause", careful(clauses=without("termination")),
     ["termination_without_clause", "use_after_expiry"]),
    ("free_early_end_needs_no_clause", careful(clauses=without("early_end")), ["use_after_expiry"]),
    ("half_of_the_remaining_rent", careful(early_end=HALF), ["early_end_high", "use_after_expiry"]),
    ("one_month_of_rent", careful(early_end=EarlyEndPrice(kind="months_of_rent", months=1)),
     ["use_after_expiry"]),
    ("two_months_of_rent", careful(early_end=EarlyEndPrice(kind="months_of_rent", months=2)),
     ["early_end_high", "use_after_expiry"]),
    ("early_end_without_clause",
     careful(early_end=EarlyEndPrice(kind="months_of_rent", months=1),
             clauses=without("early_end")),
     ["early_end_without_clause", "use_after_expiry"]),
    ("no_deposit", careful(line(deposit_fen=0)), ["no_deposit", "use_after_expiry"]),
    ("earnest_money", careful(remarks="客户已付定金"),
     ["earnest_money_named", "use_after_expiry"]),
    ("earnest_money_above_a_fifth", careful(line(deposit_fen=720_001), remarks="定金"),
     ["earnest_money_high", "use_after_expiry"]),
    ("earnest_money_of_a_fifth", careful(line(deposit_fen=720_000), remarks="定金"),
     ["earnest_money_named", "use_after_expiry"]),
    ("no_violation_hold", careful(violation_hold_fen=0), ["use_after_expiry", "no_violation_hold"]),
    ("violations_by_the_lessor", careful(violation_hold_fen=0, violations_by="lessor"),
     ["use_after_expiry"]),
    ("insured_by_the_lessee", careful(insured_by="lessee"),
     ["use_after_expiry", "insured_by_lessee"]),
    ("sub_letting", careful(sub_letting=True), ["use_after_expiry"]),
    ("sub_letting_without_clause", careful(sub_letting=True, clauses=without("sub_letting")),
     ["use_after_expiry", "sub_letting_without_clause"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("agreed", "expected"), [pytest.param(*case[1:], id=case[0]) for case in CASES]
)
def test_cautions(agreed: Terms, expected: list[str]) -> None:
    assert codes(agreed) == expected


@pytest.mark.parametrize(
    ("term", "needed"),
    [
        pytest.param(Term(count=6), True, id="six_months"),
        pytest.param(Term(count=5), False, id="five_months"),
        pytest.param(Term(count=184, unit="day"), True, id="as_many_days"),
        pytest.param(Term(count=183, unit="day"), False, id="a_day_less"),
        pytest.param(Term(), False, id="open_ended_anyway"),
    ],
)
def test_six_months_or_longer_are_in_writing(term: Term, needed: bool) -> None:
    assert ("writing_needed" in codes(careful(term=term), in_writing=False)) is needed
    assert "writing_needed" not in codes(careful(term=term), in_writing=True)


def test_each_is_told_in_both_languages_with_its_rule() -> None:
    told = cautions_of(terms(insured_by="lessee", early_end=HALF, remarks="定金"), MEASURES)
    assert len(told) > 10
    for each in told:
        assert any("\u4e00" <= character <= "\u9fff" for character in each.zh), each
        assert "§" in each.rule or each.rule == "practice", each
    assert len({each.code for each in told}) == len(told)


def test_the_price_of_an_early_end_beside_the_loss() -> None:
    (caution,) = [c for c in cautions_of(careful(early_end=HALF), MEASURES) if "early" in c.code]
    assert caution.en == (
        "ending early may cost 18,000.00; the loss is about 3,000.00, and a court may cut what is"
        " above 130 % of it"
    )


@pytest.mark.parametrize(
    ("numbered", "like_blacklisted", "expected"),
    [
        pytest.param(True, False, [], id="known_and_like_nobody"),
        pytest.param(False, False, ["customer_without_number"], id="without_number"),
        pytest.param(True, True, ["customer_like_blacklisted"], id="like_somebody_barred"),
        pytest.param(
            *(False, True, ["customer_without_number", "customer_like_blacklisted"]), id="both"
        ),
    ],
)
def test_cautions_of_the_customer(
    numbered: bool, like_blacklisted: bool, expected: list[str]
) -> None:
    found = customer_cautions(numbered=numbered, like_blacklisted=like_blacklisted)
    assert [each.code for each in found] == expected
