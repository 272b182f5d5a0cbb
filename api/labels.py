"""What fields are called above the columns of a table, in Chinese and English.

Of fields that mean the same in many lists; a list's own stand beside its route.
"""

from typing import Final, NamedTuple


class Words(NamedTuple):
    """The same in both languages."""

    zh: str
    en: str


YES: Final = Words("是", "yes")
NO: Final = Words("否", "no")

LABELS: Final[dict[str, Words]] = {
    "vin": Words("车架号", "VIN"),
    "plate": Words("车牌号", "Plate"),
    "model": Words("车型", "Model"),
    "owner": Words("产权单位", "Owner"),
    "operator": Words("运营单位", "Operator"),
    "organisation": Words("所属组织", "Organisation"),
    "depot": Words("车场", "Depot"),
    "stage": Words("车辆状态", "Stage"),
    "tags": Words("标签", "Tags"),
    "device": Words("终端序列号", "Terminal"),
    "serial": Words("终端序列号", "Terminal"),
    "soc_pct": Words("电量（%）", "Charge (%)"),
    "odometer_km": Words("里程（km）", "Odometer (km)"),
    "model_code": Words("车型编码", "Model code"),
    "maker": Words("厂商", "Maker"),
    "body_type": Words("车辆类型", "Vehicle type"),
    "gvw_kg": Words("总质量（kg）", "Gross weight (kg)"),
    "battery_kwh": Words("电池容量（kWh）", "Battery (kWh)"),
    "battery_chemistry": Words("电池类型", "Chemistry"),
    "rated_range_km": Words("续航（km）", "Range (km)"),
    "box_volume_m3": Words("货厢容积（m³）", "Box (m³)"),
    "code": Words("编码", "Code"),
    "name": Words("名称", "Name"),
    "kind": Words("类型", "Kind"),
    "state": Words("状态", "State"),
    "reason": Words("原因", "Reason"),
    "remarks": Words("备注", "Remarks"),
    "recorded_by": Words("登记人", "Recorded by"),
    "recorded_at": Words("登记时间", "Recorded at"),
    "created_by": Words("创建人", "Created by"),
    "created_at": Words("创建时间", "Created at"),
}
