"""Keeps as rows which rules cannot be judged, and that they can again.

A rule that fails batch after batch is written down once a minute, not each time. Leaves out finding
it (`judging.py`).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from psycopg import Connection

from alerts.refusals import service as refusals
from alerts.refusals.service import RuleKey

NOTED_EVERY: Final = timedelta(minutes=1)


class RuleNotes:
    """What was written down last; it is known no more after a transaction that failed."""

    def __init__(self) -> None:
        self._noted: dict[str, str] | None = None
        self._noted_at: datetime | None = None

    def forget(self) -> None:
        """What was written last may not be in the database."""
        self._noted = None

    def note(self, conn: Connection[Any], failing: Mapping[str, str], *, now: datetime) -> int:
        """Write down what is wrong with rules, by their keys; how many were well before."""
        known = self._noted
        again_at = None if self._noted_at is None else self._noted_at + NOTED_EVERY
        if known == failing and (not failing or (again_at is not None and now < again_at)):
            return 0
        faults = {_rule_of(key): problem for key, problem in failing.items()}
        if known is None or known.keys() - failing.keys():
            refusals.settle_rules(conn, "telemetry", faults.keys(), now=now)
        refusals.refuse_rules(conn, faults, source="telemetry", now=now)
        self._noted, self._noted_at = dict(failing), now
        return len(failing.keys() - (known or {}).keys())


def _rule_of(key: str) -> RuleKey:
    """Organisation and code; see `facts.key_of`."""
    organisation_id, _, code = key.partition(":")
    return int(organisation_id), code
