"""What comes of an attempt, decided without a database."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from fleet.sessions.lockout import (
    TOLD_AFTER_LOCK,
    Verdict,
    judge,
    limits_of,
    retry_after_s,
    window_of,
)
from fleet.sessions.model import LoginRules, Person
from tests.fleet.identity.people import NOW, later

RULES = LoginRules(lock_after=3, lock_s=900)
UNTIL = later(seconds=900)
ANYBODY = Person(1, "li.na", "李娜", ["ops"], 1, "head", "hash", 0, None, None)


@pytest.mark.parametrize(
    ("person", "right", "verdict"),
    [
        pytest.param({}, True, ("passed", "right", 0, None), id="the right password"),
        pytest.param({}, False, ("failed", "wrong_password", 1, None), id="a wrong one"),
        pytest.param(
            {"failed_logins": 1}, False, ("failed", "wrong_password", 2, None), id="one before it"
        ),
        pytest.param({"failed_logins": 2}, True, ("passed", "right", 0, None), id="right at last"),
        pytest.param(
            {"failed_logins": 2}, False, ("failed", "wrong_password", 3, UNTIL), id="the last try"
        ),
        pytest.param(
            {"failed_logins": 3, "locked_until": UNTIL},
            True,
            ("locked", "locked", 3, UNTIL),
            id="locked, and right: told",
        ),
        pytest.param(
            {"failed_logins": 3, "locked_until": UNTIL},
            False,
            ("failed", "wrong_password", 4, UNTIL),
            id="locked, and wrong: counted, no longer locked for it",
        ),
        pytest.param(
            {"failed_logins": 3 + TOLD_AFTER_LOCK, "locked_until": UNTIL},
            True,
            ("failed", "locked", 3 + TOLD_AFTER_LOCK, UNTIL),
            id="locked, and right after many more: not told",
        ),
        pytest.param(
            {"failed_logins": 9, "locked_until": NOW},
            True,
            ("passed", "right", 0, None),
            id="the lock ends just now",
        ),
        pytest.param(
            {"failed_logins": 9, "locked_until": NOW},
            False,
            ("failed", "wrong_password", 1, None),
            id="after a lock the count begins anew",
        ),
        pytest.param(
            {"disabled_at": NOW, "failed_logins": 1},
            True,
            ("failed", "disabled", 1, None),
            id="disabled, and right",
        ),
        pytest.param(
            {"password_hash": None}, False, ("failed", "no_password", 0, None), id="no password yet"
        ),
    ],
)
def test_the_verdict(
    person: dict[str, object], right: bool, verdict: tuple[str, str, int, datetime | None]
) -> None:
    judged = judge(replace(ANYBODY, **person), right=right, now=NOW, rules=RULES)  # type: ignore[arg-type]
    assert judged == Verdict(*verdict)  # type: ignore[arg-type]


def test_an_attacker_with_patience_gets_few_guesses() -> None:
    """One guess every six seconds for a day, against one account, never the right one."""
    rules, person, told = LoginRules(), ANYBODY, 0
    for number in range(24 * 600):
        now = NOW + timedelta(seconds=6 * number)
        if judge(person, right=True, now=now, rules=rules).outcome != "failed":
            told += 1
        judged = judge(person, right=False, now=now, rules=rules)
        person = replace(
            person, failed_logins=judged.failed_logins, locked_until=judged.locked_until
        )
    assert told == 1365  # of 14,400: ten that count and five that would be told, a lock


def test_limits_are_digests_the_address_first() -> None:
    limits = limits_of(login="li.na", ip="10.0.0.1", rules=LoginRules())
    assert [limit.attempts for limit in limits] == [30, 10]
    assert len({limit.subject for limit in limits}) == 2
    assert all(len(limit.subject) == 32 and b"li.na" not in limit.subject for limit in limits)
    assert limits_of(login=None, ip=None, rules=LoginRules()) == []
    same = limits_of(login="10.0.0.1", ip=None, rules=LoginRules())
    assert same[0].subject != limits[0].subject


@pytest.mark.parametrize(
    ("now", "window", "wait_s"),
    [
        (NOW, NOW, 60),
        (later(seconds=0.25), NOW, 60),
        (later(seconds=59.9), NOW, 1),
        (later(seconds=60), later(seconds=60), 60),
    ],
)
def test_windows_are_whole_minutes(now: datetime, window: datetime, wait_s: int) -> None:
    assert window_of(now, LoginRules()) == window
    assert retry_after_s(now, LoginRules()) == wait_s
