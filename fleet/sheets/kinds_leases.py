"""The sheet of leases: its columns, and what must hold in a row and between rows.

A row is one vehicle of a lease, known by the lease's number and the VIN; rows of one number are one
lease and agree on all but the vehicle. A new lease is one that was signed elsewhere and may run
already; one that is there is compared only. Leaves out what a vehicle is promised for already
(`fleet/leasing`).
"""

from typing import Final

from fleet.sheets.cells import (
    decimal_between,
    integer_between,
    money_at_least,
    parse_choice,
    parse_text,
    text_up_to,
)
from fleet.sheets.dates import parse_date
from fleet.sheets.importing import ImportKind
from fleet.sheets.kinds_customers import shown_name
from fleet.sheets.kinds_papers import NAMED_PLATE, NAMED_VIN, parse_unspaced
from fleet.sheets.lease_cells import parse_daily_rate, parse_months
from fleet.sheets.lease_rows import (
    both,
    bought_in_the_end,
    by_the_day_when_short,
    complete,
    ends_after_it_begins,
    has_an_end,
    months_fit_the_end,
    rows_agree,
    vehicles_stand_once,
)
from fleet.sheets.model import Column, Kind

LEASE_KINDS: Final = {
    **dict.fromkeys(("short", "短租", "日租"), "short"),
    **dict.fromkeys(("long", "长租", "月租", "年租", "经营性租赁"), "long"),
    **dict.fromkeys(
        ("lease_to_own", "lease to own", "以租代购", "融资租赁", "租购"), "lease_to_own"
    ),
}
RENT_UNITS: Final = {
    **dict.fromkeys(("month", "月", "按月", "元/月", "每月", "月租"), "month"),
    **dict.fromkeys(("day", "日", "天", "按日", "按天", "元/日", "元/天", "每天", "日租"), "day"),
}
BILLINGS: Final = {
    **dict.fromkeys(("anchor_month", "按起租日", "起租日", "对日", "按月对日"), "anchor_month"),
    **dict.fromkeys(("calendar_month", "自然月", "按自然月"), "calendar_month"),
    **dict.fromkeys(("once", "一次性", "一次付清", "一次性付清"), "once"),
}
LEASES: Final = ImportKind(
    Kind(
        *("leases", "租约", "Leases"),
        (
            Column(
                *("reference", "合同编号", "Reference"),
                (
                    "合同号",
                    "租赁合同号",
                    "租约号",
                    "租赁合同编号",
                    "合同",
                    "contract no",
                    "lease no",
                ),
                text_up_to(100),
                required=True,
                key=True,
                example="HT-2026-0031",
                meaning_en="Of the contract; rows of one number are one lease.",
                meaning_zh="同一合同编号的多行为同一租约的多辆车。",
            ),
            Column(
                *("customer", "客户", "Customer"),
                (
                    "客户编号",
                    "承租人编号",
                    "承租方编号",
                    "客户证件号",
                    "承租人证件号",
                    "原客户编号",
                ),
                parse_unspaced,
                example="KH-0031",
                meaning_en="Number of the customer, here or in your books, or its ID number.",
                meaning_zh="系统客户编号、原编号或证件号。",
                masked=shown_name,
            ),
            NAMED_VIN,
            NAMED_PLATE,
            Column(
                *("kind", "租赁类型", "Kind", ("租赁方式", "合同类型", "类型", "租约类型")),
                parse_choice(LEASE_KINDS),
                holds="choice",
                choices=("短租", "长租", "以租代购"),
                example="长租",
            ),
            Column(
                *("starts_on", "起租日", "Starts on"),
                ("起租日期", "开始日期", "合同开始日期", "租赁开始日期", "起始日期", "租期开始"),
                parse_date,
                holds="date",
                example="2026-03-18",
            ),
            Column(
                *("ends_on", "到期日", "Ends on"),
                (
                    "到期日期",
                    "结束日期",
                    "合同到期日",
                    "租赁到期日",
                    "截止日期",
                    "租期结束",
                    "终止日期",
                ),
                parse_date,
                holds="date",
                example="2027-03-17",
                meaning_en="The last day; or say so many months.",
                meaning_zh="租期最后一日；也可只填租期月数。",
            ),
            Column(
                *(
                    "months",
                    "租期(月)",
                    "Months",
                    ("租期", "租期月数", "租赁期限", "月数", "租赁月数"),
                ),
                parse_months,
                holds="integer",
                example=12,
                meaning_en="Ends the day before the corresponding day; 不定期 or 0: has no end.",
                meaning_zh="到期日为对应日前一日；无固定期限填“不定期”或 0。",
            ),
            Column(
                *("rent_fen", "租金", "Rent"),
                ("月租金", "日租金", "租金单价", "月租", "单车租金", "租金标准", "含税租金"),
                money_at_least(0),
                holds="money",
                example=3_000,
            ),
            Column(
                *("per", "计租单位", "Per", ("租金单位", "计费单位", "计租方式")),
                parse_choice(RENT_UNITS),
                holds="choice",
                choices=("月", "日"),
                example="月",
                meaning_en="Blank: a month.",
                meaning_zh="留空为月。",
            ),
            Column(
                *("deposit_fen", "押金", "Deposit", ("押金金额", "单车押金", "保证金", "租车押金")),
                money_at_least(0),
                holds="money",
                example=8_000,
            ),
            Column(
                *("billing", "账期", "Billing", ("计费方式", "结算方式", "付款方式", "出账方式")),
                parse_choice(BILLINGS),
                holds="choice",
                choices=("按起租日", "自然月", "一次性"),
                example="按起租日",
                meaning_en="Blank: by the day it began.",
                meaning_zh="留空为按起租日。",
            ),
            Column(
                *("included_km", "限定里程(km)", "Included km"),
                ("限定里程", "包含里程", "月限里程", "限里程", "里程限制"),
                integer_between(0, 100_000),
                holds="integer",
                example=5_000,
                meaning_en="A month, or a day where the rent is by the day.",
                meaning_zh="每月（按日计租为每日）包含的里程。",
            ),
            Column(
                *("extra_fen", "超里程单价", "Extra per km"),
                ("超里程费", "超公里单价", "超程单价", "超里程费用"),
                money_at_least(0),
                holds="money",
                example=1,
            ),
            Column(
                *("grace_days", "宽限期(天)", "Grace days", ("宽限期", "宽限天数", "宽限日")),
                integer_between(0, 90),
                holds="integer",
                example=3,
            ),
            Column(
                *("late_fee_pct", "滞纳金(每日)", "Late fee per day"),
                ("滞纳金", "滞纳金比例", "违约金比例", "日滞纳金", "逾期违约金", "滞纳金率"),
                parse_daily_rate,
                holds="text",
                written="{}%".format,
                example="0.05%",
                meaning_en="Of the overdue amount; 万分之五 is 0.05%. Blank: none was agreed.",
                meaning_zh="按逾期金额每日计；万分之五即 0.05%。留空为未约定。",
            ),
            Column(
                *("down_payment_fen", "首付", "Down payment", ("首付款", "首付金额")),
                money_at_least(0),
                holds="money",
                example=13_800,
                meaning_en="Of a lease-to-own.",
                meaning_zh="仅以租代购。",
            ),
            Column(
                *(
                    "buy_out_fen",
                    "买断价",
                    "Buy-out price",
                    ("尾款", "留购价", "买断价款", "过户价"),
                ),
                money_at_least(0),
                holds="money",
                example=100,
                meaning_en="Of a lease-to-own; 0: it passes with the last rent.",
                meaning_zh="仅以租代购；付清租金即过户填 0。",
            ),
            Column(
                *("delivered_on", "交车日", "Delivered on"),
                ("交车日期", "交付日期", "提车日期", "交车时间", "提车日"),
                parse_date,
                holds="date",
                example="2026-03-18",
                meaning_en="Blank: the vehicle is not handed over yet.",
                meaning_zh="留空表示尚未交车。",
            ),
            Column(
                *("odometer_km", "交车里程(km)", "Odometer km"),
                ("交车里程", "里程", "起始里程", "提车里程", "公里数"),
                decimal_between(0, 99_999_999),
                holds="decimal",
                example=1_200,
            ),
            Column(
                *("remarks", "备注", "Remarks", ("说明", "合同备注", "notes")),
                parse_text,
                example="续签",
            ),
        ),
        note_zh="按合同编号和车架号识别；同一合同编号的各行除车辆外须一致。已有租约只核对，"
        "变更请在系统中进行。应用后不保存该表格文件。",
        note_en="Known by the contract's number and the VIN; rows of one number agree on all but"
        " the vehicle. Leases that are there are compared only. The file is not kept once applied.",
    ),
    key_fields=("reference", "vin"),
    may_add="lease.start",
    may_change="lease.change",
    checks=(
        has_an_end,
        ends_after_it_begins,
        months_fit_the_end,
        bought_in_the_end,
        by_the_day_when_short,
        both(
            *("included_km", "extra_fen"),
            "a price of further kilometres needs those included",
            "填写超里程单价须同时填写限定里程",
        ),
        both(
            *("late_fee_pct", "grace_days"),
            "days of grace are of a late fee",
            "填写宽限期须同时填写滞纳金",
        ),
        both(
            *("delivered_on", "odometer_km"),
            "the odometer is that of the delivery: say its day",
            "填写交车里程须同时填写交车日",
        ),
    ),
    completed=complete,
    needed_when_new=("customer", "kind", "starts_on", "rent_fen"),
    names_vehicle=True,
    customers=("customer",),
    grouped_by="reference",
    together=(rows_agree, vehicles_stand_once),
)
