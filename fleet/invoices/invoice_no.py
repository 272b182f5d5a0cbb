"""Reads the number of a fully digital invoice (数电票).

Twenty digits: two of the year, two of the province, one of the channel it was issued by, fifteen of
a serial number; nationwide since 2024-12-01, in some places since December 2021 (LEASING.md §3).
Decides what can be told from the digits alone. They carry no check digit; the tax office's list of
places is not kept here.
"""

import re
import unicodedata
from datetime import date
from typing import Final, NamedTuple

from fleet.invoices.errors import InvoiceNoMalformed, InvoiceNoOfAnotherYear

FIRST_YEAR: Final = 2021
_DIGITS: Final = re.compile(r"[0-9]{20}")


class InvoiceNo(NamedTuple):
    """The parts of a number, and the number itself."""

    text: str
    year: int
    province: str
    channel: str
    serial: str


def parse_invoice_no(text: str) -> InvoiceNo:
    """The number in its parts; blanks and full-width digits are made plain.

    >>> parse_invoice_no("2644 2000 0001 2345 6789")[1:]
    (2026, '44', '2', '000000123456789')

    Raises:
        InvoiceNoMalformed: not twenty digits, or of no year or place there is.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    if not _DIGITS.fullmatch(plain):
        raise InvoiceNoMalformed("the number of an invoice has 20 digits", digits=len(plain))
    number = InvoiceNo(plain, 2000 + int(plain[:2]), plain[2:4], plain[4], plain[5:])
    if number.year < FIRST_YEAR or number.province < "11" or not int(number.serial):
        raise InvoiceNoMalformed(f"{plain} is no number of an invoice", digits=len(plain))
    return number


def check_year(number: InvoiceNo, invoiced_on: date) -> None:
    """Let pass a number of the year the invoice is dated.

    >>> check_year(parse_invoice_no("26442000000123456789"), date(2026, 12, 31))

    Raises:
        InvoiceNoOfAnotherYear: it is of another.
    """
    if number.year != invoiced_on.year:
        raise InvoiceNoOfAnotherYear(
            f"{number.text} is of {number.year}", year=number.year, invoiced_on=invoiced_on
        )
