"""The sheet of the catalogue of models: its columns.

Leaves out who keeps the catalogue (`fleet/models`).
"""

from decimal import Decimal
from typing import Final

from fleet.sheets.cells import decimal_between, integer_between, parse_choice, parse_text
from fleet.sheets.importing import ImportKind
from fleet.sheets.model import Column, Kind

CHEMISTRY: Final = {
    **dict.fromkeys(("lfp", "LFP", "磷酸铁锂", "磷酸铁锂电池", "铁锂"), "lfp"),
    **dict.fromkeys(("nmc", "NMC", "NCM", "三元", "三元锂", "三元锂电池"), "nmc"),
    **dict.fromkeys(("lto", "LTO", "钛酸锂"), "lto"),
    **dict.fromkeys(("other", "其他", "其它"), "other"),
}

MODELS: Final = ImportKind(
    Kind(
        *("models", "车型", "Models"),
        (
            Column(
                *("code", "车型编码", "Code", ("编码", "车型代码", "model code"), parse_text),
                required=True,
                key=True,
                example="ec35",
                meaning_en="a–z, 0–9 and hyphen.",
                meaning_zh="小写字母、数字和连字符。",
            ),
            Column(
                *("name", "车型名称", "Name", ("名称", "车型", "型号名称", "品牌型号"), parse_text),
                example="瑞驰 EC35",
            ),
            Column(
                *("maker", "制造商", "Maker", ("厂家", "生产厂家", "品牌", "厂商"), parse_text),
                example="瑞驰",
            ),
            Column(
                *("body_type", "车身类型", "Body type", ("车辆类型", "车厢类型"), parse_text),
                example="微型厢式货车",
            ),
            Column(
                *("gvw_kg", "总质量(kg)", "GVW kg", ("总质量", "最大总质量", "gvw")),
                integer_between(100, 60_000),
                holds="integer",
                example=2_600,
            ),
            Column(
                *("battery_kwh", "电池容量(kWh)", "Battery kWh"),
                ("电池容量", "电量", "电池电量", "带电量", "电池能量"),
                decimal_between(Decimal("0.01"), Decimal("9999.99")),
                holds="decimal",
                example="38.7",
            ),
            Column(
                *("battery_chemistry", "电池类型", "Battery chemistry", ("电池种类", "电芯类型")),
                parse_choice(CHEMISTRY),
                holds="choice",
                choices=("磷酸铁锂", "三元锂", "钛酸锂", "其他"),
                example="磷酸铁锂",
            ),
            Column(
                *("rated_range_km", "续航(km)", "Range km", ("续航", "续航里程", "标称续航")),
                integer_between(1, 5_000),
                holds="integer",
                example=270,
            ),
            Column(
                *("box_volume_m3", "货箱容积(m³)", "Box volume m3"),
                ("货箱容积", "容积", "厢体容积", "货厢容积", "装载方量"),
                decimal_between(Decimal("0.01"), Decimal("9999.99")),
                holds="decimal",
                example="4.8",
            ),
        ),
        note_zh="按车型编码识别；空白单元格保留原值。",
        note_en="A model is known by its code; a blank cell leaves what is there.",
    ),
    key_fields=("code",),
    may_add="model.change",
    may_change="model.change",
    distinct=("name",),
    needed_when_new=("name", "maker", "body_type"),
)
