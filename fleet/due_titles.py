"""What people call that which falls due, in English and Chinese: in lists, calendars, blocks."""

from typing import Final, NamedTuple


class Title(NamedTuple):
    """A name, or a sentence, in both languages."""

    en: str
    zh: str


PAPER_TITLES: Final[dict[str, Title]] = {
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
"""By kind of obligation."""
WORK_TITLES: Final[dict[str, Title]] = {
    "maintenance": Title("Maintenance", "保养"),
    "work_order": Title("Work order", "工单"),
    "idle_care": Title("Check of an idle vehicle", "闲置检查"),
}
"""Of what is done to a vehicle."""
