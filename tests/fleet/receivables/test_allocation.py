"""Which bills a sum settles, and which part of each: Civil Code §560–561."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.lease_book import LateFee
from fleet.receivables.allocation import OrderRule, Piece, allocate_sum, within_bill
from fleet.receivables.model import OpenBill

TODAY = date(2026, 11, 21)


def bill(key: int, principal_fen: int = 100_00, **given: Any) -> OpenBill:
    """An open bill, due three weeks ago unless said."""
    rate = given.pop("rate", None)
    usual: dict[str, Any] = {
        "bill_id": key,
        "bill_no": f"B2026-1-{key:06}",
        "tenant_id": 1,
        "organisation_id": 1,
        "customer_id": 1,
        "customer_no": "C2611-AAAAAA",
        "family_id": 1,
        "lease_id": None,
        "lease_no": None,
        "kind": "rent",
        "due_on": date(2026, 11, 1),
        "issued_on": date(2026, 10, 25),
        "open_principal_fen": principal_fen,
        "open_interest_fen": 0,
        "open_cost_fen": 0,
        "vat_due_on": date(2026, 11, 1),
        "security_fen": 0,
        "late_fee": None if rate is None else LateFee(rate_per_day=Decimal(rate)),
    }
    return OpenBill(**(usual | given))


def settled(pieces: list[Piece]) -> list[tuple[int, str, int]]:
    return [(piece.bill_id, piece.class_, piece.amount_fen) for piece in pieces]


def by_law(amount_fen: int, *bills: OpenBill, **given: Any) -> list[tuple[int, str, int]]:
    facts: dict[str, Any] = {"order": "law", "on": TODAY}
    return settled(allocate_sum(amount_fen, bills, **(facts | given)))


def test_worked_case_9_costs_then_interest_then_principal() -> None:
    one = bill(1, 3_000_00, open_interest_fen=50_00, open_cost_fen=100_00)
    assert by_law(2_000_00, one) == [
        (1, "cost", 100_00),
        (1, "interest", 50_00),
        (1, "principal", 1_850_00),
    ]
    assert one.open_principal_fen - 1_850_00 == 1_150_00


def test_worked_case_10_what_is_paid_too_much_stays() -> None:
    pieces = by_law(3_500_00, bill(1, 3_000_00))
    assert pieces == [(1, "principal", 3_000_00)]
    assert 3_500_00 - sum(fen for _bill, _class, fen in pieces) == 500_00


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"due_on": TODAY}, {"due_on": TODAY + timedelta(days=1), "rate": "0.01"}),
        ({"security_fen": 0}, {"security_fen": 5_000_00, "due_on": date(2026, 8, 1)}),
        ({"security_fen": 100}, {"security_fen": 101, "rate": "0.01"}),
        ({"rate": "0.001"}, {"rate": "0.0005", "due_on": date(2026, 8, 1)}),
        ({"rate": "0.0005"}, {"due_on": date(2026, 8, 1)}),
        ({"due_on": date(2026, 10, 1)}, {"due_on": date(2026, 10, 2)}),
        (
            {"due_on": TODAY + timedelta(days=1), "security_fen": 9},
            {"due_on": TODAY + timedelta(days=2), "rate": "0.01"},
        ),
    ],
    ids=[
        "due before not due",
        "without security before the older",
        "least security before the more burdensome",
        "more burdensome before the older",
        "a late fee burdens",
        "the older",
        "of what is not due yet the earlier",
    ],
)
def test_the_order_of_the_law(first: dict[str, Any], then: dict[str, Any]) -> None:
    ranked = (bill(2, 60, **first), bill(1, 60, **then))
    for bills in (ranked, ranked[::-1]):
        assert by_law(100, *bills) == [(2, "principal", 60), (1, "principal", 40)]


def test_equals_share_by_their_amounts() -> None:
    assert by_law(100, bill(1, 300), bill(2, 200), bill(3, 100)) == [
        (1, "principal", 50),
        (2, "principal", 33),
        (3, "principal", 17),
    ]


def test_what_the_payer_names_comes_first_in_its_order() -> None:
    bills = (bill(1, 60, due_on=date(2026, 8, 1)), bill(2, 60), bill(3, 60))
    pieces = allocate_sum(150, bills, named=[3, 2, 3], order="law", on=TODAY)
    assert settled(pieces) == [(3, "principal", 60), (2, "principal", 60), (1, "principal", 30)]
    assert [piece.rule for piece in pieces] == ["named", "named", "law"]


def test_as_agreed_the_oldest_comes_first_whatever_its_security() -> None:
    old = bill(2, 60, due_on=date(2026, 8, 1), security_fen=5_000)
    pieces = allocate_sum(100, [bill(1, 60, rate="0.01"), old], order="oldest_first", on=TODAY)
    assert settled(pieces) == [(2, "principal", 60), (1, "principal", 40)]
    assert {piece.rule for piece in pieces} == {"agreed"}


@pytest.mark.parametrize("amount_fen", [-1, 301])
def test_a_bill_takes_no_more_than_is_open(amount_fen: int) -> None:
    with pytest.raises(ValueError, match="never by more"):
        within_bill(amount_fen, cost_fen=100, interest_fen=100, principal_fen=100)


AMOUNTS = st.integers(0, 10**9)
BILLS = st.lists(
    st.tuples(AMOUNTS, AMOUNTS, AMOUNTS, st.integers(-3, 3), st.integers(0, 2), st.integers(0, 2)),
    max_size=8,
)


def made(drawn: list[tuple[int, ...]]) -> list[OpenBill]:
    return [
        bill(
            key,
            principal,
            open_interest_fen=interest,
            open_cost_fen=cost,
            due_on=TODAY + timedelta(days=days),
            security_fen=security,
            rate=f"0.000{rate}",
        )
        for key, (principal, interest, cost, days, security, rate) in enumerate(drawn)
    ]


@settings(deadline=None)
@given(BILLS, st.integers(0, 10**10), st.sampled_from(["law", "oldest_first"]), st.data())
def test_no_fen_is_lost_and_no_bill_paid_over(
    drawn: list[tuple[int, ...]], amount_fen: int, order: OrderRule, data: st.DataObject
) -> None:
    bills = made(drawn)
    named = data.draw(st.lists(st.integers(0, 9), max_size=3))
    pieces = allocate_sum(amount_fen, bills, named=named, order=order, on=TODAY)
    taken = sum(piece.amount_fen for piece in pieces)
    assert taken == min(amount_fen, sum(each.open_fen for each in bills))
    assert all(piece.amount_fen > 0 for piece in pieces)
    for each in bills:
        own = [piece for piece in pieces if piece.bill_id == each.bill_id]
        parts: dict[str, int] = {piece.class_: piece.amount_fen for piece in own}
        assert len(parts) == len(own)
        opens = [
            ("cost", each.open_cost_fen),
            ("interest", each.open_interest_fen),
            ("principal", each.open_principal_fen),
        ]
        left = [open_fen - parts.get(name, 0) for name, open_fen in opens]
        assert min(left) >= 0
        for place, (name, _open_fen) in enumerate(opens):
            assert name not in parts or sum(left[:place]) == 0  # those before it are settled


@settings(deadline=None)
@given(BILLS, st.integers(0, 10**10))
def test_what_comes_later_waits_for_what_comes_first(
    drawn: list[tuple[int, ...]], amount_fen: int
) -> None:
    bills = made(drawn)
    pieces = allocate_sum(amount_fen, bills, order="law", on=TODAY)
    paid = {each.bill_id: 0 for each in bills}
    for piece in pieces:
        paid[piece.bill_id] += piece.amount_fen
    for first in bills:
        for later in bills:
            if _comes_before(first, later) and paid[later.bill_id]:
                assert paid[first.bill_id] == first.open_fen


@settings(deadline=None)
@given(BILLS, st.integers(0, 10**10))
def test_the_order_in_which_bills_are_told_does_not_matter(
    drawn: list[tuple[int, ...]], amount_fen: int
) -> None:
    bills = made(drawn)
    told = allocate_sum(amount_fen, bills, order="law", on=TODAY)
    assert allocate_sum(amount_fen, bills[::-1], order="law", on=TODAY) == told


def _comes_before(one: OpenBill, other: OpenBill) -> bool:
    """Straight from the law's words, where both are due; else by day."""
    if one.due_on <= TODAY < other.due_on:
        return True
    if one.due_on > TODAY:
        return other.due_on > TODAY and one.due_on < other.due_on
    if other.due_on > TODAY:
        return False
    assert one.late_fee is not None and other.late_fee is not None
    if one.security_fen != other.security_fen:
        return one.security_fen < other.security_fen
    if one.late_fee.rate_per_day != other.late_fee.rate_per_day:
        return one.late_fee.rate_per_day > other.late_fee.rate_per_day
    return one.due_on < other.due_on


def test_a_settled_bill_takes_nothing() -> None:
    none = replace(bill(1, 0), open_cost_fen=0)
    assert by_law(500, none, bill(2, 100)) == [(2, "principal", 100)]
