"""Decides what stands in a cell: texts, numbers, money, yes or no, a choice, tags.

Every function takes what `reading.py` gives for a cell that is not blank and returns the value, or
raises CellProblem saying what stands there and what is expected. Nothing is guessed: what may mean
two things is a problem. Leaves out dates and months (`dates.py`).
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from math import isfinite
from typing import Any, Final, NoReturn

from fleet.sheets.cell_texts import (
    EXACT_BELOW,
    LONGEST_SHOWN,
    as_text,
    digits_lost,
    expected,
    too_long,
)
from fleet.sheets.model import PercentCell

LONGEST_TEXT: Final = 500
FEN_TOLERANCE: Final = Decimal("0.000001")
"""How far a number of Excel may be from a whole fen; its numbers are binary fractions."""
_SCIENTIFIC: Final = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
_NUMBER: Final = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
_YES: Final = frozenset({"是", "有", "对", "y", "yes", "true", "t", "1", "√", "✓", "✔", "☑"})
_NO: Final = frozenset({"否", "无", "不", "n", "no", "false", "f", "0", "×", "✗", "✘", "x"})
_TAGS: Final = re.compile(r"[,;、\n\r|]+")


def parse_text(value: Any) -> str:
    """A text of up to 500 characters; numbers as they are read, without `.0`.

    >>> parse_text(12.0), parse_text("深圳\\u200b 一部 ")
    ('12', '深圳 一部')
    """
    return text_up_to(LONGEST_TEXT)(value)


def text_up_to(most: int) -> Callable[[Any], str]:
    """A parser of texts of up to `most` characters."""

    def parse(value: Any) -> str:
        text = as_text(value)
        if isinstance(value, str) and _SCIENTIFIC.fullmatch(text):
            digits_lost(text)
        if len(text) > most:
            too_long(len(text), most)
        if not text:
            expected(value, "not_text", "a text", "文字")
        return text

    return parse


def parse_code(value: Any) -> str:
    """A VIN, plate or number: half-width capitals, no blanks in it.

    >>> parse_code(" lgxc16df4a0 000001")
    'LGXC16DF4A0000001'
    """
    return "".join(parse_text(value).split()).upper()


def parse_decimal(value: Any) -> Decimal:
    """A number, `,` between thousands allowed; of Excel's binary fractions 15 digits count.

    >>> parse_decimal("１,２３４．５"), parse_decimal(0.1), parse_decimal(1234.1000000000001)
    (Decimal('1234.5'), Decimal('0.1'), Decimal('1234.1'))
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, float) and isfinite(value):
        return Decimal(f"{value:.15g}")
    text = as_text(value).replace(" ", "") if isinstance(value, str) else ""
    if len(text) > LONGEST_SHOWN or not _NUMBER.fullmatch(text):
        expected(value, "not_a_number", "a number such as 1234.5", "数字，例如 1234.5")
    return Decimal(text.replace(",", ""))


def parse_integer(value: Any) -> int:
    """A whole number.

    >>> parse_integer("12,000"), parse_integer(36.0)
    (12000, 36)
    """
    number = parse_decimal(value)
    if number != number.to_integral_value() or abs(number) >= EXACT_BELOW:
        expected(value, "not_whole", "a whole number", "整数")
    return int(number)


def integer_between(least: int, most: int) -> Callable[[Any], int]:
    """A parser of whole numbers within these bounds, both included."""

    def parse(value: Any) -> int:
        number = parse_integer(value)
        if not least <= number <= most:
            _out_of_range(value, least, most)
        return number

    return parse


def decimal_between(least: Decimal | int, most: Decimal | int) -> Callable[[Any], Decimal]:
    """A parser of numbers within these bounds, both included."""

    def parse(value: Any) -> Decimal:
        number = parse_decimal(value)
        if not least <= number <= most:
            _out_of_range(value, least, most)
        return number

    return parse


def _out_of_range(value: Any, least: Decimal | int, most: Decimal | int) -> NoReturn:
    expected(
        value, "out_of_range", f"a number from {least} to {most}", f"{least} 到 {most} 之间的数字"
    )


