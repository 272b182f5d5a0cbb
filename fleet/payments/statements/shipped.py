"""The kinds of statements that are known without anybody saying their columns.

Our reading of public examples of such exports (headings as they stand in published parsers and
manuals), not of the banks' own word: exports differ by year and by what a user chose to show. An
organisation says its own where these do not fit; its own with the same code comes first.
"""

from dataclasses import dataclass
from typing import Final

from fleet.payments.statements.formats import BankColumns, Directed, Signed, TwoColumns


@dataclass(frozen=True, slots=True)
class Shipped:
    """A kind of statement as it is shipped."""

    code: str
    title: str
    columns: BankColumns


SHIPPED: Final = (
    Shipped(
        "cmb",
        "招商银行 企业网银交易明细",
        BankColumns(
            date=("交易日", "交易日期", "记账日期"),
            amount=TwoColumns(
                received=("贷方金额", "贷方发生额", "收入金额"),
                paid=("借方金额", "借方发生额", "支出金额"),
            ),
            reference=("流水号", "交易流水号", "交易流水"),
            payer_name=("收/付方名称", "收(付)方名称", "收付方名称", "对方户名"),
            payer_account=(
                *("收/付方帐号", "收/付方账号", "收(付)方帐号", "收(付)方账号"),
                *("收付方账号", "收付方帐号", "对方账号"),
            ),
            remark=("摘要", "用途", "业务摘要", "其它摘要", "业务参考号", "客户附言", "附言"),
            balance=("余额", "账户余额", "联机余额"),
        ),
    ),
    Shipped(
        "icbc",
        "工商银行 企业网银历史明细",
        BankColumns(
            date=("交易时间", "交易日期", "入账日期", "日期"),
            amount=TwoColumns(
                received=("贷方发生额", "贷方发生额(收入)", "转入金额", "收入"),
                paid=("借方发生额", "借方发生额(支取)", "借方发生额(支出)", "转出金额", "支出"),
            ),
            reference=("交易流水号", "银行流水号"),
            payer_name=("对方单位名称", "对方单位", "对方户名", "对方名称"),
            payer_account=("对方账号", "对方帐号"),
            remark=("摘要", "用途", "附言", "个性化信息"),
            balance=("余额", "账户余额"),
        ),
    ),
    Shipped(
        "alipay",
        "支付宝 商家账务明细",
        BankColumns(
            channel="alipay",
            date=("发生时间", "入账时间"),
            amount=TwoColumns(
                received=("收入金额", "收入"),
                paid=("支出金额", "支出"),
            ),
            reference=("账务流水号", "财务流水号"),
            payer_name=("对方名称", "对方户名", "交易对方"),
            payer_account=("对方账号", "对方账户"),
            remark=("备注", "商品名称", "商户订单号", "业务描述"),
            balance=("账户余额", "余额"),
        ),
    ),
    Shipped(
        "alipay-bills",
        "支付宝 个人账单",
        BankColumns(
            channel="alipay",
            date=("交易时间", "付款时间", "交易创建时间"),
            amount=Directed(amount=("金额",), direction=("收/支",)),
            reference=("交易订单号", "交易号"),
            payer_name=("交易对方",),
            payer_account=("对方账号",),
            remark=("商品说明", "商品名称", "备注"),
            state=("交易状态",),
        ),
    ),
    Shipped(
        "wechat",
        "微信支付 商户资金账单",
        BankColumns(
            channel="wechat",
            date=("记账时间",),
            amount=Directed(amount=("收支金额",), direction=("收支类型",)),
            reference=("资金流水单号",),
            remark=("备注", "业务名称", "业务凭证号"),
            balance=("账户结余",),
        ),
    ),
    Shipped(
        "wechat-bills",
        "微信支付 个人账单",
        BankColumns(
            channel="wechat",
            date=("交易时间",),
            amount=Directed(amount=("金额",), direction=("收/支",)),
            reference=("交易单号",),
            payer_name=("交易对方",),
            remark=("商品", "备注"),
            state=("当前状态",),
        ),
    ),
    Shipped(
        "plain",
        "通用：日期、金额、流水号、付款人、付款账号、备注、余额",
        BankColumns(
            date=("日期", "交易日期", "Date"),
            amount=Signed(amount=("金额", "发生额", "交易金额", "Amount")),
            reference=("流水号", "交易流水号", "Reference"),
            payer_name=("付款人", "对方户名", "Payer"),
            payer_account=("付款账号", "对方账号", "Account"),
            remark=("备注", "摘要", "附言", "Remark"),
            balance=("余额", "Balance"),
        ),
    ),
)
"""In the order in which they are tried."""
