"""Decides what stands in a cell of a statement: a day, an amount, a reference, a name.

Nothing is guessed: what is no day or no amount is told as it stands. Days are read year first, or
as Excel counts them; amounts are yuan with at most two places.
"""

import re
import unicodedata
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from fleet.id_card import IdCardCheckDigitWrong, IdCardMalformed, parse_id_card
from fleet.masking import mask_id_card

LONGEST_TEXT: Final = 200
MOST_FEN: Final = 10**13
DAY_0: Final = date(1899, 12, 30)
"""Of Excel's days since March 1900."""
BETWEEN_EPOCHS: Final = timedelta(days=1462)
FIRST_YEAR: Final = 2000
_AROUND: Final = "`'\"\u200b\ufeff \t\r\n\u00a0\u3000"
_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?!\d)", re.ASCII)
_EIGHT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\D.*|\d{6})?", re.DOTALL | re.ASCII)
_SERIAL: Final = re.compile(r"(\d{5})(?:\.\d+)?", re.ASCII)
_AMOUNT: Final = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?", re.ASCII)
_SCIENTIFIC: Final = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_MONEY_MARKS: Final = re.compile(r"^([+-]?)(?:¥|RMB|CNY|人民币)", re.IGNORECASE)
_LONG_NUMBER: Final = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])")
_NOTHING: Final = frozenset({"", "-", "--", "/", "无", "空", "(空)", "null", "none"})


class CellUnreadable(ValueError):
    """What stands in a cell is not what is expected; `code` says how."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def clean(text: str | None) -> str:
    """What stands in a cell, half width, without what exports put around it; "" for nothing.

    >>> clean("`1,234.50 "), clean("　—"), clean('="00123"'), clean(None)
    ('1,234.50', '', '00123', '')
    """
    if text is None:
        return ""
    plain = unicodedata.normalize("NFKC", text).strip(_AROUND)
    if plain.startswith("=") and plain[1:2] == '"':
        plain = plain[1:].strip(_AROUND)
    plain = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in plain)
    plain = " ".join(plain.split())
    is_nothing = plain.casefold() in _NOTHING or not plain.strip("—–-")
    return "" if is_nothing else plain


def parse_day(text: str, *, date_1904: bool = False) -> date:
    """The day a cleaned text begins with; a time behind it is left out.

    >>> parse_day("20210112"), parse_day("2026年5月1日 08:00"), parse_day("46143.5")
    (datetime.date(2021, 1, 12), datetime.date(2026, 5, 1), datetime.date(2026, 5, 1))

    Raises:
        CellUnreadable: it begins with none of the years 2000 to 2199.
    """
    squeezed = re.sub(r"\s*([-/.年月日])\s*", r"\1", text)
    found = _DAY.match(squeezed) or _EIGHT.fullmatch(squeezed)
    try:
        if found:
            day = date(int(found[1]), int(found[2]), int(found[3]))
        elif serial := _SERIAL.fullmatch(squeezed):
            day = DAY_0 + timedelta(days=int(serial[1]))
            day += BETWEEN_EPOCHS if date_1904 else timedelta()
        else:
            raise CellUnreadable("not_a_day")
    except ValueError:
        raise CellUnreadable("not_a_day") from None
    if not FIRST_YEAR <= day.year <= 2199:
        raise CellUnreadable("not_a_day")
    return day


def parse_fen(text: str) -> int:
    """The amount of a cleaned text in yuan, as fen.

    >>> parse_fen("¥1,234.50"), parse_fen("-0.02"), parse_fen("3000"), parse_fen("(12.00)")
    (123450, -2, 300000, -1200)

    Raises:
        CellUnreadable: it is none, has more than two places, or is beyond all measure.
    """
    bare = text.replace(" ", "").replace("−", "-")
    in_brackets = bare.startswith("(") and bare.endswith(")")
    bare = _MONEY_MARKS.sub(r"\1", bare[1:-1] if in_brackets else bare).removesuffix("元")
    found = _AMOUNT.fullmatch(bare) if len(bare) <= 40 else None
    if found is None:
        raise CellUnreadable("not_an_amount")
    places = (found[3] or "").rstrip("0")
    if len(places) > 2:
        raise CellUnreadable("more_than_two_places")
    fen = int(Decimal(f"{found[2].replace(',', '')}.{places or '0'}") * 100)
    if fen > MOST_FEN:
        raise CellUnreadable("amount_too_large")
    return -fen if (found[1] == "-") != in_brackets else fen


def parse_reference(text: str) -> str | None:
    """The bank's number of a transaction; None where there is none.

    >>> parse_reference("C0331 9K00AB"), parse_reference("0"), parse_reference("")
    ('C0331 9K00AB', None, None)

    Raises:
        CellUnreadable: Excel kept only a part of it, or it is no number of one.
    """
    if not text.strip("0"):
        return None
    if _SCIENTIFIC.fullmatch(text):
        raise CellUnreadable("digits_lost")
    if len(text) > LONGEST_TEXT:
        raise CellUnreadable("too_long")
    return text


def parse_account(text: str) -> str | None:
    """The account as the statement tells it; None where there is none, or Excel kept a part of it.

    >>> parse_account("6222 0212 3456 7890 123"), parse_account("6.22202E+18"), parse_account("")
    ('6222021234567890123', None, None)
    """
    bare = text.replace(" ", "")
    return None if not bare or _SCIENTIFIC.fullmatch(bare) else bare[:LONGEST_TEXT]


def parse_words(text: str) -> str | None:
    """A name or a remark, cut to its place, with no citizen's number in clear in it.

    >>> parse_words("付租金 11010519491231002X"), parse_words("")
    ('付租金 110***********002X', None)
    """
    return _LONG_NUMBER.sub(_masked, text)[:LONGEST_TEXT].strip() or None


def _masked(found: re.Match[str]) -> str:
    try:
        parse_id_card(found[0].upper())
    except (IdCardMalformed, IdCardCheckDigitWrong):
        return found[0]
    return str(mask_id_card(found[0]))
