"""Writes money in Chinese capitals 大写, as bills and contracts want it.

《正确填写票据和结算凭证的基本规定》: no zero is left out between two digits that are said, 整 after
whole yuan and after jiao.
"""

from typing import Final

DIGITS: Final = "零壹贰叁肆伍陆柒捌玖"
PLACES: Final = ("", "拾", "佰", "仟")
GROUPS: Final = ("", "万", "亿", "万亿")
MOST_FEN: Final = 10**17


def in_capitals(fen: int) -> str:
    """An amount in fen, in capitals.

    >>> in_capitals(300_000), in_capitals(0), in_capitals(5)
    ('人民币叁仟元整', '人民币零元整', '人民币伍分')
    >>> in_capitals(135_484), in_capitals(100_001), in_capitals(12_850)
    ('人民币壹仟叁佰伍拾肆元捌角肆分', '人民币壹仟元零壹分', '人民币壹佰贰拾捌元伍角整')
    >>> in_capitals(10_000_500_000), in_capitals(16_409_002)
    ('人民币壹亿零伍仟元整', '人民币壹拾陆万肆仟零玖拾元零贰分')
    >>> in_capitals(-100)
    '人民币负壹元整'

    Raises:
        ValueError: more than ten thousand 亿 yuan.
    """
    if abs(fen) >= MOST_FEN:
        raise ValueError("more money than there are words for")
    yuan, rest = divmod(abs(fen), 100)
    jiao, cents = divmod(rest, 10)
    words = _whole(yuan) + "元" if yuan or not rest else ""
    if jiao:
        words += DIGITS[jiao] + "角"
    elif cents and yuan:
        words += "零"
    words += DIGITS[cents] + "分" if cents else "整"
    return f"人民币{'负' if fen < 0 else ''}{words}"


def _whole(number: int) -> str:
    """A whole number: groups of four digits, one 零 for every gap."""
    if number == 0:
        return DIGITS[0]
    words, group, gap = "", 0, False
    while number:
        number, four = divmod(number, 10_000)
        if four:
            words = _four(four) + GROUPS[group] + ("零" if gap and words else "") + words
            gap = four < 1_000
        else:
            gap = True
        group += 1
    return words


def _four(number: int) -> str:
    words, gap = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            words += ("零" if gap and words else "") + DIGITS[digit] + PLACES[place]
        gap = digit == 0
    return words
