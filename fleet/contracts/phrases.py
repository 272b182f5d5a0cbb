"""Says in Chinese what was agreed: a phrase for every placeholder of a contract's text.

Decides the words alone; amounts and days come from the terms as they are kept, as JSON. Leaves out
the clauses the phrases stand in (`texts_*.py`).
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from fleet.capitals import in_capitals
from fleet.contracts.model import LeaseFacts, Particulars
from kit.money import yuan

OPEN: Final = "＿＿＿＿＿＿"
"""A line to write on."""
PARTIES: Final = {"lessor": "甲方", "lessee": "乙方"}
PER: Final = {"day": "日", "month": "月"}
Terms = Mapping[str, Any]


def phrases_of(
    lease: LeaseFacts,
    *,
    contract_no: str,
    particulars: Particulars,
    lessee_name: str,
    rescission: Mapping[str, int],
    keeping_years: int,
) -> dict[str, str]:
    """What stands for every placeholder. `rescission`: unpaid_periods and unpaid_share_pct."""
    terms = lease.terms
    late_fee = terms["late_fee"]
    return {
        "lessor_name": particulars.lessor_name or lease.organisation_name,
        "lessee_name": lessee_name,
        "lease_no": lease.lease_no,
        "contract_no": contract_no,
        "vehicle_count": str(len(terms["lines"])),
        "term": term_of(terms),
        "starts_on": day_of(lease.starts_on),
        "ends_on": "未约定到期日" if lease.ends_on is None else day_of(lease.ends_on),
        "counting_rule": counting_rule(lease),
        "rent_begins_rule": _RENT_BEGINS[terms["rent_begins"]],
        "rent_total": rent_total(terms),
        "billing_rule": _BILLING[terms["billing"]],
        "payment_day_rule": payment_day_rule(int(terms["pays_ahead_days"])),
        "proration_rule": _PRORATION[terms["proration"]],
        "deposit_total": amount_of(deposit_fen(terms)),
        "violation_hold_rule": violation_hold_rule(terms),
        "mileage_rule": mileage_rule(terms),
        "maintenance_party": PARTIES[terms["maintenance_by"]],
        "insurance_party": PARTIES[terms["insured_by"]],
        "energy_party": PARTIES[terms["energy_by"]],
        "violations_party": PARTIES[terms["violations_by"]],
        "sub_letting_rule": _SUB_LETTING[bool(terms["sub_letting"])],
        "late_fee_rule": late_fee_rule(late_fee),
        "late_fee_per_day": "零" if late_fee is None else pct_of(late_fee["rate_per_day"]),
        "grace_days": "0" if late_fee is None else str(late_fee["grace_days"]),
        "early_end_rule": early_end_rule(terms["early_end"]),
        "notice_days": str(terms["early_end"]["notice_days"]),
        "buy_out_rule": buy_out_rule(terms),
        "rescission_rule": rescission_rule(rescission),
        "jurisdiction": particulars.jurisdiction or "甲方住所地人民法院",
        "keeping_years": str(keeping_years),
    }


def day_of(day: date) -> str:
    """A day as a contract writes it.

    >>> day_of(date(2026, 1, 5))
    '2026年1月5日'
    """
    return f"{day.year}年{day.month}月{day.day}日"


def amount_of(fen: int) -> str:
    """Money in figures and capitals.

    >>> amount_of(300_000)
    '¥3,000.00（人民币叁仟元整）'
    """
    return f"¥{yuan(fen)}（{in_capitals(fen)}）"


def pct_of(rate: object) -> str:
    """A share in per cent, exactly.

    >>> pct_of("0.0005"), pct_of("0.01"), pct_of(1)
    ('0.05%', '1%', '100%')
    """
    return f"{(Decimal(str(rate)) * 100).normalize():f}%"


def term_of(terms: Terms) -> str:
    """How long.

    >>> term_of({"term": {"count": 12, "unit": "month"}}), term_of({"term": {"count": None}})
    ('12个月', '不定期')
    """
    count = terms["term"]["count"]
    if count is None:
        return "不定期"
    return f"{count}{'日' if terms['term']['unit'] == 'day' else '个月'}"


def counting_rule(lease: LeaseFacts) -> str:
    """How the term is counted, 民法典 §201–204; without a count, what open-ended means, §730."""
    if lease.terms["term"]["count"] is None:
        return (
            "本合同为不定期租赁，任何一方可以随时解除，但应当在合理期限之前通知对方"
            "（《民法典》第七百三十条）"
        )
    if lease.terms["term"]["end"] == "day_before":
        return (
            "双方依据《民法典》第二百零四条约定：起租日当日计入租期，租期至期满对应日的前一日"
            "二十四时届满，不适用起始日不计入的规定"
        )
    return (
        "租期依据《民法典》第二百零一条、第二百零二条计算：起租日当日不计入，至对应日二十四时"
        "届满；到期月无对应日的，以月末日为期满日"
    )


def rent_total(terms: Terms) -> str:
    """What all vehicles together cost, by the day and by the month."""
    sums = dict.fromkeys(PER, 0)
    for line in terms["lines"]:
        sums[line["per"]] += int(line["rent_fen"])
    told = [f"每{PER[per]}{amount_of(fen)}" for per, fen in sums.items() if fen]
    return "，".join(told) or f"每月{amount_of(0)}"


def deposit_fen(terms: Terms) -> int:
    """The deposits of all vehicles together."""
    return sum(int(line["deposit_fen"]) for line in terms["lines"])


def payment_day_rule(days: int) -> str:
    """When a rent is due.

    >>> payment_day_rule(0), payment_day_rule(5)
    ('每个账期的首日', '每个账期首日前5日')
    """
    return "每个账期的首日" if days == 0 else f"每个账期首日前{days}日"


def violation_hold_rule(terms: Terms) -> str:
    """What is kept back for violations nobody knows of yet."""
    hold_fen = int(terms["violation_hold_fen"])
    if hold_fen == 0:
        return "还车结算时不因尚未知悉的交通违法行为暂扣押金"
    return (
        f"为处理还车后方才知悉的交通违法行为，甲方可自押金中暂扣{amount_of(hold_fen)}，"
        f"自全部车辆归还之日起{terms['violation_hold_days']}日届满且违法行为处理完毕的，"
        "应当立即无息退还"
    )


def mileage_rule(terms: Terms) -> str:
    """What of kilometres is included; lines may differ."""
    told: dict[str, list[str]] = {}
    for line in terms["lines"]:
        told.setdefault(_mileage(line["mileage"]), []).append(str(line["no"]))
    if len(told) == 1:
        return next(iter(told))
    return "；".join(f"序号{'、'.join(numbers)}的车辆：{rule}" for rule, numbers in told.items())


def _mileage(mileage: Mapping[str, Any] | None) -> str:
    if mileage is None:
        return "不限里程"
    rest = "当期未用里程结转至以后账期" if mileage["carry_over"] else "当期未用里程不予结转"
    by_period = mileage.get("settled", "at_end") == "each_period"
    when = "超里程费按账期结算，计入下一期账单" if by_period else "超里程费于还车时一并结算"
    return (
        f"每辆车每个账期含{mileage['included_km']:,}公里，超出部分每公里"
        f"{amount_of(mileage['extra_fen_per_km'])}，{rest}，{when}"
    )


def late_fee_rule(late_fee: Mapping[str, Any] | None) -> str:
    """The late fee: simple, none within the grace, LEASING.md §3."""
    if late_fee is None or Decimal(str(late_fee["rate_per_day"])) == 0:
        return "双方不约定逾期付款违约金，乙方逾期的，应当赔偿甲方因此受到的实际损失"
    grace = int(late_fee["grace_days"])
    cap = late_fee["cap_pct"]
    limit = "" if cap is None else f"；违约金累计不超过该笔逾期款项的{cap}%"
    spared = "" if grace == 0 else f"乙方在应付日后{grace}日（宽限期）内付清的，不计违约金；"
    after = "逾期的" if grace == 0 else "逾宽限期仍未付清的"
    return (
        f"{spared}{after}，自应付日的次日起至实际付款之日止（含当日），按逾期未付金额每日"
        f"{pct_of(late_fee['rate_per_day'])}计付逾期付款违约金，不计复利{limit}"
    )


def early_end_rule(price: Mapping[str, Any]) -> str:
    """What the lessee pays for ending early."""
    if price["kind"] == "share_of_remaining_rent":
        return f"乙方应当按解除之日起至租期届满尚未到期租金总额的{price['pct']}%向甲方支付违约金"
    if price["kind"] == "months_of_rent":
        return f"乙方应当向甲方支付相当于{price['months']}个月租金的违约金"
    return "乙方不承担提前退租的违约金，但应当付清截至实际还车之日的全部租金与费用"


def buy_out_rule(terms: Terms) -> str:
    """What is paid at the beginning, and what makes the vehicles the lessee's."""
    price = terms["buy_out"]
    if price is None:
        return "本合同不含留购约定"
    vehicles = len(terms["lines"])
    first = int(price["down_payment_fen"])
    down = "乙方无须支付首付款" if first == 0 else f"乙方应当在交车前支付首付款{amount_of(first)}"
    if int(price["price_fen"]) == 0:
        return f"{down}；最后一期租金及其他款项付清时，车辆所有权转移给乙方，无须另付留购价款"
    total = int(price["price_fen"]) * vehicles
    return (
        f"{down}；租期届满时的留购价款为每辆{amount_of(int(price['price_fen']))}，"
        f"{vehicles}辆合计{amount_of(total)}"
    )


