"""What the problems of invoice requests are called, in English and Chinese."""

from typing import Final

from api.message import Message

INVOICES: Final[dict[str, Message]] = {
    "bill_to_invoice_not_found": Message(
        "No such issued bill", "账单不存在或未开具", "找不到已开具的账单：{bill_nos}"
    ),
    "invoice_no_malformed": Message(
        "Not the number of a digital invoice", "数电票号码格式不正确", "数电票号码为 20 位数字"
    ),
    "invoice_no_of_another_year": Message(
        "The number is of another year", "发票号码与开票年份不符", "该号码属于 {year} 年"
    ),
    "invoice_no_taken": Message("The number stands on another request", "发票号码已登记"),
    "invoice_not_issued": Message(
        "There is no invoice yet; withdraw the request", "尚未开票，请撤回申请"
    ),
    "invoice_numbers_refused": Message(
        "Rows are wrong; nothing was taken",
        "文件有误，未登记任何号码",
        "共 {count} 处错误，未登记任何号码",
    ),
    "invoice_of_several": Message(
        "One invoice has one seller and one buyer", "一张发票只能有一个销售方和一个购买方"
    ),
    "invoice_request_done": Message("It has its number, or was withdrawn", "该申请已开票或已撤回"),
    "invoice_request_not_found": Message(
        "No such request", "开票申请不存在", "找不到开票申请 {request_no}"
    ),
    "invoiced_in_future": Message("The day has not come", "开票日期不能晚于今天"),
    "invoiced_too_early": Message(
        "Dated before what it invoices", "开票日期过早", "开票日期不能早于 {not_before_on}"
    ),
    "nothing_to_invoice": Message("Nothing is left to invoice", "没有可开票金额"),
    "nothing_to_reverse": Message("Nothing is to be reversed", "没有可冲红金额"),
    "red_is_not_reversed": Message(
        "A red-letter invoice is not reversed", "红字发票不能再冲红，请重新申请开票"
    ),
    "tax_number_missing": Message(
        "The customer has no tax number",
        "客户未登记税号",
        "客户 {customer_no} 未登记税号，不能开票",
    ),
}
