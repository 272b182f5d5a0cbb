"""Writes the number of a voucher, and finds the months of a book.

Vouchers (凭证) of a book count from 1 each month, in the order of their day. A number stays what it
is once its month is closed; in an open month a late entry of an earlier day moves those after it.
"""

from datetime import date

from fleet.months import add_months


def voucher_no(number: int) -> str:
    """As accountants write it.

    >>> voucher_no(7), voucher_no(12345)
    ('记-0007', '记-12345')
    """
    return f"记-{number:04}"


def month_of(day: date) -> date:
    """The first day of its month.

    >>> month_of(date(2026, 2, 28))
    datetime.date(2026, 2, 1)
    """
    return day.replace(day=1)


def next_month(month_on: date) -> date:
    """The first day of the month after.

    >>> next_month(date(2026, 12, 1))
    datetime.date(2027, 1, 1)
    """
    return add_months(month_on, 1)


def is_over(month_on: date, today: date) -> bool:
    """Whether the month of this first day is over.

    >>> is_over(date(2026, 2, 1), date(2026, 2, 28)), is_over(date(2026, 2, 1), date(2026, 3, 1))
    (False, True)
    """
    return next_month(month_on) <= today
