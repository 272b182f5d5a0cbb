"""Checklists to begin with, one a kind of work. A tenant publishes them, as they are or changed.

What they ask for is practice; maker's manuals go before them.
"""

from typing import Final

from fleet.checklists.model import ChecklistDraft

DEFAULT_CHECKLISTS: Final[tuple[ChecklistDraft, ...]] = (
    ChecklistDraft(
        "repair",
        "repair",
        "维修检查表",
        (
            ("故障现象已复现或已读取故障码", False),
            ("高压断电并验电", False),
            ("更换件已拍照留存", True),
            ("修后试车，无报警", False),
        ),
    ),
    ChecklistDraft(
        "maintenance",
        "maintenance",
        "定期保养检查表",
        (
            ("制动片厚度与制动液液位", False),
            ("轮胎花纹深度、胎压与螺母力矩", False),
            ("减速器油位与渗漏", False),
            ("高压线束、接插件与绝缘", False),
            ("冷却液液位", False),
            ("雨刮、灯光、喇叭", False),
            ("里程表读数", True),
        ),
    ),
    ChecklistDraft(
        "battery-check",
        "battery_check",
        "动力电池检查表",
        (
            ("电池箱外观、固定与防爆阀", True),
            ("绝缘电阻", False),
            ("单体电压极差", False),
            ("最高、最低温度与温差", False),
            ("充电口与快慢充各一次", False),
        ),
    ),
    ChecklistDraft(
        "idle-care",
        "idle_care",
        "闲置车辆养护检查表",
        (
            ("剩余电量，不足时补电", True),
            ("12 V 蓄电池电压", False),
            ("胎压，移动车辆半圈", False),
            ("渗漏、鼠咬、车身损伤", False),
        ),
    ),
    ChecklistDraft(
        "accident",
        "accident",
        "事故处理检查表",
        (
            ("现场与车损照片", True),
            ("已报交警，取得责任认定", False),
            ("已报保险，记录报案号", False),
            ("电池箱有无碰撞、变形、进水", True),
            ("定损单", True),
        ),
    ),
    ChecklistDraft(
        "transfer",
        "transfer",
        "车辆交接检查表",
        (
            ("车身四面与货箱照片", True),
            ("里程表与剩余电量读数", True),
            ("行驶证、交强险凭证、钥匙、充电线", False),
            ("随车工具：三角牌、灭火器、反光背心", False),
        ),
    ),
    ChecklistDraft(
        "hand-over",
        "hand_over",
        "交车检查表",
        (
            ("车身四面与货箱内外照片", True),
            ("里程表与剩余电量读数照片", True),
            ("轮胎、灯光、喇叭、雨刮、制动", False),
            ("行驶证、交强险凭证、年检标志", False),
            ("钥匙、充电线、随车工具、三角牌、灭火器", False),
            ("承租人驾驶证原件与准驾车型", True),
            ("已向承租人说明远程控车、滞纳金、押金与收回车辆条款", False),
        ),
    ),
    ChecklistDraft(
        "return",
        "return",
        "还车检查表",
        (
            ("车身四面与货箱内外照片", True),
            ("里程表与剩余电量读数照片", True),
            ("对照交车照片：新增损伤逐处拍照", True),
            ("行驶证、保险凭证、钥匙、充电线、随车工具", False),
            ("货箱与驾驶室清洁", False),
            ("未处理违章查询", False),
        ),
    ),
)
"""One a kind of work, and those for vehicles that change hands."""
