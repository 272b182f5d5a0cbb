"""Writes the notices: 付款提醒, 催收提醒, 催告函, 锁车通知, 解除合同通知, and what follows them.

Each names the parties, the contract, the bills with their amounts and days, the late fee to the day
of the notice and how it comes about, the clause by its number, the article, the time that is set
and the account to pay to. Paragraphs are parted by a line feed. A notice threatens nothing that the
contract and the law do not give; it is for the company's lawyer to check. Leaves out when which is
made (`ladder.py`), what follows a demand (`texts_after_demand.py`), and the paper it stands on
(`fleet/money_papers`).
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from fleet.dunning.model import Letter, NoticeKind
from fleet.dunning.texts_after_demand import lock, recovery, rescission, suit
from fleet.dunning.wording import (
    RENT,
    account_of,
    amount_of,
    claims_of,
    contact_of,
    contract_of,
    day_of,
    fee_goes_on,
    late_fee_words,
    paid_meanwhile,
    time_set,
)


class Written(NamedTuple):
    """A notice in words, and the rule it stands on; None: the contract alone, or nothing."""

    title: str
    text: str
    rule: str | None


def write(letter: Letter) -> Written:
    """The notice in words."""
    title, rule, body = _KINDS[letter.kind]
    if letter.kind == "reminder" and letter.claims[0].days_overdue > 0:
        title = "催收提醒"
    head = [f"编号：{letter.notice_no}", f"致：{letter.customer.name}"]
    if letter.kind == "call":
        head = [f"编号：{letter.notice_no}", f"致电：{letter.customer.name}"]
    signed = [letter.seller.get("name") or "", day_of(letter.made_on)]
    paragraphs = [*head, *body(letter), *signed]
    return Written(title, "\n".join(each for each in paragraphs if each), rule(letter))


def content_of(letter: Letter, written: Written, warnings: list[dict[str, str]]) -> dict[str, Any]:
    """What is kept of a notice for good: its words, and the facts they were written from.

    `warnings` are for the creditor, and stand in no text.
    """
    first = letter.claims[0]
    facts = {
        "notice_no": letter.notice_no,
        "customer": {"customer_no": letter.customer.customer_no, "name": letter.customer.name},
        "seller": dict(letter.seller) or None,
        "made_on": letter.made_on.isoformat(),
        "lease_no": letter.lease_no,
        "bill_no": first.bill_no,
        "due_on": first.due_on.isoformat(),
        "days_overdue": first.days_overdue,
        "open_fen": letter.open_fen,
        "late_fee_fen": letter.late_fee_fen,
        "total_fen": letter.open_fen + letter.late_fee_fen,
        "deadline_on": None,
        "deadline_days": letter.deadline_days,
        "clause": letter.clause,
        "rule": written.rule,
        "claims": [claim.told() for claim in letter.claims],
        "warnings": warnings,
    }
    return {"title": written.title, "text": written.text, "facts": facts}


def _reminder(letter: Letter) -> list[str]:
    claim = letter.claims[0]
    if claim.days_overdue > 0:
        fee = late_fee_words(claim, letter.made_on)
        late = f"已逾期{claim.days_overdue}日" + (f"；{fee}" if fee else "")
        return [
            (
                f"根据{contract_of(letter)}，{amount_of(claim)}，应于{day_of(claim.due_on)}付清，"
                f"截至{day_of(letter.made_on)}{late}。"
            ),
            f"请贵方尽快付清。{account_of(letter)}",
            contact_of(letter),
            "如已付款，请忽略本提醒。",
        ]
    when = "今日到期" if claim.due_on == letter.made_on else f"将于{day_of(claim.due_on)}到期"
    return [
        f"根据{contract_of(letter)}，{amount_of(claim)}，{when}，请贵方按时支付。",
        account_of(letter),
        contact_of(letter),
        "如已付款，请忽略本提醒。",
    ]


def _call(letter: Letter) -> list[str]:
    """What is said on the phone, and what is written down of it; it is sent to nobody."""
    return [
        f"事由：{contract_of(letter)}项下款项逾期，请电话联系并核实。",
        *claims_of(letter),
        "核实事项：一、是否收到账单；二、未付原因及有无争议；三、预计付款日期；四、联系地址及电话是否有效。",
        "请如实记录通话时间、通话对象及答复内容；通话中不得使用威胁、侮辱性言语，不得向无关人员透露欠款信息。",
    ]


def _demand(letter: Letter) -> list[str]:
    return [
        (
            f"根据{contract_of(letter)}，贵方应按期支付租金及其他应付款项。"
            f"截至{day_of(letter.made_on)}，下列款项已到期而未付清："
        ),
        *claims_of(letter),
        fee_goes_on(letter),
        f"现依法向贵方催告：请贵方{time_set(letter, '函')}付清上述全部款项。",
        account_of(letter),
        f"贵方逾期仍不支付的，我方将{_remedies(letter)}，由此产生的合理费用依合同约定和法律规定由贵方承担。",
        f"贵方对上述款项有异议的，请在前述期限内书面提出并附依据。{paid_meanwhile('函')}",
        "本函系我方对上述债权的履行请求，诉讼时效自本函到达时中断；本函不构成对我方其他权利的放弃。",
        contact_of(letter),
    ]


def _remedies(letter: Letter) -> str:
    """What the law gives after a demand: for rent, for that of a finance lease, for other debts."""
    if not any(claim.kind in RENT for claim in letter.claims) or letter.lease_no is None:
        return (
            "依据《中华人民共和国民法典》第五百七十七条、第五百七十九条追究贵方的违约责任，"
            "直至向有管辖权的人民法院提起诉讼"
        )
    if letter.lease_kind == "lease_to_own":
        return (
            "依据《中华人民共和国民法典》第七百五十二条，请求支付全部租金，或者在符合法定及约定条件时"
            "解除合同、收回车辆，并追究违约责任"
        )
    return (
        "依据《中华人民共和国民法典》第七百二十二条及合同约定，在符合约定条件时采取包括限制车辆再次启动、"
        "解除合同、收回车辆在内的措施，并追究违约责任"
    )


def _rule_of_demand(letter: Letter) -> str:
    if not any(claim.kind in RENT for claim in letter.claims) or letter.lease_no is None:
        return "民法典 §577, §579, §195"
    finance = letter.lease_kind == "lease_to_own"
    return f"民法典 {'§752' if finance else '§722'}, §195"


def _rule_of_suit(_letter: Letter) -> str:
    return "民法典 §577, §579, §195"


def _rule_of_rescission(letter: Letter) -> str:
    if letter.lease_kind == "lease_to_own":
        return "民法典 §752, §565; 融资租赁解释 §5"
    return "民法典 §722, §565"


def _rule_of_lock(_letter: Letter) -> str:
    return "民法典 §509; 合同约定"


def _rule_of_recovery(_letter: Letter) -> str:
    return "民法典 §566; 合同约定"


def _no_rule(_letter: Letter) -> None:
    return None


_Body = Callable[[Letter], list[str]]
_KINDS: Final[dict[NoticeKind, tuple[str, Callable[[Letter], str | None], _Body]]] = {
    "reminder": ("付款提醒", _no_rule, _reminder),
    "call": ("电话催收记录单", _no_rule, _call),
    "demand": ("催告函", _rule_of_demand, _demand),
    "lock_notice": (
        "限制车辆再次启动通知（锁车通知）",
        _rule_of_lock,
        lock,
    ),
    "rescission_notice": ("解除合同通知", _rule_of_rescission, rescission),
    "recovery": ("收回车辆通知", _rule_of_recovery, recovery),
    "suit": ("起诉前告知函", _rule_of_suit, suit),
}
