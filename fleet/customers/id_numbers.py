"""Decides what a number of a person or a company is, by the paper it stands on.

Normalised, so that the same number is known again however it was typed: half width, capitals, no
blanks, no hyphens. No error repeats a number. Leaves out how numbers are kept: `personal.py`.
"""

import re
import unicodedata
from typing import Final

from fleet.customers.credit_code import compute_check_character, has_form
from fleet.customers.errors import (
    AccountNoMalformed,
    IdNumberCheckWrong,
    IdNumberInClear,
    IdNumberMalformed,
    IdTypeUnfit,
    LicenceNoMalformed,
    TaxNoIsIdNumber,
    TaxNoMalformed,
)
from fleet.customers.model import IdType, Kind
from fleet.id_card import IdCardCheckDigitWrong, IdCardMalformed, parse_id_card

_BETWEEN: Final = re.compile(r"[\s\u2010-\u2015\u2212-]")
_PAPER: Final = re.compile(r"[0-9A-Z()]{5,30}", re.ASCII)
_LICENCE: Final = re.compile(r"[0-9A-Z]{6,20}", re.ASCII)
_ACCOUNT: Final = re.compile(r"[0-9A-Z]{6,34}", re.ASCII)
_TAX_NO: Final = re.compile(r"[0-9A-Z]{15,20}", re.ASCII)
_LIKE_ID_CARD: Final = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
_WITHIN: Final = re.compile(r"(?=([1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9X]))", re.ASCII)
OF_PEOPLE: Final[frozenset[IdType]] = frozenset(
    {"id_card", "passport", "residence_permit", "travel_permit", "other"}
)
OF_COMPANIES: Final[frozenset[IdType]] = frozenset({"business_licence", "other"})


def normalise(text: str) -> str:
    """The number as it is stored, however it is typed.

    >>> normalise(" ４４０３０１ 1990-0101 123x ")
    '44030119900101123X'
    """
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text)).upper()


def check_type(kind: Kind, id_type: IdType) -> None:
    """Let pass the papers that people, or companies, have.

    Raises:
        IdTypeUnfit: theirs is another one.
    """
    allowed = OF_PEOPLE if kind == "person" else OF_COMPANIES
    if id_type not in allowed:
        raise IdTypeUnfit(f"a {kind} has no {id_type}", kind=kind, id_type=id_type)


def parse_id_number(text: str, id_type: IdType) -> str:
    """The number on a paper of this type, as stored.

    Raises:
        IdNumberMalformed: it has not the form of such numbers.
        IdNumberCheckWrong: a slip, by its check character (GB 11643, GB 32100).
    """
    if id_type == "id_card":
        return _id_card(text)
    number = normalise(text)
    if id_type == "business_licence":
        if not has_form(number):
            raise IdNumberMalformed("a unified social credit code has 18 characters")
        if number[17] != compute_check_character(number):
            raise IdNumberCheckWrong("the last character does not fit the other seventeen")
        return number
    if not _PAPER.fullmatch(number):
        raise IdNumberMalformed("a number of a paper has 5 to 30 letters and digits")
    return number


def parse_licence_no(text: str) -> str:
    """The number of a driving licence, which is that of the ID card where the driver has one.

    >>> parse_licence_no("110105 19491231 002x")
    '11010519491231002X'

    Raises:
        LicenceNoMalformed: no number of a licence, or a slip in that of an ID card.
    """
    number = normalise(text)
    if not _LICENCE.fullmatch(number):
        raise LicenceNoMalformed("the number of a licence has 6 to 20 letters and digits")
    if _LIKE_ID_CARD.fullmatch(number) and not _is_id_card(number):
        raise LicenceNoMalformed("18 digits that are no citizen identity number")
    return number


def parse_account_no(text: str) -> str:
    """The number of a bank account.

    >>> parse_account_no("6222 0212 3456 7890 123")
    '6222021234567890123'

    Raises:
        AccountNoMalformed: not 6 to 34 letters and digits.
    """
    number = normalise(text)
    if not _ACCOUNT.fullmatch(number):
        raise AccountNoMalformed("a bank account has 6 to 34 letters and digits")
    return number


def parse_tax_no(text: str, kind: Kind) -> str:
    """A tax number, 纳税人识别号; it is kept in clear.

    >>> parse_tax_no("91330100 799655058b", "company")
    '91330100799655058B'

    Raises:
        TaxNoMalformed: not 15 to 20 letters and digits.
        TaxNoIsIdNumber: a person's is their ID card, which is kept sealed only.
    """
    number = normalise(text)
    if not _TAX_NO.fullmatch(number):
        raise TaxNoMalformed("a tax number has 15 to 20 letters and digits")
    if kind == "person" and _LIKE_ID_CARD.fullmatch(number):
        raise TaxNoIsIdNumber("the tax number of a person is that of the ID card: leave it out")
    return number


def check_texts(*texts: str | None, number: str | None = None) -> None:
    """Let pass texts in which neither `number` nor any citizen identity number stands in clear.

    >>> check_texts("老客户", None, "2026-11-22 来电")

    Raises:
        IdNumberInClear: one holds a number that is kept sealed only.
    """
    for text in texts:
        plain = normalise(text or "")
        if (number and number in plain) or any(_is_id_card(found) for found in _within(plain)):
            raise IdNumberInClear("a text holds an ID number, which is kept sealed only")


def _within(text: str) -> list[str]:
    return [match[1] for match in _WITHIN.finditer(text)]


def _is_id_card(text: str) -> bool:
    try:
        parse_id_card(text)
    except (IdCardMalformed, IdCardCheckDigitWrong):
        return False
    return True


def _id_card(text: str) -> str:
    try:
        return parse_id_card(text)
    except IdCardMalformed as error:
        raise IdNumberMalformed(error.message) from None
    except IdCardCheckDigitWrong as error:
        raise IdNumberCheckWrong(error.message) from None
