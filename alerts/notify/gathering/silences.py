"""Decides why something that waits is not told after all, on what is so by then.

Leaves out whether a channel still wants it at all: that stands in the rows themselves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

_MATCHES: Final = {
    "rules": "rule_code",
    "kinds": "kind",
    "severities": "severity",
    "vins": "vin",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """An alert as it stands when it would be told."""

    rule_code: str
    kind: str
    severity: str
    vin: str | None
    state: str
    historical: bool
    inhibited: bool
    snoozed_until: datetime | None


def why_dropped(
    purpose: str, alert: Standing, silences: Iterable[Mapping[str, Any]], now: datetime
) -> str | None:
    """The reason; None: it is told.

    >>> alert = Standing("offline", "offline", "warning", "V1", "open", False, False, None)
    >>> why_dropped("raised", alert, [{"kinds": ["offline"]}], datetime(2026, 11, 22))
    'silenced'
    """
    over = alert.state == "resolved"
    snoozed = alert.snoozed_until is not None and alert.snoozed_until > now
    reasons = {
        "historical": alert.historical,
        "reopened": purpose == "resolved" and not over,
        "resolved": purpose != "resolved" and over,
        "inhibited": alert.inhibited and not over,
        "snoozed": snoozed and not over,
        "acknowledged": purpose == "escalated" and alert.state != "open",
        "silenced": any(silences_it(each, alert) for each in silences),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def silences_it(matching: Mapping[str, Any], alert: Standing) -> bool:
    """Whether all that a silence names matches; one that names nothing matches everything."""
    return all(
        not matching.get(name) or getattr(alert, of) in matching[name]
        for name, of in _MATCHES.items()
    )