def rescission_rule(figures: Mapping[str, int]) -> str:
    """From when unpaid rent lets a finance lease be rescinded, 融资租赁解释 §5."""
    return (
        f"乙方未付租金达到{figures['unpaid_periods']}期以上，或者数额达到全部租金"
        f"{figures['unpaid_share_pct']}%以上，经甲方催告后在合理期限内仍不支付"
    )


_RENT_BEGINS: Final = {
    "start_day": "租金自起租日起计算",
    "hand_over": "租金自车辆实际交付之日起计算；交付之日晚于约定起租日的，以交付之日为起租日，"
    "租期相应顺延",
}
_BILLING: Final = {
    "anchor_month": "以起租日为锚定日，每一个月为一个账期；当月无对应日的，以该月末日为准，且各账期"
    "均自起租日起推算，不逐期顺延",
    "calendar_month": "以自然月为账期；首月、末月不足整月的，按本条约定折算",
    "once": "整个租期为一个账期，租金一次付清",
}
_PRORATION: Final = {
    "actual_days": "按当期租金除以该账期（自然月）实际天数，乘以实际租用天数计算，四舍五入至分",
    "fixed_30": "按当期租金除以三十日，乘以实际租用天数计算，四舍五入至分",
    "none": "不作折算，按整期收取",
}
_SUB_LETTING: Final = {
    True: "乙方可以将车辆转租给第三人，但应当将第三人的身份、期限书面告知甲方；转租期间本合同继续"
    "有效，第三人造成车辆损失的，由乙方赔偿",
    False: "未经甲方书面同意，乙方不得将车辆转租、转借、出让占有或者设定任何担保",
}
