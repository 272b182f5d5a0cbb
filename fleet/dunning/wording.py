"""Words that every notice is put together from: bills, amounts, late fees, times, accounts.

Leaves out the notices themselves (`texts.py`, `texts_after_demand.py`).
"""

from datetime import date
from decimal import Decimal
from typing import Final

from fleet.capitals import in_capitals
from fleet.dunning.model import Claim, Letter
from kit.money import yuan

BILLS: Final = {
    "rent": "租金",
    "deposit": "押金",
    "charges": "费用",
    "late_fee": "违约金",
    "purchase": "购车款",
    "package": "服务费",
    "reclaim": "应返还款项",
    "opening": "期初欠款",
}
RENT: Final = frozenset({"rent", "purchase"})
NUMBERS: Final = "一二三四五六七八九十"


def per_day(rate: Decimal) -> str:
    """A rate a day as people write it.

    >>> per_day(Decimal("0.0005")), per_day(Decimal("0.00050000")), per_day(Decimal("0.01"))
    ('0.05%', '0.05%', '1%')
    """
    return f"{(rate * 100).normalize():f}%"


def late_fee_words(claim: Claim, made_on: date) -> str:
    """How the late fee of a bill comes about.

    >>> from fleet.lease_book import LateFee
    >>> agreed = LateFee(rate_per_day=Decimal("0.0005"), grace_days=3, cap_pct=20)
    >>> claim = Claim("B2026-1-000001", "rent", date(2026, 5, 1), 30, 300_000, 4_500, 30,
    ...     late_fee=agreed, late_fee_clause="第八条")
    >>> for words in late_fee_words(claim, date(2026, 5, 31)).split("，"):
    ...     print(words)
    依合同第八条按逾期金额每日0.05%计收逾期付款违约金
    以逾期金额的20%为限
    计至2026年5月31日共30日
    计人民币45.00元
    """
    agreed = claim.late_fee
    if agreed is None or agreed.rate_per_day == 0:
        return ""
    clause = f"依合同{claim.late_fee_clause}" if claim.late_fee_clause else "依合同约定"
    how = f"{clause}按逾期金额每日{per_day(agreed.rate_per_day)}计收逾期付款违约金"
    if agreed.cap_pct is not None:
        how += f"，以逾期金额的{agreed.cap_pct}%为限"
    if claim.late_fee_fen == 0:
        within = f"，{agreed.grace_days}日宽限期内付清的不计收" if agreed.grace_days else ""
        return f"{how}{within}，计至{day_of(made_on)}为人民币0.00元"
    capped = "，已达上限，不再增加" if claim.late_fee_capped else ""
    days, fen = claim.late_fee_days, claim.late_fee_fen
    return f"{how}，计至{day_of(made_on)}共{days}日，计人民币{yuan(fen)}元{capped}"


def day_of(day: date) -> str:
    """A day as a letter writes it."""
    return f"{day.year}年{day.month}月{day.day}日"


def contract_of(letter: Letter) -> str:
    """What the debt comes from."""
    if letter.lease_no is None:
        return "贵我双方之间的业务往来"
    return f"贵我双方签订的车辆租赁合同（租约编号：{letter.lease_no}，下称“合同”）"


def amount_of(claim: Claim) -> str:
    """A bill and what is unpaid of it."""
    what = BILLS.get(claim.kind, "款项")
    return f"账单{claim.bill_no}（{what}）未付人民币{yuan(claim.open_fen)}元"


def claims_of(letter: Letter) -> list[str]:
    """A paragraph a bill, and the sum where it is more than one amount."""
    told = []
    for place, claim in enumerate(letter.claims, 1):
        number = f"（{NUMBERS[place - 1] if place <= len(NUMBERS) else place}）"
        words = f"{number}{amount_of(claim)}，应于{day_of(claim.due_on)}付清"
        if claim.days_overdue > 0:
            words += f"，截至{day_of(letter.made_on)}已逾期{claim.days_overdue}日"
        fee = late_fee_words(claim, letter.made_on)
        told.append(f"{words}；{fee}。" if fee else f"{words}。")
    total_fen = letter.open_fen + letter.late_fee_fen
    if letter.late_fee_fen:
        told.append(
            f"以上欠付款项人民币{yuan(letter.open_fen)}元，违约金人民币{yuan(letter.late_fee_fen)}元，"
            f"合计人民币{yuan(total_fen)}元（大写：{in_capitals(total_fen)}）。"
        )
    else:
        told.append(f"合计人民币{yuan(total_fen)}元（大写：{in_capitals(total_fen)}）。")
    return told


def fee_goes_on(letter: Letter) -> str:
    """That the late fee goes on, where it does."""
    growing = [c for c in letter.claims if c.late_fee_fen and not c.late_fee_capped]
    return "前述违约金自次日起继续按同一标准计算至款项实际付清之日（含当日）止。" if growing else ""


def account_of(letter: Letter) -> str:
    """Where to pay."""
    seller = letter.seller
    if not seller.get("account"):
        return "请按合同约定的方式付款，付款时请注明账单编号。"
    parts = [
        f"户名：{seller.get('name') or ''}",
        f"开户行：{seller['bank']}" if seller.get("bank") else "",
        f"账号：{seller['account']}",
    ]
    note = letter.claims[0].bill_no
    told = "；".join(each for each in parts if each)
    return f"收款账户——{told}。付款时请注明账单编号{note}。"


def contact_of(letter: Letter) -> str:
    """Whom to ask."""
    who = "、".join(
        each for each in (letter.seller.get("contact"), letter.seller.get("phone")) if each
    )
    return f"联系方式：{who}。" if who else ""


def time_set(letter: Letter, paper: str) -> str:
    """The time that is set, counted from the arrival, 民法典 §201."""
    if letter.deadline_days is None:
        return f"收到本{paper}后"
    return f"自收到本{paper}之日起{letter.deadline_days}日内（收到当日不计算在内）"


def paid_meanwhile(paper: str) -> str:
    """What holds if it was paid before it came."""
    return f"如贵方在收到本{paper}前已付清上述款项，请忽略本{paper}并告知我方核对。"


def demanded_before(letter: Letter) -> str:
    """Which demand it follows, when that arrived, and that its time is over."""
    if letter.demanded is None:
        return "我方此前已书面催告"
    number, arrived_on = letter.demanded
    return f"我方已以{number}号函件书面催告，该函件于{day_of(arrived_on)}送达贵方，所载期限已经届满"


def clause_of(letter: Letter) -> str:
    """The clause it stands on."""
    return f"合同{letter.clause}" if letter.clause else "合同约定"
