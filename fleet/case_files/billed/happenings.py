"""What happened to the money of a lease, as lines of its timeline, each with its evidence.

Days of payments and deposits are told in words; a line stands where it was written down.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from fleet.case_files.tables import money
from fleet.case_files.timeline import Happening

Row = Mapping[str, Any]
MOVEMENTS: Final[Mapping[str, tuple[str, str]]] = {
    "opening": ("期初押金转入", "brought in from before"),
    "applied": ("押金抵扣欠款", "applied"),
    "unapplied": ("撤销押金抵扣", "applied no more"),
    "refunded": ("退还押金", "refunded"),
    "held_back": ("暂扣押金", "held back"),
    "released": ("解除暂扣", "released"),
}
NOTICES: Final[Mapping[str, str]] = {
    "reminder": "付款提醒",
    "call": "电话催收",
    "demand": "催告函",
    "lock_notice": "锁车通知",
    "rescission_notice": "解除合同通知",
    "recovery": "收回车辆",
    "suit": "起诉",
}


def of_bills(bills: Iterable[Row]) -> list[Happening]:
    """Bills that were issued, and how they were delivered."""
    told = []
    for bill in bills:
        number, total = bill["bill_no"], money(bill["total_fen"])
        evidence = f"bills/{number}.json"
        told.append(
            Happening(
                bill["issued_at"],
                f"开具账单 {number}：{total} 元，应付日 {bill['due_on']}",
                f"Bill {number} issued: {total} yuan, due on {bill['due_on']}",
                bill["issued_by"],
                bill["issued_at"],
                evidence,
            )
        )
        told += [
            Happening(
                _instant(one["delivered_at"]),
                f"账单 {number} 送达：{one['channel']}，{one['proof'] or '–'}",
                f"Bill {number} delivered: {one['channel']}, {one['proof'] or '–'}",
                one["recorded_by"],
                _instant(one["recorded_at"]),
                "notices.json",
            )
            for one in bill["deliveries"]
        ]
    return told


def of_credit_notes(notes: Iterable[Row]) -> list[Happening]:
    """What was taken off bills."""
    return [
        Happening(
            note["issued_at"],
            f"冲减账单 {note['bill_no']}：{money(note['total_fen'])} 元，{note['reason']}",
            f"Taken off bill {note['bill_no']}: {money(note['total_fen'])} yuan, {note['reason']}",
            note["issued_by"],
            note["issued_at"],
            f"credit-notes/{note['credit_no']}.json",
        )
        for note in notes
    ]


def of_payments(payments: Iterable[Row]) -> list[Happening]:
    """Money that came in; that it went back is told in its row."""
    return [
        Happening(
            one["recorded_at"],
            f"登记收款 {one['payment_no']}：{money(one['amount_fen'])} 元，"
            f"{one['received_on']} 到账，其中 {money(one['settled_fen'])} 元清偿本租约账单",
            f"Payment {one['payment_no']}: {money(one['amount_fen'])} yuan, received on"
            f" {one['received_on']}, {money(one['settled_fen'])} of it for this lease",
            one["recorded_by"],
            one["recorded_at"],
            "payments.csv",
        )
        for one in payments
    ]


def of_deposits(movements: Iterable[Row]) -> list[Happening]:
    """Where the deposit went."""
    told = []
    for one in movements:
        zh, en = MOVEMENTS.get(one["kind"], (one["kind"], one["kind"]))
        amount = money(one["amount_fen"])
        told.append(
            Happening(
                one["recorded_at"],
                f"{zh}：{amount} 元，{one['reason']}",
                f"Deposit {en}: {amount} yuan, {one['reason']}",
                one["recorded_by"],
                one["recorded_at"],
                "deposits.csv",
            )
        )
    return told


def of_notices(notices: Iterable[Row]) -> list[Happening]:
    """Reminders and demands, and that they arrived: each demand restarts limitation, §195."""
    told = []
    for one in notices:
        number, zh = one["notice_no"], NOTICES.get(one["kind"], one["kind"])
        still = money(one["open_fen"])
        until = f"，限期 {one['deadline_on']}" if one["deadline_on"] else ""
        told.append(
            Happening(
                one["made_at"],
                f"{zh} {number}：账单 {one['bill_no']} 未付 {still} 元{until}",
                f"Notice {number} ({one['kind']}): {still} yuan open of bill {one['bill_no']}",
                one["made_by"],
                one["made_at"],
                "notices.json",
            )
        )
        told += [_delivered(number, one) for one in one["deliveries"]]
    return told


def _delivered(number: str, one: Row) -> Happening:
    at = _instant(one["arrived_at"] or one["sent_at"])
    proof = one["proof"] or "–"
    return Happening(
        at,
        f"{number} {'已送达' if one['arrived_at'] else '已发出'}：{one['channel']}，{proof}",
        f"Notice {number} {one['result']}: {one['channel']}, {proof}",
        one["recorded_by"],
        _instant(one["recorded_at"]),
        "notices.json",
    )


def _instant(told: str | datetime) -> datetime:
    """An instant out of JSON."""
    return told if isinstance(told, datetime) else datetime.fromisoformat(told)
