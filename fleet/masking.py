"""Decides what of personal data is seen without unmasking it."""

from typing import Final

_STAR: Final = "*"
UNREADABLE_ID_CARD: Final = _STAR * 18
"""There is an ID card, sealed with another key."""
_LONG: Final = 15


def mask_phone(phone: str | None) -> str | None:
    """The first three and the last four digits.

    >>> mask_phone("13812345678")
    '138****5678'
    >>> mask_phone("+85261234567")
    '+85*****4567'
    """
    return None if phone is None else _masked(phone, first=3, last=4)


def mask_id_card(id_card: str | None) -> str | None:
    """The first three digits, which tell the province, and the last four.

    >>> mask_id_card("440301199001011234")
    '440***********1234'
    """
    return None if id_card is None else _masked(id_card, first=3, last=4)


def mask_number(number: str | None) -> str | None:
    """Of a long number as of an ID card; of a shorter one less, so that it cannot be guessed.

    >>> mask_number("91330100799655058B"), mask_number("E12345678")
    ('913***********058B', 'E*****678')
    """
    if number is None or len(number) >= _LONG:
        return mask_id_card(number)
    return _masked(number, first=1, last=3)


def mask_account(account_no: str) -> str:
    """The last four digits of a bank account.

    >>> mask_account("6222021234567890123")
    '***************0123'
    """
    return _masked(account_no, first=0, last=4)


def _masked(text: str, *, first: int, last: int) -> str:
    hidden = len(text) - first - last
    if hidden < 1:
        return _STAR * len(text)
    return text[:first] + _STAR * hidden + text[-last:]
