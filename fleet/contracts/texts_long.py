"""The sample text of a long lease 长租."""

from dataclasses import replace
from typing import Final

from fleet.contracts import texts_remedies as remedies
from fleet.contracts import texts_shared as shared
from fleet.contracts.model import TemplateDraft
from fleet.contracts.texts_shared import numbered

_MAINTENANCE: Final = replace(
    shared.MAINTENANCE,
    paragraphs=(
        *shared.MAINTENANCE.paragraphs,
        (
            "租期内甲方按照车型保养计划安排例行保养和动力电池健康检测，乙方应当按照约定的时间、地点"
            "送检；单次停驶超过四十八小时的，甲方应当提供替换车辆或者扣减相应租金。"
        ),
    ),
)
LONG: Final = TemplateDraft(
    "long-rent",
    "long",
    "新能源物流车租赁合同",
    numbered(
        [
            shared.VEHICLES,
            shared.TERM,
            shared.RENT,
            shared.DEPOSIT,
            shared.MILEAGE,
            shared.HAND_OVER,
            shared.USE,
            shared.SUB_LETTING,
            _MAINTENANCE,
            shared.INSURANCE,
            shared.VIOLATIONS,
            remedies.LATE_FEE,
            remedies.PAYMENT_ORDER,
            remedies.LOCK,
            remedies.EARLY_END,
            remedies.TERMINATION,
            remedies.REPOSSESSION,
            shared.RETURN,
            shared.PERSONAL_DATA,
            shared.NOTICES,
            shared.DISPUTES,
        ]
    ),
)
