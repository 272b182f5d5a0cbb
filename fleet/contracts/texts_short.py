"""The sample text of a short lease 短租."""

from dataclasses import replace
from typing import Final

from fleet.contracts import texts_remedies as remedies
from fleet.contracts import texts_shared as shared
from fleet.contracts.model import TemplateDraft
from fleet.contracts.texts_shared import numbered

_RETURN: Final = replace(
    shared.RETURN,
    paragraphs=(
        *shared.RETURN.paragraphs,
        (
            "乙方逾期还车的，应当至迟在还车时限前四小时通知甲方；逾期不足四小时的不另收租金，超过四小时"
            "的按一日计收，本合同租金按月计收的，按月租金除以三十日折算。"
        ),
    ),
)
SHORT: Final = TemplateDraft(
    "short-rent",
    "short",
    "新能源物流车短期租赁合同",
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
            shared.MAINTENANCE,
            shared.INSURANCE,
            shared.VIOLATIONS,
            remedies.LATE_FEE,
            remedies.PAYMENT_ORDER,
            remedies.LOCK,
            remedies.EARLY_END,
            remedies.TERMINATION,
            remedies.REPOSSESSION,
            _RETURN,
            shared.PERSONAL_DATA,
            shared.NOTICES,
            shared.DISPUTES,
        ]
    ),
)
