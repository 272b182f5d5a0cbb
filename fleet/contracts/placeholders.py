"""What a text may leave open in braces, and what stands there for a lease.

Decides which names there are, and fills them in. A text is data: what is filled in is never looked
into again, so that no name or remark can bring placeholders of its own. Leaves out the sentences
themselves: `phrases.py`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

PLACEHOLDERS: Final[Mapping[str, str]] = {
    "lessor_name": "出租人名称",
    "lessee_name": "承租人名称",
    "lease_no": "租约编号",
    "contract_no": "合同编号",
    "vehicle_count": "车辆数量",
    "term": "租赁期限",
    "starts_on": "起租日",
    "ends_on": "到期日",
    "counting_rule": "期限计算方式（民法典第二百零一至二百零四条）",
    "rent_begins_rule": "租金起算",
    "rent_total": "租金合计，小写与大写",
    "billing_rule": "账期",
    "payment_day_rule": "应付日",
    "proration_rule": "不足一期的租金",
    "deposit_total": "押金合计，小写与大写",
    "violation_hold_rule": "违章保证金的暂扣",
    "mileage_rule": "里程约定",
    "maintenance_party": "维修保养责任方",
    "insurance_party": "保险费用承担方",
    "energy_party": "充电等能源费用承担方",
    "violations_party": "违章责任承担方",
    "sub_letting_rule": "转租约定",
    "late_fee_rule": "逾期违约金",
    "late_fee_per_day": "每日违约金比例",
    "grace_days": "宽限天数",
    "early_end_rule": "提前退租的费用",
    "notice_days": "提前退租的通知天数",
    "buy_out_rule": "首付款与留购价款",
    "rescission_rule": "欠租解除条件",
    "jurisdiction": "争议管辖法院",
    "keeping_years": "合同保存年限",
}
"""By name: what it stands for, in Chinese, as a template's editor shows it."""

_PLACE: Final = re.compile(r"\{([^{}]*)\}")


def names_in(text: str) -> Iterator[str]:
    """The names of a text's placeholders, in their order.

    >>> list(names_in("自{starts_on}起，至{ends_on}止"))
    ['starts_on', 'ends_on']
    """
    return (found[1] for found in _PLACE.finditer(text))


def stray_brace(text: str) -> bool:
    """Whether a brace stands alone.

    >>> stray_brace("每日{late_fee_per_day}"), stray_brace("每日{late_fee_per_day")
    (False, True)
    """
    return any(brace in _PLACE.sub("", text) for brace in "{}")


def fill(text: str, phrases: Mapping[str, str]) -> str:
    """The text with its placeholders filled in, once.

    >>> fill("甲方：{lessor_name}", {"lessor_name": "{lessee_name}"})
    '甲方：{lessee_name}'

    Raises:
        KeyError: nothing stands for a name; a fault of the program, as texts are checked before.
    """
    return _PLACE.sub(lambda found: phrases[found[1]], text)
