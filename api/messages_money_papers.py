"""What the problems of papers of money and of statements are called, in English and Chinese."""

from typing import Final

from api.message import Message

MONEY_PAPERS: Final[dict[str, Message]] = {
    "statement_ends_before_it_begins": Message(
        "The statement ends before it begins", "对账截止日期不晚于起始日期"
    ),
    "statement_too_long": Message(
        "More rows than a statement has; ask for a shorter span",
        "对账单行数过多",
        "一份对账单最多 {rows} 行，请缩短对账期间",
    ),
}
