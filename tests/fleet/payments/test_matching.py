"""Whose a receipt may be: the table of confidences, and what makes somebody look."""

from datetime import date
from typing import Any

import pytest

from fleet.payments.matching.confidence import TABLE, propose, without_bills
from fleet.payments.matching.model import Candidate, OpenBillSeen, Receipt
from fleet.payments.matching.naming import likeness_of, named_in

RENT = OpenBillSeen("B2026-3-000001", "L2603-AAAAAA", date(2026, 4, 2), 300_000)
DAMAGE = OpenBillSeen("B2026-3-000002", "L2603-AAAAAA", date(2026, 4, 9), 45_000)
OTHER_RENT = OpenBillSeen("B2026-3-000003", "L2603-BBBBBB", date(2026, 4, 20), 280_000)


def candidate(customer_id: int = 1, *bills: OpenBillSeen, **given: Any) -> Candidate:
    usual: dict[str, Any] = {
        "names": ("深圳市顺达物流有限公司",),
        "customer_nos": frozenset({f"C2603-AAAAA{'ABCDE'[customer_id]}"}),
        "lease_nos": frozenset({"L2603-AAAAAA"}),
        "plates": frozenset({"粤BD12345"}),
    }
    facts = usual | given
    return Candidate(customer_id, f"C2603-AAAAA{'ABCDE'[customer_id]}", bills=bills, **facts)


def stranger(customer_id: int = 2, *bills: OpenBillSeen, **given: Any) -> Candidate:
    usual: dict[str, Any] = {"names": ("广州捷运供应链有限公司",)}
    usual |= {"lease_nos": frozenset(), "plates": frozenset()}
    return candidate(customer_id, *bills, **(usual | given))


def receipt(amount_fen: int = 300_000, **given: Any) -> Receipt:
    return Receipt(amount_fen, date(2026, 4, 2), **given)


BY: dict[str, dict[str, Any]] = {
    "bill_named": {"remark": "租金 b2026-3-000001"},
    "account": {"of_account": {1}},
    "lease_named": {"remark": "合同L2603AAAAAA"},
    "customer_named": {"remark": "客户 C2603-AAAAAB"},
    "paid_before": {"paid_before": {1}},
    "name_equal": {"payer_name": "深圳市顺达物流有限公司"},
    "plate_named": {"remark": "粤B D12345 四月"},
    "name_alike": {"payer_name": "深圳市顺达物流有限责任公司"},
}


@pytest.mark.parametrize("code", sorted(TABLE))
def test_each_evidence_has_its_confidence_with_the_amount_and_without(code: str) -> None:
    [fits] = propose(receipt(**BY[code]), [candidate(1, RENT)])
    [does_not] = propose(receipt(123, **BY[code]), [candidate(1, RENT)])
    assert (fits.confidence_pct, does_not.confidence_pct) == TABLE[code]
    assert [reason.code for reason in fits.because] == [code, "amount_bill"]
    assert [reason.code for reason in does_not.because] == [code]
    assert (fits.bill_nos, does_not.bill_nos) == (("B2026-3-000001",), ())


def test_further_evidence_adds_one_and_never_makes_it_certain() -> None:
    [two] = propose(receipt(payer_name="深圳市顺达物流有限公司", paid_before={1}), [candidate(1)])
    assert two.confidence_pct == 93
    [all_of_it] = propose(
        receipt(remark="B2026-3-000001 粤BD12345", of_account={1}, paid_before={1}),
        [candidate(1, RENT)],
    )
    assert all_of_it.confidence_pct == 99


@pytest.mark.parametrize(
    ("amount_fen", "bill_nos"),
    [
        (45_000, ("B2026-3-000002",)),
        (345_000, ("B2026-3-000001", "B2026-3-000002")),
        (625_000, ("B2026-3-000001", "B2026-3-000002", "B2026-3-000003")),
        (580_000, ()),
    ],
    ids=["one bill", "all of one lease", "everything", "two that nothing joins"],
)
def test_the_amount_fits_one_bill_or_several(amount_fen: int, bill_nos: tuple[str, ...]) -> None:
    bills = (OTHER_RENT, DAMAGE, RENT)
    [made] = propose(receipt(amount_fen, of_account={1}), [candidate(1, *bills)])
    assert (made.bill_nos, made.confidence_pct) == (bill_nos, 98 if bill_nos else 95)


def test_bills_that_are_named_together_come_to_the_amount() -> None:
    remark = "B2026-3-000001、B2026-3-000003"
    [made] = propose(receipt(580_000, remark=remark), [candidate(1, RENT, DAMAGE, OTHER_RENT)])
    assert made.named == made.bill_nos == ("B2026-3-000001", "B2026-3-000003")
    assert made.confidence_pct == 99
    assert made.because[0].zh == "备注写明账单 B2026-3-000001、B2026-3-000003"


