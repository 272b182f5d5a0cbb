"""Decides what comes of an attempt: who is let in, who is locked, and who comes too often.

An account locks after some wrong passwords in a row, for some time. Whoever then gives the right
one is told that it is locked; but not after many more wrong ones, else a lock would not keep anyone
from finding the password. A lock that has ended begins the count anew.
"""

import hashlib
import math
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, NamedTuple

from fleet.sessions.model import LoginRules, Person

TOLD_AFTER_LOCK: Final = 5
"""Wrong passwords on a locked account, after which the right one is no longer told apart."""
_DAY: Final = timedelta(days=1)

Outcome = Literal["passed", "failed", "locked"]


class Verdict(NamedTuple):
    """What comes of an attempt, why for the audit trail, and the count to be written."""

    outcome: Outcome
    reason: str
    failed_logins: int
    locked_until: datetime | None


class Limit(NamedTuple):
    """Whose attempts are counted, as a digest, and how many there may be in a window."""

    subject: bytes
    attempts: int


def judge(person: Person, *, right: bool, now: datetime, rules: LoginRules) -> Verdict:
    """The verdict on a password that was right or wrong."""
    failed, until = person.failed_logins, person.locked_until
    if until is not None and until <= now:
        failed, until = 0, None
    if person.disabled_at is not None:
        return Verdict("failed", "disabled", failed, until)
    if person.password_hash is None:
        return Verdict("failed", "no_password", failed, until)
    if right and until is None:
        return Verdict("passed", "right", 0, None)
    if right:
        told = failed < rules.lock_after + TOLD_AFTER_LOCK
        return Verdict("locked" if told else "failed", "locked", failed, until)
    failed += 1
    if until is None and failed >= rules.lock_after:
        until = now + timedelta(seconds=rules.lock_s)
    return Verdict("failed", "wrong_password", failed, until)


def limits_of(*, login: str | None, ip: str | None, rules: LoginRules) -> list[Limit]:
    """What an attempt counts towards, the address first: every attempt locks in this order."""
    counted = (("ip", ip, rules.attempts_per_ip), ("login", login, rules.attempts_per_login))
    return [Limit(_subject(kind, text), most) for kind, text, most in counted if text is not None]


def window_of(now: datetime, rules: LoginRules) -> datetime:
    """The beginning of the window an instant falls in."""
    seconds = now.timestamp() // rules.window_s * rules.window_s
    return datetime.fromtimestamp(seconds, UTC)


def retry_after_s(now: datetime, rules: LoginRules) -> int:
    """Whole seconds until the next window begins, at least one."""
    left = window_of(now, rules) + timedelta(seconds=rules.window_s) - now
    return max(1, math.ceil(left.total_seconds()))


def forgotten_before(now: datetime) -> datetime:
    """Windows before this instant count for nothing."""
    return now - _DAY


def _subject(kind: str, text: str) -> bytes:
    return hashlib.sha256(f"{kind}:{text}".encode("utf-8", "surrogatepass")).digest()
