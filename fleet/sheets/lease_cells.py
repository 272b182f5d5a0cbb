"""Decides what stands in cells of a sheet of leases: so many months, a late fee a day.

Leaves out what must hold between them (`lease_rows.py`).
"""

import re
from decimal import Decimal
from typing import Any, Final

from fleet.sheets.cell_texts import as_text, expected
from fleet.sheets.cells import integer_between, parse_percent

_NO_END: Final = frozenset({"不定期", "无固定期限", "长期", "open", "open-ended"})
_TEN_THOUSANDTHS: Final = re.compile(r"万分之\s*([0-9]+(?:\.[0-9]+)?|[一二三四五六七八九十])")
_PER_MILLE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*‰|千分之\s*([0-9]+(?:\.[0-9]+)?)")
_NUMERALS: Final = "〇一二三四五六七八九十"
_up_to_240 = integer_between(0, 240)


def parse_months(value: Any) -> int:
    """How many months; 0 stands for 不定期, without an end.

    >>> parse_months("12个月"), parse_months("不定期"), parse_months(24)
    (12, 0, 24)
    """
    if isinstance(value, str):
        text = as_text(value)
        if text.lower() in _NO_END:
            return 0
        value = text.removesuffix("个月").removesuffix("月")
    return _up_to_240(value)


def parse_daily_rate(value: Any) -> Decimal:
    """A late fee in per cent of the overdue amount a day.

    >>> parse_daily_rate("0.05%"), parse_daily_rate("万分之五"), parse_daily_rate("0.5‰")
    (Decimal('0.05'), Decimal('0.05'), Decimal('0.05'))
    """
    text = as_text(value) if isinstance(value, str) else ""
    if found := _TEN_THOUSANDTHS.fullmatch(text):
        digit = found[1]
        number = Decimal(_NUMERALS.index(digit) if digit in _NUMERALS else digit)
        return _short(number / 100)
    if found := _PER_MILLE.fullmatch(text):
        return _short(Decimal(found[1] or found[2]) / 10)
    rate = _short(parse_percent(value))
    if rate.as_tuple().exponent < -6:  # type: ignore[operator]
        expected(value, "not_a_rate", "a rate such as 0.05%", "费率，例如 0.05%")
    return rate


def _short(number: Decimal) -> Decimal:
    shorter = number.normalize()
    return shorter if shorter.as_tuple().exponent < 0 else shorter.quantize(Decimal(1))  # type: ignore[operator]
