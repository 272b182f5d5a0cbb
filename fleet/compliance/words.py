"""Names the law each kind of obligation rests on.

Leaves out what it is called (`fleet/due_titles.py`) and the sentences of blocks (`blocks.py`).
"""

from typing import Final

from fleet.compliance.model import ObligationKind

RULES: Final[dict[ObligationKind, str]] = {
    "inspection": "道路交通安全法实施条例 §16; 道路交通安全法 §90, §95",
    "compulsory": "机动车交通事故责任强制保险条例 §20, §38",
    "commercial": "民法典 §1209",
    "permit": "道路运输条例 §22, §24",
    "permit_review": "道路运输车辆技术管理规定",
    "permit_technical": "道路运输车辆技术管理规定",
    "service_life": "机动车强制报废标准规定 §5",
    "scrap_risk": "机动车强制报废标准规定 §4",
    "battery_test": "GB/T 44500-2024",
}
"""Where it is written. Commercial insurance is not asked for by law; what it would pay is."""
