"""Reads what is typed on the card of a customer: phones and addresses of mail.

Leaves out numbers of papers: `id_numbers.py`; lengths and characters of texts: the edge.
"""

import re
import unicodedata
from typing import Final

from fleet.customers.errors import EmailMalformed, TelephoneMalformed

_BETWEEN: Final = re.compile(r"[\s().\u2010-\u2015\u2212-]")
_CHINESE: Final = re.compile(
    r"1[3-9][0-9]{9}"  # mobile
    r"|0[1-9][0-9]{1,2}[2-9][0-9]{6,7}"  # landline with its area code
    r"|[48]00[0-9]{7}"  # 400 and 800
)
_ABROAD: Final = re.compile(r"\+(?!86)[1-9][0-9]{7,14}")
_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s.]+")
LONGEST_EMAIL: Final = 200


def normalise_phone(text: str) -> str:
    """A phone as it is stored, or would be.

    >>> normalise_phone("+86 138-1234-5678"), normalise_phone("(0755) 2345 6789")
    ('13812345678', '075523456789')
    """
    phone = _BETWEEN.sub("", unicodedata.normalize("NFKC", text))
    chinese = phone.removeprefix("+86")
    if chinese != phone and not _CHINESE.fullmatch(chinese):
        return "0" + chinese  # after +86 the nought of an area code is left out
    return chinese


def is_phone(phone: str) -> bool:
    """Whether a normalised text is a number one can call."""
    return _CHINESE.fullmatch(phone) is not None or _ABROAD.fullmatch(phone) is not None


def parse_phone(text: str) -> str:
    """A Chinese mobile, a landline with its area code, 400 or 800, or one abroad with its plus.

    >>> parse_phone("+86 755 2345 6789"), parse_phone("400-810-1234"), parse_phone("+852 6123 4567")
    ('075523456789', '4008101234', '+85261234567')

    Raises:
        TelephoneMalformed: none of these.
    """
    phone = normalise_phone(text)
    if not is_phone(phone):
        raise TelephoneMalformed("a mobile, a landline with its area code, or + and a country")
    return phone


def parse_email(text: str) -> str:
    """An address of mail.

    >>> parse_email("li.na@example.cn")
    'li.na@example.cn'

    Raises:
        EmailMalformed: it is none.
    """
    email = text.strip()
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise EmailMalformed("not an address of electronic mail")
    return email
