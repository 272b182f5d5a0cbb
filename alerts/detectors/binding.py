"""Which rule looks at which vehicle, with what parameters: rules made ready for frames.

A rule looks at the vehicles that its organisation operates, narrowed by its scope. Leaves out how
rules are inherited (`alerts/rules`) and what they measure (the detectors).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from alerts.detectors.frames import APPLIES, RULES, VEHICLES
from alerts.geofences.model import Shape
from alerts.model import Severity
from alerts.rules.model import Parameters, Scope

_US: Final = 1_000_000
_ANYWHERE: Final = Scope()


@dataclass(frozen=True, slots=True)
class DetectorRule:
    """An enabled rule, as it holds for one organisation."""

    rule_key: str
    """Its own, and the same for all its versions."""
    kind: str
    code: str
    version: int | None
    organisation_id: int
    """Who operates the vehicles it looks at."""
    severity: Severity
    parameters: Parameters
    scope: Scope = field(default_factory=Scope)
    members: frozenset[int] | None = None
    """Vehicles that the groups of the scope hold; None: they are looked up in the facts."""
    geofence: Shape | None = None
    expression: pl.Expr | None = None
    clear: pl.Expr | None = None
    """Where it is null, it is over when the expression is false."""


@dataclass(frozen=True, slots=True)
class Binding:
    """Rules and vehicles, by kind of rule."""

    vehicles: pl.DataFrame
    rules: pl.DataFrame
    """RULES; `rule_no` is the place in `listed`."""
    applies: Mapping[str, pl.DataFrame]
    """APPLIES, by kind; kinds that look at nothing are not there."""
    parameters: Mapping[str, pl.DataFrame]
    """`rule_no` and a column `p_<name>` a parameter, by kind."""
    listed: tuple[DetectorRule, ...]

    def rule(self, rule_key: str) -> DetectorRule | None:
        """The rule of this key, if it is bound."""
        return next((rule for rule in self.listed if rule.rule_key == rule_key), None)


def bind(rules: Iterable[DetectorRule], vehicles: pl.DataFrame) -> Binding:
    """Binds rules to vehicles (VEHICLES; further columns are ignored)."""
    listed = tuple(rules)
    vehicles = vehicles.select(*VEHICLES)
    kinds: dict[str, list[int]] = {}
    for rule_no, rule in enumerate(listed):
        kinds.setdefault(rule.kind, []).append(rule_no)
    applies = {kind: _applies(listed, numbers, vehicles) for kind, numbers in kinds.items()}
    return Binding(
        vehicles=vehicles,
        rules=pl.DataFrame([_row(no, rule) for no, rule in enumerate(listed)], schema=RULES),
        applies={kind: frame for kind, frame in applies.items() if not frame.is_empty()},
        parameters={kind: _parameters(listed, numbers) for kind, numbers in kinds.items()},
        listed=listed,
    )


def _applies(
    listed: tuple[DetectorRule, ...], numbers: list[int], vehicles: pl.DataFrame
) -> pl.DataFrame:
    """All rules without a scope at once; each with one against the vehicles of its organisation."""
    for_all = [no for no in numbers if listed[no].scope == _ANYWHERE]
    rules = pl.DataFrame(
        {"rule_no": for_all, "organisation_id": [listed[no].organisation_id for no in for_all]},
        schema={name: RULES[name] for name in ("rule_no", "organisation_id")},
    )
    parts = [vehicles.select("vehicle_id", "organisation_id").join(rules, on="organisation_id")]
    for no in numbers:
        if listed[no].scope != _ANYWHERE:
            within = vehicles.filter(
                (pl.col("organisation_id") == listed[no].organisation_id) & _within(listed[no])
            )
            parts.append(within.with_columns(rule_no=pl.lit(no, APPLIES["rule_no"])))
    return pl.concat([part.select(*APPLIES) for part in parts])


def _within(rule: DetectorRule) -> pl.Expr:
    """Whether a vehicle is within a rule's scope; all that is given must hold."""
    scope, wanted = rule.scope, [pl.lit(True)]
    if scope.groups and rule.members is not None:
        wanted.append(pl.col("vehicle_id").is_in(list(rule.members)))
    elif scope.groups:
        within = pl.col("groups").list.eval(pl.element().is_in(scope.groups))
        wanted.append(within.list.any())
    if scope.models:
        wanted.append(pl.col("model").is_in(scope.models))
    if scope.vins:
        wanted.append(pl.col("vin").is_in(scope.vins))
    if scope.lease_no is not None:
        wanted.append(pl.col("lease_no") == scope.lease_no)
    return pl.all_horizontal(wanted).fill_null(False)


def _row(rule_no: int, rule: DetectorRule) -> dict[str, Any]:
    return {
        "rule_no": rule_no,
        "rule_key": rule.rule_key,
        "organisation_id": rule.organisation_id,
        "code": rule.code,
        "kind": rule.kind,
        "for_us": round(getattr(rule.parameters, "for_s", 0) * _US),
        "keep_us": round(getattr(rule.parameters, "keep_s", 0) * _US),
    }


def _parameters(listed: tuple[DetectorRule, ...], numbers: list[int]) -> pl.DataFrame:
    rows = [
        {f"p_{name}": told for name, told in listed[no].parameters.model_dump().items()}
        for no in numbers
    ]
    frame = pl.DataFrame(rows, infer_schema_length=None)
    rule_no = pl.Series("rule_no", numbers, dtype=pl.Int32)
    return frame.insert_column(0, rule_no) if rows[0] else rule_no.to_frame()
