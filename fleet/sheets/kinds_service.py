"""The sheet of work orders: its columns, and what must hold in a row.

An order is known by the number it has elsewhere. Leaves out parts and labour, which a sheet of
orders does not tell one by one: it brings the sum.
"""

from typing import Any, Final

from fleet.sheets.cells import decimal_between, money_at_least, parse_choice, parse_text
from fleet.sheets.dates import parse_date, parse_instant
from fleet.sheets.importing import ImportKind, Told
from fleet.sheets.kinds_papers import NAMED_PLATE, NAMED_VIN
from fleet.sheets.model import Column, Kind, Problem

WORK_KINDS: Final = {
    **dict.fromkeys(("repair", "维修", "修理", "故障维修", "小修", "大修"), "repair"),
    **dict.fromkeys(("maintenance", "保养", "例行保养", "定期保养", "维护"), "maintenance"),
    **dict.fromkeys(("battery_check", "电池检测", "电池检查", "电池"), "battery_check"),
    **dict.fromkeys(("idle_care", "闲置维护", "闲置养护", "闲置保养"), "idle_care"),
    **dict.fromkeys(("accident", "事故", "事故维修", "出险"), "accident"),
}
WORK_STATES: Final = {
    **dict.fromkeys(("open", "待处理", "新建", "未开始", "待派工"), "open"),
    **dict.fromkeys(("in_progress", "in progress", "处理中", "进行中", "维修中"), "in_progress"),
    **dict.fromkeys(("waiting", "等待", "待料", "等待配件", "挂起"), "waiting"),
    **dict.fromkeys(("done", "已完成", "完成", "完工", "已完工"), "done"),
    **dict.fromkeys(("closed", "已关闭", "关闭", "已结算", "结案"), "closed"),
    **dict.fromkeys(("cancelled", "canceled", "已取消", "取消", "作废"), "cancelled"),
}
_FINISHED: Final = ("done", "closed")


def _in_order(earlier: str, later: str, en: str, zh: str) -> Any:
    def check(row: Told) -> Problem | None:
        first, last = row.get(earlier), row.get(later)
        if first is None or last is None or first <= last:
            return None
        return Problem(later, "ends_before_it_begins", en, zh)

    return check


def _down_since(row: Told) -> Problem | None:
    if row.get("down_until_at") is None or row.get("down_from_at") is not None:
        return None
    en, zh = "down-time has a beginning", "填写了停驶结束须同时填写停驶开始"
    return Problem("down_from_at", "down_time_incomplete", en, zh)


def _finished_when_done(row: Told) -> Problem | None:
    if row.get("state") in (None, "cancelled"):
        return None
    finished = row.get("finished_on") is not None
    if finished == (row["state"] in _FINISHED):
        return None
    return Problem(
        *("finished_on", "finished_when_done"),
        "an order that is done says on which day, and no other does",
        "已完成的工单须填写完工日期，未完成的不填",
    )


WORK_ORDERS: Final = ImportKind(
    Kind(
        *("work_orders", "工单", "Work orders"),
        (
            Column(
                *("reference", "工单号", "Reference"),
                ("维修单号", "单号", "维修工单号", "结算单号", "单据编号", "工单编号", "order no"),
                parse_text,
                required=True,
                key=True,
                example="WX20260501-003",
                meaning_en="The number it has in your books.",
                meaning_zh="原系统或台账中的单号。",
            ),
            NAMED_VIN,
            NAMED_PLATE,
            Column(
                *("kind", "工单类型", "Kind", ("维修类型", "类型", "业务类型", "服务类型")),
                parse_choice(WORK_KINDS),
                holds="choice",
                choices=("维修", "保养", "电池检测", "闲置维护", "事故"),
                example="维修",
            ),
            Column(
                *("state", "工单状态", "State", ("状态", "处理状态", "维修状态")),
                parse_choice(WORK_STATES),
                holds="choice",
                choices=("待处理", "处理中", "等待", "已完成", "已关闭", "已取消"),
                example="已完成",
            ),
            Column(
                *("title", "维修项目", "Title"),
                ("维修内容", "故障描述", "工单标题", "项目", "标题", "内容", "故障现象"),
                parse_text,
                example="更换前刹车片",
            ),
            Column(
                *("opened_on", "开单日期", "Opened on"),
                ("报修日期", "送修日期", "进厂日期", "开单时间", "报修时间", "进厂时间"),
                parse_date,
                holds="date",
                example="2026-05-01",
            ),
            Column(
                *("finished_on", "完工日期", "Finished on"),
                ("完成日期", "出厂日期", "交车日期", "完工时间", "出厂时间", "完成时间"),
                parse_date,
                holds="date",
                example="2026-05-03",
            ),
            Column(
                *("workshop", "维修厂", "Workshop", ("修理厂", "维修单位", "服务商", "维修站")),
                parse_text,
                example="南山新能源汽修",
            ),
            Column(
                *("odometer_km", "里程(km)", "Odometer km"),
                ("里程", "进厂里程", "公里数", "行驶里程", "里程数", "odometer"),
                decimal_between(0, 99_999_999),
                holds="decimal",
                example=35_120,
            ),
            Column(
                *("cost_fen", "费用", "Cost"),
                ("费用", "维修费用", "金额", "合计金额", "总金额", "结算金额", "维修费", "cost"),
                money_at_least(0),
                holds="money",
                example=480,
            ),
            Column(
                *("down_from_at", "停驶开始", "Down from", ("停运开始", "停驶起", "停运时间")),
                parse_instant(),
                holds="instant",
                example="2026-05-01 09:00",
            ),
            Column(
                *("down_until_at", "停驶结束", "Down until", ("停运结束", "停驶止", "恢复时间")),
                parse_instant(day="end"),
                holds="instant",
                example="2026-05-03 17:00",
            ),
        ),
        note_zh="按工单号识别；空白单元格保留原值。",
        note_en="An order is known by its number; a blank cell leaves what is there.",
    ),
    key_fields=("reference",),
    may_add="work_order.create",
    may_change="work_order.change",
    checks=(
        _in_order(
            *("opened_on", "finished_on"),
            "it is finished before it is opened",
            "完工日期不能早于开单日期",
        ),
        _in_order(
            *("down_from_at", "down_until_at"),
            "the down-time ends before it begins",
            "停驶结束不能早于停驶开始",
        ),
        _down_since,
        _finished_when_done,
    ),
    needed_when_new=("kind", "state", "title", "opened_on"),
    kept={
        "vin": Problem(
            *("vin", "order_of_another_vehicle"),
            "the order is there already, of another vehicle",
            "该工单号已登记在其他车辆上",
        ),
        "kind": Problem(
            *("kind", "not_changed_by_sheet"),
            "an order does not become one of another kind",
            "已登记工单的类型不能更改",
        ),
        "opened_on": Problem(
            *("opened_on", "not_changed_by_sheet"),
            "the day an order was opened stays",
            "已登记工单的开单日期不能更改",
        ),
    },
    restricted={"cost_fen": ("cost.read", "work_order.close")},
    names_vehicle=True,
)