def test_nothing_but_the_amount_is_a_guess_and_less_of_one_where_others_owe_the_same() -> None:
    [alone] = propose(receipt(), [candidate(1, RENT), stranger(2, DAMAGE)])
    assert (alone.customer_id, alone.confidence_pct) == (1, 40)
    both = propose(receipt(), [candidate(1, RENT), stranger(2, RENT)])
    assert [(each.customer_id, each.confidence_pct) for each in both] == [(1, 20), (2, 20)]
    many = [stranger(each, RENT) for each in (0, 1, 2, 3, 4)]
    assert len(propose(receipt(), many)) == 5
    assert propose(receipt(), [*many, candidate(0, RENT)]) == ()


def test_where_another_fits_as_well_somebody_has_to_look() -> None:
    made = propose(
        receipt(remark="L2603-AAAAAA", payer_name="广州捷运供应链有限公司"),
        [candidate(1, RENT), stranger(2, RENT)],
    )
    assert [(each.customer_id, each.confidence_pct) for each in made] == [(1, 90), (2, 90)]
    assert [each.because[-1].code for each in made] == ["contested", "contested"]


def test_a_guess_by_the_amount_contests_nothing() -> None:
    first, second = propose(receipt(of_account={1}), [candidate(1, RENT), stranger(2, RENT)])
    assert (first.confidence_pct, second.confidence_pct) == (98, 40)


def test_of_two_with_one_name_neither_is_sure() -> None:
    twin = candidate(2, RENT, lease_nos=frozenset(), plates=frozenset())
    made = propose(receipt(payer_name="深圳市顺达物流有限公司"), [candidate(1, RENT), twin])
    assert [each.confidence_pct for each in made] == [90, 90]


def test_what_may_have_been_recorded_by_hand_is_never_sure() -> None:
    [made] = propose(receipt(of_account={1}, perhaps="R2604-AAAAAA"), [candidate(1, RENT)])
    assert made.confidence_pct == 70
    assert made.because[-1].zh == "可能与手工登记的收款 R2604-AAAAAA 重复"


def test_nothing_tells() -> None:
    assert propose(receipt(77, remark="租金", payer_name="王伟"), [candidate(1, RENT)]) == ()
    assert propose(receipt(), []) == ()


def test_a_bill_that_a_receipt_before_settles_fits_no_more() -> None:
    rest = without_bills(candidate(1, RENT, DAMAGE), ["B2026-3-000001"])
    [made] = propose(receipt(of_account={1}), [rest])
    assert (made.bill_nos, made.confidence_pct) == ((), 95)


@pytest.mark.parametrize(
    ("text", "bill_nos"),
    [
        ("B2026-3-000012", {"B2026-3-000012"}),
        ("账单Ｂ２０２６－３－００００１２租金", {"B2026-3-000012"}),
        ("B2026 3 000012", {"B2026-3-000012"}),
        ("B2026/3/000012", {"B2026-3-000012"}),
        ("B2026117000012", {"B2026-117-000012"}),
        ("AB2026-3-000012", set()),
        ("B2026-3-12", set()),
        (None, set()),
    ],
)
def test_numbers_of_bills_are_found_however_they_are_typed(
    text: str | None, bill_nos: set[str]
) -> None:
    assert named_in(text).bill_nos == bill_nos


@pytest.mark.parametrize(
    ("payer", "name", "likeness"),
    [
        ("顺达物流(深圳)有限公司", "顺达物流（深圳）有限公司", "equal"),
        ("ＡＢＣ 物流", "abc物流", "equal"),
        ("深圳市顺达物流有限公司", "深圳市顺达物流有限责任公司", "alike"),
        ("深圳市顺达新能源物流服务有限公司", "深圳市顺达新能源物流服务有线公司", "alike"),
        ("*三丰", "张三丰", "alike"),
        ("张**", "张三丰", "alike"),
        ("**", "张三", None),
        ("*三", "张三丰", None),
        ("张三", "张三丰", None),
        ("王伟", "王伟明", None),
        ("深圳市顺达物流有限公司", "深圳市腾达物流有限公司", None),
        ("深圳市顺达物流有限公司", "广州市顺达物流有限公司", None),
        ("", "张三", None),
    ],
)
def test_names_that_are_of_the_same_one(payer: str, name: str, likeness: str | None) -> None:
    assert likeness_of(payer, name) == likeness
