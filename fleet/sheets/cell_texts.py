"""Decides what stands in a cell as plain text, and says what is expected instead.

Leaves out what the text means (`cells.py`, `dates.py`).
"""

import unicodedata
from datetime import date, datetime
from typing import Any, Final, NoReturn

from fleet.sheets.errors import CellProblem
from fleet.sheets.model import PercentCell

LONGEST_CELL: Final = 32_767
"""Of Excel."""
LONGEST_SHOWN: Final = 40
EXACT_BELOW: Final = 10**15
"""Excel keeps 15 digits of a number; of a longer one the rest is lost."""
_INVISIBLE: Final = {"Cc", "Cf"}


def shown(value: Any) -> str:
    """What stands in the cell, short enough for a sentence."""
    if isinstance(value, datetime | date):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def expected(value: Any, code: str, en: str, zh: str) -> NoReturn:
    """Raise the problem that `value` is not what is expected."""
    raise CellProblem(
        code, f"“{shown(value)}” stands there; expected {en}", f"内容为“{shown(value)}”，应为{zh}"
    )


def as_text(value: Any) -> str:
    """What stands in the cell as plain text: half-width, trimmed, nothing invisible in it.

    Raises:
        CellProblem: a number of more digits than Excel keeps.

    >>> as_text(" 粤Ｂ12345 "), as_text(13800138000.0), as_text("1,000")
    ('粤B12345', '13800138000', '1,000')
    """
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, PercentCell):
        return _number_as_text(value * 100) + "%"
    if isinstance(value, int | float):
        return _number_as_text(value)
    if isinstance(value, datetime | date):
        return shown(value)
    written = str(value)
    if len(written) > LONGEST_CELL:
        too_long(len(written), LONGEST_CELL)
    text = unicodedata.normalize("NFKC", written)
    kept = "".join(
        character
        for character in text
        if character in "\n\t" or unicodedata.category(character) not in _INVISIBLE
    )
    return kept.strip()


def _number_as_text(number: float) -> str:
    if not abs(number) < EXACT_BELOW:  # nor is NaN
        digits_lost(number)
    if isinstance(number, int) or number.is_integer():
        return str(int(number))
    return f"{number:.15g}"


def digits_lost(value: Any) -> NoReturn:
    """Raise the problem that Excel kept only a part of the number."""
    raise CellProblem(
        "digits_lost",
        f"“{shown(value)}” stands there: Excel keeps 15 digits of a number and drops the rest;"
        " format the column as text and enter it again",
        f"内容为“{shown(value)}”：Excel 数字只保留 15 位，其余已丢失，请将该列设为文本后重新录入",
    )


def too_long(length: int, most: int) -> NoReturn:
    """Raise the problem that so many characters are too many."""
    raise CellProblem(
        "too_long",
        f"{length} characters stand there; expected up to {most}",
        f"内容有 {length} 个字符，最多 {most} 个",
    )
