"""Decides whose a receipt may be, and how sure that is: a pure function over candidates.

| What tells of the customer                             | and the amount fits | it does not |
|--------------------------------------------------------|--------------------:|------------:|
| the remark names a bill of it that is open             | 99                  | 96          |
| it came from an account on its card                    | 98                  | 95          |
| the remark names a lease, or its own number            | 98                  | 95          |
| the same payer's money was claimed for it before       | 97                  | 92          |
| the payer has its name                                 | 96                  | 88          |
| the remark names the plate of a vehicle it leases      | 95                  | 85          |
| the payer's name is like its own                       | 80                  | 55          |
| nothing but the amount, which only it owes             | 40                  | –           |
| nothing but the amount, which others owe as well       | 20                  | –           |

The strongest counts; each further one adds 1, up to 99. The amount fits: an open bill, the bills
that are named, all that are due, the first so many by due day, or all of one lease. At most 90
where another customer comes to 80 as well, or within 10 of it: somebody has to look. At most 70
where the same money may have been recorded by hand. Nothing is ever 100. Which confidence is enough
to claim by itself is the figure `payment.matching`. Leaves out how candidates are found.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from fleet.payments.matching.model import Because, Candidate, OpenBillSeen, Proposal, Receipt
from fleet.payments.matching.naming import Named, likeness_of, named_in

TABLE: Final[dict[str, tuple[int, int]]] = {
    "bill_named": (99, 96),
    "account": (98, 95),
    "lease_named": (98, 95),
    "customer_named": (98, 95),
    "paid_before": (97, 92),
    "name_equal": (96, 88),
    "plate_named": (95, 85),
    "name_alike": (80, 55),
}
"""By what tells of the customer: confidence where the amount fits, and where it does not."""
ONLY_ITS_AMOUNT: Final = 40
AMOUNT_OF_SEVERAL: Final = 20
HIGHEST: Final = 99
CONTESTED_AT_MOST: Final = 90
CONTESTED_FROM: Final = 80
CONTESTED_WITHIN: Final = 10
PERHAPS_TWICE_AT_MOST: Final = 70
MOST_PROPOSALS: Final = 5
AMOUNT_OF_TOO_MANY: Final = 5
"""An amount that more customers owe tells nothing."""

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "bill_named": ("the remark names bill {}", "备注写明账单 {}"),
    "account": ("it came from an account on its card", "付款账号为客户登记账号"),
    "lease_named": ("the remark names lease {}", "备注写明合同 {}"),
    "customer_named": ("the remark names customer {}", "备注写明客户编号 {}"),
    "paid_before": ("the same payer paid for it before", "同一付款人曾为该客户付款"),
    "name_equal": ("the payer has its name", "付款人与客户名称一致"),
    "plate_named": ("the remark names plate {}", "备注写明车牌 {}"),
    "name_alike": ("the payer's name is like its own", "付款人与客户名称相近"),
    "amount_bill": ("the amount is what bill {} has open", "金额等于账单 {} 未付金额"),
    "amount_bills": ("the amount is what bills {} have open", "金额等于账单 {} 未付合计"),
    "contested": ("another customer fits as well", "另有客户同样符合"),
    "perhaps_twice": ("perhaps it is receipt {}, recorded by hand", "可能与手工登记的收款 {} 重复"),
}


def propose(receipt: Receipt, candidates: Iterable[Candidate]) -> tuple[Proposal, ...]:
    """Whose the receipt may be, the most likely first; none where nothing tells."""
    named = named_in(receipt.remark)
    found = [made for each in candidates if (made := _proposal(receipt, named, each)) is not None]
    by_amount = [each for each in found if each.confidence_pct == ONLY_ITS_AMOUNT]
    if len(by_amount) > 1:
        kept = by_amount if len(by_amount) <= AMOUNT_OF_TOO_MANY else []
        lowered = [replace(each, confidence_pct=AMOUNT_OF_SEVERAL) for each in kept]
        found = [each for each in found if each not in by_amount] + lowered
    ranked = sorted(found, key=lambda each: (-each.confidence_pct, each.customer_no))
    return tuple(_doubted(receipt, ranked)[:MOST_PROPOSALS])


def _proposal(receipt: Receipt, named: Named, candidate: Candidate) -> Proposal | None:
    bills_named = [each for each in candidate.bills if each.bill_no in named.bill_nos]
    fitting = _fitting(receipt.amount_fen, candidate.bills, bills_named)
    told = list(_told(receipt, named, candidate, bills_named))
    if not told and not fitting:
        return None
    numbers = tuple(each.bill_no for each in fitting)
    by_amount = [_amount_told(numbers)] if numbers else []
    if told:
        of_all = [TABLE[each.code][0 if fitting else 1] for each in told]
        confidence = min(max(of_all) + len(of_all) - 1, HIGHEST)
    else:
        confidence = ONLY_ITS_AMOUNT
    return Proposal(
        candidate.customer_id,
        candidate.customer_no,
        confidence,
        (*told, *by_amount),
        numbers,
        tuple(each.bill_no for each in bills_named),
    )


def _told(
    receipt: Receipt, named: Named, candidate: Candidate, bills_named: Sequence[OpenBillSeen]
) -> Iterator[Because]:
    """What tells of the customer, each once."""
    if bills_named:
        yield because("bill_named", *(each.bill_no for each in bills_named))
    if candidate.customer_id in receipt.of_account:
        yield because("account")
    for code, numbers, own in (
        ("lease_named", named.lease_nos, candidate.lease_nos),
        ("customer_named", named.customer_nos, candidate.customer_nos),
        ("plate_named", named.plates, candidate.plates),
    ):
        if numbers & own:
            yield because(code, *sorted(numbers & own))
    if candidate.customer_id in receipt.paid_before:
        yield because("paid_before")
    if receipt.payer_name is not None:
        likenesses = {likeness_of(receipt.payer_name, each) for each in candidate.names}
        if "equal" in likenesses:
            yield because("name_equal")
        elif "alike" in likenesses:
            yield because("name_alike")


def _fitting(
    amount_fen: int, bills: Sequence[OpenBillSeen], named: Sequence[OpenBillSeen]
) -> tuple[OpenBillSeen, ...]:
    """The bills whose open amounts come to the amount, the most obvious ones; () for none."""
    ordered = sorted(bills, key=lambda each: (each.due_on, each.bill_no))
    singles = [(each,) for each in [*named, *ordered]]
    firsts = [tuple(ordered[:count]) for count in range(2, len(ordered) + 1)]
    leases = sorted({each.lease_no for each in bills if each.lease_no is not None})
    of_lease = [tuple(each for each in ordered if each.lease_no == lease) for lease in leases]
    for some in (tuple(named), *singles, *firsts, *of_lease):
        if some and sum(each.open_fen for each in some) == amount_fen:
            return some
    return ()


def _amount_told(numbers: Sequence[str]) -> Because:
    return because("amount_bill" if len(numbers) == 1 else "amount_bills", *numbers)


def because(code: str, *facts: str) -> Because:
    """The reason in both languages.

    >>> because("plate_named", "粤BD12345").zh
    '备注写明车牌 粤BD12345'
    """
    en, zh = _WORDS[code]
    return Because(code, en.format(", ".join(facts)), zh.format("、".join(facts)))


def _doubted(receipt: Receipt, ranked: Sequence[Proposal]) -> list[Proposal]:
    """The proposals with what speaks against being sure."""
    contested = len(ranked) > 1 and (
        ranked[1].confidence_pct >= CONTESTED_FROM
        or ranked[0].confidence_pct - ranked[1].confidence_pct <= CONTESTED_WITHIN
    )
    doubted = [
        _at_most(each, CONTESTED_AT_MOST, because("contested"))
        if contested and each.confidence_pct >= CONTESTED_FROM
        else each
        for each in ranked
    ]
    if receipt.perhaps is None:
        return doubted
    reason = because("perhaps_twice", receipt.perhaps)
    return [_at_most(each, PERHAPS_TWICE_AT_MOST, reason) for each in doubted]


def _at_most(proposal: Proposal, most: int, reason: Because) -> Proposal:
    return replace(
        proposal,
        confidence_pct=min(proposal.confidence_pct, most),
        because=(*proposal.because, reason),
    )


def without_bills(candidate: Candidate, bill_nos: Sequence[str]) -> Candidate:
    """The candidate once these bills are settled by a receipt before."""
    kept = tuple(each for each in candidate.bills if each.bill_no not in bill_nos)
    return replace(candidate, bills=kept)
