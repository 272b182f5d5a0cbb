"""The chart of accounts: the code of each, what it is called, what kind it is.

The codes are those of 企业会计准则 with sub-accounts of our own below them. Leaves out what is
posted to which: the slices that earn and owe decide it.
"""

from typing import Final, Literal, NamedTuple

from fleet.ledger.model import Account

AccountKind = Literal["asset", "liability", "equity", "revenue", "expense"]


class Named(NamedTuple):
    """An account as accountants know it."""

    code: str
    english: str
    chinese: str
    kind: AccountKind


CHART: Final[dict[Account, Named]] = {
    "cash": Named("1001", "Cash", "库存现金", "asset"),
    "bank": Named("1002", "Bank", "银行存款", "asset"),
    "wallet": Named("1012", "Payment platforms", "其他货币资金", "asset"),
    "receivable": Named("1122", "Receivables", "应收账款", "asset"),
    "deposit_receivable": Named("122101", "Deposits billed", "其他应收款—应收押金", "asset"),
    "paid_for_others": Named("122102", "Paid for customers", "其他应收款—代垫款", "asset"),
    "share_receivable": Named("122103", "Shares receivable", "其他应收款—应收分成", "asset"),
    "share_payable": Named("220201", "Shares payable", "应付账款—应付分成", "liability"),
    "customer_credit": Named("220301", "Credit of customers", "预收账款—客户余额", "liability"),
    "deferred_revenue": Named("220302", "Rent not yet earned", "预收账款—预收租金", "liability"),
    "vat_payable": Named("222101", "Output VAT", "应交税费—应交增值税（销项税额）", "liability"),
    "vat_pending": Named("222110", "Output VAT not yet due", "应交税费—待转销项税额", "liability"),
    "deposit_liability": Named("224101", "Deposits held", "其他应付款—押金", "liability"),
    "unclaimed": Named("224102", "Receipts not claimed", "其他应付款—待认领款", "liability"),
    "deposit_due": Named("224103", "Deposits not yet paid", "其他应付款—待收押金", "liability"),
    "opening": Named("4104", "Brought forward", "利润分配—期初转入", "equity"),
    "rent_revenue": Named("600101", "Rent", "主营业务收入—租金", "revenue"),
    "mileage_revenue": Named("600102", "Excess mileage", "主营业务收入—超里程", "revenue"),
    "service_revenue": Named("600103", "Services", "主营业务收入—服务", "revenue"),
    "energy_revenue": Named("605101", "Energy", "其他业务收入—能源", "revenue"),
    "purchase_revenue": Named("605102", "Vehicles sold", "其他业务收入—购车款", "revenue"),
    "share_revenue": Named("605103", "Revenue shares", "其他业务收入—分成", "revenue"),
    "penalty_revenue": Named("630101", "Late fees and penalties", "营业外收入—违约金", "revenue"),
    "damage_revenue": Named("630102", "Damages", "营业外收入—赔偿", "revenue"),
    "share_expense": Named("640101", "Shares of owners", "主营业务成本—分成", "expense"),
    "bad_debt": Named("6702", "Bad debt", "信用减值损失", "expense"),
}
"""By account, in the order of their codes but for bad debt, which comes last of all."""
