"""What each figure is, in both languages, and which rows it is computed from.

The words stand beside the number wherever it is shown; `docs/api.md` says the same.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Definition:
    """What a figure is called and how it comes about."""

    code: str
    name: str
    chinese_name: str
    meaning: str
    chinese: str
    computed_from: tuple[str, ...]


UTILISATION: Final = Definition(
    "utilisation",
    "Utilisation",
    "出租率",
    "Leased vehicle-days ÷ fleet vehicle-days. A day counts as it stands at its end, 24:00 in the"
    " organisation's zone: a vehicle is of the fleet of who holds it unless ordered or disposed of,"
    " and leased while a lease has it. The variant leaves out days without a lease on which the"
    " vehicle was in repair, off the road, not registered, or for sale.",
    "出租车日 ÷ 车队车日。每日以当日 24:00（组织所在时区）状态计：持有且未处于订购、已处置状态的"
    "车辆计入车队，租约占用的计为出租。剔除口径：不计未出租且处于维修、停驶、未上牌或待处置的车日。",
    ("vehicle_operators", "vehicle_stages", "lease_segments", "work_orders", "vehicle_licences"),
)
COLLECTION: Final = Definition(
    "collection",
    "Collection",
    "收缴率",
    "Money allocated to bills due in the period ÷ bills due in it, less what credit notes took off;"
    " deposits asked for are left out. Payments, credit and deposits applied are money; write-offs"
    " are not. Cumulative: the same of all bills due until then.",
    "期内到期账单已分配收款 ÷ 期内到期账单（扣除冲减），不含押金账单。收款、余额及押金抵扣计入，"
    "坏账核销不计入。累计口径：截至期末全部到期账单。",
    ("bills", "credit_notes", "allocations"),
)
AGEING: Final = Definition(
    "ageing",
    "Receivables by age",
    "应收账龄",
    "What is open of issued bills at the end of the day, by the days since each was due; on its due"
    " day a bill is not overdue. Deposits asked for stand apart. The total is the account of"
    " receivables, 1122, of that day.",
    "当日终未结清账单余额，按到期后天数分段；到期当日不算逾期。应收押金单列。合计等于当日应收账款"
    "（1122）余额。",
    ("bills", "allocations", "parameters"),
)
DEPOSITS: Final = Definition(
    "deposits",
    "Deposit liability",
    "押金负债",
    "Deposits received − applied − refunded, by the end of the day; never revenue while held. It is"
    " the account of deposits, 224101.",
    "截至当日终收到的押金 − 抵扣 − 退还；持有期间不计收入。等于其他应付款—押金（224101）余额。",
    ("ledger_postings", "deposit_movements", "allocations"),
)
CREDITS: Final = Definition(
    "credits",
    "Credit of customers",
    "预收/余额",
    "Receipts of customers that settle no bill yet, by the end of the day: the account 220301."
    " Receipts of nobody known stand apart (224102).",
    "截至当日终尚未分配到账单的客户款项，等于预收账款—客户余额（220301）。待认领款（224102）单列。",
    ("ledger_postings",),
)
PROFIT: Final = Definition(
    "profit",
    "Profit per vehicle",
    "单车收益",
    "Rent + recharges (earned by day, net of VAT and of credit notes) + shares received"
    " − depreciation − costs − shares owed. Costs count on the day they were incurred, tax"
    " included; depreciation at the end of each month; shares with their month. What nobody wrote"
    " down is told as not known (null) and counts as nothing: the profit is then at most this.",
    "租金 + 代收及附加费用（按日确认，不含税，扣除冲减）+ 应收分成 − 折旧 − 各项成本 − 应付分成。"
    "成本按发生日计（含税），折旧按月末计提，分成计入所属月份。未登记的项目标为未知（null），不按零处理，"
    "此时收益为上限。",
    ("bill_lines", "credit_note_lines", "vehicle_purchases", "vehicle_costs", "share_settlements"),
)
IDLE: Final = Definition(
    "idle",
    "Idle days",
    "闲置天数",
    "Vehicles of the fleet without a lease at the end of the day, and the days since each came back"
    " (or joined). Sellable: in stock, on the road, with compulsory insurance and a valid"
    " inspection on that day.",
    "当日终车队中无租约的车辆，及自还车（或入队）以来天数。可租：在库、未停驶，且当日交强险与年审有效。",
    ("vehicle_operators", "vehicle_stages", "lease_segments", "work_orders", "insurance_policies",
     "inspections"),
)  # fmt: skip
REVENUE: Final = Definition(
    "revenue",
    "Revenue",
    "营业收入",
    "Lines of issued bills, net of VAT and of credit notes, earned by day: a day counts on itself,"
    " or on the day of issue where that is later. By whole months it is what the accounts of"
    " revenue say.",
    "已开账单明细的不含税金额（扣除冲减），按日确认；账单晚于当日开具的，计入开具日。按整月统计时等于"
    "收入类科目发生额。",
    ("bill_lines", "credit_note_lines"),
)
