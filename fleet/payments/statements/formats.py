"""Which column of a bank's statement is what: the shape in which an organisation says it.

A column is named by its heading; several headings may be said, as exports differ by year and bank
counter. Leaves out where the header row stands and what the cells hold (`reading.py`).
"""

import re
import unicodedata
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Channel = Literal["bank", "wechat", "alipay", "other"]
"""Where money of such a statement came in."""
_UNIT: Final = re.compile(r"\((?:[+-]?元|人民币元?|RMB|CNY|[+-])\)$", re.IGNORECASE)

Heading = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")]
Headings = Annotated[tuple[Heading, ...], Field(min_length=1, max_length=20)]
Words = Annotated[tuple[Heading, ...], Field(min_length=1, max_length=40)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Signed(_Part):
    """One column: above zero came in, below went out."""

    kind: Literal["signed"] = "signed"
    amount: Headings


class TwoColumns(_Part):
    """One column for what came in (贷方), one for what went out (借方)."""

    kind: Literal["two_columns"] = "two_columns"
    received: Headings
    paid: Headings


class Directed(_Part):
    """One column of amounts, and one whose word says which way."""

    kind: Literal["directed"] = "directed"
    amount: Headings
    direction: Headings
    received_words: Words = ("收入", "收", "贷", "贷方", "入账", "转入")
    paid_words: Words = ("支出", "支", "借", "借方", "出账", "转出")


Amount = Annotated[Signed | TwoColumns | Directed, Field(discriminator="kind")]


class BankColumns(_Part):
    """The columns of one kind of statement. `remark`: all that are there, one after another.

    `state` with `not_words`: a row whose state holds one of them did not arrive.
    """

    channel: Channel = "bank"
    date: Headings
    amount: Amount
    reference: Headings | None = None
    payer_name: Headings | None = None
    payer_account: Headings | None = None
    remark: Headings | None = None
    balance: Headings | None = None
    state: Headings | None = None
    not_words: Words = ("关闭", "失败", "撤销", "退款", "等待")


def heading_of(text: str) -> str:
    """A heading as headings are compared: half width, without blanks, marks and its unit.

    >>> heading_of("收入金额（+元）"), heading_of(" #Amount (CNY) "), heading_of("收/付方名称")
    ('收入金额', 'amount', '收/付方名称')
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split()).lstrip("#`'\ufeff")
    return _UNIT.sub("", plain).casefold()