def parse_percent(value: Any) -> Decimal:
    """Percent: `5%`, `5`, 5 and a cell formatted as percent that shows 5% are 5. Below 1 without a
    percent sign is a problem: 0.05 may mean 5% or 0.05%.

    >>> parse_percent("５％"), parse_percent(5)
    (Decimal('5'), Decimal('5'))
    """
    if isinstance(value, PercentCell):
        number = parse_decimal(float(value)) * 100
    elif isinstance(value, str) and as_text(value).endswith("%"):
        number = parse_decimal(as_text(value)[:-1])
    else:
        number = parse_decimal(value)
        if 0 < number < 1:
            expected(
                value,
                "percent_ambiguous",
                f"percent as text: “{number}%” or “{(number * 100).normalize():f}%”",
                f"带百分号的文字：“{number}%”或“{(number * 100).normalize():f}%”",
            )
    if not 0 <= number <= 100:
        expected(value, "out_of_range", "0% to 100%", "0% 到 100%")
    return number


def parse_money_fen(value: Any) -> int:
    """Money, in 元 in the sheet, in fen as value; `￥`, `元`, thousands and `万` are understood.

    >>> parse_money_fen("￥12,345.60"), parse_money_fen("1.2万"), parse_money_fen(1234.100000000001)
    (1234560, 1200000, 123410)
    """
    fen = _yuan(value) * 100
    whole = fen.to_integral_value()
    exact = isinstance(value, str | int)
    if fen != whole and (exact or abs(fen - whole) > FEN_TOLERANCE):
        expected(
            value,
            "more_than_two_decimals",
            "yuan with at most 2 decimals",
            "金额（元），最多两位小数",
        )
    if abs(whole) >= EXACT_BELOW:
        expected(value, "out_of_range", "a smaller amount", "较小的金额")
    return int(whole)


def _yuan(value: Any) -> Decimal:
    if not isinstance(value, str):
        return parse_decimal(value)
    text = as_text(value).replace(" ", "")
    bare = re.sub(r"^([+-]?)(¥|RMB|CNY|人民币)", r"\1", text, flags=re.IGNORECASE)
    bare = bare.removesuffix("元整").removesuffix("元")
    times = 1
    if bare.endswith("万"):
        bare, times = bare[:-1], 10_000
    if len(bare) > LONGEST_SHOWN or not _NUMBER.fullmatch(bare):
        expected(
            value, "not_money", "an amount in yuan such as 1234.50", "金额（元），例如 1234.50"
        )
    return Decimal(bare.replace(",", "")) * times


def money_at_least(least_fen: int) -> Callable[[Any], int]:
    """A parser of amounts of at least so many fen."""

    def parse(value: Any) -> int:
        fen = parse_money_fen(value)
        if fen < least_fen:
            least = f"{Decimal(least_fen) / 100:.2f}"
            expected(value, "out_of_range", f"at least {least} yuan", f"不少于 {least} 元")
        return fen

    return parse


def parse_yes_no(value: Any) -> bool:
    """Yes or no: 是/否, Y/N, √/×, 1/0.

    >>> parse_yes_no("√"), parse_yes_no(0)
    (True, False)
    """
    if isinstance(value, bool):
        return value
    word = as_text(value).lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    return expected(value, "not_yes_no", "yes or no (是/否)", "是或否")


def parse_choice(mapping: Mapping[str, str]) -> Callable[[Any], str]:
    """A parser of one of these words, in any width and case; gives what the word stands for.

    >>> parse_choice({"new": "new", "新增": "new"})("ＮＥＷ")
    'new'
    """
    by_word = {_folded(word): meant for word, meant in mapping.items()}
    english = _one_a_meaning(mapping, chinese=False)
    chinese = _one_a_meaning(mapping, chinese=True)

    def parse(value: Any) -> str:
        word = _folded(as_text(value))
        if word not in by_word:
            expected(value, "not_a_choice", "one of: " + ", ".join(english), "、".join(chinese))
        return by_word[word]

    return parse


def _folded(word: str) -> str:
    return "".join(unicodedata.normalize("NFKC", word).casefold().split())


def _one_a_meaning(mapping: Mapping[str, str], *, chinese: bool) -> list[str]:
    """The first word of the language for each meaning; of another language where it has none."""
    words: dict[str, str] = {}
    for word, meant in mapping.items():
        fits = (not word.isascii()) == chinese
        if meant not in words or (fits and words[meant].isascii() == chinese):
            words[meant] = word
    return list(words.values())


def parse_tags(value: Any) -> tuple[str, ...]:
    """Words divided by , ; 、 | or line breaks, each once, in their order.

    >>> parse_tags("冷链、同城，冷链")
    ('冷链', '同城')
    """
    words = (word.strip() for word in _TAGS.split(parse_text(value)))
    return tuple(dict.fromkeys(word for word in words if word))
