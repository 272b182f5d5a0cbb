"""Names the kinds of obligations in English and in Chinese, and the law each rests on.

Leaves out the sentences of blocks and warnings (`blocks.py`).
"""

from typing import Final, NamedTuple

from fleet.compliance.model import ObligationKind


class Title(NamedTuple):
    """A name in both languages."""

    en: str
    zh: str


TITLES: Final[dict[ObligationKind, Title]] = {
    "inspection": Title("Inspection", "年审"),
    "compulsory": Title("Compulsory insurance", "交强险"),
    "commercial": Title("Commercial insurance", "商业险"),
    "permit": Title("Transport permit", "道路运输证"),
    "permit_review": Title("Review of the transport permit", "道路运输证年度审验"),
    "permit_technical": Title(
        "Technical inspection of a transport vehicle", "道路运输车辆技术检测"
    ),
    "service_life": Title("End of service life", "报废年限"),
    "scrap_risk": Title("Compulsory scrap for missed inspections", "连续未检验强制报废"),
    "battery_test": Title("Battery safety test", "动力电池安全检测"),
}
"""What people call what falls due, for calendars and lists."""

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
