"""Decides what is unusual or risky in terms, and in who signs: told before, never forbidden.

Each caution names its rule. Measures that change (LPR, days to let again) are dated figures given
by the caller. Leaves out what no terms may say (`terms.py`) and what needs approval
(`approvals.py`).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from fleet.lease_figures import EarlyEnd, LateFeeMeasure, LoanPrimeRate
from fleet.leasing.early_price import expected_loss_fen, is_cut, price_of, rent_left_fen
from fleet.leasing.term_dates import last_day
from fleet.leasing.terms import ClauseConcern, Term, Terms
from kit.money import round_fen, yuan

DAYS_A_YEAR: Final = 365
STANDARD_TERMS: Final = "民法典 §496–497"
WRITING_FROM_MONTHS: Final = 6
EARNEST_AT_MOST_PCT: Final = 20
REMEDIES: Final[dict[ClauseConcern, tuple[str, str]]] = {
    "late_fee": ("late fee", "滞纳金"),
    "deposit": ("deposit", "押金"),
    "early_end": ("price of an early end", "提前退租违约金"),
    "lock": ("remote lock", "远程锁车"),
    "repossession": ("taking the vehicle back", "收回车辆"),
    "termination": ("termination", "解除合同"),
}


@dataclass(frozen=True, slots=True)
class Caution:
    """Something to look at before signing, with the rule it comes from."""

    code: str
    en: str
    zh: str
    rule: str


@dataclass(frozen=True, slots=True)
class Measures:
    """The figures of the day the terms are looked at."""

    lpr: LoanPrimeRate
    late_fee: LateFeeMeasure
    early_end: EarlyEnd


def cautions_of(terms: Terms, measures: Measures, *, in_writing: bool = False) -> list[Caution]:
    """All cautions of the terms. `in_writing`: a contract text is kept with the lease."""
    return [
        *_late_fee(terms, measures),
        *_without_clause(terms),
        *([] if in_writing else _writing(terms)),
        *_deposit(terms),
        *_early_end(terms, measures.early_end),
        *_last_day(terms),
        *_parties(terms),
    ]


def customer_cautions(*, numbered: bool, like_blacklisted: bool) -> list[Caution]:
    """Cautions of who is to sign; they name no other customer.

    `numbered`: an ID number is known. `like_blacklisted`: phone or tax number are those of another
    customer, on the blacklist now.
    """
    found = []
    if not numbered:
        found.append(
            Caution(
                "customer_without_number",
                "the customer has no ID number: the blacklist cannot know it again",
                "客户未登记证件号码，无法据此核对黑名单",
                "practice",
            )
        )
    if like_blacklisted:
        found.append(
            Caution(
                "customer_like_blacklisted",
                "another customer with the same phone or tax number stands on the blacklist",
                "与黑名单中的客户电话或纳税人识别号相同，请核实是否为同一人",
                "practice",
            )
        )
    return found


def late_fee_a_year_pct(rate_per_day: Decimal) -> Decimal:
    """A late fee by the day as per cent a year of 365 days.

    >>> str(late_fee_a_year_pct(Decimal("0.0005")))
    '18.25'
    """
    return (rate_per_day * DAYS_A_YEAR * 100).normalize()


def simple_fee_fen(overdue_fen: int, pct_a_year: Decimal, days: int) -> int:
    """What so many days of delay cost at a yearly rate, simple.

    3,000 yuan for 30 days at 18.25 %, at 12 % (4 × LPR 3.0 %), at 4.5 % (LPR × 1.5, what sales
    law gives where no clause says anything: 买卖解释 §18, 民法典 §646).

    >>> [simple_fee_fen(300_000, Decimal(pct), 30) for pct in ("18.25", "12", "4.5")]
    [4500, 2959, 1110]
    """
    return round_fen(Decimal(overdue_fen) * pct_a_year * days / 100 / DAYS_A_YEAR)


def _late_fee(terms: Terms, measures: Measures) -> list[Caution]:
    """No law caps a late fee on rent; a court may cut one that is far above the loss."""
    if terms.late_fee is None:
        return []
    times, lpr = measures.late_fee.warn_above_lpr_times, measures.lpr.one_year_pct
    year, limit = late_fee_a_year_pct(terms.late_fee.rate_per_day), times * lpr
    if year <= limit:
        return []
    this = yuan(simple_fee_fen(300_000, year, 30))
    that = yuan(simple_fee_fen(300_000, limit, 30))
    return [
        Caution(
            "late_fee_high",
            f"the late fee is {year:f} % a year, above {limit:f} % ({times} x LPR {lpr:f} %):"
            f" 3,000 for 30 days cost {this}, at the limit {that}",
            f"滞纳金折合年利率 {year:f}%，超过 {limit:f}%（LPR {lpr:f}% 的 {times} 倍）："
            f"3,000 元逾期 30 天为 {this} 元，按该限为 {that} 元",
            "民法典 §585; 合同编通则解释 §65",
        )
    ]


def _without_clause(terms: Terms) -> list[Caution]:
    """Standard terms on remedies are shown and explained, or may not bind: so there must be any."""
    agreed: dict[ClauseConcern, bool] = {
        "late_fee": terms.late_fee is not None and terms.late_fee.rate_per_day > 0,
        "deposit": any(line.deposit_fen for line in terms.lines),
        "early_end": terms.early_end.kind != "none",
        "lock": True,
        "repossession": True,
        "termination": True,
    }
    return [
        Caution(
            f"{concern}_without_clause",
            f"no clause of the contract is named for: {en}",
            f"未注明合同条款依据：{zh}",
            STANDARD_TERMS,
        )
        for concern, (en, zh) in REMEDIES.items()
        if agreed[concern] and concern not in terms.clauses
    ]


def _writing(terms: Terms) -> list[Caution]:
    """ "A term of six months or longer shall be agreed in writing", else it is open-ended, §707.

    The number itself is included (§1259); a data message counts as writing (§469).
    """
    ends_on = last_day(terms.starts_on, terms.term)
    six = last_day(terms.starts_on, Term(count=WRITING_FROM_MONTHS, end=terms.term.end))
    if ends_on is None or six is None or ends_on < six:
        return []
    return [
        Caution(
            "writing_needed",
            "six months or longer and no contract in writing: it would count as open-ended",
            "租期六个月以上须采用书面形式，否则视为不定期租赁",
            "民法典 §707, §469",
        )
    ]


def _deposit(terms: Terms) -> list[Caution]:
    """押金 is security for debts; it is 定金 only where it is called so."""
    deposit = sum(line.deposit_fen for line in terms.lines)
    found = []
    if deposit == 0:
        found.append(
            Caution(
                "no_deposit",
                "no deposit secures damage and debts",
                "未收取押金，车损和欠款没有担保",
                "practice",
            )
        )
    written = "\n".join([*terms.clauses.values(), terms.remarks or ""])
    if "定金" in written:
        worth = rent_left_fen(terms, terms.lines, terms.starts_on)
        found.append(_earnest(deposit, worth))
    return found


def _earnest(deposit_fen: int, worth_fen: int | None) -> Caution:
    if worth_fen is not None and deposit_fen * 100 > worth_fen * EARNEST_AT_MOST_PCT:
        most = yuan(worth_fen * EARNEST_AT_MOST_PCT // 100)
        return Caution(
            "earnest_money_high",
            f"what is called 定金 counts up to 20 % of the contract only: {most} of"
            f" {yuan(deposit_fen)}",
            f"定金不得超过合同标的额的 20%（{most} 元），超过部分无定金效力",
            "民法典 §586",
        )
    return Caution(
        "earnest_money_named",
        "the terms speak of 定金: lost by who breaks the contract, doubled back by the lessor",
        "条款出现“定金”字样：将适用定金罚则，与押金不同",
        "民法典 §586–587; 合同编通则解释 §67",
    )


def _early_end(terms: Terms, figures: EarlyEnd) -> list[Caution]:
    """The price of ending at the very beginning, where it is highest, against the loss then."""
    ends_on = last_day(terms.starts_on, terms.term)
    if ends_on is None:
        return []
    left = rent_left_fen(terms, terms.lines, terms.starts_on) or 0
    price = price_of(terms.early_end, terms.lines, left)
    loss = expected_loss_fen(terms.lines, (ends_on - terms.starts_on).days + 1, figures)
    if not is_cut(price, loss, figures):
        return []
    limit = figures.court_cut_above_pct
    return [
        Caution(
            "early_end_high",
            f"ending early may cost {yuan(price)}; the loss is about {yuan(loss)}, and a court may"
            f" cut what is above {limit} % of it",
            f"提前退租最高 {yuan(price)} 元，预计损失约 {yuan(loss)} 元；"
            f"超过损失 {limit}% 的部分法院可予减少",
            "民法典 §585; 合同编通则解释 §65",
        )
    ]


def _last_day(terms: Terms) -> list[Caution]:
    ends_on = last_day(terms.starts_on, terms.term)
    if ends_on is None:
        return [
            Caution(
                "open_ended",
                "without an end each side may end it at any time, with reasonable notice",
                "不定期租赁：双方均可随时解除，但应在合理期限之前通知对方",
                "民法典 §730",
            )
        ]
    if terms.kind == "lease_to_own":
        return []
    return [
        Caution(
            "use_after_expiry",
            f"used after {ends_on} without objection, it goes on open-ended: object in time",
            f"{ends_on} 届满后继续使用且未提出异议的，原合同继续有效，租期变为不定期",
            "民法典 §734",
        )
    ]


def _parties(terms: Terms) -> list[Caution]:
    """Who insures, who pays for violations, and what secures that."""
    found = []
    if terms.violations_by == "lessee" and terms.violation_hold_fen == 0:
        found.append(
            Caution(
                "no_violation_hold",
                "nothing is held back for violations that become known after the return",
                "未约定违章保证金，还车后发现的违章没有担保",
                "practice; 处理规定 §20",
            )
        )
    if terms.insured_by == "lessee":
        found.append(
            Caution(
                "insured_by_lessee",
                "the lessee insures: without 交强险 who is bound to insure pays within its limits",
                "由承租人投保：未投交强险的，投保义务人在交强险限额内承担赔偿责任，请核验保单",
                "交通事故解释 §16",
            )
        )
    if terms.sub_letting and "sub_letting" not in terms.clauses:
        found.append(
            Caution(
                "sub_letting_without_clause",
                "sub-letting is allowed, and no clause is named that limits it",
                "允许转租，但未注明合同条款依据",
                "民法典 §716–718",
            )
        )
    return found
