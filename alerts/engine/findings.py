"""What detectors say, as findings and clearings of the inbox. Pure.

The occurrence of an alert is the instant since when it is so: the same samples, judged again, give
the same. Of what the clock alone tells, it is when that was told first. Leaves out what becomes of
them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
import polars as pl

from alerts.detectors.binding import DetectorRule
from alerts.model import Clearing, Finding, Links, Subject

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Said:
    """What is to be told to the inbox at once."""

    findings: list[Finding] = field(default_factory=list)
    clearings: list[Clearing] = field(default_factory=list)

    def add(
        self, events: pl.DataFrame, rules: Mapping[str, DetectorRule], vehicles: pl.DataFrame
    ) -> None:
        """Events (EVENTS) of some rules and vehicles. One of a rule that is gone only clears."""
        about = _about(events, vehicles)
        for event in events.iter_rows(named=True):
            if event["what"] == "clear":
                self.clearings.append(_clearing(event))
                continue
            rule, vehicle = rules.get(event["rule_key"]), about.get(event["vehicle_id"])
            if rule is not None and vehicle is not None:
                self.findings.append(_finding(event, rule, vehicle))


def at(instant_us: int) -> datetime:
    """µs since 1970 as an aware datetime.

    >>> at(1_500_000)
    datetime.datetime(1970, 1, 1, 0, 0, 1, 500000, tzinfo=datetime.timezone.utc)
    """
    return EPOCH + timedelta(microseconds=instant_us)


def to_us(instant: datetime) -> int:
    """An aware datetime as µs since 1970."""
    return (instant - EPOCH) // timedelta(microseconds=1)


def by_key(rules: Iterable[DetectorRule]) -> dict[str, DetectorRule]:
    """Rules by what they are remembered by."""
    return {rule.rule_key: rule for rule in rules}


def _about(events: pl.DataFrame, vehicles: pl.DataFrame) -> dict[int, dict[str, Any]]:
    concerned = vehicles.filter(pl.col("vehicle_id").is_in(events["vehicle_id"].implode()))
    return {row["vehicle_id"]: row for row in concerned.iter_rows(named=True)}


def _facts(event: Mapping[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.json.decode(event["facts"]) if event["facts"] else {}
    return {"value": event["value"], **told}


def _finding(event: Mapping[str, Any], rule: DetectorRule, vehicle: Mapping[str, Any]) -> Finding:
    own_lease = vehicle["lease_organisation_id"] == event["organisation_id"]
    return Finding(
        tenant_id=vehicle["tenant_id"],
        organisation_id=event["organisation_id"],
        rule_code=rule.code,
        kind=rule.kind,
        rule_version=rule.version,
        severity=rule.severity,
        subject=Subject("vehicle", vehicle["vehicle_id"], vehicle["vin"]),
        occurrence=str(event["since_us"]),
        raised_at=at(event["since_us"]),
        facts=_facts(event),
        links=Links(
            vehicle_id=vehicle["vehicle_id"],
            lease_id=vehicle["lease_id"] if own_lease else None,
            customer_id=vehicle["customer_id"] if own_lease else None,
        ),
        reopen_within_s=getattr(rule.parameters, "reopen_within_s", 0),
    )


def _clearing(event: Mapping[str, Any]) -> Clearing:
    return Clearing(
        organisation_id=event["organisation_id"],
        rule_code=event["code"],
        subject_kind="vehicle",
        subject_id=event["vehicle_id"],
        cleared_at=at(event["at_us"]),
        occurrence=str(event["since_us"]),
        facts=_facts(event),
    )
