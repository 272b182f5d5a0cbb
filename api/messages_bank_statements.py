"""What the problems of bank statements are called, in English and Chinese."""

from typing import Final

from api.message import Message

BANK_STATEMENTS: Final[dict[str, Message]] = {
    "bank_format_exists": Message(
        "There is a format with this code", "格式编码已存在", "格式编码 {code} 已存在"
    ),
    "bank_format_not_found": Message(
        "No such format of bank statements", "流水格式不存在", "找不到流水格式 {format}"
    ),
    "bank_format_unrecognised": Message(
        "No row names the day and the amounts as a known format does",
        "无法识别流水格式",
        "未找到包含日期与金额的表头，已尝试格式：{formats}",
    ),
    "bank_statement_empty": Message("No money stands in the file", "文件中没有收支记录"),
    "bank_statement_not_found": Message("No such bank statement", "流水导入记录不存在"),
    "bank_statement_too_long": Message(
        "Too many rows; split the file", "行数过多", "一次最多导入 {limit} 行，请拆分文件"
    ),
}
