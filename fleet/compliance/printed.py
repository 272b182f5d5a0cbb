"""Decides whether what is written down of a paper can stand on one: months, numbers, cover, dates.

Leaves out what follows from it, and whether the paper is right.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Final

from fleet.compliance.errors import (
    BatteryTestInFuture,
    InspectionEndsBeforeIt,
    InspectionFailedHasMonth,
    InspectionInFuture,
    InspectionMonthMissing,
    MonthMalformed,
    PermitEndsBeforeIssue,
    PermitInFuture,
    PermitNumberMalformed,
    PolicyEndsBeforeStart,
    PolicyNumberMalformed,
    RegisteredInFuture,
)
from fleet.compliance.inspections import month_text
from fleet.compliance.model import Inspection, Permit
from fleet.local_days import begin_of
from fleet.months import month_end

_MONTH: Final = re.compile(r"(199[0-9]|2[01][0-9]{2})-(0[1-9]|1[0-2])")
"""Of the years 1990 to 2199."""
_SPACES: Final = re.compile(r"\s+")
_WORD: Final = "0-9A-Za-z\u4e00-\u9fff"
_NUMBER: Final = re.compile(rf"[{_WORD}][{_WORD}()〔〕\[\]._-]{{0,63}}")
"""It stands in URLs, so without slash, question mark and the like."""


def printed_month(text: str) -> date:
    """The last good day of a month as the licence prints it.

    >>> printed_month("2027-02")
    datetime.date(2027, 2, 28)

    Raises:
        MonthMalformed: it is no month, or of a year no vehicle of today sees.
    """
    if _MONTH.fullmatch(text) is None:
        raise MonthMalformed(f"{text!r} is not a month; write 2027-05", month=text)
    return month_end(date.fromisoformat(f"{text}-01"))


def parse_policy_no(text: str) -> str:
    """The number of a policy as it is stored: half-width, without spaces.

    >>> parse_policy_no(" ＰＤＺＡ2026 4403 0001")
    'PDZA202644030001'

    Raises:
        PolicyNumberMalformed: it holds other signs than letters, digits, brackets, dots, hyphens.
    """
    number = _squeezed(text)
    if _NUMBER.fullmatch(number) is None:
        raise PolicyNumberMalformed(f"{text!r} is not the number of a policy", policy_no=text)
    return number


def parse_permit_no(text: str) -> str:
    """The number of a permit as it is stored.

    >>> parse_permit_no("粤交运管深字 440300123456号")
    '粤交运管深字440300123456号'

    Raises:
        PermitNumberMalformed: as `parse_policy_no`.
    """
    number = _squeezed(text)
    if _NUMBER.fullmatch(number) is None:
        raise PermitNumberMalformed(f"{text!r} is not the number of a permit", permit_no=text)
    return number


def _squeezed(text: str) -> str:
    return _SPACES.sub("", unicodedata.normalize("NFKC", text))


def covered_period(
    covered_from: date | datetime, covered_until: date | datetime, zone: str
) -> tuple[datetime, datetime]:
    """The half-open period of a cover. A day alone begins at 00:00 there, or ends at its 24:00.

    >>> [at.isoformat() for at in
    ...  covered_period(date(2026, 7, 1), date(2027, 6, 30), "Asia/Shanghai")]
    ['2026-06-30T16:00:00+00:00', '2027-06-30T16:00:00+00:00']

    Raises:
        PolicyEndsBeforeStart: nothing is left of it.
    """
    from_at = covered_from if isinstance(covered_from, datetime) else begin_of(covered_from, zone)
    if isinstance(covered_until, datetime):
        until_at = covered_until
    else:
        until_at = begin_of(covered_until + timedelta(days=1), zone)
    if until_at <= from_at:
        raise PolicyEndsBeforeStart(
            f"cover from {from_at.isoformat()} cannot end at {until_at.isoformat()}",
            covered_from=from_at,
            covered_until=until_at,
        )
    return from_at, until_at


def check_registered(registered_on: date, *, today: date) -> None:
    """Refuse a registration that lies ahead.

    Raises:
        RegisteredInFuture: it does.
    """
    if registered_on > today:
        raise RegisteredInFuture(f"{registered_on} lies ahead", registered_on=registered_on)


def check_inspection(inspection: Inspection, *, today: date) -> None:
    """Refuse an inspection that cannot have been.

    A month read off the licence (`printed`) may be over: that is how one learns of it.

    Raises:
        InspectionInFuture, InspectionMonthMissing, InspectionFailedHasMonth,
        InspectionEndsBeforeIt: it is one of these.
    """
    on, valid_to_on = inspection.inspected_on, inspection.valid_to_on
    if on > today:
        raise InspectionInFuture(f"{on} lies ahead", inspected_on=on)
    if inspection.passed and valid_to_on is None:
        raise InspectionMonthMissing("what passed has the month the licence prints")
    if not inspection.passed and valid_to_on is not None:
        raise InspectionFailedHasMonth("what failed prints no month on the licence")
    if inspection.form != "printed" and valid_to_on is not None and valid_to_on < on:
        raise InspectionEndsBeforeIt(f"{month_text(valid_to_on)} was over on {on}", inspected_on=on)


def check_permit(permit: Permit, *, today: date) -> None:
    """Refuse a permit that cannot have been issued so.

    Raises:
        PermitInFuture, PermitEndsBeforeIssue: it is one of these.
    """
    if permit.issued_on > today:
        raise PermitInFuture(f"{permit.issued_on} lies ahead", issued_on=permit.issued_on)
    if permit.valid_to_on is not None and permit.valid_to_on < permit.issued_on:
        raise PermitEndsBeforeIssue(
            f"{permit.valid_to_on} lies before {permit.issued_on}", issued_on=permit.issued_on
        )


def check_tested(tested_on: date, *, today: date) -> None:
    """Refuse a battery test that lies ahead.

    Raises:
        BatteryTestInFuture: it does.
    """
    if tested_on > today:
        raise BatteryTestInFuture(f"{tested_on} lies ahead", tested_on=tested_on)
