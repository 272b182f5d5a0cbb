"""What rules have to know of vehicles, and rules as detectors take them. Pure.

Decides what of a vehicle's facts goes with a sample: those of the operator the sample was written
for, and of a lease of another no more than that there is one. A rule whose expression cannot be
compiled is broken: it is left out and told. Leaves out reading any of it, and judging.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import is_
from zoneinfo import ZoneInfo

import polars as pl

from alerts.detectors.binding import Binding, DetectorRule, bind
from alerts.detectors.frames import VEHICLES
from alerts.expressions.service import ExpressionInvalid, compile_expression
from alerts.rules.book import RuleBook
from alerts.rules.kinds import KINDS
from alerts.rules.model import Rule

WATCHED = tuple(kind.name for kind in KINDS.values() if kind.source in ("telemetry", "clock"))
"""Kinds of rules that the engine judges."""
_OF_LEASE = ("lease_id", "lease_no", "customer_id", "lease_organisation_id")


@dataclass(frozen=True, slots=True)
class Facts:
    """Vehicles and rules at one time; further ones are made when either has changed."""

    vehicles: pl.DataFrame
    rules: tuple[DetectorRule, ...]
    binding: Binding
    offsets: pl.DataFrame
    """organisation_id, organisation, utc_offset_s."""
    revision: str
    """Of the rules."""
    read_at: datetime
    ids: frozenset[int]
    """Of all vehicles."""

    @property
    def keys(self) -> frozenset[str]:
        """What its rules are remembered by."""
        return frozenset(rule.rule_key for rule in self.rules)

    def as_of(self, then: pl.DataFrame, lettings: pl.DataFrame) -> pl.DataFrame:
        """Some vehicles as their operators of then saw them, and let as they were then.

        `then`: vehicle_id, organisation_id, and let_from_us of LETTINGS; null: let as now.
        """
        seen = (
            self.vehicles.drop("organisation_id", "organisation", "utc_offset_s")
            .join(then, on="vehicle_id")
            .join(self.offsets, on="organisation_id", how="left")
            .join(lettings, on=("vehicle_id", "let_from_us"), how="left", suffix="_then")
            .with_columns(
                pl.when(pl.col("let_from_us").is_null())
                .then(pl.col(name))
                .otherwise(pl.col(name + "_then"))
                .alias(name)
                for name in _OF_LEASE
            )
        )
        return without_leases_of_others(seen).select(self.vehicles.columns)


@dataclass(frozen=True, slots=True)
class Taken:
    """The rules of a book that can be judged, and what is wrong with the others, by rule key."""

    rules: tuple[DetectorRule, ...]
    broken: dict[str, str]


def key_of(rule: Rule) -> str:
    """What a rule is remembered by, whatever its version."""
    return f"{rule.organisation_id}:{rule.code}"


def take_rules(book: RuleBook) -> Taken:
    """All rules that are on and look at telemetry."""
    found, broken = [], {}
    expressions: dict[str, pl.Expr] = {}

    def expression(text: str | None) -> pl.Expr | None:
        if text is not None and text not in expressions:
            expressions[text] = compile_expression(text).condition
        return None if text is None else expressions[text]

    for kind in WATCHED:
        for rule in book.enabled(kind):
            asked = rule.parameters
            try:
                found.append(
                    DetectorRule(
                        rule_key=key_of(rule),
                        kind=kind,
                        code=rule.code,
                        version=rule.version,
                        organisation_id=rule.organisation_id,
                        severity=rule.severity,
                        parameters=asked,
                        scope=rule.scope,
                        members=book.members(rule),
                        geofence=book.geofences.get((rule.organisation_id, asked.geofence))
                        if kind == "geofence"
                        else None,
                        expression=expression(asked.expression) if kind == "custom" else None,
                        clear=expression(asked.clear) if kind == "custom" else None,
                    )
                )
            except ExpressionInvalid as problem:
                broken[key_of(rule)] = str(problem)
    return Taken(tuple(found), broken)


def make_facts(
    rows: pl.DataFrame,
    memberships: pl.DataFrame,
    book: RuleBook,
    rules: Collection[DetectorRule],
    *,
    now: datetime,
    before: Facts | None = None,
) -> Facts:
    """Facts of vehicles as they were read, each with its groups and its local time.

    What was bound `before` is kept where nothing has changed: binding takes the longest.
    """
    offsets = offsets_of(book, now)
    groups = memberships.group_by("vehicle_id").agg(groups=pl.col("code").sort())
    none = pl.lit([], pl.List(pl.String))
    vehicles = without_leases_of_others(
        rows.sort("vehicle_id")
        .join(groups, on="vehicle_id", how="left", maintain_order="left")
        .join(offsets, on="organisation_id", how="left", maintain_order="left")
        .with_columns(pl.col("groups").fill_null(none))
    )
    listed = tuple(rules)
    if before is not None and _alike(before, listed, vehicles):
        binding = before.binding
    else:
        binding = bind(listed, vehicles)
    ids = frozenset(vehicles["vehicle_id"])
    return Facts(vehicles, listed, binding, offsets, book.revision, now, ids)


def offsets_of(book: RuleBook, now: datetime) -> pl.DataFrame:
    """The code of each organisation, and how far its clocks are ahead of UTC now."""
    zones: dict[str, int] = {}
    for one in book.organisations.values():
        if one.time_zone not in zones:
            offset = now.astimezone(ZoneInfo(one.time_zone)).utcoffset()
            zones[one.time_zone] = int(offset.total_seconds()) if offset else 0
    return pl.DataFrame(
        [(one.id, one.code, zones[one.time_zone]) for one in book.organisations.values()],
        schema={
            "organisation_id": pl.Int64(),
            "organisation": pl.String(),
            "utc_offset_s": pl.Int32(),
        },
        orient="row",
    )


def _alike(before: Facts, rules: Sequence[DetectorRule], vehicles: pl.DataFrame) -> bool:
    same_rules = len(before.rules) == len(rules) and all(map(is_, before.rules, rules))
    columns = list(VEHICLES)
    return same_rules and before.vehicles.select(columns).equals(vehicles.select(columns))


def without_leases_of_others(vehicles: pl.DataFrame) -> pl.DataFrame:
    """That it is let is a fact of the vehicle; by which lease, to whom, is its lessor's alone."""
    own = pl.col("lease_organisation_id").eq_missing(pl.col("organisation_id"))
    return vehicles.with_columns(
        pl.when(own).then(pl.col(name)).otherwise(None).alias(name)
        for name in ("lease_no", "customer_id")
    )
