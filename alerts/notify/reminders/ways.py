"""Decides how a customer is reached, at which hours, and what is shown of the address."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Final, Literal

from alerts.notify.outbox.timing import Hours, tell_at

FROM, UNTIL = time(8), time(20)
"""Nobody is reminded of money outside these hours, by the clock of the organisation."""
_KEPT: Final = 3


@dataclass(frozen=True, slots=True)
class Way:
    """How a customer is reached."""

    kind: Literal["email", "sms"]
    address: str
    hint: str


def way_to(email: str | None, phone: str | None, *, email_set: bool, sms_set: bool) -> Way | None:
    """By e-mail if that can be, else by SMS; None: in no way.

    >>> way_to("li.na@example.cn", "13800138000", email_set=True, sms_set=True).hint
    'li.***@example.cn'
    >>> way_to(None, "13800138000", email_set=True, sms_set=True).hint
    '138****8000'
    """
    if email_set and email is not None:
        return Way("email", email, masked_email(email))
    if sms_set and phone is not None:
        return Way("sms", phone, masked_phone(phone))
    return None


def remind_at(now: datetime, zone: str) -> datetime:
    """Now, or when the next day's hours begin.

    >>> from datetime import UTC
    >>> remind_at(datetime(2026, 11, 22, 13, tzinfo=UTC), "Asia/Shanghai").isoformat()
    '2026-11-23T00:00:00+00:00'
    """
    return tell_at(now, Hours(zone, quiet=(UNTIL, FROM)), critical=False)


def masked_email(address: str) -> str:
    """The beginning and the domain.

    >>> masked_email("operations@example.com")
    'ope***@example.com'
    """
    name, _at, domain = address.rpartition("@")
    return f"{name[: min(_KEPT, len(name) - 1)]}***@{domain}"


def masked_phone(phone: str) -> str:
    """The first three digits and the last four."""
    return f"{phone[:3]}****{phone[-4:]}"
